"""The mean of a model's weights over the end of a training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np

from rnn_toolkit.training.checkpoint import Arrays, assign, values


class WeightAverage:
    """A running mean of weights (Polyak and Juditsky 1992; Merity et al. 2018 for LSTMs).

    Args:
        variables: the weights.
        every: updates of the optimizer from one sample of the mean to the next.
    """

    def __init__(self, variables: Sequence[keras.Variable], *, every: int = 10) -> None:
        self._variables = list(variables)
        self._every = every
        self._updates = 0
        self.count = 0
        self.mean: Arrays = []

    def update(self) -> None:
        """Takes in the weights after an update of the optimizer."""
        self._updates += 1
        if self._updates % self._every:
            return
        self.count += 1
        current = values(self._variables)
        if not self.mean:
            self.mean = [array.astype(np.float64) for array in current]
            return
        for mean, array in zip(self.mean, current, strict=True):
            mean += (array - mean) / self.count

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model has the averaged weights inside the block, and its own after it."""
        own = values(self._variables)
        self.apply()
        try:
            yield
        finally:
            assign(self._variables, own)

    def apply(self) -> None:
        """Gives the model the averaged weights."""
        pairs = zip(self._variables, self.mean, strict=True)
        assign(self._variables, [mean.astype(variable.dtype) for variable, mean in pairs])

    def state(self) -> Arrays:
        """What `restore` needs."""
        return [np.asarray([self._updates, self.count]), *self.mean]

    def restore(self, state: Arrays) -> None:
        """Goes on from an earlier state."""
        self._updates, self.count = (int(value) for value in state[0])
        self.mean = list(state[1:])
