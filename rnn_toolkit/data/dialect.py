"""Detects how a delimited file is written, and reads its records with their line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnn_toolkit.errors import DataError

_SAMPLE_CHARACTERS = 400_000
_SAMPLE_ROWS = 400
_SURE = 0.9
LABELLED = "a text and a label column"
_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}


@dataclass(frozen=True)
class Dialect:
    """Delimiter, whether double quotes enclose fields, and the usual number of fields."""

    delimiter: str
    quoted: bool
    columns: int

    @property
    def name(self) -> str:
        """The dialect in words."""
        return f"{_NAMES[self.delimiter]}-separated" + ("" if self.quoted else ", quotes are text")


def detect_dialect(text: str, path: Path, *, needed: str = LABELLED) -> Dialect:
    """The dialect under which most rows have equally many fields.

    Args:
        text: the file, line breaks as newlines.
        path: named in messages.
        needed: the columns to ask for where there is only one.

    Raises:
        DataError: every row has a single field.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    lines = [line for line in sample.split("\n")[:_SAMPLE_ROWS] if line.strip()]
    found: list[tuple[bool, float, int, bool, Dialect]] = []
    single = 1.0
    for delimiter in _NAMES:
        plain = Counter(line.count(delimiter) + 1 for line in lines)
        quoted = _quoted_widths(sample, delimiter)
        single = min(single, quoted[1] / max(quoted.total(), 1))
        for widths, is_quoted in ((quoted, True), (plain, False)):
            several = {width: count for width, count in widths.items() if width > 1}
            if several:
                columns = max(several, key=several.__getitem__)
                share = round(several[columns] / sum(widths.values()), 3)
                dialect = Dialect(delimiter, is_quoted, columns)
                # Sentences hold commas, maybe as many each, but hardly ever tabs.
                sure = delimiter == "\t" and share > _SURE
                found.append((sure, share, several[columns], is_quoted, dialect))
    # Sentences between quotes hold commas too: what counts is whether records are single fields.
    if not found or single > _SURE:
        raise DataError(
            f"{path} has only one column.",
            f"Give a table with {needed}, separated by commas or tabs.",
        )
    best = max(found, key=lambda entry: entry[:4])[4]
    return without_stray_quotes(text, best)


def _quoted_widths(sample: str, delimiter: str) -> Counter[int]:
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if record:
                widths.append(len(record))
            if len(widths) > _SAMPLE_ROWS:
                break
    except csv.Error:  # a field beyond the reader's limit: quotes that never close
        return Counter()
    cut_short = len(sample) == _SAMPLE_CHARACTERS and len(widths) > 1
    return Counter(widths[:-1] if cut_short else widths)


def without_stray_quotes(text: str, dialect: Dialect) -> Dialect:
    """Takes quotes for text when each line is a complete row and they do not enclose fields.

    Between tabs a few incomplete lines are no objection: fields seldom hold tabs, so that what
    leaves more complete rows is right.
    """
    if not dialect.quoted or '"' not in text:
        return dialect
    plain = Dialect(dialect.delimiter, False, dialect.columns)
    lines = [line for line in text.split("\n") if line.strip()]
    complete = [line for line in lines if line.count(dialect.delimiter) + 1 == dialect.columns]
    if len(complete) < len(lines):
        if dialect.delimiter != "\t":
            return dialect
        widths = Counter(len(record) for _, record in numbered_records(text, dialect))
        rows, others = widths[dialect.columns], widths.total() - widths[dialect.columns]
        if (rows, -others) != (len(complete), len(complete) - len(lines)):
            return plain if len(complete) > rows else dialect
    return dialect if _enclose_fields(complete, dialect.delimiter) else plain


_ENCLOSED = re.compile(r'"(?:[^"]|"")*"')


def _enclose_fields(lines: list[str], delimiter: str) -> bool:
    """Whether the quotes of complete rows are a writer's, and not part of the texts.

    A writer encloses whole fields and doubles the quotes inside. It does so where that is
    needed or throughout a column; else a field between quotes is merely direct speech.
    """
    quoting = [line.split(delimiter) for line in lines if '"' in line]
    fields = [field for row in quoting for field in row if field.startswith('"')]
    if not all(_ENCLOSED.fullmatch(field) for field in fields):
        return False
    if any('""' in field[1:-1] for field in fields):
        return True
    if len(quoting) < len(lines) - 1:  # the column names may stand without quotes
        return False
    below = quoting[1:] or quoting
    return any(
        all(field.startswith('"') for field in column) for column in zip(*below, strict=True)
    )


def numbered_records(text: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The records of a file with the line each begins on; blank lines are passed over."""
    if not dialect.quoted:
        for number, row in enumerate(text.split("\n"), start=1):
            if row.strip():
                yield number, row.split(dialect.delimiter)
        return
    limit = csv.field_size_limit(2**31 - 1)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
        line = 1
        for record in reader:
            began, line = line, reader.line_num + 1
            if record:
                yield began, record
    finally:
        csv.field_size_limit(limit)
