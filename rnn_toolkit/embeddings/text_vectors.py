"""Rows of text vectors (GloVe, word2vec text, fastText .vec), block by block.

A block of lines is checked with a few passes over its bytes; Python looks only at the first
field of each line, and numbers are read only for the rows that are asked for. A row that
nobody asks for is therefore checked for its number of fields alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.formats import VectorFormat, is_number
from rnn_toolkit.embeddings.problems import Problem, RowProblems
from rnn_toolkit.embeddings.rows import Matrix, RowBlock, as_utf8
from rnn_toolkit.errors import DataError

BLOCK_BYTES = 1 << 19  # small enough that each pass over a block finds it in the cache
_LONGEST_LINE = 1 << 24
_LINE_FEED, _CARRIAGE_RETURN = 10, 13


@dataclass(frozen=True)
class TextBlock:
    """Lines of text: `begins` and `ends` bound the numbers of each row within `content`."""

    words: list[bytes]
    places: list[int]
    content: bytes
    begins: list[int]
    ends: list[int]
    dimensions: int

    def numbers(self, positions: Sequence[int]) -> tuple[Matrix, NDArray[np.bool_]]:
        """See RowBlock.numbers."""
        fields = [self.content[self.begins[row] : self.ends[row]] for row in positions]
        if fields and all(field.strip() for field in fields):  # an empty one would be passed over
            try:
                matrix = np.loadtxt(fields, np.float32, comments=None, ndmin=2, encoding="latin-1")
            except ValueError:  # one row or more is malformed: find out which
                pass
            else:
                if matrix.shape == (len(fields), self.dimensions):
                    return matrix, np.ones(len(fields), bool)
        return self._row_by_row(fields)

    def _row_by_row(self, fields: list[bytes]) -> tuple[Matrix, NDArray[np.bool_]]:
        matrix = np.zeros((len(fields), self.dimensions), np.float32)
        readable = np.zeros(len(fields), bool)
        for row, field in enumerate(fields):
            numbers = field.split()
            if len(numbers) == self.dimensions and all(map(is_number, numbers)):
                with np.errstate(over="ignore"):  # too large becomes infinite, which is counted
                    matrix[row] = np.array([float(number) for number in numbers])
                readable[row] = True
        return matrix, readable


def text_blocks(
    head: bytes, stream: IO[bytes], layout: VectorFormat, path: Path, problems: RowProblems
) -> Iterator[RowBlock]:
    """The rows of a text file.

    Args:
        head: what was read of the stream already, from the beginning of the file.
        stream: the rest.
        layout: the format.
        path: named in messages.
        problems: where malformed rows are counted.

    Yields:
        Blocks of well-formed rows, in the order of the file.

    Raises:
        DataError: a line is longer than a row can be.
    """
    line = 1 + layout.header_lines
    for content in _line_blocks(head[layout.header_bytes :], stream, path):
        block, lines = _block(content, line, layout, problems)
        line += lines
        yield block


def _line_blocks(beginning: bytes, stream: IO[bytes], path: Path) -> Iterator[bytes]:
    """Whole lines, about BLOCK_BYTES of them at a time; the last one always ends."""
    held, more = b"", beginning
    while more:
        cut = more.rfind(b"\n") + 1
        if cut:
            yield b"".join((held, memoryview(more)[:cut]))
            held = more[cut:]
        else:
            held += more
        if len(held) > _LONGEST_LINE:
            raise DataError(
                f"{path} has a line of more than {_LONGEST_LINE:,} bytes.",
                "A row of word vectors is far shorter; check that it is the right file.",
            )
        more = stream.read(BLOCK_BYTES)
    if held:
        yield held + b"\n"


def _block(
    content: bytes, first_line: int, layout: VectorFormat, problems: RowProblems
) -> tuple[TextBlock, int]:
    """The well-formed rows of some whole lines, and the number of lines."""
    characters = np.frombuffer(content, np.uint8)
    breaks = np.flatnonzero(characters == _LINE_FEED)
    starts = np.concatenate([[0], breaks[:-1] + 1])
    ends = breaks - (characters[breaks - 1] == _CARRIAGE_RETURN)
    regular = _regular_lines(characters, starts, ends, layout)
    separator = layout.separator
    begins = [content.find(separator, start) for start in starts.tolist()]
    for position in np.flatnonzero(~regular).tolist():
        start, end = int(starts[position]), int(ends[position])
        begins[position] = _end_of_word(content, start, end, layout.dimensions)
        if begins[position] < 0 and content[start:end].strip():
            problems.add(Problem.WIDTH, first_line + position)
    firsts, lasts = starts.tolist(), ends.tolist()
    places = list(range(first_line, first_line + len(firsts)))
    if min(begins) < 0:  # blank and malformed lines are left out
        kept = [position for position, begin in enumerate(begins) if begin >= 0]
        firsts, lasts, begins, places = (
            [part[row] for row in kept] for part in (firsts, lasts, begins, places)
        )
    words = [content[first:begin] for first, begin in zip(firsts, begins, strict=True)]
    words = as_utf8(words, places, problems)
    return TextBlock(words, places, content, begins, lasts, layout.dimensions), len(breaks)


def _regular_lines(
    characters: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    layout: VectorFormat,
) -> NDArray[np.bool_]:
    """Which lines have a word, then one separator before each number (and perhaps a last one)."""
    separator = layout.separator[0]
    separators = np.add.reduceat((characters == separator).view(np.int8), starts, dtype=np.int32)
    trailing = characters[ends - 1] == separator
    regular: NDArray[np.bool_] = (separators - trailing == layout.dimensions) & (
        characters[starts] != separator
    )
    return regular


def _end_of_word(content: bytes, start: int, end: int, dimensions: int) -> int:
    """Where the word of an irregular line ends; -1 where the line is blank or malformed.

    The last fields are the numbers and what stands before them is the word, spaces and all.
    A word whose last part is a number cannot be told from a row with too many numbers.
    """
    fields = content[start:end].rsplit(None, dimensions)
    if len(fields) != dimensions + 1 or not all(map(is_number, fields[1:])):
        return -1
    word = fields[0]
    parts = word.split()
    if not parts or not word.startswith(parts[0]) or (len(parts) > 1 and is_number(parts[-1])):
        return -1
    return start + len(word)
