"""Where a growing text ends: stop strings, whichever tokens they are spread over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

Ended = Literal["end mark", "stop string", "length"]
"""Why a text ended."""

Decode = Callable[[Sequence[int]], str]
"""Ids to text."""

_HALF_CHARACTER = "\ufffd"


class StopStrings:
    """Finds the first stop string of a text, and tails that may become one.

    Args:
        stops: texts of at least one character.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.stops = tuple(stops)
        self.longest = max(map(len, self.stops), default=0)

    def find(self, text: str, start: int = 0) -> int | None:
        """Where the first stop string begins, from `start` on; None when there is none."""
        found = [text.find(stop, start) for stop in self.stops]
        return min((place for place in found if place >= 0), default=None)

    def held_back(self, text: str) -> int:
        """How many characters at the end may be the beginning of a stop string."""
        return max(
            (
                length
                for stop in self.stops
                for length in range(1, min(len(stop), len(text) + 1))
                if text.endswith(stop[:length])
            ),
            default=0,
        )


class GrowingText:
    """The text of one sample while ids arrive, in whole characters, up to a stop string.

    An id may hold half a character (byte-level subwords): its text waits for the rest.
    Pieces are decoded after the ids of the piece before, because a decoder may put a space
    between two tokens. All pieces together are the decoded text.

    Args:
        decode: ids to text.
        stops: texts that end it.
        context: ids before the first; their text is not part of this one.
    """

    def __init__(
        self, decode: Decode, *, stops: Sequence[str] = (), context: Sequence[int] = ()
    ) -> None:
        self.decode = decode
        self.stops = StopStrings(stops)
        self.text = ""
        self.stopped = False
        self._context = list(context)
        self._waiting: list[int] = []
        self._search_from = 0
        self._given = 0

    def add(self, new: int, *, may_stop: bool = True) -> None:
        """One more id.

        Args:
            new: the id.
            may_stop: whether a stop string in this piece counts; one that begins in a piece
                where it did not count never will.
        """
        self._waiting.append(new)
        piece = self._piece()
        if piece.endswith(_HALF_CHARACTER):
            return
        self._context, self._waiting = self._waiting, []
        self._append(piece, may_stop=may_stop)

    def finish(self) -> None:
        """No more ids come: what is left of half a character is dropped."""
        if self._waiting and not self.stopped:
            self._append(self._piece().rstrip(_HALF_CHARACTER), may_stop=True)
            self._waiting = []

    def _append(self, piece: str, *, may_stop: bool) -> None:
        self.text += piece
        if not may_stop:
            self._search_from = len(self.text)
            return
        place = self.stops.find(self.text, self._search_from)
        if place is not None:
            self.text = self.text[:place]
            self.stopped = True
        self._search_from = max(self._search_from, len(self.text) - self.stops.longest + 1)

    def news(self, *, last: bool = False) -> str:
        """The text since the last call that can no longer change.

        Args:
            last: nothing more comes, so that a tail that looks like the beginning of a stop
                string is given too.
        """
        held = 0 if last or self.stopped else self.stops.held_back(self.text)
        end = max(self._given, len(self.text) - held)
        piece = self.text[self._given : end]
        self._given = end
        return piece

    def _piece(self) -> str:
        before = self.decode(self._context)
        return self.decode([*self._context, *self._waiting])[len(before) :]
