"""N-grams by number: how they are named, counted and discounted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_USUAL_DISCOUNTS = (0.5, 1.0, 1.5)


@dataclass(frozen=True)
class NgramLevel:
    """All n-grams of one length.

    An n-gram is known by its key: the number of its first n - 1 ids in the level below, times
    the base, plus its last id. Keys grow at most to (n-grams below) * base, so that none
    overflows however long the n-grams are.

    Args:
        keys: [n-grams] int64, ascending; the place of a key is the number of its n-gram.
        counts: [n-grams] int64: occurrences at the highest level, different left neighbours
            below it.
        contexts: how many n-grams the level below has.
        base: vocabulary size plus one, for the boundary.
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]
    contexts: int
    base: int

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of n-grams, -1 for those that never occurred."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)

    @cached_property
    def of_contexts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The n-grams' own probabilities, and each context's weight for what is below.

        p(w | h) = max(c(h w) - D(c(h w)), 0) / c(h) + weight(h) * p(w | h without its first id)
        """
        discounts = np.array([0.0, *modified_discounts(self.counts)])
        taken = discounts[np.minimum(self.counts, 3)]
        contexts = self.keys // self.base
        totals = np.bincount(contexts, self.counts, minlength=self.contexts)
        given_back = np.bincount(contexts, taken, minlength=self.contexts)
        # A context that ends a document has no continuation: all weight goes below.
        weights = np.divide(given_back, totals, out=np.ones(self.contexts), where=totals > 0)
        return (self.counts - taken) / np.maximum(totals[contexts], 1.0), weights


def modified_discounts(counts: NDArray[np.int64]) -> tuple[float, float, float]:
    """What is taken from counts of one, of two, and of three or more.

    Y = n1 / (n1 + 2 n2); D_k = k - (k + 1) Y n_(k+1) / n_k (Chen and Goodman 1998, equation 26).
    Where counts of counts are too irregular for that, as those of characters are, 0.5, 1, 1.5.

    Args:
        counts: of all n-grams of one length.
    """
    found = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    if not found[1:5].all():
        return _USUAL_DISCOUNTS
    share = found[1] / (found[1] + 2 * found[2])
    first, second, third = (float(k - (k + 1) * share * found[k + 1] / found[k]) for k in (1, 2, 3))
    return (first, second, third) if min(first, second, third) > 0 else _USUAL_DISCOUNTS


def count_ngrams(
    tokens: NDArray[np.int64], order: int, boundary: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Counts the n-grams of each length; none has a boundary anywhere but at its beginning.

    Args:
        tokens: [tokens], ids with a boundary before each document.
        order: the longest n-gram.
        boundary: its id, which is also the vocabulary size.

    Returns:
        Keys and counts as an NgramLevel has them, shortest n-grams first; fewer lengths than
        asked for where every document is shorter.
    """
    at_start = tokens == boundary
    numbers = np.zeros(len(tokens), np.int64)  # of the n-gram that begins at each place
    begins = np.arange(len(tokens))
    levels: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for length in range(1, order + 1):
        begins = begins[begins + length <= len(tokens)]
        last = tokens[begins + length - 1]
        if length > 1:
            begins, last = begins[last != boundary], last[last != boundary]
        if len(begins) == 0:
            break
        keys, inverse, counts = _distinct(numbers[begins] * (boundary + 1) + last)
        if levels:
            below_keys, below_counts = levels[-1]
            kept = np.zeros(len(below_keys), np.bool_)
            if length > 2:  # a boundary alone is never predicted and counts for nothing
                kept[numbers[at_start & (numbers >= 0)]] = True
            one_place = np.empty(len(keys), np.int64)
            one_place[inverse] = begins
            # Each n-gram brings the one without its first id one more left neighbour.
            neighbours = np.bincount(numbers[one_place + 1], minlength=len(below_keys))
            levels[-1] = (below_keys, np.where(kept, below_counts, neighbours))
        levels.append((keys, np.where(keys == boundary, 0, counts) if length == 1 else counts))
        numbers = np.full(len(tokens), -1, np.int64)
        numbers[begins] = inverse
    return levels


def _distinct(
    keys: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct keys in order, which of them each key is, and how often each occurs.

    As numpy.unique does, but without its stable sort, which is slow with millions of keys.
    """
    order = np.argsort(keys)
    keys = keys[order]
    is_first = np.concatenate([[True], keys[1:] != keys[:-1]])
    inverse = np.empty(len(keys), np.int64)
    inverse[order] = np.cumsum(is_first) - 1
    first = np.flatnonzero(is_first)
    return keys[first], inverse, np.diff(first, append=len(keys))
