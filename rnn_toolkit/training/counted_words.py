"""Which words get vectors, and what a training of vectors tells whoever watches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from rnn_toolkit.errors import DataError
from rnn_toolkit.training.interrupt import InterruptOnce

Sentences = Callable[[], Iterable[list[str]]]


@dataclass(frozen=True)
class VectorProgress:
    """Where a training of vectors stands: `done` of `total` in a stage."""

    stage: str
    done: float
    total: float


class VectorObserver(Protocol):
    """Receives progress, not always from the thread that began the training."""

    def note(self, text: str) -> None:
        """Something a person should know."""

    def advanced(self, progress: VectorProgress) -> None:
        """Some more is done."""


class SilentVectorObserver:
    """Says nothing."""

    def note(self, text: str) -> None:
        """Says nothing."""

    def advanced(self, progress: VectorProgress) -> None:
        """Says nothing."""


@dataclass(frozen=True)
class CountedWords:
    """The words that get vectors, most frequent first, how often they occur, and in what.

    `total` counts all running words of the `sentences`, the rare ones included.
    """

    sentences: Sentences
    words: list[str]
    counts: list[int]
    total: int
    rows: int


def count_words(
    sentences: Sentences,
    *,
    minimum_count: int,
    maximum_words: int | None,
    interrupt: InterruptOnce,
) -> CountedWords:
    """Goes through the sentences once and chooses the words.

    Args:
        sentences: gives the sentences from the beginning.
        minimum_count: rarer words are left out.
        maximum_words: how many of the most frequent words are kept; all when None.
        interrupt: ends the count.

    Raises:
        DataError: fewer than two words are frequent enough.
    """
    frequencies: Counter[str] = Counter()
    rows = 0
    for row in sentences():
        stop_if_requested(interrupt)
        frequencies.update(row)
        rows += 1
    # Sorting is stable: of equally frequent words the one that came first stays first.
    kept = [pair for pair in frequencies.most_common() if pair[1] >= minimum_count]
    kept = kept[:maximum_words]
    total = sum(frequencies.values())
    if len(kept) < 2:
        raise DataError(
            f"Of {len(frequencies):,} different words ({total:,} in all) {len(kept)} "
            f"occur{'s' * (len(kept) == 1)} {minimum_count} times or more; 2 are needed.",
            "Lower --minimum-count, or give more texts.",
        )
    return CountedWords(
        sentences, [word for word, _ in kept], [count for _, count in kept], total, rows
    )


def stop_if_requested(interrupt: InterruptOnce) -> None:
    """Raises KeyboardInterrupt after a Ctrl-C."""
    if interrupt.requested:
        raise KeyboardInterrupt
