"""Scores against scikit-learn, the baseline against a pipeline of it, and checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from rnn_toolkit.bundle.files import write_text_whole, written_whole
from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.evaluation.baselines import TfidfBaseline, majority_probabilities
from rnn_toolkit.evaluation.metrics import score
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.training.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from rnn_toolkit.training.observer import EpochRecord
from rnn_toolkit.training.schedules import WarmUpThenLinear


@pytest.mark.parametrize("classes", [2, 4])
def test_scores_agree_with_scikit_learn(classes: int) -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, classes, 300).astype(np.int32)
    probabilities = generator.dirichlet(np.ones(classes), 300).astype(np.float32)
    found = score(probabilities, labels, [str(index) for index in range(classes)])
    predicted = probabilities.argmax(1)
    assert found.accuracy == pytest.approx(reference.accuracy_score(labels, predicted))
    expected = reference.f1_score(labels, predicted, average="macro")
    assert found.macro_f1 == pytest.approx(expected)
    exact = probabilities.astype(np.float64)
    exact /= exact.sum(1, keepdims=True)
    assert found.log_loss == pytest.approx(reference.log_loss(labels, exact), abs=1e-5)
    assert sum(map(sum, found.confusion)) == 300


def test_calibration_error_of_known_answers() -> None:
    labels = np.array([0, 0, 0, 1], np.int32)
    probabilities = np.array([[0.75, 0.25]] * 4, np.float32)
    assert score(probabilities, labels, ["a", "b"]).calibration_error == pytest.approx(0.0)
    probabilities = np.array([[0.95, 0.05]] * 4, np.float32)
    assert score(probabilities, labels, ["a", "b"]).calibration_error == pytest.approx(0.2)


@pytest.mark.parametrize("classes", [2, 3])
def test_baseline_is_scikit_learns_pipeline_and_survives_saving(
    classes: int, tmp_path: Path
) -> None:
    generator = np.random.default_rng(0)
    words = np.array(["good", "bad", "dull", "kind", "film", "plot"])
    texts = [" ".join(generator.choice(words, 6)) for _ in range(90)]
    labels = generator.integers(0, classes, 90).astype(np.int32)
    fitted = TfidfBaseline.fit(texts, labels, normalize=str.lower, seed=0)
    pipeline = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32),
        LogisticRegression(C=10.0, max_iter=200, tol=1e-4),
    ).fit(texts, labels)
    expected = pipeline.predict_proba(texts)
    np.testing.assert_allclose(fitted.probabilities(texts), expected, atol=1e-4)
    fitted.save(tmp_path / "baseline.npz")
    loaded = TfidfBaseline.load(tmp_path / "baseline.npz", str.lower)
    np.testing.assert_array_equal(loaded.probabilities(texts), fitted.probabilities(texts))
    (tmp_path / "baseline.npz").write_bytes(b"broken")
    with pytest.raises(ModelDirectoryError, match="damaged"):
        TfidfBaseline.load(tmp_path / "baseline.npz", str.lower)


def test_majority_knows_only_frequencies() -> None:
    found = majority_probabilities(np.bincount([0, 0, 1, 0], minlength=2), rows=3)
    np.testing.assert_allclose(found, [[0.75, 0.25]] * 3)


def test_checkpoint_round_trip_and_damage(tmp_path: Path) -> None:
    arrays = [np.arange(3.0), np.array(5)]
    path = tmp_path / "state" / "checkpoint.npz"
    write_checkpoint(path, Checkpoint({"a": "b"}, [], 2, 1.5, arrays, arrays[:1], arrays))
    found = read_checkpoint(path, EpochRecord)
    assert (found.identity, found.best_epoch, len(found.model), len(found.optimizer)) == (
        {"a": "b"},
        2,
        2,
        1,
    )
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelDirectoryError, match="damaged"):
        read_checkpoint(path, EpochRecord)


def test_schedule_rises_then_falls_to_nothing() -> None:
    schedule = WarmUpThenLinear(1.0, warmup=10, total=110)
    assert float(schedule(0)) == pytest.approx(0.1)
    assert float(schedule(10)) == pytest.approx(1.0)
    assert float(schedule(60)) == pytest.approx(0.5)
    assert float(schedule(110)) == 0.0


def _write_half(target: Path) -> None:
    with written_whole(target, marker="config.json") as folder:
        (folder / "config.json").write_text("half")
        raise RuntimeError("disk full")


def test_a_directory_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "model"
    for content in ("one", "two"):
        with written_whole(target, marker="config.json") as folder:
            (folder / "config.json").write_text(content)
    with pytest.raises(RuntimeError, match="disk full"):
        _write_half(target)
    assert (target / "config.json").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    with (
        pytest.raises(OptionError, match="did not write"),
        written_whole(target, marker="manifest.json"),
    ):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, r"units.*greater than or equal to 1"),
        ({"cell": "lstn"}, "Choose from: simple_rnn, lstm, gru"),
        ({"pooling": "median"}, "pooling"),
        ({"unit": 3}, r"no option 'unit'.*units"),
        ({"embedding_dropout": 1.5}, "embedding_dropout"),
        ({"tokenizer": "letters"}, "tokenizer"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        sentiment_config(options)


def test_a_short_maximum_length_shortens_the_head() -> None:
    assert sentiment_config({"maximum_length": 100}).tokenizer.head_length == 32


def test_a_rewritten_file_has_ordinary_permissions_and_leaves_nothing(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.write_text("x")
    path = tmp_path / "metrics.json"
    write_text_whole(path, "one")
    write_text_whole(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode == ordinary.stat().st_mode
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_text_whole(tmp_path / "folder", "three")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "folder", "metrics.json", "ordinary",
    ]  # fmt: skip
