"""The baseline that stands beside every language model: counted n-grams, smoothed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import DataError, ModelDirectoryError, OptionError
from rnn_toolkit.evaluation.ngrams import NgramLevel, count_ngrams

Ids = NDArray[np.integer[Any]]

_ORDERS = {"char": 7, "subword": 5, "word": 5, "whitespace": 5}


def default_order(kind: str) -> int:
    """How many ids an n-gram of a tokenizer kind should have.

    Args:
        kind: "char", "subword", "word" or "whitespace".

    Raises:
        OptionError: there is no such kind.
    """
    if kind not in _ORDERS:
        raise OptionError(
            f"There is no tokenizer kind {kind!r}.", f"Choose from: {', '.join(_ORDERS)}."
        )
    return _ORDERS[kind]


class KneserNey:
    """Interpolated n-gram model with modified Kneser-Ney smoothing (Chen and Goodman 1998).

    Make one with `fit`. Every document begins with an invisible boundary, which is context but
    never predicted; n-grams that begin with it keep their true counts, since nothing can stand
    before them.

    Args:
        levels: keys and counts of the n-grams of each length, shortest first.
        vocabulary_size: how many ids there are.
    """

    def __init__(
        self,
        levels: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
        *,
        vocabulary_size: int,
    ) -> None:
        sizes = [1, *(len(keys) for keys, _ in levels)]
        self.vocabulary_size = vocabulary_size
        self._levels = [
            NgramLevel(keys, counts, below, vocabulary_size + 1)
            for (keys, counts), below in zip(levels, sizes, strict=False)
        ]

    @property
    def order(self) -> int:
        """Ids of the longest n-grams."""
        return len(self._levels)

    @property
    def name(self) -> str:
        """What to call it in a table."""
        return "unigram frequencies" if self.order == 1 else f"Kneser-Ney {self.order}-gram"

    @property
    def ngrams(self) -> int:
        """How many different n-grams are stored, all lengths together."""
        return sum(len(level.keys) for level in self._levels)

    @classmethod
    def fit(
        cls,
        ids: Ids,
        *,
        order: int,
        vocabulary_size: int,
        starts: NDArray[np.bool_] | None = None,
    ) -> KneserNey:
        """Counts the n-grams of a training text.

        Args:
            ids: [tokens], one stream, or documents one after the other with their end marks.
            order: the longest n-gram.
            vocabulary_size: how many ids there are.
            starts: [tokens], True at the first id of each document; no n-gram crosses into
                one. None for one stream.

        Raises:
            OptionError: the order is below 1, or an argument has the wrong shape or range.
            DataError: there are no ids.
        """
        if order < 1:
            raise OptionError(f"The order of n-grams must be at least 1, not {order}.")
        if len(ids) == 0:
            raise DataError("There are no ids to count n-grams in.", "Give a longer text.")
        if starts is None:
            starts = np.zeros(len(ids), np.bool_)
            starts[0] = True
        tokens, _ = _with_boundaries(_checked(ids, vocabulary_size), starts, vocabulary_size)
        return cls(count_ngrams(tokens, order, vocabulary_size), vocabulary_size=vocabulary_size)

    def log_probabilities(
        self, ids: Ids, *, starts: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """The logarithm of the probability of every id, given up to order - 1 before it.

        Args:
            ids: [tokens].
            starts: [tokens], True at the first id of each document, before which nothing is
                looked at. None for a piece of one stream, whose first id has no context.

        Returns:
            Array [tokens], in nats; over the vocabulary, probabilities sum to 1.

        Raises:
            OptionError: an argument has the wrong shape or range.
        """
        tokens = _checked(ids, self.vocabulary_size)
        places = np.arange(len(tokens))
        if starts is not None:
            tokens, places = _with_boundaries(tokens, starts, self.vocabulary_size)
        probabilities = np.full(len(tokens), 1 / self.vocabulary_size)
        contexts = np.zeros(len(tokens), np.int64)  # numbers of the contexts that begin here
        for length, level in enumerate(self._levels, start=1):
            if length > len(tokens):
                break
            contexts = contexts[: len(tokens) - length + 1]
            last = tokens[length - 1 :]
            found = level.find(np.where(contexts < 0, -1, contexts * level.base + last))
            own, weights = level.of_contexts
            interpolated = weights[contexts] * probabilities[length - 1 :]
            interpolated += np.where(found < 0, 0.0, own[found])
            probabilities[length - 1 :] = np.where(
                contexts < 0, probabilities[length - 1 :], interpolated
            )
            contexts = found
        return np.log(probabilities[places])

    def save(self, path: Path) -> None:
        """Writes one .npz file; keys as their differences, which compress well."""
        arrays: dict[str, Any] = {"vocabulary_size": np.array(self.vocabulary_size)}
        for length, level in enumerate(self._levels, start=1):
            arrays[f"keys_{length}"] = _narrow(np.diff(level.keys, prepend=0))
            arrays[f"counts_{length}"] = _narrow(level.counts)
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> KneserNey:
        """Reads what `save` wrote.

        Raises:
            ModelDirectoryError: the file is missing or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                order = (len(stored.files) - 1) // 2
                levels = [
                    (
                        np.cumsum(stored[f"keys_{length}"], dtype=np.int64),
                        stored[f"counts_{length}"].astype(np.int64),
                    )
                    for length in range(1, order + 1)
                ]
                return cls(levels, vocabulary_size=int(stored["vocabulary_size"]))
        except (OSError, KeyError, ValueError, BadZipFile, zlib.error):
            raise ModelDirectoryError(
                f"{path} is missing or damaged.", "Train the model again."
            ) from None


def _with_boundaries(
    ids: NDArray[np.int64], starts: NDArray[np.bool_], boundary: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ids with a boundary before each document, and the new place of each id."""
    if starts.shape != ids.shape:
        raise OptionError(
            f"starts must have one value per id: {ids.shape} expected, {starts.shape} found."
        )
    places = np.arange(len(ids)) + np.cumsum(starts)
    tokens = np.full(len(ids) + int(starts.sum()), boundary, np.int64)
    tokens[places] = ids
    return tokens, places


def _checked(ids: Ids, vocabulary_size: int) -> NDArray[np.int64]:
    if ids.ndim != 1:
        raise OptionError(f"ids must be a one-dimensional array, not of shape {ids.shape}.")
    if len(ids) and not (ids.min() >= 0 and ids.max() < vocabulary_size):
        raise OptionError(
            f"ids must lie between 0 and {vocabulary_size - 1}; found {ids.min()} to {ids.max()}."
        )
    return ids.astype(np.int64)


def _narrow(values: NDArray[np.int64]) -> NDArray[Any]:
    """The same values in the smallest unsigned type that holds them."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
