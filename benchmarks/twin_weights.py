"""The same random weights and inputs for Keras and PyTorch; imports neither."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
LAYERS = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "SimpleRNN"}
GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}
_TORCH_ORDER = {"lstm": (0, 1, 2, 3), "gru": (1, 0, 2), "simple_rnn": (0,)}
"""Positions of PyTorch's gates among Keras': only the GRU's first two change places."""


def layer_weights(cell: str, *, features: int, units: int, seed: int = 1) -> list[Array]:
    """Kernel, recurrent kernel and bias in Keras' layout; none is 0.

    Args:
        cell: lstm, gru or simple_rnn.
        features: width of the inputs.
        units: width of the hidden state.
        seed: of the values.
    """
    generator = np.random.default_rng(seed)
    width = GATES[cell] * units
    bias = (2, width) if cell == "gru" else (width,)
    shapes = [((features, width), features**-0.5), ((units, width), units**-0.5), (bias, 0.1)]
    return [generator.normal(scale=scale, size=shape).astype(np.float32) for shape, scale in shapes]


def as_torch(weights: list[Array], cell: str) -> Mapping[str, Array]:
    """Weights in Keras' layout as PyTorch names and arranges them, without the layer's suffix."""
    kernel, recurrent, bias = weights
    both = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])

    def arranged(array: Array) -> Array:
        blocks = np.split(array, GATES[cell], axis=-1)
        return np.concatenate([blocks[gate] for gate in _TORCH_ORDER[cell]], axis=-1)

    return {
        "weight_ih": arranged(kernel).T.copy(),
        "weight_hh": arranged(recurrent).T.copy(),
        "bias_ih": arranged(both[0]),
        "bias_hh": arranged(both[1]),
    }


def random_features(batch: int, time: int, features: int, seed: int = 1) -> Array:
    """Standard normal features [batch, time, features]."""
    shape = (batch, time, features)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)
