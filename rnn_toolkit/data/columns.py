"""Finds the text and the label column of a table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from rnn_toolkit.data.tables import Table
from rnn_toolkit.errors import DataError

_TEXT_NAMES = (
    "text", "review", "sentence", "content", "comment", "body", "message", "tweet", "document",
    "review_text", "text_a", "reviewtext", "\u6587\u672c", "\u8bc4\u8bba", "\u5185\u5bb9",
)  # fmt: skip
_LABEL_NAMES = (
    "label", "labels", "sentiment", "class", "category", "target", "polarity", "y", "rating",
    "stars", "score", "\u6807\u7b7e", "\u60c5\u611f", "\u7c7b\u522b",
)  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """The names of the two columns."""

    text: str
    label: str


def find_columns(
    table: Table,
    *,
    text: str | None = None,
    label: str | None = None,
    remembered: Columns | None = None,
) -> Columns:
    """Chooses the text and label columns by name, else by what they hold.

    Args:
        table: the table.
        text: the text column the user named.
        label: the label column the user named.
        remembered: the columns that training used, preferred where the table has both.

    Raises:
        DataError: a named column does not exist, or none can be told; the message lists all.
    """
    names = [str(name) for name in table.frame.columns]
    for option, wanted in (("--text-column", text), ("--label-column", label)):
        if wanted is not None and wanted not in names:
            raise DataError(
                f"{table.path} has no column {wanted!r} ({option}).",
                f"It has: {', '.join(names)}.",
            )
    if remembered is not None and {remembered.text, remembered.label} <= set(names):
        text, label = text or remembered.text, label or remembered.label
    found_text = text or _by_name(names, _TEXT_NAMES, exclude=label)
    found_label = label or _by_name(names, _LABEL_NAMES, exclude=found_text)
    found_text = found_text or _longest(table.frame, exclude=found_label)
    found_label = found_label or _most_repeated(table.frame, exclude=found_text)
    if found_text is None or found_label is None:
        missing = "text" if found_text is None else "label"
        raise DataError(
            f"{table.path}: no column looks like the {missing}.",
            f"Name it with --{missing}-column; there are: {', '.join(names)}.",
        )
    if found_text == found_label:
        raise DataError(f"{table.path}: text and label are both column {found_text!r}.")
    return Columns(found_text, found_label)


def _by_name(names: list[str], wanted: tuple[str, ...], exclude: str | None) -> str | None:
    by_lower = {name.strip().lower(): name for name in names if name != exclude}
    return next((by_lower[name] for name in wanted if name in by_lower), None)


def _longest(frame: pd.DataFrame, exclude: str | None) -> str | None:
    lengths = {
        str(name): frame[name].head(1000).astype("str").str.len().mean()
        for name in frame.columns
        if name != exclude and not pd.api.types.is_numeric_dtype(frame[name])
    }
    return max(lengths, key=lengths.__getitem__) if lengths else None


def _most_repeated(frame: pd.DataFrame, exclude: str | None) -> str | None:
    distinct = {
        str(name): int(frame[name].astype("str").nunique())
        for name in frame.columns
        if name != exclude
    }
    repeated = {name: count for name, count in distinct.items() if count <= max(2, len(frame) // 2)}
    return min(repeated, key=repeated.__getitem__) if repeated else None
