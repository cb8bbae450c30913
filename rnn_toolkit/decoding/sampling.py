"""Sampling: several texts at once, each with random numbers of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.filters import Scores, filtered
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.rules import Rules
from rnn_toolkit.decoding.step import Logits, States, log_softmax, take
from rnn_toolkit.decoding.stopping import Ended

Step = Callable[[NDArray[np.int32], States], tuple[Logits, States]]
"""See `StepModel.step`."""

Choose = Callable[[Scores, Sequence[int]], list[int]]
"""Scores [rows, vocabulary] and the number of the sample in each row to one id per row."""


@dataclass(frozen=True)
class Drawn:
    """One new id of one sample.

    Args:
        sample: its number, from 0.
        id: the new id.
        log_probability: of the id by the model itself, without options.
        may_end: no forced text is missing.
        ended: why this id was the last; None when more come.
    """

    sample: int
    id: int
    log_probability: float
    may_end: bool
    ended: Ended | None


class Draw:
    """Chooses ids: by chance, or the likeliest when the temperature is 0.

    Every sample has its own stream of random numbers, one number per id, derived from the
    seed and its number: sample 3 is the same whether 4 or 16 are drawn. A number in [0, 1)
    becomes the id at which the cumulative probability, in the order of the ids, passes it;
    runtimes that differ in the last digits therefore hardly ever draw differently.

    Args:
        options: temperature and filters.
        samples: how many there are.
        seed: see `seed_or_new`.
    """

    def __init__(self, options: SamplingOptions, samples: int, *, seed: int) -> None:
        self.options = options
        self.streams = [np.random.default_rng([seed, number]) for number in range(samples)]

    def __call__(self, scores: Scores, samples: Sequence[int]) -> list[int]:
        """See Choose."""
        return draw_ids(scores, self.options, [self.streams[sample] for sample in samples])


def draw_ids(
    scores: Scores, options: SamplingOptions, streams: Sequence[np.random.Generator]
) -> list[int]:
    """One id per row, by chance; the likeliest when the temperature is 0.

    Args:
        scores: [rows, vocabulary] logits, -inf for what must not come.
        options: temperature and filters.
        streams: random numbers of each row, which gives one.
    """
    if options.temperature == 0:
        return [int(best) for best in scores.argmax(axis=-1)]
    probabilities = np.exp(filtered(scores, options))
    return [
        inverse_cdf(row, stream.random())
        for row, stream in zip(probabilities, streams, strict=True)
    ]


def inverse_cdf(probabilities: NDArray[np.float64], number: float) -> int:
    """The id at which the cumulative probability passes a number in [0, 1).

    Args:
        probabilities: [vocabulary]; they need not sum to exactly 1.
        number: uniform in [0, 1).
    """
    cumulative = np.cumsum(probabilities)
    found = int(np.searchsorted(cumulative, number * cumulative[-1], side="right"))
    # Rounding may lift the product to the very end, past the last possible id.
    return min(found, int(np.flatnonzero(probabilities)[-1]))


def seed_or_new(seed: int | None) -> int:
    """The seed, or a new one that can be given again."""
    return secrets.randbelow(2**31) if seed is None else seed


def sample(
    first_logits: NDArray[Any],
    states: States,
    step: Step,
    *,
    rules: Rules,
    choose: Choose,
    length: int,
    stopped: Callable[[Drawn], bool] = lambda drawn: False,
) -> Iterator[list[Drawn]]:
    """Writes several samples at once, one id each per step.

    Args:
        first_logits: [samples, vocabulary], those of the first new id.
        states: after the prompt, the samples first.
        step: the model.
        rules: what may come; their end mark ends a sample.
        choose: picks the ids.
        length: most new ids.
        stopped: whether a sample's text ends with this id (a stop string).

    Yields:
        After each step the new ids of the samples that still go on, in order; samples that
        ended take no further part.
    """
    memories = [rules.begin() for _ in first_logits]
    samples = list(range(len(first_logits)))
    logits = first_logits
    for position in range(1, length + 1):
        model_log_probabilities = log_softmax(logits)
        ids = choose(rules.apply(logits, memories), samples)
        memories = [rules.after(memory, new) for memory, new in zip(memories, ids, strict=True)]
        drawn = []
        for row, (number, new) in enumerate(zip(samples, ids, strict=True)):
            complete = memories[row].forced.complete
            item = Drawn(number, new, float(model_log_probabilities[row, new]), complete, None)
            drawn.append(_with_end(item, rules.end_id, position == length, stopped))
        yield drawn
        going_on = [row for row, item in enumerate(drawn) if item.ended is None]
        if not going_on:
            return
        if len(going_on) < len(samples):
            states = take(states, going_on)
            samples = [samples[row] for row in going_on]
            memories = [memories[row] for row in going_on]
        logits, states = step(np.array([ids[row] for row in going_on], np.int32), states)


def _with_end(
    item: Drawn, end_id: int | None, last: bool, stopped: Callable[[Drawn], bool]
) -> Drawn:
    ended: Ended | None = None
    if item.id == end_id:
        ended = "end mark"
    elif stopped(item):
        ended = "stop string"
    elif last:
        ended = "length"
    return (
        item
        if ended is None
        else Drawn(item.sample, item.id, item.log_probability, item.may_end, ended)
    )
