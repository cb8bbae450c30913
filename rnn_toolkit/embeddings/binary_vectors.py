"""Rows of word2vec's binary format: a word, a space, and 32-bit little-endian numbers.

Some writers end each row with a newline and some do not; both are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.formats import VectorFormat
from rnn_toolkit.embeddings.problems import Problem, RowProblems
from rnn_toolkit.embeddings.rows import Matrix, RowBlock, as_utf8
from rnn_toolkit.errors import DataError

_BLOCK_BYTES = 1 << 20
_LONGEST_WORD = 1 << 16
_NUMBER = np.dtype("<f4")


@dataclass(frozen=True)
class BinaryBlock:
    """Rows of a binary file: `begins` tells where the numbers of each begin in `content`."""

    words: list[bytes]
    places: list[int]
    content: bytes
    begins: list[int]
    dimensions: int

    def numbers(self, positions: Sequence[int]) -> tuple[Matrix, NDArray[np.bool_]]:
        """See RowBlock.numbers."""
        length = self.dimensions * _NUMBER.itemsize
        begins = [self.begins[row] for row in positions]
        joined = b"".join([self.content[begin : begin + length] for begin in begins])
        matrix = np.frombuffer(joined, _NUMBER).reshape(len(begins), self.dimensions)
        return matrix.astype(np.float32, copy=False), np.ones(len(begins), bool)


def binary_blocks(
    head: bytes,
    stream: IO[bytes],
    layout: VectorFormat,
    path: Path,
    problems: RowProblems,
    notes: list[str],
) -> Iterator[RowBlock]:
    """The rows of a binary file, as many as its header announces.

    Args:
        head: what was read of the stream already, from the beginning of the file.
        stream: the rest.
        layout: the format.
        path: named in messages.
        problems: where rows without a word are counted.
        notes: gets a sentence where something follows the last row.

    Yields:
        Blocks of rows, in the order of the file.

    Raises:
        DataError: the file ends within a row or is not in this format.
    """
    declared = layout.declared or 0
    content, row = head[layout.header_bytes :], 0
    while True:
        words, begins, used = _rows(content, layout.dimensions, declared - row)
        yield _block(words, begins, row + 1, content, layout.dimensions, problems)
        row += len(words)
        content = content[used:]
        if row == declared:
            break
        if len(content) > _LONGEST_WORD and content.find(b" ", 0, _LONGEST_WORD) < 0:
            raise DataError(
                f"{path}, row {row + 1:,}: no word was found in {_LONGEST_WORD:,} bytes.",
                "The file is damaged, or is not in word2vec's binary format.",
            )
        more = stream.read(_BLOCK_BYTES)
        if not more:
            raise DataError(
                f"{path} is cut short: its header announces {declared:,} words of "
                f"{layout.dimensions} numbers and it ends after {row:,}.",
                "Download it again.",
            )
        content += more
    if content.strip(b"\n") or stream.read(1):
        notes.append(f"What follows the {declared:,} words of the header was ignored.")


def _block(
    words: list[bytes],
    begins: list[int],
    first_row: int,
    content: bytes,
    dimensions: int,
    problems: RowProblems,
) -> BinaryBlock:
    places = list(range(first_row, first_row + len(words)))
    if not all(words):
        for word, place in zip(words, places, strict=True):
            if not word:
                problems.add(Problem.WIDTH, place)
        kept = [position for position, word in enumerate(words) if word]
        words = [words[position] for position in kept]
        begins = [begins[position] for position in kept]
        places = [places[position] for position in kept]
    return BinaryBlock(as_utf8(words, places, problems), places, content, begins, dimensions)


def _rows(content: bytes, dimensions: int, most: int) -> tuple[list[bytes], list[int], int]:
    """The words of the whole rows in `content`, where their numbers begin, the bytes used."""
    length = dimensions * _NUMBER.itemsize
    words: list[bytes] = []
    begins: list[int] = []
    used = 0
    for _ in range(most):
        begin = content.find(b" ", used, used + _LONGEST_WORD) + 1
        if not begin or begin + length > len(content):
            break
        words.append(content[used : begin - 1].lstrip(b"\n"))
        begins.append(begin)
        used = begin + length
    return words, begins, used
