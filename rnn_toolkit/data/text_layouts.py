"""How a file holds its texts: told from its beginning, then used to stream all of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

import pandas as pd

from rnn_toolkit.data.columns import find_columns
from rnn_toolkit.data.dialect import Dialect, detect_dialect, numbered_records
from rnn_toolkit.data.tables import Table, _looks_like_header, _unique_names
from rnn_toolkit.errors import DataError

LayoutName = Literal["lines", "delimited", "json", "parquet"]
# A text, or why a row has none: one of the two is empty.
Record = tuple[str, str]

_SAMPLE_ROWS = 400
_PARQUET_ROWS = 1000
_PLACEHOLDER = "\x00label"


@dataclass(frozen=True)
class Layout:
    """How texts stand in a file.

    `records` takes the open file, binary or as text, and gives every row of it.
    """

    description: str
    records: Callable[[Any], Iterator[Record]]
    binary: bool = False

    def with_encoding(self, encoding: str) -> Layout:
        """The layout with the encoding in its description."""
        return replace(self, description=f"{self.description}, {encoding}")


def _lines(path: Path, sample: str, column: str | None, header: bool | None) -> Layout:
    def records(lines: IO[str]) -> Iterator[Record]:
        for line in lines:
            if line.strip():
                yield line.rstrip("\n"), ""

    return Layout("plain text, a text per line", records)


@dataclass(frozen=True)
class TableBeginning:
    """How a delimited file is written, and its first rows; `names` of the columns."""

    dialect: Dialect
    has_header: bool
    names: list[str]
    frame: pd.DataFrame

    @property
    def description(self) -> str:
        """The form in words."""
        return self.dialect.name + ("" if self.has_header else ", no header")

    def rows(self, lines: IO[str]) -> Iterator[tuple[int, list[str], str]]:
        """Every row below the column names: its line, its fields, and what is wrong with it."""
        names_left = self.has_header
        for line, row in _numbered_rows(lines, self.dialect):
            problem = ""
            if len(row) != self.dialect.columns:
                found = f"{len(row)} field{'s' * (len(row) != 1)}"
                problem = f"line {line}: {found} where {self.dialect.columns} were expected"
            elif names_left:
                names_left = False
                continue
            yield line, row, problem


def table_beginning(
    path: Path, sample: str, dialect: Dialect, header: bool | None
) -> TableBeginning:
    """Column names and first rows of a delimited file.

    Args:
        path: named in messages.
        sample: its first lines, line breaks as newlines.
        dialect: how it is written.
        header: whether it begins with column names; detected when None.

    Raises:
        DataError: no row is complete.
    """
    found = [record for _, record in numbered_records(sample, dialect)]
    rows = [record for record in found if len(record) == dialect.columns]
    if not rows:
        raise DataError(f"{path} holds no complete row.", "Check the delimiter and the quotes.")
    has_header = _looks_like_header(rows[:_SAMPLE_ROWS]) if header is None else header
    names = (
        _unique_names(rows[0])
        if has_header
        else [f"column {n}" for n in range(1, dialect.columns + 1)]
    )
    # A file of nothing but column names has no texts; its names stand for them until that shows.
    frame = pd.DataFrame(rows[has_header:] or rows, columns=pd.Index(names), dtype="str")
    return TableBeginning(dialect, has_header, names, frame)


def _delimited(path: Path, sample: str, column: str | None, header: bool | None) -> Layout:
    sample = with_newlines(sample)
    try:
        dialect = detect_dialect(sample, path)
    except DataError:  # the one column is the text
        dialect = Dialect(",", True, 1)
    table = table_beginning(path, sample, dialect, header)
    name = _text_column(table.frame, path, column)
    position = table.names.index(name)

    def records(lines: IO[str]) -> Iterator[Record]:
        for line, row, problem in table.rows(lines):
            yield ("", problem) if problem else _text_or_problem(row[position], f"line {line}")

    return Layout(f"{table.description}, text column {name!r}", records)


def with_newlines(text: str) -> str:
    """The text with every line break as a newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _numbered_rows(lines: IO[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    if not dialect.quoted:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, line.rstrip("\n").split(dialect.delimiter)
        return
    limit = csv.field_size_limit(2**31 - 1)
    try:
        reader = csv.reader(lines, delimiter=dialect.delimiter)
        began = 1
        for row in reader:
            if row:
                yield began, row
            began = reader.line_num + 1
    finally:
        csv.field_size_limit(limit)


def objects_beginning(path: Path, sample: str) -> pd.DataFrame:
    """The first objects of a file with one JSON object per line.

    Raises:
        DataError: there is none.
    """
    objects = []
    for line in sample.split("\n"):
        found = _json_object(line)
        if found is not None:
            objects.append(found)
    if not objects:
        raise DataError(
            f"{path} holds no JSON object at its beginning.",
            "A .jsonl file has one object per line.",
        )
    frame = pd.DataFrame.from_records(objects)
    frame.columns = pd.Index([str(name) for name in frame.columns])
    return frame


def numbered_objects(lines: IO[str]) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Every line of JSON: its number, its object, and what is wrong with it."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        found = _json_object(line)
        problem = f"line {number}: not a JSON object" if found is None else ""
        yield number, found or {}, problem


def _json(path: Path, sample: str, column: str | None, header: bool | None) -> Layout:
    name = _text_column(objects_beginning(path, sample), path, column)

    def records(lines: IO[str]) -> Iterator[Record]:
        for number, found, problem in numbered_objects(lines):
            yield ("", problem) if problem else _text_or_problem(found.get(name), f"line {number}")

    return Layout(f"JSON lines, text column {name!r}", records)


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _parquet(path: Path, sample: str, column: str | None, header: bool | None) -> Layout:
    from pyarrow.parquet import ParquetFile

    try:
        beginning = next(ParquetFile(path).iter_batches(batch_size=_SAMPLE_ROWS), None)
    except Exception as error:  # pyarrow raises many kinds
        raise DataError(f"{path} is a damaged parquet file: {str(error).splitlines()[0]}") from None
    if beginning is None:
        raise DataError(f"{path} holds no rows.", "Give a file of texts.")
    frame = beginning.to_pandas()
    frame.columns = pd.Index([str(name) for name in frame.columns])
    name = _text_column(frame, path, column)

    def records(stream: IO[bytes]) -> Iterator[Record]:
        row = 0
        parts = ParquetFile(stream).iter_batches(batch_size=_PARQUET_ROWS, columns=[name])
        for part in parts:
            for value in part.column(0).to_pylist():
                row += 1
                yield _text_or_problem(value, f"row {row}")

    return Layout(f"parquet, text column {name!r}", records, binary=True)


def _text_column(frame: pd.DataFrame, path: Path, wanted: str | None) -> str:
    names = [str(name) for name in frame.columns]
    if wanted is not None:
        if wanted not in names:
            raise DataError(
                f"{path} has no column {wanted!r} (--text-column).",
                f"It has: {', '.join(names)}.",
            )
        return wanted
    if all(pd.api.types.is_numeric_dtype(frame[name]) for name in names):
        raise DataError(
            f"{path}: no column looks like the text.",
            f"Name it with --text-column; there are: {', '.join(names)}.",
        )
    # Detection looks for a label as well, which may be missing here.
    table = Table(path, frame.assign(**{_PLACEHOLDER: "0"}), [], "")
    return find_columns(table, label=_PLACEHOLDER).text


def _text_or_problem(value: Any, place: str) -> Record:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = "\n".join(value)
    if isinstance(value, str) and value.strip():
        return value, ""
    return "", f"{place}: the text is missing"


LAYOUTS: dict[LayoutName, Callable[[Path, str, str | None, bool | None], Layout]] = {
    "lines": _lines,
    "delimited": _delimited,
    "json": _json,
    "parquet": _parquet,
}
