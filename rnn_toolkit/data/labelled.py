"""Labelled texts: read, checked, and split."""

from __future__ import annotations

import hashlib
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rnn_toolkit.data.columns import Columns, find_columns
from rnn_toolkit.data.labelled_stream import Row, is_large, open_large
from rnn_toolkit.data.spool import SpooledTexts
from rnn_toolkit.data.tables import BELOW_HEADER, Table, read_table
from rnn_toolkit.errors import DataError, OptionError


@dataclass(frozen=True)
class LabelledTexts:
    """Texts with their labels, and what reading them found.

    `problems` holds one sentence per row that was left out, `notes` what a user should
    know about how the file was read. The texts of a large file are in a temporary file.
    """

    texts: Sequence[str]
    labels: list[str]
    rows: list[str]
    source: str
    columns: Columns | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def subset(self, indices: Iterable[int]) -> LabelledTexts:
        """The rows at these positions, in this order, without the findings of reading."""
        chosen = list(indices)
        texts = self.texts
        return LabelledTexts(
            texts.chosen(chosen)
            if isinstance(texts, SpooledTexts)
            else [texts[index] for index in chosen],
            [self.labels[index] for index in chosen],
            [self.rows[index] for index in chosen],
            self.source,
            self.columns,
        )

    def checksum(self) -> str:
        """SHA-256 over all texts and labels, in order."""
        digest = hashlib.sha256()
        for text, label in zip(self.texts, self.labels, strict=True):
            digest.update(f"{len(text)}:{text}{len(label)}:{label}".encode("utf-8", "replace"))
        return digest.hexdigest()


def read_labelled(
    path: str | Path,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    remembered: Columns | None = None,
) -> LabelledTexts:
    """Reads a file or folder of labelled texts; bad rows are reported and left out.

    Args:
        path: .csv, .tsv, .jsonl or .parquet, each also .gz, or a folder per label.
        text_column: overrides detection.
        label_column: overrides detection.
        encoding: overrides detection.
        header: overrides detection, for CSV and TSV.
        remembered: columns to prefer where the file has both.

    Raises:
        DataError: there is nothing to read, or no row is usable.
    """
    path = Path(path)
    large = open_large(path, encoding=encoding, header=header) if is_large(path) else None
    table = read_table(path, encoding=encoding, header=header) if large is None else large.beginning
    columns = find_columns(table, text=text_column, label=label_column, remembered=remembered)
    if large is None:
        found = _usable_rows(_rows_of(table, columns), table, columns)
    else:
        found = _usable_rows(large.rows(columns), table, columns, texts_in=SpooledTexts)
    if not len(found) and not found.problems:
        raise DataError(f"{path} holds a header but no rows.", BELOW_HEADER)
    if not len(found):
        raise DataError(f"{path} holds no usable row: {found.problems[0]}.")
    return found


def from_pairs(texts: Sequence[str], labels: Sequence[Any], source: str) -> LabelledTexts:
    """Labelled texts from two Python sequences.

    Raises:
        OptionError: their lengths differ.
    """
    if len(texts) != len(labels):
        raise OptionError(f"There are {len(texts)} texts but {len(labels)} labels.")
    frame = pd.DataFrame({"text": list(texts), "label": list(labels)})
    rows = [f"row {number}" for number in range(1, len(frame) + 1)]
    table = Table(Path(source), frame, rows, "Python sequences")
    columns = Columns("text", "label")
    return _usable_rows(_rows_of(table, columns), table, columns)


def _rows_of(table: Table, columns: Columns) -> Iterator[Row]:
    pairs = zip(table.frame[columns.text], table.frame[columns.label], table.rows, strict=True)
    return ((text, label, place, "") for text, label, place in pairs)


def _usable_rows(
    rows: Iterable[Row],
    table: Table,
    columns: Columns,
    texts_in: Callable[[Iterable[str]], Sequence[str]] = list,
) -> LabelledTexts:
    """The rows that have a text and a label, and what is wrong with the others."""
    problems, found, places = list(table.malformed), [], []

    def usable() -> Iterator[str]:
        for value, label, place, problem in rows:
            text = _joined(value)
            if problem:
                problems.append(problem)
            elif _is_missing(text):
                problems.append(f"{place}: the text is missing")
            elif _is_missing(label):
                problems.append(f"{place}: the label is missing")
            else:
                places.append(place)
                found.append(sys.intern(label) if type(label) is str else label)
                yield text if isinstance(text, str) else str(text)

    texts = texts_in(usable())
    write_label = _label_writer(found)
    notes = [
        f"{table.path}: {table.description}; text column {columns.text!r}, "
        f"label column {columns.label!r}"
    ]
    labels = [sys.intern(write_label(label)) for label in found]
    return LabelledTexts(texts, labels, places, str(table.path), columns, problems, notes)


