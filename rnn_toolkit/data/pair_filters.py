"""Leaves out pairs that teach nothing: too long, out of proportion, or repeated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rnn_toolkit.config import PairsConfig
from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.errors import DataError

_SHORT = 20  # characters up to which any proportion is plausible ("Hi." and "Good morning.")


@dataclass(frozen=True)
class FilterReport:
    """What the filters left out.

    Args:
        read: pairs that were looked at.
        kept: pairs that remain.
        too_long: pairs of which a side has more than `maximum_characters`.
        out_of_proportion: pairs whose lengths differ by far more than is usual.
        duplicates: pairs that repeat an earlier one.
        usual_ratio: median of target length / source length, in characters.
        maximum_characters: the limit that applied.
        maximum_ratio: the limit that applied, as a multiple of what is usual.
    """

    read: int
    kept: int
    too_long: int
    out_of_proportion: int
    duplicates: int
    usual_ratio: float
    maximum_characters: int
    maximum_ratio: float

    def sentences(self) -> list[str]:
        """A sentence for each reason that left something out; none when all pairs remain."""
        reasons = (
            (self.too_long, f"with a side of more than {self.maximum_characters:,} characters"),
            (
                self.out_of_proportion,
                f"whose lengths are more than {self.maximum_ratio:g} times out of the usual "
                f"proportion (target / source {self.usual_ratio:.2f} in characters)",
            ),
            (self.duplicates, "that repeat an earlier pair"),
        )
        return [
            f"{count:,} of {self.read:,} pairs {reason} {'was' if count == 1 else 'were'} left out."
            for count, reason in reasons
            if count
        ]


def filter_pairs(pairs: ParallelText, config: PairsConfig) -> tuple[ParallelText, FilterReport]:
    """Leaves out over-long pairs, pairs out of proportion and exact repetitions, in this order.

    What proportion is usual depends on the languages, so the median of the file itself is the
    measure. Pairs of which no side has more than 20 characters are always in proportion.

    Args:
        pairs: as read.
        config: `maximum_characters` of either side; `maximum_ratio` between a pair's proportion
            and the usual one, in either direction.

    Returns:
        The pairs that remain, with notes and problems as they were, and what was left out.

    Raises:
        DataError: nothing remains.
    """
    lengths = _lengths(pairs.sources), _lengths(pairs.targets)
    longer = np.maximum(*lengths)
    short_enough = longer <= config.maximum_characters
    ratios = lengths[1] / lengths[0]
    usual = float(np.median(ratios[short_enough])) if short_enough.any() else 1.0
    away = np.maximum(ratios / usual, usual / ratios)
    proportionate = (longer <= _SHORT) | (away <= config.maximum_ratio)
    candidates = np.flatnonzero(short_enough & proportionate).tolist()
    seen: set[tuple[str, str]] = set()
    chosen = []
    for position in candidates:
        pair = (pairs.sources[position], pairs.targets[position])
        if pair not in seen:
            seen.add(pair)
            chosen.append(position)
    report = FilterReport(
        read=len(pairs),
        kept=len(chosen),
        too_long=int((~short_enough).sum()),
        out_of_proportion=int((short_enough & ~proportionate).sum()),
        duplicates=len(candidates) - len(chosen),
        usual_ratio=usual,
        maximum_characters=config.maximum_characters,
        maximum_ratio=config.maximum_ratio,
    )
    if not chosen:
        raise DataError(
            f"Nothing remains of {pairs.name}: {' '.join(report.sentences())}",
            "Raise --maximum-characters or --maximum-ratio.",
        )
    kept = ParallelText(
        [pairs.sources[position] for position in chosen],
        [pairs.targets[position] for position in chosen],
        pairs.name,
        pairs.source_name,
        pairs.target_name,
        list(pairs.notes),
        list(pairs.problems),
    )
    return kept, report


def _lengths(texts: Iterable[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.maximum(1, np.fromiter(map(len, texts), np.int64))
