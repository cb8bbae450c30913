"""Holds out pairs that training has not seen, and tells where other pairs were seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.errors import DataError

_MOST_HELD_OUT = 2000
_LARGE_FAMILY = 100
_ENOUGH = 0.5


def sentence_keys(texts: Iterable[str]) -> list[str]:
    """What remains of texts without case and punctuation, to recognise a sentence by.

    Args:
        texts: any texts; one of nothing but punctuation is its own key.
    """
    listed = list(texts)
    present = set("".join(listed))
    punctuation = {ord(sign): " " for sign in present if unicodedata.category(sign)[0] == "P"}
    return [
        " ".join(text.translate(punctuation).split()).casefold() or text.strip() for text in listed
    ]


def split_pairs(
    pairs: ParallelText, share: float, seed: int, *, at_most: int = _MOST_HELD_OUT
) -> tuple[ParallelText, ParallelText]:
    """Divides pairs into training and held-out part so that the latter is really new.

    No source of the held-out part occurs in training as well; sentences that differ only in
    case or punctuation count as the same. Nor does any target, as long as that is possible:
    pairs with a common source or target, and those that hang together over several steps,
    stay together, and a family of more than 100 pairs, or of more than are to be held out,
    stays in training. Where targets recur so often (labels, yes and no) that this leaves less
    than half of the pairs to choose from, only sources keep pairs together; the notes of the
    held-out part say which it was.

    Args:
        pairs: all of them.
        share: of the pairs that is held out.
        seed: of the choice.
        at_most: pairs that are held out, however many there are; more only cost time.

    Returns:
        Training and held-out pairs, each in the order of the file.

    Raises:
        DataError: all pairs have the same source.
    """
    sources, targets = sentence_keys(pairs.sources), sentence_keys(pairs.targets)
    wanted = min(max(1, round(share * len(pairs))), at_most)
    largest = min(_LARGE_FAMILY, wanted)
    families = [rows for rows in _families(sources, targets) if len(rows) <= largest]
    new_targets = sum(map(len, families)) >= _ENOUGH * len(pairs) and len(families) > 1
    if not new_targets:
        families = list(_families(sources))
    if len(families) < 2:
        raise DataError(
            f"All {len(pairs):,} pairs of {pairs.name} have the same source; none can be held out.",
            "Give pairs with different sources, or a --validation file.",
        )
    held = _drawn(families, wanted, seed)
    chosen = set(held)
    training = pairs.subset(row for row in range(len(pairs)) if row not in chosen)
    held_out = pairs.subset(sorted(held))
    return training, replace(held_out, notes=[_promise(training, held_out, new_targets)])


def _promise(training: ParallelText, held_out: ParallelText, new_targets: bool) -> str:
    held = f"{len(held_out):,} pairs were held out; none of their sources"
    if new_targets:
        return f"{held} or targets occurs among the other {len(training):,} pairs."
    return (
        f"{held} occurs among the other {len(training):,} pairs, but their targets may: "
        "targets recur too often in this file."
    )


def _families(*sides: Sequence[str]) -> Iterator[list[int]]:
    """Rows that hang together by a common key on any side."""
    parents = list(range(len(sides[0])))

    def root(row: int) -> int:
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = parents[row]
        return row

    for keys in sides:
        first: dict[str, int] = {}
        for row, key in enumerate(keys):
            parents[root(row)] = root(first.setdefault(key, row))
    families: dict[int, list[int]] = {}
    for row in range(len(parents)):
        families.setdefault(root(row), []).append(row)
    yield from families.values()


def _drawn(families: list[list[int]], wanted: int, seed: int) -> list[int]:
    """About `wanted` rows, never more unless a single family has more; never all families."""
    order = np.random.default_rng(seed).permutation(len(families))[1:].tolist()
    held: list[int] = []
    for place in order:
        if len(held) + len(families[place]) <= wanted:
            held += families[place]
        if len(held) == wanted:
            break
    return held or min((families[place] for place in order), key=len)


@dataclass(frozen=True)
class LeakageReport:
    """How much of some pairs training has seen already.

    Args:
        name: of the pairs.
        pairs: how many there are.
        seen_sources: pairs whose source occurs in training.
        seen_pairs: pairs that occur in training with this very target.
        seen_targets: pairs whose target occurs in training.
    """

    name: str
    pairs: int
    seen_sources: int
    seen_pairs: int
    seen_targets: int

    def sentences(self) -> list[str]:
        """What to think of a score on these pairs."""
        if not self.seen_sources:
            return [f"No source of {self.name} occurs in training."]
        plural = self.seen_sources != 1
        return [
            f"{self.seen_sources:,} of the {self.pairs:,} sources of {self.name} "
            f"{'occur' if plural else 'occurs'} in training too, {self.seen_pairs:,} of them with "
            "the same target (case and punctuation aside): scores on them are flattering."
        ]


def leakage(training: ParallelText, other: ParallelText) -> LeakageReport:
    """Counts the pairs of another file or split that training has seen, in whole or in part.

    Args:
        training: what is learnt from.
        other: what is to be judged on.
    """
    sources, targets = sentence_keys(training.sources), sentence_keys(training.targets)
    known = set(zip(sources, targets, strict=True))
    known_sources, known_targets = set(sources), set(targets)
    pairs = list(zip(sentence_keys(other.sources), sentence_keys(other.targets), strict=True))
    return LeakageReport(
        other.name,
        len(pairs),
        seen_sources=sum(source in known_sources for source, _ in pairs),
        seen_pairs=sum(pair in known for pair in pairs),
        seen_targets=sum(target in known_targets for _, target in pairs),
    )
