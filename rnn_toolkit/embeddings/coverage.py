"""How much of a vocabulary, and of the text it was made from, a file of vectors covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MISSES_NAMED = 20


@dataclass(frozen=True)
class CoverageReport:
    """What a file of vectors knows of a vocabulary; the padding entry does not count.

    Of `types` words `found` are in the file, `other_case` of them only in another case, and
    `composed` more are the mean of their pieces. Those words occur `tokens` times in the text,
    the found ones `tokens_found` times; both are None without counts. `misses` are the most
    frequent words that are neither found nor composed, with their counts (0 where unknown).
    """

    types: int
    found: int
    other_case: int
    composed: int
    tokens: int | None
    tokens_found: int | None
    misses: tuple[tuple[str, int], ...]

    @property
    def type_share(self) -> float:
        """The share of the words that is found, from 0 to 1."""
        return self.found / self.types if self.types else 0.0

    @property
    def token_share(self) -> float | None:
        """The share of the running words that is found, from 0 to 1; None without counts."""
        if self.tokens is None or self.tokens_found is None:
            return None
        return self.tokens_found / self.tokens if self.tokens else 0.0

    def sentence(self) -> str:
        """The report in words."""
        parts = [f"{self.found:,} of {self.types:,} words have vectors ({self.type_share:.1%})"]
        if self.other_case:
            parts.append(f"{self.other_case:,} of them in another case")
        if self.composed:
            parts.append(f"{self.composed:,} more are composed of their pieces")
        if self.token_share is not None:
            parts.append(f"{self.token_share:.1%} of the running words are covered")
        missed = f" Most frequent misses: {', '.join(w for w, _ in self.misses)}."
        return ", ".join(parts) + "." + (missed if self.misses else "")


def report_coverage(
    vocabulary: Sequence[str],
    found: NDArray[np.bool_],
    other_case: int,
    composed: NDArray[np.bool_],
    counts: Mapping[str, int] | None,
) -> CoverageReport:
    """Counts what was found.

    Args:
        vocabulary: the words; the first one is padding.
        found: which of them are in the file, shape [vocabulary].
        other_case: how many of those only in another case.
        composed: which of the others are made of their pieces, shape [vocabulary].
        counts: how often each word occurs in the text, where that is known.

    Returns:
        The report; misses are ordered by count, then as in the vocabulary.
    """
    frequency = counts or {}
    missed = [
        vocabulary[index] for index in np.flatnonzero(~(found | composed)).tolist() if index > 0
    ]
    missed.sort(key=lambda word: -frequency.get(word, 0))
    tokens = tokens_found = None
    if counts is not None:
        words = set(vocabulary[1:])
        known = {vocabulary[index] for index in np.flatnonzero(found).tolist()}
        tokens = sum(count for word, count in counts.items() if word in words)
        tokens_found = sum(count for word, count in counts.items() if word in known)
    return CoverageReport(
        types=len(vocabulary) - 1,
        found=int(found.sum()),
        other_case=other_case,
        composed=int(composed.sum()),
        tokens=tokens,
        tokens_found=tokens_found,
        misses=tuple((word, frequency.get(word, 0)) for word in missed[:_MISSES_NAMED]),
    )
