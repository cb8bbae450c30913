"""Learning-rate schedules."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor


@keras.saving.register_keras_serializable("rnn_toolkit")
class WarmUpThenLinear(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly from near 0 to `peak` over `warmup` steps, then falls to 0 at `total`.

    Args:
        peak: the highest learning rate.
        warmup: steps of the rise.
        total: steps of the whole training.
    """

    def __init__(self, peak: float, *, warmup: int, total: int) -> None:
        self.peak = peak
        self.warmup = warmup
        self.total = total

    def __call__(self, step: Tensor) -> Tensor:
        """The learning rate at a step, counted from 0."""
        step = ops.cast(step, "float32")
        rising = (step + 1.0) / max(self.warmup, 1)
        falling = (self.total - step) / max(self.total - self.warmup, 1)
        return self.peak * ops.clip(ops.minimum(rising, falling), 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"peak": self.peak, "warmup": self.warmup, "total": self.total}
