"""Rows of a vector file as every format gives them: words at once, numbers on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.problems import Problem, RowProblems

Matrix = NDArray[np.float32]


class RowBlock(Protocol):
    """Some consecutive rows of a file.

    `words` are UTF-8 bytes; `places` are the line or row numbers, counted from one.
    """

    @property
    def words(self) -> list[bytes]:
        """The word of each row."""

    @property
    def places(self) -> Sequence[int]:
        """Where each row stands in the file."""

    def numbers(self, positions: Sequence[int]) -> tuple[Matrix, NDArray[np.bool_]]:
        """The numbers of some rows.

        Args:
            positions: which rows, as positions in `words`.

        Returns:
            The vectors, shape [positions, dimensions], and which of them could be read.
        """


@dataclass(frozen=True)
class MatrixBlock:
    """Rows that are in memory already."""

    words: list[bytes]
    places: Sequence[int]
    matrix: Matrix

    def numbers(self, positions: Sequence[int]) -> tuple[Matrix, NDArray[np.bool_]]:
        """See RowBlock.numbers."""
        return self.matrix[list(positions)], np.ones(len(positions), bool)


@dataclass(frozen=True)
class VectorRows:
    """An opened file: the blocks can be gone through once; `notes` grows on the way."""

    dimensions: int
    blocks: Iterator[RowBlock]
    problems: RowProblems
    notes: list[str]


def usable_rows(
    block: RowBlock, positions: Sequence[int], problems: RowProblems
) -> tuple[list[int], Matrix]:
    """The rows whose numbers are all there and finite; the others are counted.

    Args:
        block: the rows.
        positions: which of them.
        problems: where the others are counted.

    Returns:
        The positions that are usable, and their vectors, shape [usable, dimensions].
    """
    vectors, readable = block.numbers(positions)
    finite = np.isfinite(vectors).all(axis=1)
    usable = readable & finite
    if usable.all():
        return list(positions), vectors
    for place in np.flatnonzero(~usable).tolist():
        problem = Problem.NOT_FINITE if readable[place] else Problem.WIDTH
        problems.add(problem, block.places[positions[place]])
    kept = np.flatnonzero(usable)
    return [positions[place] for place in kept.tolist()], vectors[kept]


def as_utf8(words: list[bytes], places: Sequence[int], problems: RowProblems) -> list[bytes]:
    """Words as UTF-8, whatever they were written in.

    A word that is not UTF-8 is taken for Windows-1252, which is what such files usually are;
    the five bytes that Windows-1252 leaves open become the replacement character.

    Args:
        words: as they stand in the file.
        places: where each of them stands.
        problems: where words that are not UTF-8 are counted.
    """
    # A line break cannot be a part of a longer UTF-8 sequence, so all words are tried at once.
    if _is_utf8(b"\n".join(words)):
        return words
    found = list(words)
    for position, word in enumerate(words):
        if not _is_utf8(word):
            problems.add(Problem.ENCODING, places[position])
            found[position] = word.decode("cp1252", "replace").encode()
    return found


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
