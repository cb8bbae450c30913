"""Pairs of texts, a source and its target, as files hold them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from rnn_toolkit.data.pair_columns import PairColumns, find_pair_columns, names_pair_columns
from rnn_toolkit.data.source import decode, read_bytes
from rnn_toolkit.data.tables import Table, read_table
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.text.plain_line import plain_line

_NEEDED = "a source and a target column"
_TWO_FILES = "Two files with a text per line are given with --source and --target."
_SAMPLE_ROWS = 100


@dataclass(frozen=True)
class ParallelText:
    """Sources and their targets, each a tidy line (see `plain_line`).

    Args:
        sources: what is read.
        targets: what is to be written, one per source.
        name: of the file or files, without directories.
        source_name: column or file of the sources.
        target_name: column or file of the targets.
        notes: what a user should know about how the pairs were read.
        problems: a sentence, with its line number, for each row that was left out.
    """

    sources: list[str]
    targets: list[str]
    name: str
    source_name: str = "source"
    target_name: str = "target"
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sources)

    def subset(self, positions: Iterable[int]) -> ParallelText:
        """The pairs at these positions, in this order, without the findings of reading."""
        chosen = list(positions)
        return replace(
            self,
            sources=[self.sources[position] for position in chosen],
            targets=[self.targets[position] for position in chosen],
            notes=[],
            problems=[],
        )

    def sha256(self) -> str:
        """SHA-256 over all pairs, in order."""
        digest = hashlib.sha256()
        for source, target in zip(self.sources, self.targets, strict=True):
            pair = f"{len(source)}:{source}{len(target)}:{target}"
            digest.update(pair.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @classmethod
    def of_pairs(cls, pairs: Iterable[Sequence[str]], name: str = "Python data") -> ParallelText:
        """Pairs from Python.

        Args:
            pairs: a source and a target each.
            name: for messages and reports.

        Raises:
            OptionError: one is not two strings.
            DataError: none is usable.
        """
        given = list(pairs)
        for number, pair in enumerate(given, start=1):
            two = not isinstance(pair, str) and len(pair) == 2
            if not two or not all(isinstance(side, str) for side in pair):
                raise OptionError(
                    f"Pair {number} is not a source and a target: {pair!r:.80}.",
                    "Give two strings for each pair.",
                )
        rows = [f"pair {number}" for number in range(1, len(given) + 1)]
        sides = [[pair[side] for pair in given] for side in (0, 1)]
        return _usable(sides[0], sides[1], rows, cls([], [], name))


def read_pairs(
    data: str | Path,
    *,
    source_column: str | None = None,
    target_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
) -> ParallelText:
    """Reads one file of pairs; bad rows are reported and left out.

    Columns are found by known names (source and target, input and output, en and de, ...). A
    file without names has the sides in its first two columns of text, and what follows, such
    as the attribution of Tatoeba, is not read. Swapping the two options turns the direction
    round.

    Args:
        data: .tsv, .csv, .jsonl or .parquet, each also .gz; .txt is read as a table.
        source_column: name of the source column, or its number from 1.
        target_column: name of the target column, or its number from 1.
        encoding: overrides detection.
        header: whether a TSV or CSV file begins with column names; detected by default.

    Raises:
        DataError: there is nothing to read, a column is missing, or no row is usable.
        OptionError: both sides are the same column.
    """
    path = Path(data)
    if path.is_dir():
        raise DataError(f"{path} is a folder.", f"Give one file of pairs. {_TWO_FILES}")
    wanted = {name for name in (source_column, target_column) if name is not None}

    def is_header(records: list[list[str]]) -> bool:
        return bool(wanted & set(records[0])) or names_pair_columns(records)

    table = read_table(path, encoding=encoding, header=header, is_header=is_header, needed=_NEEDED)
    if len(table.malformed) > len(table.frame):
        raise DataError(
            f"{path} is not a table of pairs: {table.malformed[0]}, and so on.",
            f"Give a source and a target per line, separated by a tab. {_TWO_FILES}",
        )
    table = _unfolded(table)
    columns = find_pair_columns(table, source=source_column, target=target_column)
    return _usable(
        [_text(value) for value in table.frame[columns.source]],
        [_text(value) for value in table.frame[columns.target]],
        table.rows,
        ParallelText(
            [],
            [],
            path.name,
            columns.source,
            columns.target,
            [_described(table, columns)],
            list(table.malformed),
        ),
    )


def _unfolded(table: Table) -> Table:
    """The table with {"translation": {"en": ..., "de": ...}} as columns en and de."""
    for name in table.frame.columns:
        values = table.frame[name].tolist()
        first = next((value for value in values[:_SAMPLE_ROWS] if isinstance(value, dict)), None)
        if first is not None and len(first) > 1:
            inner = pd.DataFrame([value if isinstance(value, dict) else {} for value in values])
            inner.columns = pd.Index([str(key) for key in inner.columns])
            outer = table.frame.drop(columns=[name, *inner.columns], errors="ignore")
            return replace(table, frame=pd.concat([inner, outer], axis=1))
    return table


def _text(value: object) -> str:
    """What a cell holds as a text; empty where it is missing."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        return " ".join(_text(part) for part in value)
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    # A column of whole numbers in which one is missing is read as 1.0, 2.0, ...
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _described(table: Table, columns: PairColumns) -> str:
    others = [name for name in table.frame.columns if name not in (columns.source, columns.target)]
    how = ", chosen by what they hold" if others and not columns.recognised else ""
    left = f"; not read: {', '.join(map(str, others))}" if others else ""
    return (
        f"{table.path.name}: {table.description}; source column {columns.source!r}, "
        f"target column {columns.target!r}{how}{left}"
    )


