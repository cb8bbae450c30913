"""What may and what must come next, given what a row has written: bans, forced texts, repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.filters import Scores, penalise_repetition
from rnn_toolkit.decoding.forced import ForcedProgress, ForcedText, ForcedTexts
from rnn_toolkit.errors import OptionError

FORCED_BONUS = 10.0
"""Nats that the beginning of a forced text has gained when the free length is used up."""

Memory = TypeVar("Memory")


class Constraint(Protocol[Memory]):
    """Changes logits by what a row has written; what it must remember of a row is a Memory.

    Memories are never changed in place: the rows of a beam share them.
    """

    def begin(self) -> Memory:
        """The memory of a row without new ids."""

    def after(self, memory: Memory, new: int) -> Memory:
        """The memory after one more id."""

    def apply(self, logits: NDArray[Any], memories: Sequence[Memory]) -> Scores:
        """Changed logits [batch, vocabulary]; -inf for what must not come."""


@dataclass(frozen=True)
class Written:
    """What the rules remember of a row: its new ids, and how far its forced texts are."""

    ids: tuple[int, ...]
    forced: ForcedProgress


class Rules:
    """The rules of one request.

    Where rules clash, a forced text goes before a ban that only the place where it meets its
    neighbours would break, and before repeats. Where nothing at all would be left, first
    the rule against repeated n-grams gives way, then bans of several tokens.

    Args:
        vocabulary_size: number of logits.
        length: most new ids.
        never: ids that are never written: padding, unknown, begin and the like.
        end_id: the end mark; None for a model that has none.
        min_length: new ids before the end mark may come.
        prompt: ids before the new ones; they count as written for repeats.
        banned: sequences of ids that must not appear.
        forced: texts that must appear; the end mark waits for them.
        boundary: ids after which a word may begin; for forced texts.
        no_repeat_ngram: no sequence of so many ids comes twice; 0 for off.
        repetition_penalty: 1 for off.
        forced_bonus: see FORCED_BONUS; 0 where scores must stay log-probabilities.

    Raises:
        OptionError: every token is banned, or the forced texts do not fit the length.
    """

    def __init__(
        self,
        *,
        vocabulary_size: int,
        length: int,
        never: Collection[int] = (),
        end_id: int | None = None,
        min_length: int = 0,
        prompt: Sequence[int] = (),
        banned: Iterable[Sequence[int]] = (),
        forced: Sequence[ForcedText] = (),
        boundary: Collection[int] = (),
        no_repeat_ngram: int = 0,
        repetition_penalty: float = 1.0,
        forced_bonus: float = FORCED_BONUS,
    ) -> None:
        sequences = {tuple(sequence) for sequence in banned}
        single = {sequence[0] for sequence in sequences if len(sequence) == 1}
        self.never = np.array(sorted({*never, *single}), np.int64)
        self.banned = tuple(sorted(sequence for sequence in sequences if len(sequence) > 1))
        if len({*self.never.tolist(), *([] if end_id is None else [end_id])}) >= vocabulary_size:
            raise OptionError("Every token is banned.", "Ban fewer texts.")
        self.end_id = end_id
        self.min_length = min_length
        self.prompt = tuple(prompt)
        self.forced = ForcedTexts(forced, boundary=boundary, length=length)
        self.no_repeat_ngram = no_repeat_ngram
        self.repetition_penalty = repetition_penalty
        self.forced_bonus = forced_bonus

    def begin(self) -> Written:
        """Nothing is written."""
        return Written((), self.forced.begin())

    def after(self, memory: Written, new: int) -> Written:
        """See Constraint."""
        used = len(memory.ids)
        forced = memory.forced
        if not forced.complete:
            forced = self.forced.after(forced, self._previous(memory), used, new)
        return Written((*memory.ids, new), forced)

    def apply(self, logits: NDArray[Any], memories: Sequence[Written]) -> Scores:
        """See Constraint."""
        scores = logits.astype(np.float64)
        for row, memory in zip(scores, memories, strict=True):
            if self.repetition_penalty != 1:
                seen = np.unique(np.array((*self.prompt, *memory.ids), np.int64))
                row[seen] = penalise_repetition(row[seen], self.repetition_penalty)
            row[self.never] = -np.inf
            only = self.forced.only(memory.forced, self._previous(memory), len(memory.ids))
            if only is not None:
                _keep_only(row, only)
            else:
                self._restrict(row, memory)
        return scores

    def _restrict(self, row: NDArray[np.float64], memory: Written) -> None:
        used = len(memory.ids)
        if self.end_id is not None and (used < self.min_length or not memory.forced.complete):
            row[self.end_id] = -np.inf
        if self.banned or self.no_repeat_ngram:  # else a token need not cost more in a long text
            history = (*self.prompt, *memory.ids)
            block(row, [ban[-1] for ban in self.banned if _ends_with(history, ban[:-1])])
            if self.no_repeat_ngram:
                block(row, ids_that_repeat(history, self.no_repeat_ngram))
        if memory.forced.missing:
            openings = self.forced.openings(memory.forced, self._previous(memory), used)
            bonus = self.forced_bonus * self.forced.bonus(memory.forced, used)
            row[list(openings)] += bonus

    def _previous(self, memory: Written) -> int | None:
        if memory.ids:
            return memory.ids[-1]
        return self.prompt[-1] if self.prompt else None


def ids_that_repeat(history: Sequence[int], size: int) -> list[int]:
    """The ids that would complete an n-gram which the history already has (Paulus et al., 2018).

    Args:
        history: ids so far.
        size: the n of the n-grams, at least 1.
    """
    ids = np.array(history, np.int64)
    if len(ids) < size:
        return []
    tail = ids[len(ids) - size + 1 :]
    windows = np.lib.stride_tricks.sliding_window_view(ids, size)
    same = (windows[:, :-1] == tail).all(axis=1)
    return sorted(set(windows[same, -1].tolist()))


def _ends_with(history: Sequence[int], sequence: Sequence[int]) -> bool:
    return tuple(history[-len(sequence) :]) == tuple(sequence)


def _keep_only(row: NDArray[np.float64], ids: Collection[int]) -> None:
    chosen = list(ids)
    kept = row[chosen]
    row[:] = -np.inf
    row[chosen] = kept


def block(row: NDArray[Any], ids: list[int]) -> None:
    """Makes ids impossible, unless nothing would be left.

    Args:
        row: [vocabulary] scores, changed in place.
        ids: the ids.
    """
    before = row[ids]
    row[ids] = -np.inf
    if not np.isfinite(row).any():
        row[ids] = before
