"""Bytes of a data file as text: compression, binary files and encodings."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from rnn_toolkit.errors import DataError

_MAGIC = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a zip archive or an office document",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"(\xb5/\xfd": "a zstd archive",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF": "an HDF5 file",
    b"\x80\x04\x95": "a Python pickle",
}
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


@dataclass(frozen=True)
class DecodedFile:
    """The text of a file and the encoding it was read with."""

    text: str
    encoding: str


def read_bytes(path: Path) -> bytes:
    """The content of a file, decompressed when it is gzipped.

    Raises:
        DataError: there is no such file, it cannot be read, is empty or a broken archive.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Check the path.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise DataError(
                f"{path} is a damaged gzip file.", "Download or compress it again."
            ) from None
    if not content.strip():
        raise DataError(f"{path} is empty.", "Give a file that holds texts.")
    return content


def decode(content: bytes, path: Path, encoding: str | None = None) -> DecodedFile:
    """Decodes a file: the given encoding, else a byte-order mark, UTF-8, or a guess.

    Args:
        content: the bytes.
        path: named in messages.
        encoding: an encoding the user insists on.

    Raises:
        DataError: the file is binary, or the given encoding does not fit.
    """
    if encoding is None:
        for mark, name in _BYTE_ORDER_MARKS.items():
            if content.startswith(mark):
                encoding = name
                break
    if encoding is None or not encoding.startswith("utf-16"):
        _check_not_binary(content, path)
    if encoding is not None:
        return DecodedFile(_decode_as(content, encoding, path), encoding)
    try:
        return DecodedFile(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        guessed = _guess(content)
        return DecodedFile(content.decode(guessed, errors="replace"), guessed)


def _decode_as(content: bytes, encoding: str, path: Path) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        raise DataError(
            f"There is no encoding {encoding!r}.", "Examples: utf-8, gb18030, latin-1."
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}, is not {encoding}.",
            "Choose another --encoding, or leave it out.",
        ) from None


def _check_not_binary(content: bytes, path: Path) -> None:
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            raise DataError(f"{path} is {kind}, not a table of texts.", _READABLE)
    if b"\x00" in content[:65536]:
        raise DataError(f"{path} is a binary file, not a table of texts.", _READABLE)


_READABLE = "Give .csv, .tsv, .jsonl, .parquet or plain text (each also .gz)."


def _guess(content: bytes) -> str:
    """An encoding for bytes that are not UTF-8."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    # Western text can by chance be valid GB18030, but then it is not mostly Chinese.
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in text[:20000])
    foreign = sum(ord(character) > 127 for character in text[:20000])
    if foreign and chinese > 0.6 * foreign and chinese > 0.1 * len(text[:20000]):
        return "gb18030"
    from charset_normalizer import from_bytes

    best = from_bytes(content[:200_000]).best()
    # Among the Latin code pages short texts give no ground to choose; the Western one is
    # by far the most frequent.
    if best is not None and any("\u0370" <= letter < "\u2000" for letter in str(best)):
        return str(best.encoding)
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"
