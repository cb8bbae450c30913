"""Training that begins with word vectors."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, GATE_LAYER
from rnn_toolkit.tasks import starting_vectors
from rnn_toolkit.tasks.load import load
from rnn_toolkit.tasks.sentiment import SentimentClassifier
from rnn_toolkit.training.counted_words import VectorProgress
from rnn_toolkit.training.observer import SilentObserver

TEXTS = ["good film", "bad film", "good plot", "bad plot", "good fun", "bad joke"] * 10
LABELS = ["yes", "no"] * 30
WORDS = ["good", "bad", "film", "plot", "unused"]


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    matrix = np.random.default_rng(0).normal(size=(len(WORDS), 7)).astype(np.float32)
    write_vectors(path, WORDS, matrix)
    return path


def trained(path: Path | None, **options: object) -> tuple[SentimentClassifier, dict[str, object]]:
    classifier = SentimentClassifier(
        units=4, epochs=2, seed=3, embeddings=None if path is None else str(path), **options
    ).fit((TEXTS, LABELS))
    table = classifier.trained.model.get_layer(EMBEDDING_LAYER).embeddings.numpy()
    words = classifier.trained.tokenizer.vocabulary()
    return classifier, {word: table[number] for number, word in enumerate(words)}


def in_file(path: Path) -> dict[str, np.ndarray]:
    lines = [line.split() for line in path.read_text().splitlines()[1:]]
    return {line[0]: np.array(line[1:], np.float32) for line in lines}


def test_frozen_vectors_stay_and_others_move(vectors: Path) -> None:
    _, frozen = trained(vectors, freeze_embeddings=True)
    _, free = trained(vectors)
    for word, vector in in_file(vectors).items():
        if word == "unused":
            assert word not in frozen
            continue
        np.testing.assert_array_equal(frozen[word], vector)
        assert not np.array_equal(free[word], vector)
        np.testing.assert_allclose(free[word], vector, atol=0.1)


def test_vectors_thaw_when_they_should(vectors: Path) -> None:
    late, _ = trained(vectors, thaw_after=1)
    gate = late.trained.model.get_layer(GATE_LAYER)
    never, still = trained(vectors, thaw_after=2)
    assert float(gate.switch.numpy()) == float(late.trained.facts["best_epoch"] > 1)
    for word in ("good", "bad"):
        np.testing.assert_array_equal(still[word], in_file(vectors)[word])
    assert float(never.trained.model.get_layer(GATE_LAYER).switch.numpy()) == 0


def test_the_vectors_travel_in_the_model_and_in_bundles(vectors: Path, tmp_path: Path) -> None:
    classifier, _ = trained(vectors, thaw_after=1)
    expected = [answer.probability for answer in classifier.predict(["good film", "dull"])]
    classifier.save(tmp_path / "model")
    classifier.export(tmp_path / "bundle", format="tflite")
    vectors.unlink()
    for path in ("model", "bundle"):
        found = load(tmp_path / path).predict(["good film", "dull"])
        assert [answer.probability for answer in found] == pytest.approx(expected, abs=1e-5)


class Notes(SilentObserver):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_vectors_are_trained_on_unlabelled_texts_too(tmp_path: Path) -> None:
    unlabelled = tmp_path / "unlabelled.txt"
    unlabelled.write_text("a good film\na bad joke\nno fun\n" * 50, encoding="utf-8")
    heard = Notes()
    classifier = SentimentClassifier(
        units=4, epochs=1, unlabelled=str(unlabelled), vector_size=9, freeze_embeddings=True
    ).fit((TEXTS, LABELS), observer=heard)
    table = classifier.trained.model.get_layer(EMBEDDING_LAYER).embeddings.numpy()
    assert table.shape[1] == 9
    assert classifier.config.network.embedding_size == 9
    assert "480 words in 190 texts; 8 different ones get vectors" in heard.notes


def test_a_long_training_of_vectors_is_told_of_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = iter([0.0, 19.0, 21.0, 40.0])
    monkeypatch.setattr(starting_vectors, "time", SimpleNamespace(monotonic=seconds.__next__))
    heard = Notes()
    progress = starting_vectors._Progress(heard)
    for done in (1, 2, 3):
        progress.advanced(VectorProgress("epoch 1/3", done, 4))
    assert heard.notes == ["Word vectors, epoch 1/3: 50 %"]


def test_the_model_says_which_vectors_it_began_with(vectors: Path, tmp_path: Path) -> None:
    classifier, _ = trained(vectors, freeze_embeddings=True)
    found = classifier.trained.facts["word_vectors"]
    assert found["from"] == str(vectors)
    assert found["frozen"]
    other, _ = trained(vectors)
    assert other.trained.facts["word_vectors"]["sha256"] == found["sha256"]
    classifier.save(tmp_path / "model")
    assert f"of {vectors}, kept as they are" in (tmp_path / "model" / "README.md").read_text()
    without, _ = trained(None)
    assert without.trained.facts["word_vectors"] is None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"embeddings": "nowhere.txt"}, DataError, "There is no file nowhere.txt"),
        ({"unlabelled": "nowhere.csv"}, DataError, "There is no file nowhere.csv"),
        ({"recurrent_initializer": "orthogonl"}, OptionError, "Choose from: orthogonal"),
        ({"cell": "min_gru", "zoneout": 0.1}, OptionError, "zoneout is for simple_rnn"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(
    options: dict[str, object], error: type[Exception], message: str
) -> None:
    heard = Notes()
    with pytest.raises(error, match=message):
        SentimentClassifier(units=4, **options).fit((TEXTS, LABELS), observer=heard)
    assert heard.notes == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"freeze_embeddings": True},
            "^There are no vectors to freeze; give embeddings, unlabelled or ",
        ),
        ({"embeddings": "a", "unlabelled": "b"}, "exclude one another"),
        ({"embeddings": "a", "freeze_embeddings": True, "thaw_after": 1}, "exclude one another"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SentimentClassifier(**options)


def test_a_resumed_training_keeps_the_vectors_that_it_trained(tmp_path: Path) -> None:
    kept = tmp_path / "vectors.npz"
    matrix = np.arange(6, dtype=np.float32).reshape(3, 2)
    starting_vectors.KeptVectors(kept, "these texts", resume=False).write(matrix)

    def found(identity: str, *, resume: bool) -> np.ndarray | None:
        return starting_vectors.KeptVectors(kept, identity, resume).read()

    again = found("these texts", resume=True)
    assert again is not None
    np.testing.assert_array_equal(again, matrix)
    assert found("these texts", resume=False) is None
    assert found("other texts", resume=True) is None
    kept.write_bytes(kept.read_bytes()[:40])
    assert found("these texts", resume=True) is None


def test_vectors_are_trained_on_the_training_texts_alone() -> None:
    heard = Notes()
    classifier = SentimentClassifier(recipe="vectors", units=4, epochs=1, vector_size=5)
    classifier.fit((TEXTS, LABELS), observer=heard)
    assert classifier.config.network.embedding_size == 5
    assert "Training vectors on the training texts" in heard.notes
    assert any(note.endswith(" vectors") for note in heard.notes)