def _joined(value: Any) -> Any:
    """A list of strings (paragraphs of JSON) as one text; anything else as it is."""
    if isinstance(value, (list, tuple, np.ndarray)) and all(isinstance(v, str) for v in value):
        return "\n".join(value)
    return value


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if value is None or value is pd.NA:
        return True
    return isinstance(value, (float, np.floating)) and math.isnan(value)


def _label_writer(labels: Sequence[Any]) -> Callable[[Any], str]:
    """How to write a label: 1, 1.0 and "1" are one class, so are true and True."""
    whole = all(_as_whole_number(value) is not None for value in labels)
    numbers = all(type(value) in (int, float) for value in labels)

    def write(value: Any) -> str:
        if isinstance(value, (bool, np.bool_)):
            return "true" if value else "false"
        if whole:
            return str(_as_whole_number(value))
        return str(float(value)) if numbers else str(value).strip()

    return write


def _as_whole_number(value: Any) -> int | None:
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else None


def label_names(labels: Sequence[str]) -> list[str]:
    """The classes in a stable order: numbers by value, words by alphabet.

    Raises:
        DataError: there is only one class.
    """
    distinct = set(labels)
    if len(distinct) < 2:
        only = next(iter(distinct), "")
        raise DataError(
            f"All {len(labels):,} rows have the same label, {only!r}.",
            "A classifier needs at least two classes; check --label-column.",
        )
    if all(_as_whole_number(label) is not None for label in distinct):
        return sorted(distinct, key=lambda label: int(float(label)))
    return sorted(distinct)


def check_class_count(names: Sequence[str], rows: int) -> None:
    """Raises DataError when nearly every row has a label of its own."""
    if len(names) > max(100, rows // 4):
        raise DataError(
            f"There are {len(names):,} different labels in {rows:,} rows.",
            "This does not look like a label column; name it with --label-column.",
        )


def label_ids(labels: Sequence[str], names: Sequence[str], *, source: str) -> np.ndarray[Any, Any]:
    """Positions of labels among the classes of a model, int32.

    Raises:
        DataError: a label is not among the classes.
    """
    by_name = {name: index for index, name in enumerate(names)}
    unseen = Counter(label for label in labels if label not in by_name)
    if unseen:
        shown = ", ".join(
            f"{label!r} ({count:,} row{'s' * (count > 1)})"
            for label, count in unseen.most_common(5)
        )
        raise DataError(
            f"{source} has labels that training never saw: {shown}.",
            f"The model knows: {', '.join(names)}.",
        )
    return np.asarray([by_name[label] for label in labels], np.int32)


def text_key(text: str) -> int:
    """A number of eight bytes that stands for a text, where many texts are told apart."""
    content = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())


def stratified_split(
    labels: Sequence[str], texts: Sequence[str], *, share: float, seed: int
) -> tuple[list[int], list[int]]:
    """Splits rows into training and validation, each class in proportion.

    Rows with the same text stay on one side, so that validation measures new texts.

    Args:
        labels: one per row.
        texts: one per row.
        share: of the rows that go to validation; at least one row per class does.
        seed: seed of the shuffle.

    Returns:
        Positions of the training rows and of the validation rows, ascending.

    Raises:
        DataError: a class has fewer than two different texts.
    """
    first_of: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    for index, text in enumerate(texts):
        groups.setdefault(first_of.setdefault(text_key(text), index), []).append(index)
    by_label: dict[str, list[int]] = {}
    for first in groups:
        by_label.setdefault(labels[first], []).append(first)
    generator = np.random.default_rng(seed)
    validation: set[int] = set()
    for label in sorted(by_label):
        firsts = by_label[label]
        if len(firsts) < 2:
            raise DataError(
                f"Class {label!r} has {len(firsts)} different text, too few to split.",
                "Add rows, remove the class, or give a --validation file.",
            )
        wanted = min(max(1, round(share * len(firsts))), len(firsts) - 1)
        for position in generator.permutation(len(firsts))[:wanted]:
            validation.update(groups[firsts[position]])
    training = [index for index in range(len(texts)) if index not in validation]
    return training, sorted(validation)
