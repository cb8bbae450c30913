"""Finds which n-grams of a few short texts occur in one long text, for every n at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.integer[Any]]

_BLOCK = 1 << 20
_LEAST_DEPTH = 20
_TABLE_LEVELS = 8  # deeper down, few places are left, and tables would only take memory
_LARGEST_TABLE = 1 << 22


@dataclass(frozen=True)
class NgramNumbers:
    """How many n-grams of one size some texts have.

    Args:
        total: all of them.
        distinct: different ones.
        distinct_in_texts: different ones within each text, summed over the texts.
    """

    total: int
    distinct: int
    distinct_in_texts: int


@dataclass(frozen=True)
class Span:
    """A run of tokens of a text that stands in the long text."""

    length: int
    text: int
    start: int
    training_start: int


@dataclass(frozen=True)
class Matches:
    """What a search found.

    Args:
        matched: by size, n-grams that occur in the long text, and all n-grams.
        longest: the longest run that occurs there, one of them where several are equally long.
    """

    matched: dict[int, tuple[int, int]]
    longest: Span | None


@dataclass(frozen=True)
class _Level:
    """The different n-grams of the texts, of one size; each is a node of a trie.

    Args:
        size: n.
        keys: [nodes], ascending: node of the first n - 1 tokens * vocabulary + last token.
        begins: [n-grams], where each begins in the joined texts.
        nodes: [n-grams], the node of each.
        parents: how many nodes the level above has.
        vocabulary: ids of the texts.
    """

    size: int
    keys: NDArray[np.int64]
    begins: NDArray[np.int64]
    nodes: NDArray[np.int64]
    parents: int
    vocabulary: int

    @cached_property
    def table(self) -> NDArray[np.int32] | None:
        """Node by key, -1 where there is none; None where it would be too large."""
        if self.size > _TABLE_LEVELS or self.parents * self.vocabulary > _LARGEST_TABLE:
            return None
        table = np.full(self.parents * self.vocabulary, -1, np.int32)
        table[self.keys] = np.arange(len(self.keys))
        return table

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The node of each key, -1 where there is none."""
        if self.table is not None:
            return self.table[keys].astype(np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


class SampleTrie:
    """The n-grams of some texts, of every size.

    A long text is walked down the trie from all its places at once, token by token; places drop
    out where no text goes on like that. So every match is exact, and the work shrinks quickly
    with the size.

    Args:
        texts: [tokens] each.
    """

    def __init__(self, texts: Sequence[Ids]) -> None:
        lengths = np.array([len(text) for text in texts], np.int64)
        joined = np.concatenate([np.asarray(text, np.int64) for text in texts])
        # Ids by their rank: the tables are as narrow as these texts allow.
        self.ids, self.tokens = np.unique(joined, return_inverse=True)
        self.starts = np.cumsum(lengths) - lengths
        self.text = np.repeat(np.arange(len(lengths)), lengths)
        self.place = np.arange(len(joined)) - self.starts[self.text]
        self.left = lengths[self.text] - self.place  # tokens from here to the end of the text
        self._levels: list[_Level] = []

    def level(self, size: int) -> _Level | None:
        """The n-grams of a size; None where every text is shorter."""
        while len(self._levels) < size:
            length = len(self._levels) + 1
            begins = np.flatnonzero(self.left >= length)
            if len(begins) == 0:
                return None
            nodes = np.zeros(len(self.tokens), np.int64)
            if self._levels:
                nodes[self._levels[-1].begins] = self._levels[-1].nodes
            keys, inverse = np.unique(
                nodes[begins] * len(self.ids) + self.tokens[begins + length - 1],
                return_inverse=True,
            )
            parents = len(self._levels[-1].keys) if self._levels else 1
            self._levels.append(_Level(length, keys, begins, inverse, parents, len(self.ids)))
        return self._levels[size - 1]

    def ngrams(self, size: int) -> NgramNumbers:
        """How many n-grams of a size there are."""
        level = self.level(size)
        if level is None:
            return NgramNumbers(0, 0, 0)
        in_texts = np.unique(self.text[level.begins] * len(level.keys) + level.nodes)
        return NgramNumbers(len(level.begins), len(level.keys), len(in_texts))

    def search(self, training: Ids, sizes: Sequence[int]) -> Matches:
        """Looks for all n-grams in a long text.

        Args:
            training: [tokens].
            sizes: to count matches of; those that no text has are left out.
        """
        levels = {size: level for size in sizes if (level := self.level(size)) is not None}
        seen = {size: np.zeros(len(level.keys), np.bool_) for size, level in levels.items()}
        depth = max(_LEAST_DEPTH, *sizes)
        longest: Span | None = None
        ranks = self._ranks(training)
        for first in range(0, len(ranks), _BLOCK):
            longest = self._walk(ranks, first, depth, seen, longest)
        matched = {
            size: (int(seen[size][level.nodes].sum()), len(level.begins))
            for size, level in levels.items()
        }
        return Matches(matched, longest)

    def _ranks(self, training: Ids) -> NDArray[np.int32]:
        """The training tokens by their rank among the texts' ids; -1 for others."""
        ranks = np.full(int(max(training.max(initial=0), self.ids[-1])) + 1, -1, np.int32)
        ranks[self.ids] = np.arange(len(self.ids))
        return ranks[training]

    def _walk(
        self,
        ranks: NDArray[np.int32],
        first: int,
        depth: int,
        seen: dict[int, NDArray[np.bool_]],
        longest: Span | None,
    ) -> Span | None:
        """Follows the trie from a block of places and marks the nodes met.

        Args:
            ranks: of the whole training text.
            first: place of the block.
            depth: the deepest level; from there on, single runs are followed.
            seen: by size, which nodes were met.
            longest: the longest run so far.

        Returns:
            The longest run, this block included.
        """
        places = np.arange(first, min(first + _BLOCK, len(ranks)))
        nodes = np.zeros(len(places), np.int64)
        last_level: _Level | None = None
        for size in range(1, depth + 1):
            level = self.level(size)
            inside = places[: np.searchsorted(places, len(ranks) - size + 1)]
            if level is None or len(inside) == 0:
                break
            last = ranks[inside + size - 1]
            children = level.find(nodes[: len(inside)] * level.vocabulary + last)
            alive = (children >= 0) & (last >= 0)
            if not alive.any():
                break
            places, nodes, last_level = inside[alive], children[alive], level
            if size in seen:
                seen[size][nodes] = True
        if last_level is None:
            return longest
        if longest is None or last_level.size > longest.length:
            begin = int(last_level.begins[np.argmax(last_level.nodes == nodes[0])])
            longest = self._span(last_level.size, begin, int(places[0]))
        if last_level.size < depth:
            return longest
        return self._extend(ranks, places, nodes, last_level, longest)

    def _extend(
        self,
        ranks: NDArray[np.int32],
        places: NDArray[np.int64],
        nodes: NDArray[np.int64],
        level: _Level,
        longest: Span,
    ) -> Span:
        """Follows matches beyond a level, each from where it begins; gives the longest run."""
        order = np.argsort(nodes, kind="stable")
        places, nodes = places[order], nodes[order]
        lows = np.searchsorted(nodes, level.nodes, side="left")
        highs = np.searchsorted(nodes, level.nodes, side="right")
        for begin, low, high in zip(level.begins, lows, highs, strict=True):
            if low == high or self.left[begin] <= longest.length:
                continue
            at = places[low:high]
            if self.place[begin] > 0:  # a match that goes on to the left was followed from there
                at = at[(at == 0) | (ranks[at - 1] != self.tokens[begin - 1])]
            size = level.size
            while size < self.left[begin]:
                inside = at[at + size < len(ranks)]
                longer = inside[ranks[inside + size] == self.tokens[begin + size]]
                if len(longer) == 0:
                    break
                at, size = longer, size + 1
            if len(at) and size > longest.length:
                longest = self._span(size, int(begin), int(at[0]))
        return longest

    def _span(self, length: int, begin: int, training_start: int) -> Span:
        return Span(length, int(self.text[begin]), int(self.place[begin]), training_start)
