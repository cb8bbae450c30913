"""How likely a language model finds given texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnn_toolkit.decoding.step import Logits, States, StepModel, log_softmax, take

ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class Score:
    """How likely a text is.

    Args:
        text: the text.
        tokens: its pieces.
        log_probabilities: natural logarithm of the probability of each, given those before.
        unseen: pieces that the model has never seen; their tokens are scored as unknown,
            which says little about this text.
    """

    text: str
    tokens: tuple[str, ...]
    log_probabilities: tuple[float, ...]
    unseen: tuple[str, ...] = ()

    @property
    def log_probability(self) -> float:
        """Of the whole text."""
        return math.fsum(self.log_probabilities)

    @property
    def perplexity(self) -> float:
        """Inverse geometric mean of the tokens' probabilities; not a number without tokens."""
        if not self.tokens:
            return math.nan
        return _exponential(-self.log_probability / len(self.tokens))

    @property
    def bits_per_character(self) -> float:
        """Information per character, whatever the tokens are; not a number for no text."""
        if not self.text or not self.tokens:
            return math.nan
        return -self.log_probability / (len(self.text) * math.log(2))


def score_ids(
    model: StepModel, context: Sequence[int], rows: Sequence[Sequence[int]]
) -> list[list[float]]:
    """Log-probabilities of ids that follow a context.

    The model reads the context once and then one id of every row per step, longer rows
    first, so that rows which are over simply fall away.

    Args:
        model: the language model.
        context: ids before each row, at least one.
        rows: ids to score; rows may be empty and of any length.

    Returns:
        One natural-log probability per id.
    """
    found: list[list[float]] = [[] for _ in rows]
    order = sorted(range(len(rows)), key=lambda number: -len(rows[number]))
    for start in range(0, len(order), ROWS_AT_ONCE):
        batch = order[start : start + ROWS_AT_ONCE]
        scored = _score_batch(model, context, [rows[number] for number in batch])
        for number, log_probabilities in zip(batch, scored, strict=True):
            found[number] = log_probabilities
    return found


def _score_batch(
    model: StepModel, context: Sequence[int], rows: Sequence[Sequence[int]]
) -> list[list[float]]:
    """See `score_ids`; the longest row comes first."""
    found: list[list[float]] = [[] for _ in rows]
    if not rows[0]:
        return found
    logits, states = prefill_one(model, context)
    active = len(rows)
    logits, states = np.repeat(logits, active, axis=0), take(states, [0] * active)
    for position in range(len(rows[0])):
        still = sum(len(row) > position for row in rows)
        if still < active:
            # Rows that ended were read one id too far; their logits and states are dropped.
            active = still
            logits, states = logits[:active], take(states, range(active))
        ids = np.array([row[position] for row in rows[:active]], np.int32)
        log_probabilities = log_softmax(logits)[np.arange(active), ids]
        for row, value in enumerate(log_probabilities):
            found[row].append(float(value))
        if position + 1 < len(rows[0]):
            logits, states = model.step(ids, states)
    return found


def prefill_one(model: StepModel, ids: Sequence[int]) -> tuple[Logits, States]:
    """Logits and states after one prompt of at least one id."""
    return model.prefill(np.array([ids], np.int32), np.array([len(ids)], np.int32))


def _exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
