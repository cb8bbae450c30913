"""Tells the format of a vector file from its first bytes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rnn_toolkit.errors import DataError

FormatName = Literal["glove", "word2vec", "word2vec_binary"]

LARGEST_DIMENSIONS = 65_536
_ROWS_LOOKED_AT = 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEADER = re.compile(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?(?:\n|\Z)")
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_NUMPY = b"\x93NUMPY"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_UNPACK = "Unpack it first, or compress it as .gz or .zip."
_OTHER_BINARY = {
    b"\xfd7zXZ": ("an xz archive", _UNPACK),
    b"BZh91AY&SY": ("a bzip2 archive", _UNPACK),
    b"(\xb5/\xfd": ("a zstd archive", _UNPACK),
    b"7z\xbc\xaf": ("a 7z archive", _UNPACK),
    b"\xba\x16\x4f\x2f": ("a fastText model", "Give the .vec file that belongs to it."),
    b"\xff\xfe": ("a UTF-16 text", "Save it as UTF-8."),
    b"\xfe\xff": ("a UTF-16 text", "Save it as UTF-8."),
    b"\x89HDF": ("an HDF5 file", "Export its vectors as text."),
}
_OTHER_TEXT = {
    b"version https://git-lfs": ("a Git LFS pointer", "Fetch the file that it stands for."),
    b"<!doctype html": ("a web page", "The download went wrong; try it again."),
    b"<html": ("a web page", "The download went wrong; try it again."),
}


@dataclass(frozen=True)
class VectorFormat:
    """How a vector file is written.

    `declared` is the number of words that its header gives, `header_bytes` and `header_lines`
    what stands before the first row, `separator` the byte between the fields of a text row.
    """

    name: FormatName
    dimensions: int
    declared: int | None = None
    header_bytes: int = 0
    header_lines: int = 0
    separator: bytes = b" "
    notes: tuple[str, ...] = ()


def pickled_kind(head: bytes) -> str:
    """What a file that can hold pickled objects is; empty for any other file.

    Args:
        head: the first bytes.
    """
    if head.startswith(_NUMPY):
        return "a numpy array"
    if _PICKLE.match(head):
        return "a native gensim file" if b"gensim." in head[:64] else "a Python pickle"
    return ""


def detect_format(head: bytes, path: Path) -> VectorFormat:
    """The format of a file, from its content alone.

    Args:
        head: the first bytes, or all of them where the file is short.
        path: named in messages.

    Returns:
        The format; its dimensions are those of most of the first rows.

    Raises:
        DataError: the file is empty or holds something else.
    """
    if not head.strip():
        raise DataError(f"{path} is empty.", "Give a file of word vectors.")
    _refuse(head, _OTHER_BINARY, path)
    mark = len(_BYTE_ORDER_MARK) if head.startswith(_BYTE_ORDER_MARK) else 0
    header = _HEADER.match(head, mark)
    if header is None:
        return _without_header(head, mark, path)
    declared, dimensions = int(header[1]), int(header[2])
    if not 1 <= dimensions <= LARGEST_DIMENSIONS:
        raise DataError(
            f"{path}, line 1: the header announces {dimensions:,} dimensions.",
            f"Between 1 and {LARGEST_DIMENSIONS:,} can be read.",
        )
    return _with_header(head, header.end(), declared, dimensions, path)


def is_number(field: bytes) -> bool:
    """Whether a field of a text row reads as a number, finite or not."""
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field  # Python's own grouping, which no vector file uses


def _without_header(head: bytes, start: int, path: Path) -> VectorFormat:
    rows = _first_rows(head, start)
    width, _ = _usual_width(rows)
    if not width:
        _refuse(head.lower(), _OTHER_TEXT, path)
        found = "binary data" if _CONTROL.search(head[:4096]) else f"{rows[0][:40]!r}"
        raise DataError(
            f"{path} holds no word vectors: it begins with {found}, where a word and its "
            "numbers, or the number of words and of dimensions, were expected.",
            "Give a GloVe, word2vec or fastText .vec file.",
        )
    return VectorFormat("glove", width, header_bytes=start, separator=_separator(rows, width))


def _with_header(
    head: bytes, start: int, declared: int, dimensions: int, path: Path
) -> VectorFormat:
    rows = _first_rows(head, start)
    width, widths = _usual_width(rows)
    if not width:
        rest = head[start:]
        if not rest.strip():
            raise DataError(f"{path} holds a header but no words.", "Check the download.")
        if _is_prose(rest[:4096]):
            raise DataError(
                f"{path}, line 2: {rows[0][:40]!r} where a word and {dimensions} numbers "
                "were expected.",
                "Give a GloVe, word2vec or fastText .vec file.",
            )
        return VectorFormat("word2vec_binary", dimensions, declared, start, 1)
    if width == 1 and dimensions != 1:  # vectors of one number; the first word is a number
        return VectorFormat("glove", 1, separator=_separator(rows, 1))
    if dimensions in widths:
        return VectorFormat(
            "word2vec", dimensions, declared, start, 1, _separator(rows, dimensions)
        )
    note = f"The header announces {dimensions} dimensions; the rows have {width}."
    return VectorFormat("word2vec", width, declared, start, 1, _separator(rows, width), (note,))


def _first_rows(head: bytes, start: int) -> list[bytes]:
    """The first lines that are not blank, without the last where it may be cut off."""
    lines = head[start:].split(b"\n", 4 * _ROWS_LOOKED_AT)
    filled = [line for line in lines if line.strip()]
    cut_off = len(filled) > 1 and bool(lines[-1].strip())
    return filled[: len(filled) - cut_off][:_ROWS_LOOKED_AT]


def _usual_width(rows: list[bytes]) -> tuple[int, set[int]]:
    """How many numbers most rows end with, and all widths that were met; a word comes first."""
    widths: Counter[int] = Counter()
    for row in rows:
        fields = row.split()
        numbers = 0
        while numbers < len(fields) - 1 and is_number(fields[-1 - numbers]):
            numbers += 1
        widths[numbers] += 1
    return (widths.most_common(1)[0][0] if widths else 0), set(widths)


def _separator(rows: list[bytes], width: int) -> bytes:
    return b"\t" if all(row.count(b"\t") >= width for row in rows) else b" "


def _is_prose(content: bytes) -> bool:
    """Whether bytes are too many and too tame to be the numbers of a binary file."""
    return len(content) >= 64 and content.isascii() and not _CONTROL.search(content)


def _refuse(head: bytes, kinds: dict[bytes, tuple[str, str]], path: Path) -> None:
    for beginning, (what, remedy) in kinds.items():
        if head.startswith(beginning):
            raise DataError(f"{path} is {what}, not a file of word vectors.", remedy)
