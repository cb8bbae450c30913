"""Estimates the mean and the variance of a file's vectors from rows spread evenly over it."""

from __future__ import annotations

import numpy as np

from rnn_toolkit.embeddings.problems import RowProblems
from rnn_toolkit.embeddings.rows import Matrix, RowBlock, usable_rows

_LARGEST = 1024


class EvenSample:
    """Every n-th row of a file, n doubling whenever too many have been taken.

    Which rows are taken depends on the file alone, so that a vocabulary does not change the
    estimate, and frequent words (which come first) weigh no more than rare ones.

    Args:
        dimensions: of the vectors.
    """

    def __init__(self, dimensions: int) -> None:
        self._vectors: Matrix = np.zeros((0, dimensions), np.float32)
        self._stride = 1
        self._seen = 0

    def add(self, block: RowBlock) -> None:
        """Takes rows of the next block of the file."""
        count = len(block.words)
        positions = range(-self._seen % self._stride, count, self._stride)
        self._seen += count
        if positions:
            # What is wrong with a row is told where rows are read for their own sake.
            unheard = RowProblems(self._vectors.shape[1])
            _, vectors = usable_rows(block, positions, unheard)
            self._vectors = np.concatenate([self._vectors, vectors])
        while len(self._vectors) > _LARGEST:
            self._vectors = self._vectors[::2].copy()
            self._stride *= 2

    def __len__(self) -> int:
        """The number of rows in the sample."""
        return len(self._vectors)

    def draw(self, count: int, seed: int) -> Matrix:
        """Random vectors with the mean and variance of the sample in each dimension.

        Args:
            count: how many.
            seed: of the random numbers.

        Returns:
            Vectors of shape [count, dimensions].
        """
        mean = self._vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        deviation = self._vectors.std(axis=0, dtype=np.float64).astype(np.float32)
        shape = (count, self._vectors.shape[1])
        drawn = np.random.default_rng(seed).standard_normal(shape, np.float32)
        drawn *= deviation
        drawn += mean
        return drawn
