"""Reads what a teacher thinks of texts: a table with a column of probabilities per label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnn_toolkit.data.tables import read_table
from rnn_toolkit.errors import DataError

TEXT_COLUMN = "text"
_SUM_TOLERANCE = 0.02


@dataclass(frozen=True)
class TeacherAnswers:
    """Texts, and the teacher's probabilities [texts, labels] for each."""

    texts: list[str]
    probabilities: NDArray[np.float32]


def read_teacher(path: str | Path, labels: Sequence[str], *, temperature: float) -> TeacherAnswers:
    """Reads a teacher's answers.

    Args:
        path: CSV, TSV, JSONL or Parquet with a column "text" and one named after each label.
        labels: the classes, in the order of the model's outputs.
        temperature: above 1 makes the answers softer: p^(1/T), normalised (Hinton et al. 2015).

    Raises:
        DataError: a column is missing, or a row holds no probabilities; the message names it.
    """
    table = read_table(Path(path), header=True)
    names = [str(name) for name in table.frame.columns]
    missing = [name for name in (TEXT_COLUMN, *labels) if name not in names]
    if missing:
        raise DataError(
            f"{path} has no column {missing[0]!r}; it has: {', '.join(names)}.",
            f"A teacher's file has the columns {', '.join((TEXT_COLUMN, *labels))}.",
        )
    if table.malformed:
        raise DataError(f"{path}, {table.malformed[0]}.", "Correct or remove the row.")
    values = np.stack([_numbers(table.frame[name]) for name in labels], axis=1)
    sums = values.sum(axis=1)
    usable = (values >= 0).all(axis=1) & (np.abs(sums - 1) <= _SUM_TOLERANCE)
    if not usable.all():
        at = int(np.argmin(usable))
        raise DataError(
            f"{path}, {table.rows[at]}: {', '.join(labels)} are no probabilities that add up to 1.",
            "Correct or remove the row.",
        )
    softened = np.power(values, 1 / temperature)
    softened /= softened.sum(axis=1, keepdims=True)
    return TeacherAnswers([str(text) for text in table.frame[TEXT_COLUMN]], softened)


def _numbers(column: pd.Series[Any]) -> NDArray[np.float32]:
    """A column as numbers; what is none becomes NaN."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), np.float32)
