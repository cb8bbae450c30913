"""What a search over many texts at once has written so far, and what it looked at meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.beam import penalty_of_length
from rnn_toolkit.decoding.stopping import Ended

# A source token that was never looked at must cost much, but not everything.
_LEAST_ATTENTION = 1e-9


@dataclass(frozen=True)
class DecodedSequence:
    """One target text in ids.

    Args:
        ids: without the end mark.
        score: by which answers are ranked; higher is better. See `score_of`.
        log_probability: the sum by the model itself, an end mark included.
        ended: "end mark" or "length".
        attention: [ids, source tokens], and one row more for the end mark that ended it: how
            much of each source token was read for each id.
    """

    ids: tuple[int, ...]
    score: float
    log_probability: float
    ended: Ended
    attention: NDArray[np.float32] = field(compare=False)


@dataclass(frozen=True)
class Ending:
    """A hypothesis that ended, as a place in a trail.

    Args:
        position: how many ids it has, the last included.
        row: the row of that step's model call that it came from.
        last: its last id.
        log_probability: of all its ids.
        score: see `score_of`.
    """

    position: int
    row: int
    last: int
    log_probability: float
    score: float


class Trail:
    """Each step's choices with the rows they came from, so that nothing is copied meanwhile.

    Position p is the p-th model call, from 1; its rows are what the step before it chose.
    """

    def __init__(self) -> None:
        self._attention: list[NDArray[np.float32]] = []
        self._ids: list[NDArray[np.int32]] = []
        self._parents: list[NDArray[np.int64]] = []

    @property
    def position(self) -> int:
        """Number of model calls."""
        return len(self._attention)

    def read(self, attention: NDArray[Any]) -> None:
        """Notes a model call.

        Args:
            attention: [rows, source time].
        """
        self._attention.append(np.asarray(attention, np.float32))

    def chose(self, ids: NDArray[np.int32], parents: NDArray[np.int64]) -> None:
        """Notes which ids go on after a model call.

        Args:
            ids: [rows of the next call].
            parents: [rows of the next call], rows of this call.
        """
        self._ids.append(ids)
        self._parents.append(parents)

    def ids_before(self, position: int, row: int) -> list[int]:
        """The ids that a row of a model call had been given, in order, without the begin id."""
        found = []
        for step in range(position - 2, -1, -1):
            found.append(int(self._ids[step][row]))
            row = int(self._parents[step][row])
        return found[::-1]

    def attention_of(self, position: int, row: int, source_tokens: int) -> NDArray[np.float32]:
        """What was read up to and in a model call: [position, source tokens]."""
        found = np.empty((position, source_tokens), np.float32)
        for step in range(position - 1, -1, -1):
            found[step] = self._attention[step][row, :source_tokens]
            if step:
                row = int(self._parents[step - 1][row])
        return found

    def sequence(self, ending: Ending, *, end_id: int, source_tokens: int) -> DecodedSequence:
        """The hypothesis as ids and attention."""
        ids = self.ids_before(ending.position, ending.row)
        by_mark = ending.last == end_id
        return DecodedSequence(
            tuple(ids) if by_mark else (*ids, ending.last),
            ending.score,
            ending.log_probability,
            "end mark" if by_mark else "length",
            self.attention_of(ending.position, ending.row, source_tokens),
        )


def score_of(
    log_probability: float, position: int, *, alpha: float, coverage: float = 0.0
) -> float:
    """The score s of equation 14 of Wu et al. (2016).

    Args:
        log_probability: of all ids.
        position: how many ids, an end mark included.
        alpha: strength of the length penalty.
        coverage: the coverage penalty, at most 0.
    """
    return log_probability / penalty_of_length(position, alpha) + coverage


def coverage_of(attention: NDArray[np.float32], beta: float) -> float:
    """The coverage penalty cp of equation 14 of Wu et al. (2016): 0 when all was read.

    Args:
        attention: [target ids, source tokens].
        beta: its strength.
    """
    read = attention.sum(axis=0, dtype=np.float64)
    return beta * float(np.log(np.clip(read, _LEAST_ATTENTION, 1.0)).sum())
