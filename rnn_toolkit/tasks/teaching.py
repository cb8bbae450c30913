"""Writes what trained classifiers think of texts, for another model to learn from."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rnn_toolkit.bundle.files import write_text_whole
from rnn_toolkit.data.checks import fingerprint
from rnn_toolkit.data.teacher import TEXT_COLUMN
from rnn_toolkit.data.text_stream import open_texts
from rnn_toolkit.errors import OptionError
from rnn_toolkit.tasks.load import load


def write_teacher(
    models: Sequence[str | Path],
    data: Sequence[str | Path],
    out: str | Path,
    *,
    text_column: str | None = None,
    progress: Callable[[int], None] = lambda texts: None,
) -> int:
    """Writes a CSV with each text once and the mean of the models' probabilities per label.

    Args:
        models: model directories, bundles or names of pretrained models, all with the same
            labels.
        data: files of texts; labels in them are not read.
        out: the file, for `train sentiment --teacher`.
        text_column: overrides detection.
        progress: is told how many texts are done.

    Returns:
        The texts written.

    Raises:
        OptionError: there is no model, one is no classifier, or the labels differ.
        DataError: a file cannot be read.
    """
    if not models:
        raise OptionError("There is no model to ask.", "Name at least one.")
    teachers = [load(model) for model in models]
    for model, teacher in zip(models, teachers, strict=True):
        if not hasattr(teacher, "predict"):
            raise OptionError(f"{model} is no classifier.", "Give one that predicts labels.")
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    seen: set[str] = set()
    labels: list[str] = []
    files = [file for path in data for file in open_texts(path, text_column=text_column)]
    for batch in (batch for file in files for batch in file.batches()):
        fresh = [text for text in batch.texts if fingerprint(text) not in seen]
        fresh = list({fingerprint(text): text for text in fresh}.values())
        seen.update(fingerprint(text) for text in fresh)
        if not fresh:
            continue
        answers = [teacher.predict(fresh) for teacher in teachers]  # type: ignore[union-attr]
        if not labels:
            labels = sorted(answers[0][0].probabilities)
            writer.writerow([TEXT_COLUMN, *labels])
        for model, found in zip(models, answers, strict=True):
            if sorted(found[0].probabilities) != labels:
                raise OptionError(
                    f"{model} has the labels {', '.join(sorted(found[0].probabilities))}, not "
                    f"{', '.join(labels)}.",
                    "Teachers of one model must have the same labels.",
                )
        for row, text in enumerate(fresh):
            chances = np.mean(
                [[found[row].probabilities[label] for label in labels] for found in answers], axis=0
            )
            writer.writerow([text, *(f"{chance:.6f}" for chance in chances)])
        progress(len(seen))
    write_text_whole(Path(out), written.getvalue())
    return len(seen)
