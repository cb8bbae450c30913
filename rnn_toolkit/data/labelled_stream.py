"""Reads tables that memory should not hold, record by record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rnn_toolkit.data.columns import Columns
from rnn_toolkit.data.dialect import detect_dialect, without_stray_quotes
from rnn_toolkit.data.tables import Table
from rnn_toolkit.data.text_layouts import (
    TableBeginning,
    numbered_objects,
    objects_beginning,
    table_beginning,
    with_newlines,
)
from rnn_toolkit.data.text_stream import layout_of_name, opened_lines, read_beginning

_LARGE_BYTES = 128 * 2**20
_QUOTING_LINES = 1000
_PACKED = 3  # times as large as on disk is what a gzipped table of texts holds

Row = tuple[Any, Any, str, str]
"""Text, label, place in the file, and what is wrong with the row, if anything."""


def is_large(path: Path) -> bool:
    """Whether a file is a table to be read record by record, by its name and size."""
    if not path.is_file() or layout_of_name(path) is None:
        return False
    times = _PACKED if path.suffix.lower() == ".gz" else 1
    if times * path.stat().st_size <= _LARGE_BYTES:
        return False
    with path.open("rb") as file:
        return file.read(4) != b"PAR1"  # under another name


@dataclass(frozen=True)
class LargeTable:
    """A table whose form is known from its beginning.

    Args:
        path: the file.
        encoding: of all of it.
        table: its form; None for a JSON object per line.
        beginning: its first records, which tell the columns.
    """

    path: Path
    encoding: str
    table: TableBeginning | None
    beginning: Table

    def rows(self, columns: Columns) -> Iterator[Row]:
        """Goes through the file once.

        Args:
            columns: that hold text and label.

        Raises:
            DataError: the file is damaged further down.
        """
        text, label = columns.text, columns.label
        with opened_lines(self.path, self.encoding) as lines:
            if self.table is None:
                for number, found, problem in numbered_objects(lines):
                    yield found.get(text), found.get(label), f"line {number}", problem
                return
            places = self.table.names.index(text), self.table.names.index(label)
            for line, row, problem in self.table.rows(lines):
                fields = (None, None) if problem else (row[places[0]], row[places[1]])
                yield *fields, f"line {line}", problem


def open_large(path: Path, *, encoding: str | None, header: bool | None) -> LargeTable:
    """Finds out how a large table holds its records, from its beginning.

    Args:
        path: .csv, .tsv or .jsonl, also gzipped.
        encoding: overrides detection.
        header: overrides detection, for CSV and TSV.

    Raises:
        DataError: there is nothing usable in it.
    """
    sample, described = read_beginning(path, encoding)
    sample = with_newlines(sample)
    table = None
    if layout_of_name(path) == "delimited" and sample.lstrip()[:1] != "{":
        dialect = detect_dialect(sample, path)
        if dialect.quoted and '"' not in sample:
            quoting = _first_quotes(path, described)
            dialect = without_stray_quotes(f"{sample.rstrip()}\n{quoting}", dialect)
        table = table_beginning(path, sample, dialect, header)
    frame = objects_beginning(path, sample) if table is None else table.frame
    form = "JSON lines" if table is None else table.description
    beginning = Table(path, frame, [], f"{form}, {described}, read from disk")
    return LargeTable(path, described, table, beginning)


def _first_quotes(path: Path, encoding: str) -> str:
    """The first lines with quotes of a file whose beginning has none."""
    with opened_lines(path, encoding) as lines:
        return "".join(islice((line for line in lines if '"' in line), _QUOTING_LINES))
