from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnn_toolkit import SentimentClassifier
from rnn_toolkit.config import TeacherConfig
from rnn_toolkit.data.teacher import read_teacher
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.tasks.teaching import write_teacher

LABELS = ["bad", "good"]


def written(folder: Path, lines: str) -> Path:
    file = folder / "teacher.csv"
    file.write_text(lines, encoding="utf-8")
    return file


def test_columns_are_read_by_name(tmp_path: Path) -> None:
    file = written(tmp_path, 'text,good,id,bad\n"a, b",0.75,1,0.25\nc,0.1,2,0.9\n')
    found = read_teacher(file, LABELS, temperature=1.0)
    assert found.texts == ["a, b", "c"]
    np.testing.assert_allclose(found.probabilities, [[0.25, 0.75], [0.9, 0.1]], rtol=1e-5)


def test_temperature_softens(tmp_path: Path) -> None:
    file = written(tmp_path, "text,good,bad\na,0.8,0.2\n")
    found = read_teacher(file, LABELS, temperature=2.0)
    roots = np.sqrt([0.2, 0.8])
    np.testing.assert_allclose(found.probabilities[0], roots / roots.sum(), rtol=1e-5)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("text,good\na,1\n", "no column 'bad'; it has: text, good"),
        ("text,good,bad\na,0.5,0.5\nb,0.5,0.6\n", "line 3: bad, good are no probabilities"),
        ("text,good,bad\na,much,little\n", "line 2: bad, good are no probabilities"),
        ("text,good,bad\na,-0.5,1.5\n", "line 2: bad, good are no probabilities"),
    ],
)
def test_what_is_no_teacher(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_teacher(written(tmp_path, lines), LABELS, temperature=1.0)


class Notes:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def batch_ended(self, record: object) -> None: ...

    def epoch_ended(self, record: object, *, best: bool) -> None: ...


def test_the_teacher_wins_over_the_labels(tmp_path: Path) -> None:
    """Labels say good and bad at random; the teacher knows that `fine` is good."""
    generator = np.random.default_rng(0)
    texts = [f"{word} {number}" for number in range(60) for word in ("fine", "poor")]
    labels = [LABELS[int(drawn)] for drawn in generator.integers(0, 2, len(texts))]
    rows = [f"{text},{0.98 if 'fine' in text else 0.02},{0.02 if 'fine' in text else 0.98}"
            for text in [*texts, "fine film", "poor film"]]  # fmt: skip
    file = written(tmp_path, "text,good,bad\n" + "\n".join(rows) + "\n")
    heard = Notes()
    model = SentimentClassifier(
        recipe="distil", teacher=str(file), teacher_weight=1.0, units=4, epochs=12, patience=12,
        learning_rate=0.02, pair_buckets=0, minimum_frequency=1,
    )  # fmt: skip
    model.fit((texts, labels), observer=heard)
    answers = [found.label for found in model.predict(["fine film", "poor film"])]
    assert any("knows 108 of 108 training rows, and 2 other texts" in note for note in heard.notes)
    assert answers == ["good", "bad"]


@pytest.mark.parametrize("options", [{"weight": 0.5}, {"weight": 0.0}, {"temperature": 2.0}])
def test_what_a_teacher_would_do_needs_one(options: dict[str, float]) -> None:
    assert TeacherConfig().weight == TeacherConfig(weight=0.8).weight  # as saved without one
    assert TeacherConfig(file="teacher.csv", **options).file
    with pytest.raises(ValueError, match="need a teacher"):
        TeacherConfig(**options)


def test_models_write_what_the_next_one_learns_from(tmp_path: Path) -> None:
    texts = ["fine film", "poor film", "fine plot", "poor plot", "fine joke", "poor joke"] * 8
    labels = ["good", "bad"] * 24
    models = []
    for seed in (1, 2):
        model = SentimentClassifier(units=4, epochs=2, seed=seed, pair_buckets=0)
        models.append(model.fit((texts, labels)).save(tmp_path / f"model{seed}"))
    more = tmp_path / "more.csv"
    more.write_text("text\nfine film\npoor fun\nfine film\n", encoding="utf-8")
    out = tmp_path / "teacher.csv"
    assert write_teacher(models, [more], out) == 2
    found = read_teacher(out, LABELS, temperature=1.0)
    assert found.texts == ["fine film", "poor fun"]
    each = [SentimentClassifier.load(model).predict("poor fun").probabilities for model in models]
    mean = [(each[0][label] + each[1][label]) / 2 for label in LABELS]
    np.testing.assert_allclose(found.probabilities[1], mean, atol=1e-5)


def test_teachers_must_agree_on_the_labels(tmp_path: Path) -> None:
    models = []
    for names in (["good", "bad"], ["yes", "no"]):
        model = SentimentClassifier(units=2, epochs=1, pair_buckets=0)
        texts = ["fine film", "poor film", "fine plot", "poor plot"] * 5
        models.append(model.fit((texts, names * 10)).save(tmp_path / names[0]))
    more = tmp_path / "more.txt"
    more.write_text("fine film\n", encoding="utf-8")
    with pytest.raises(OptionError, match="yes has the labels no, yes, not bad, good"):
        write_teacher(models, [more], tmp_path / "teacher.csv")
