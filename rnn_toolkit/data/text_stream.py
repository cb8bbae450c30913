"""Streams the texts of a file of any supported format; labels are not needed."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, cast

from rnn_toolkit.data.source import decode
from rnn_toolkit.data.text_layouts import LAYOUTS, Layout, LayoutName, Record
from rnn_toolkit.errors import DataError

_BLOCK_BYTES = 1 << 20
_BATCH_TEXTS = 1000
_BATCH_CHARACTERS = 1 << 20
_WIDE = ("utf-16", "utf-32", "utf16", "utf32")
_SUFFIXES: dict[str, LayoutName] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
}


@dataclass(frozen=True)
class TextBatch:
    """Some texts, a sentence per row that was left out, and the share of the file read so far."""

    texts: list[str]
    problems: list[str]
    share: float


@dataclass(frozen=True)
class TextFile:
    """A file whose format, encoding and text column are known."""

    path: Path
    encoding: str
    layout: Layout

    @property
    def description(self) -> str:
        """How the file is read, in words."""
        return f"{self.path}: {self.layout.description}"

    def batches(self) -> Iterator[TextBatch]:
        """Goes through the file once, holding no more than a batch of it.

        Raises:
            DataError: the file is damaged further down.
        """
        texts: list[str] = []
        problems: list[str] = []
        characters = 0
        size = max(self.path.stat().st_size, 1)
        with _readable(self.path) as (raw, stream):
            for text, problem in self._records(stream):
                if problem:
                    problems.append(problem)
                else:
                    texts.append(text)
                    characters += len(text)
                if len(texts) >= _BATCH_TEXTS or characters >= _BATCH_CHARACTERS:
                    yield TextBatch(texts, problems, raw.tell() / size)
                    texts, problems, characters = [], [], 0
        yield TextBatch(texts, problems, 1.0)

    def blocks(self) -> Iterator[str]:
        """The whole text in order, line ends and empty lines included, a block at a time.

        A block ends with a line where lines are not as long as a block.

        Raises:
            DataError: the file is damaged further down.
        """
        with opened_lines(self.path, self.encoding) as lines:
            while block := lines.read(_BATCH_CHARACTERS):
                yield block + lines.readline(_BATCH_CHARACTERS)

    def _records(self, stream: IO[bytes]) -> Iterator[Record]:
        if self.layout.binary:
            yield from self.layout.records(stream)
            return
        # Detection has seen every byte, unless a byte order mark or the user chose.
        with _decoded(stream, self.path, self.encoding) as lines:
            yield from self.layout.records(lines)


def open_texts(
    path: str | Path,
    *,
    text_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
) -> list[TextFile]:
    """Finds out how a file, or each .txt file of a folder, holds its texts.

    Args:
        path: .csv, .tsv, .jsonl or .parquet, anything else being plain text with a text per
            line; each also gzipped; or a folder of .txt files at any depth.
        text_column: overrides detection; makes a file of any other name a table.
        encoding: overrides detection.
        header: whether a table begins with column names; detected by default.

    Returns:
        One entry per file.

    Raises:
        DataError: there is no such file, or nothing usable in it.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.txt") if file.stat().st_size)
        if not files:
            raise DataError(f"{path} holds no texts.", "A folder must hold .txt files.")
        return [_open_file(file, None, encoding, None) for file in files]
    return [_open_file(path, text_column, encoding, header)]


def _open_file(
    path: Path, text_column: str | None, encoding: str | None, header: bool | None
) -> TextFile:
    text, described = read_beginning(path, encoding)
    if not described:
        return TextFile(path, "", LAYOUTS["parquet"](path, "", text_column, header))
    layout = LAYOUTS[_layout_name(path, text_column)](path, text, text_column, header)
    return TextFile(path, described, layout.with_encoding(described))


def read_beginning(path: Path, encoding: str | None) -> tuple[str, str]:
    """The first lines of a file, and the encoding of all of it; both empty for parquet.

    Args:
        path: the file.
        encoding: overrides detection.

    Raises:
        DataError: the file cannot be read, or is empty.
    """
    with _readable(path) as (_, stream):
        block = b"".join(stream.readlines(_BLOCK_BYTES))  # whole lines
        if not block.strip():
            raise DataError(f"{path} is empty.", "Give a file of texts.")
        if block.startswith(b"PAR1"):
            return "", ""
        text, described = _decoded_beginning(block, path, encoding)
        if encoding is None and described == "utf-8":
            described = _encoding_of_rest(stream, path)
            text = block.decode(described, "replace")
    return text, described


@contextmanager
def opened_lines(path: Path, encoding: str) -> Iterator[TextIOWrapper]:
    """The lines of a file, decompressed where it is gzipped.

    Raises:
        DataError: the file cannot be read, or is not in this encoding throughout.
    """
    with _readable(path) as (_, stream), _decoded(stream, path, encoding) as lines:
        yield lines


@contextmanager
def _decoded(stream: IO[bytes], path: Path, encoding: str) -> Iterator[TextIOWrapper]:
    with TextIOWrapper(cast(BufferedReader, stream), encoding=encoding) as lines:
        try:
            yield lines
        except UnicodeError:
            raise DataError(
                f"{path} is not {encoding} throughout.", "Choose another --encoding."
            ) from None


def layout_of_name(path: Path) -> LayoutName | None:
    """How a file of this name holds its rows, where the name tells."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _layout_name(path: Path, text_column: str | None) -> LayoutName:
    return layout_of_name(path) or ("lines" if text_column is None else "delimited")


def _decoded_beginning(block: bytes, path: Path, encoding: str | None) -> tuple[str, str]:
    """The first lines of a file as text, and their encoding."""
    marked = block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if encoding is None and marked:
        encoding = "utf-16"
    elif encoding is not None and encoding.lower() in ("utf-16", "utf_16", "utf16") and not marked:
        encoding = "utf-16-le"
    if encoding is not None and encoding.lower().replace("_", "-").startswith(_WIDE):
        # The block ends with the first byte of a line break, so that half a character is left.
        try:
            return codecs.getincrementaldecoder(encoding)("replace").decode(block), encoding
        except (LookupError, UnicodeError) as error:
            raise DataError(
                f"{path} cannot be read with the encoding {encoding!r}: {error}.",
                "Examples: utf-8, utf-16, gb18030.",
            ) from None
    found = decode(block, path, encoding)
    return found.text, found.encoding


def _encoding_of_rest(stream: IO[bytes], path: Path) -> str:
    """UTF-8 where the rest of the file is UTF-8 as well, else what its first other block is."""
    while block := b"".join(stream.readlines(_BLOCK_BYTES)):
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            # English lines among others would hide what the others are written in.
            telling = [line for line in block.split(b"\n") if not line.isascii()]
            return decode(b"\n".join(telling), path).encoding
    return "utf-8"


@contextmanager
def _readable(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file as it is on disk, and its content, decompressed where it is gzipped."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) if packed else path.open("rb") as stream:
                yield (raw if packed else cast(IO[bytes], stream)), cast(IO[bytes], stream)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Check the path.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError(
            f"{path} is a damaged gzip file.", "Download or compress it again."
        ) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
