"""A model directory survives being loaded and saved elsewhere."""

from __future__ import annotations

from pathlib import Path

from rnn_toolkit.tasks.commands import evaluate_directory
from rnn_toolkit.tasks.sentiment import SentimentClassifier

ROWS = [("good film", "yes"), ("bad film", "no"), ("good plot", "yes"), ("bad plot", "no")] * 10


def write_table(path: Path, header: str) -> Path:
    lines = [f"{text},{label},{'x' * 40}" for text, label in ROWS]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_loaded_model_saves_the_same_history(tmp_path: Path) -> None:
    texts, labels = zip(*ROWS, strict=True)
    classifier = SentimentClassifier(units=4, epochs=2).fit((texts, labels))
    classifier.save(tmp_path / "first")
    SentimentClassifier.load(tmp_path / "first").save(tmp_path / "second")
    first, second = ((tmp_path / name / "history.csv").read_text() for name in ("first", "second"))
    assert len(first.splitlines()) == 3
    assert second == first


def test_evaluation_reads_the_columns_that_training_read(tmp_path: Path) -> None:
    # By its look the long column would be taken for the text.
    training = write_table(tmp_path / "train.csv", "phrase,mark,remark")
    test = write_table(tmp_path / "test.csv", "phrase,mark,remark")
    classifier = SentimentClassifier(units=4, epochs=1)
    classifier.fit(training, text_column="phrase", label_column="mark")
    classifier.save(tmp_path / "model")
    _, notes = evaluate_directory(
        tmp_path / "model", str(test), text_column=None, label_column=None, encoding=None,
        header=None, save=False,
    )  # fmt: skip
    assert any("text column 'phrase'" in note for note in notes), notes
