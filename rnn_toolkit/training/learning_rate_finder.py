"""Searches a learning rate by trying all of them, from far too low to far too high."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras

from rnn_toolkit.data.lanes import Window
from rnn_toolkit.errors import DataError
from rnn_toolkit.training.checkpoint import assign, values
from rnn_toolkit.training.truncated import Objective, TruncatedBackpropagation

_LOWEST, _HIGHEST = 1e-5, 1.0
_SMOOTHING = 0.9
_GIVES_UP = 1.5  # times the lowest loss so far
_SAFETY = 8.0


@dataclass(frozen=True)
class RateTrial:
    """Rates that were tried, the smoothed loss under each, and the one to take."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    chosen: float


def find_learning_rate(
    model: keras.Model,
    objective: Objective,
    windows: Iterator[Window],
    *,
    gradient_clip: float,
    tries: int = 120,
) -> RateTrial:
    """The learning-rate range test (Smith 2017, Cyclical learning rates).

    The rate rises by a constant factor from window to window. An eighth of the rate at which
    the smoothed loss is lowest is taken. The model is afterwards as it was before.

    Args:
        model: the model.
        objective: what it is trained for.
        windows: of the training text.
        gradient_clip: as in the training.
        tries: windows that are read.

    Raises:
        DataError: there are too few windows for a test.
    """
    optimizer = keras.optimizers.Adam(_LOWEST)
    trainer = TruncatedBackpropagation(
        model, objective=objective, optimizer=optimizer, gradient_clip=gradient_clip
    )
    before = values(model.variables)
    rates: list[float] = []
    losses: list[float] = []
    smoothed, lowest = 0.0, math.inf
    try:
        for number, window in zip(range(tries), windows, strict=False):
            rate = _LOWEST * (_HIGHEST / _LOWEST) ** (number / (tries - 1))
            optimizer.learning_rate = rate
            loss = trainer.train([window], go_on=number > 0).loss
            smoothed = _SMOOTHING * smoothed + (1 - _SMOOTHING) * loss
            shown = smoothed / (1 - _SMOOTHING ** (number + 1))
            rates.append(rate)
            losses.append(shown)
            lowest = min(lowest, shown)
            if shown > _GIVES_UP * lowest:
                break
    except DataError:  # the loss became infinite: higher rates need no trial
        pass
    finally:
        assign(model.variables, before)
    if len(rates) < tries // 4:
        raise DataError(
            "The text is too short to search a learning rate.", "Give --learning-rate a number."
        )
    return RateTrial(tuple(rates), tuple(losses), _chosen(rates, losses))


def _chosen(rates: Sequence[float], losses: Sequence[float]) -> float:
    best = rates[min(range(len(losses)), key=losses.__getitem__)] / _SAFETY
    digits = -math.floor(math.log10(best)) + 1
    return round(best, digits)
