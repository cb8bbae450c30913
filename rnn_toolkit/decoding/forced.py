"""Texts that must appear: when they may begin, when they must, and how far they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rnn_toolkit.errors import OptionError


@dataclass(frozen=True)
class ForcedText:
    """One text that must appear, as ids.

    Args:
        anywhere: ids that may follow anything, usually with a space of their own in front.
        at_boundary: ids that may follow only the end of a word; empty where `anywhere` always
            does.
        waits: the first id of `anywhere` says nothing about this text (it is a mere space),
            so drawing it does not yet begin the text; it is used only when time runs out.
    """

    anywhere: tuple[int, ...]
    at_boundary: tuple[int, ...] = ()
    waits: bool = False

    @property
    def longest(self) -> int:
        """The most ids it can take."""
        return max(len(self.anywhere), len(self.at_boundary))


@dataclass(frozen=True)
class ForcedProgress:
    """How far a row is.

    Args:
        missing: numbers of the texts that have not begun.
        rest: ids that complete the text that has begun; empty between texts.
    """

    missing: tuple[int, ...]
    rest: tuple[int, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every text has appeared."""
        return not self.missing and not self.rest


class ForcedTexts:
    """Sees to it that every text appears within the length.

    A text that has begun is completed. One that has not gets a bonus that grows with the
    share of the free length that is used; once the remaining length is only just enough,
    nothing else may come.

    Args:
        texts: what must appear.
        boundary: ids after which a word may begin without a space of its own.
        length: most new ids.

    Raises:
        OptionError: the texts do not fit the length.
    """

    def __init__(
        self, texts: Sequence[ForcedText], *, boundary: Collection[int], length: int
    ) -> None:
        self.texts = tuple(texts)
        self.boundary = frozenset(boundary)
        self.length = length
        needed = self.needed(self.begin())
        if needed > length:
            raise OptionError(
                f"The forced texts take up to {needed} tokens, but length is {length}.",
                f"Set length to at least {needed}.",
            )

    def begin(self) -> ForcedProgress:
        """Nothing has appeared."""
        return ForcedProgress(tuple(range(len(self.texts))))

    def needed(self, progress: ForcedProgress) -> int:
        """The most ids that what is missing can take."""
        return len(progress.rest) + sum(self.texts[number].longest for number in progress.missing)

    def openings(
        self, progress: ForcedProgress, previous: int | None, used: int
    ) -> dict[int, ForcedProgress]:
        """The ids that begin a missing text here, with the progress after each.

        Args:
            progress: of the row.
            previous: the id before; None at the beginning of everything.
            used: new ids so far.
        """
        if progress.rest:
            return {}
        due = self.due(progress, used)
        found: dict[int, ForcedProgress] = {}
        for number in progress.missing:
            text = self.texts[number]
            others = tuple(other for other in progress.missing if other != number)
            if text.at_boundary and (previous is None or previous in self.boundary):
                ids = text.at_boundary
                found.setdefault(ids[0], ForcedProgress(others, ids[1:]))
            if due or not text.waits:
                ids = text.anywhere
                found.setdefault(ids[0], ForcedProgress(others, ids[1:]))
        return found

    def due(self, progress: ForcedProgress, used: int) -> bool:
        """Whether the remaining length is only just enough for what is missing."""
        return not progress.complete and self.length - used <= self.needed(progress)

    def only(
        self, progress: ForcedProgress, previous: int | None, used: int
    ) -> Collection[int] | None:
        """The ids one of which must come now; None when anything may."""
        if progress.rest:
            return (progress.rest[0],)
        if self.due(progress, used):
            return self.openings(progress, previous, used)
        return None

    def bonus(self, progress: ForcedProgress, used: int) -> float:
        """Between 0 and 1: the share of the free length that is used."""
        return used / max(1, self.length - self.needed(progress))

    def after(
        self, progress: ForcedProgress, previous: int | None, used: int, new: int
    ) -> ForcedProgress:
        """The progress after one more id.

        Args:
            progress: before it.
            previous: the id before it.
            used: new ids before it.
            new: the id.
        """
        if progress.rest:
            return ForcedProgress(progress.missing, progress.rest[1:])
        return self.openings(progress, previous, used).get(new, progress)
