"""Layer normalisation inside a cell, in operators that every export has."""

from __future__ import annotations

from keras import ops

from rnn_toolkit.cells.base import Tensor

EPSILON = 1e-5


def normalized(values: Tensor, gain: Tensor) -> Tensor:
    """Gain * (v - mean) / sqrt(variance + epsilon) over the last axis (Ba et al. 2016).

    Args:
        values: [..., width].
        gain: [width].
    """
    centred = values - ops.mean(values, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
    return centred / ops.sqrt(variance + EPSILON) * gain