def read_parallel(
    source: str | Path, target: str | Path, *, encoding: str | None = None
) -> ParallelText:
    r"""Reads two files of which each line of one belongs to the same line of the other.

    Only "\n" ends a line, with or without "\r" before it: other characters that some programs
    break lines at (U+2028, U+0085, form feeds) stand inside sentences of real files, and would
    put the two files out of step.

    Args:
        source: a file with a source per line, also .gz.
        target: a file with a target per line, also .gz.
        encoding: of both files; overrides detection.

    Raises:
        DataError: a file cannot be read, or they differ in their number of lines.
    """
    paths = Path(source), Path(target)
    sides, notes = [], []
    for path in paths:
        if path.is_dir():
            raise DataError(f"{path} is a folder.", "Give a file with a text per line.")
        decoded = decode(read_bytes(path), path, encoding)
        lines = decoded.text.split("\n")
        if not lines[-1]:
            lines.pop()
        sides.append(lines)
        notes.append(f"{path.name}: plain text, {decoded.encoding}, {len(lines):,} lines")
    if len(sides[0]) != len(sides[1]):
        raise DataError(
            f"{paths[0]} has {len(sides[0]):,} lines but {paths[1]} has {len(sides[1]):,}.",
            "Line by line the second must hold what belongs to the first; "
            "look for blank or split lines in either.",
        )
    names = [path.name for path in paths]
    rows = [f"line {number}" for number in range(1, len(sides[0]) + 1)]
    found = ParallelText([], [], " and ".join(names), names[0], names[1], notes)
    return _usable(sides[0], sides[1], rows, found)


def _usable(
    sources: Sequence[str], targets: Sequence[str], rows: Sequence[str], found: ParallelText
) -> ParallelText:
    """`found` with the pairs of which neither side is empty.

    Raises:
        DataError: there is none.
    """
    kept_sources, kept_targets, problems = [], [], list(found.problems)
    for source, target, row in zip(sources, targets, rows, strict=True):
        source, target = plain_line(source), plain_line(target)
        if source and target:
            kept_sources.append(source)
            kept_targets.append(target)
        else:
            missing = "target is" if source else "source is" if target else "source and target are"
            problems.append(f"{row}: {missing} empty")
    if not kept_sources:
        reason = f": {problems[0]}" if problems else ""
        raise DataError(
            f"{found.name} holds no usable pair{reason}.", "Give rows with a source and a target."
        )
    return replace(found, sources=kept_sources, targets=kept_targets, problems=problems)
