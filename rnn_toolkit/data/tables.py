"""Reads a table of any supported format into one frame, with the row each record came from."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from rnn_toolkit.data.dialect import LABELLED, Dialect, detect_dialect, numbered_records
from rnn_toolkit.data.source import DecodedFile, decode, read_bytes
from rnn_toolkit.errors import DataError

_SAMPLE_ROWS = 400
BELOW_HEADER = "If its only row is data, add --no-header."
HeaderTest = Callable[[list[list[str]]], bool]
"""Whether the first of some records names the columns of those below it."""


@dataclass
class Table:
    """Records as read, before it is known which column is which.

    `rows` names the place of each record in its file: a line number, or a file name.
    """

    path: Path
    frame: pd.DataFrame
    rows: list[str]
    description: str
    malformed: list[str] = field(default_factory=list)


def read_table(
    path: Path,
    *,
    encoding: str | None = None,
    header: bool | None = None,
    is_header: HeaderTest | None = None,
    needed: str = LABELLED,
) -> Table:
    """Reads .csv, .tsv, .jsonl or .parquet (each also .gz), or a folder per label.

    Args:
        path: a file or a folder.
        encoding: overrides detection.
        header: whether a CSV or TSV file begins with column names; detected by default.
        is_header: how to detect that; by default, by names that stand for no row of their own.
        needed: the columns to ask for where there is only one.

    Returns:
        Every well-formed record as strings, and where the malformed ones stand.

    Raises:
        DataError: nothing usable is there.
    """
    if path.is_dir():
        return _read_folders(path, encoding)
    content = read_bytes(path)
    if content.startswith(b"PAR1"):
        return _read_parquet(content, path)
    decoded = decode(content, path, encoding)
    suffix = _suffix(path)
    if suffix in {".jsonl", ".ndjson", ".json"} or decoded.text.lstrip()[:1] == "{":
        return _read_jsonl(decoded, path)
    is_header = is_header or _looks_like_header
    return _read_delimited(decoded, path, header, is_header, needed)


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _read_folders(path: Path, encoding: str | None) -> Table:
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir())
    texts, labels, rows = [], [], []
    for folder in folders:
        for file in sorted(folder.rglob("*.txt")):
            content = file.read_bytes()
            text = decode(content, file, encoding).text if content else ""
            texts.append(text)
            labels.append(folder.name)
            rows.append(file.relative_to(path).as_posix())
    if not texts:
        raise DataError(
            f"{path} holds no texts.",
            "A folder must hold one folder per label, with one .txt file per text.",
        )
    frame = pd.DataFrame({"text": texts, "label": labels}, dtype="str")
    return Table(path, frame, rows, f"{len(folders)} folders with {len(texts):,} text files")


def _read_parquet(content: bytes, path: Path) -> Table:
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except Exception as error:  # pyarrow raises many kinds
        raise DataError(f"{path} is a damaged parquet file: {str(error).splitlines()[0]}") from None
    frame.columns = [str(name) for name in frame.columns]
    rows = [f"row {number}" for number in range(1, len(frame) + 1)]
    return Table(path, frame, rows, "parquet")


def _read_jsonl(decoded: DecodedFile, path: Path) -> Table:
    records, rows, malformed = [], [], []
    # Inside a JSON string may stand characters at which splitlines would break the line.
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if isinstance(record, dict):
            records.append(record)
            rows.append(f"line {number}")
        else:
            malformed.append(f"line {number}: not a JSON object")
    if not records:
        raise DataError(
            f"{path} holds no JSON object; {malformed[0] if malformed else 'it is blank'}.",
            "A .jsonl file has one object per line.",
        )
    frame = pd.DataFrame.from_records(records)
    frame.columns = [str(name) for name in frame.columns]
    return Table(path, frame, rows, f"JSON lines, {decoded.encoding}", malformed)


def _read_delimited(
    decoded: DecodedFile, path: Path, header: bool | None, is_header: HeaderTest, needed: str
) -> Table:
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    dialect = detect_dialect(text, path, needed=needed)
    parsed = _parse_fast(text, dialect) or _parse_with_line_numbers(text, dialect)
    records, lines, malformed = parsed
    if not len(records):
        raise DataError(f"{path} holds no complete row.", "Check the delimiter and the quotes.")
    sample = records.head(_SAMPLE_ROWS).to_numpy().tolist()
    has_header = is_header(sample) if header is None else header
    if has_header:
        records.columns = pd.Index(_unique_names(sample[0]))
        records, lines = records.iloc[1:].reset_index(drop=True), lines[1:]
    else:
        records.columns = pd.Index([f"column {n}" for n in range(1, dialect.columns + 1)])
    if not len(records):
        raise DataError(f"{path} holds a header but no rows.", BELOW_HEADER)
    described = f"{dialect.name}, {decoded.encoding}" + ("" if has_header else ", no header")
    return Table(path, records, [f"line {line}" for line in lines], described, malformed)


_Parsed = tuple[pd.DataFrame, list[int], list[str]]


def _parse_fast(text: str, dialect: Dialect) -> _Parsed | None:
    """Reads a clean file with pyarrow; None for any other, which needs line numbers."""
    if not dialect.quoted:
        return None
    try:
        frame = pd.read_csv(
            io.BytesIO(text.encode("utf-8", "surrogatepass")),
            sep=dialect.delimiter,
            header=None,
            dtype="str",
            keep_default_na=False,
            engine="pyarrow",
        )
    except (ValueError, OSError, UnicodeError):  # pyarrow's errors and pandas' derive from these
        return None
    if frame.shape[1] != dialect.columns:
        return None
    breaks = pd.concat([frame[name].str.count("\n") for name in frame.columns], axis=1).sum(axis=1)
    ends = (breaks + 1).cumsum()
    total = text.count("\n") + (not text.endswith("\n"))
    if not len(frame) or int(ends.iloc[-1]) != total:  # blank lines, or something odd
        return None
    return frame, [1, *(int(end) + 1 for end in ends.iloc[:-1])], []


def _parse_with_line_numbers(text: str, dialect: Dialect) -> _Parsed:
    """Reads any file, telling the line of each record and of each malformed one."""
    records, lines, malformed = [], [], []
    for line, record in numbered_records(text, dialect):
        if len(record) == dialect.columns:
            records.append(record)
            lines.append(line)
        else:
            found = f"{len(record)} field{'s' * (len(record) != 1)}"
            malformed.append(f"line {line}: {found} where {dialect.columns} were expected")
    return pd.DataFrame.from_records(records), lines, malformed


def _unique_names(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for position, raw in enumerate(names, start=1):
        name = raw.strip() or f"column {position}"
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def _looks_like_header(records: list[list[str]]) -> bool:
    """Whether the first record names columns: short, and unlike what stands below it."""
    first, rest = records[0], records[1:]
    if not rest:
        return True
    for position, name in enumerate(first):
        below = [record[position].strip() for record in rest]
        few = len(set(below)) <= max(2, len(below) // 10)
        if few and name.strip() in set(below):
            return False
    return all(0 < len(name.strip()) <= 60 and not _is_number(name) for name in first)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
