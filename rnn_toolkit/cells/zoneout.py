"""Zoneout around a two-phase cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhase


class ZoneoutSteps:
    """A cell whose states keep, now and then, their old value (Krueger et al. 2017, Zoneout).

    In training each value of each state stays with probability `rate`, drawn anew at each
    step; otherwise s_t = rate * s_{t-1} + (1 - rate) * s~_t, the expectation.

    Args:
        cell: the view around which this one stands; its output is its first state.
        rate: the probability.
        seed: a Keras seed generator in training, None otherwise.
    """

    def __init__(self, cell: TwoPhase, rate: float, seed: Any = None) -> None:
        self.cell = cell
        self.rate = rate
        self.seed = seed

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Those of the cell."""
        return self.cell.state_sizes

    def project(self, inputs: Tensor) -> Tensor:
        """The cell's projection and, in training, 1 for each value that will stay."""
        projected = self.cell.project(inputs)
        if self.seed is None:
            return projected
        shape = (*ops.shape(inputs)[:-1], sum(self.state_sizes))
        stays = keras.random.uniform(shape, dtype=projected.dtype, seed=self.seed) < self.rate
        return ops.concatenate([projected, ops.cast(stays, projected.dtype)], axis=-1)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One step of the cell, after which some values stay."""
        width = sum(self.state_sizes)
        if self.seed is None:
            _, new = self.cell.step(projected, states)
            shares = [self.rate] * len(new)
        else:
            _, new = self.cell.step(projected[..., :-width], states)
            stays = projected[..., -width:]
            edges = [sum(self.state_sizes[:number]) for number in range(len(new) + 1)]
            shares = [stays[..., a:b] for a, b in pairwise(edges)]
        mixed = [
            share * old + (1 - share) * state
            for share, old, state in zip(shares, states, new, strict=True)
        ]
        return mixed[0], mixed
