"""GloVe: word vectors whose products tell how often two words stand near each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

# Words whose neighbours are counted at once; bounds the memory of counting.
_CHUNK_WORDS = 400_000
# Groups that the vocabulary is cut into: each vector is adjusted so often in an epoch.
_GROUPS = 32
_SMALLEST_GROUP = 16
_WEIGHT_EXPONENT = 0.75

Progress = Callable[[int, int], None]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Block:
    """The counts between one group of words and one group of contexts, in compressed rows."""

    rows: slice
    columns: slice
    row_of: NDArray[np.int32]
    column_of: NDArray[np.int32]
    row_starts: NDArray[np.int32]
    shape: tuple[int, int]
    logarithms: Floats
    weights: Floats


def count_cooccurrences(
    rows: Iterable[NDArray[np.int32]], *, vocabulary_size: int, window: int
) -> sparse.csr_matrix:
    """How often words stand near each other, a pair k words apart counting 1 / k.

    Args:
        rows: ids per text; pairs never cross texts.
        vocabulary_size: ids are below it.
        window: the largest distance of a pair.

    Returns:
        Symmetric counts [vocabulary_size, vocabulary_size], float32.
    """
    # Sums of similar size are merged, so that the large one is seldom copied.
    sums: list[sparse.csr_matrix] = [sparse.csr_matrix((vocabulary_size,) * 2, dtype=np.float32)]
    chunk: list[NDArray[np.int32]] = []
    words = 0

    def count() -> None:
        sums.append(_count_chunk(chunk, vocabulary_size, window))
        while len(sums) > 1 and sums[-2].nnz <= 2 * sums[-1].nnz:
            sums[-2:] = [sums[-2] + sums[-1]]

    for row in rows:
        chunk.append(row)
        words += len(row)
        if words >= _CHUNK_WORDS:
            count()
            chunk, words = [], 0
    if chunk:
        count()
    upper = sums[0]
    for part in sums[1:]:
        upper = upper + part
    return (upper + upper.T).tocsr()


def _count_chunk(
    rows: list[NDArray[np.int32]], vocabulary_size: int, window: int
) -> sparse.csr_matrix:
    ids = np.concatenate(rows)
    text = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
    lower, higher, counts = [], [], []
    for distance in range(1, min(window, len(ids) - 1) + 1):
        together = text[distance:] == text[:-distance]
        left, right = ids[:-distance][together], ids[distance:][together]
        # A pair and its mirror are one: half the memory until the end.
        lower.append(np.minimum(left, right))
        higher.append(np.maximum(left, right))
        counts.append(np.full(len(left), 1 / distance, np.float32))
    if not counts:
        return sparse.csr_matrix((vocabulary_size,) * 2, dtype=np.float32)
    pairs = (np.concatenate(lower), np.concatenate(higher))
    return sparse.coo_matrix((np.concatenate(counts), pairs), shape=(vocabulary_size,) * 2).tocsr()


def fit_global_vectors(
    counts: sparse.csr_matrix,
    *,
    size: int,
    epochs: int,
    learning_rate: float,
    full_weight_count: float,
    seed: int,
    progress: Progress,
) -> Floats:
    """Fits w_i . c_j + a_i + b_j to log x_ij by weighted least squares with AdaGrad.

    Pennington, Socher and Manning 2014, "GloVe: Global Vectors for Word Representation". Here
    a step takes all counts between a group of words and a group of contexts rather than one
    count, and biases begin at their values for independent words.

    Args:
        counts: x, symmetric [vocabulary_size, vocabulary_size].
        size: dimensions of a vector.
        epochs: passes over the counts.
        learning_rate: of AdaGrad.
        full_weight_count: the count from which a pair has full weight.
        seed: of the first vectors, the groups and the order of steps.
        progress: told of steps made and steps in all; may raise to end the fit.

    Returns:
        w + c, float32 [vocabulary_size, size].
    """
    generator = np.random.default_rng(seed)
    vocabulary_size = counts.shape[0]
    order = generator.permutation(vocabulary_size)
    counts = counts[order][:, order].tocsr()
    words, contexts = _Side(counts, size, generator), _Side(counts, size, generator)
    blocks = _blocks(counts, full_weight_count)
    for epoch in range(epochs):
        for step, place in enumerate(generator.permutation(len(blocks))):
            _adjust(blocks[place], words, contexts, learning_rate)
            progress(epoch * len(blocks) + step + 1, epochs * len(blocks))
    vectors = np.empty((vocabulary_size, size), np.float32)
    vectors[order] = words.vectors + contexts.vectors
    return vectors


class _Side:
    """Vectors and biases of words or of contexts, with their sums of squared gradients."""

    def __init__(self, counts: sparse.csr_matrix, size: int, generator: Any) -> None:
        totals = np.asarray(counts.sum(axis=1), np.float64).ravel()
        bias = np.log(np.maximum(totals, 1e-3)) - 0.5 * np.log(max(totals.sum(), 1e-3))
        self.vectors = ((generator.random((len(totals), size)) - 0.5) / size).astype(np.float32)
        self.bias: Floats = bias.astype(np.float32)
        self._vector_squares = np.ones_like(self.vectors)
        self._bias_squares = np.ones_like(self.bias)

    def descend(self, rows: slice, vectors: Floats, bias: Floats, learning_rate: float) -> None:
        """One AdaGrad step of the given gradients."""
        for value, squares, gradient in (
            (self.vectors[rows], self._vector_squares[rows], vectors),
            (self.bias[rows], self._bias_squares[rows], bias),
        ):
            squares += gradient * gradient
            value -= learning_rate * gradient / np.sqrt(squares)


def _blocks(counts: sparse.csr_matrix, full_weight_count: float) -> list[_Block]:
    vocabulary_size = counts.shape[0]
    groups = max(1, min(_GROUPS, vocabulary_size // _SMALLEST_GROUP))
    edges = np.linspace(0, vocabulary_size, groups + 1).astype(int)
    slices = [slice(int(first), int(last)) for first, last in pairwise(edges)]
    blocks = []
    for rows in slices:
        band = counts[rows].tocsc()
        for columns in slices:
            part = band[:, columns].tocsr()
            if part.nnz:
                blocks.append(_block(part, rows, columns, full_weight_count))
    return blocks


def _block(
    counts: sparse.csr_matrix, rows: slice, columns: slice, full_weight_count: float
) -> _Block:
    weights = np.minimum(counts.data / full_weight_count, 1) ** _WEIGHT_EXPONENT
    return _Block(
        rows,
        columns,
        np.repeat(np.arange(counts.shape[0], dtype=np.int32), np.diff(counts.indptr)),
        counts.indices,
        counts.indptr,
        counts.shape,
        np.log(counts.data),
        weights.astype(np.float32),
    )


def _adjust(block: _Block, words: _Side, contexts: _Side, learning_rate: float) -> None:
    word, context = words.vectors[block.rows], contexts.vectors[block.columns]
    fitted = np.einsum("ij,ij->i", word[block.row_of], context[block.column_of])
    fitted += words.bias[block.rows][block.row_of]
    fitted += contexts.bias[block.columns][block.column_of]
    # The gradient of half the weighted square with respect to what was fitted.
    slopes = block.weights * (fitted - block.logarithms)
    errors = sparse.csr_matrix((slopes, block.column_of, block.row_starts), shape=block.shape)
    for_words, for_contexts = errors @ context, errors.T @ word
    word_bias = np.asarray(errors.sum(axis=1), np.float32).ravel()
    context_bias = np.asarray(errors.sum(axis=0), np.float32).ravel()
    words.descend(block.rows, for_words, word_bias, learning_rate)
    contexts.descend(block.columns, for_contexts, context_bias, learning_rate)
