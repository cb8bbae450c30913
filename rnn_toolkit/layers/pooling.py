"""Pooling over time that never sees padding."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError

_VERY_LOW = -1e9


def _weights_of(mask: Tensor | None, sequences: Tensor) -> Tensor:
    """1 for real steps and 0 for padding, [batch, time, 1]."""
    if mask is None:
        return ops.ones_like(sequences[:, :, :1])
    return ops.expand_dims(ops.cast(mask, sequences.dtype), -1)


def masked_mean(sequences: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over real steps: [batch, time, units] -> [batch, units]; 0 for empty rows."""
    weights = _weights_of(mask, sequences)
    return ops.sum(sequences * weights, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1.0)


def masked_max(sequences: Tensor, mask: Tensor | None) -> Tensor:
    """Maximum over real steps: [batch, time, units] -> [batch, units]; 0 for empty rows."""
    weights = _weights_of(mask, sequences)
    highest = ops.max(sequences * weights + (1.0 - weights) * _VERY_LOW, axis=1)
    return highest * ops.max(weights, axis=1)


class _MaskedPooling(keras.layers.Layer):
    """Base: consumes the mask."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """The time axis is gone, and the mask with it."""
        return None


@keras.saving.register_keras_serializable("rnn_toolkit")
class MaskedMean(_MaskedPooling):
    """Mean over the real steps: [batch, time, units] -> [batch, units]."""

    def call(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """See masked_mean."""
        return masked_mean(sequences, mask)


@keras.saving.register_keras_serializable("rnn_toolkit")
class MaskedMax(_MaskedPooling):
    """Maximum over the real steps: [batch, time, units] -> [batch, units]."""

    def call(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """See masked_max."""
        return masked_max(sequences, mask)


@keras.saving.register_keras_serializable("rnn_toolkit")
class MaskedMeanMax(_MaskedPooling):
    """Mean and maximum side by side: [batch, time, units] -> [batch, 2 * units]."""

    def call(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """See masked_mean and masked_max."""
        both = [masked_mean(sequences, mask), masked_max(sequences, mask)]
        return ops.concatenate(both, axis=-1)


@keras.saving.register_keras_serializable("rnn_toolkit")
class AttentionPooling(_MaskedPooling):
    """A learned weighted mean over time (Yang et al. 2016, Hierarchical attention networks).

    u_t = tanh(W h_t + b);  a_t = softmax_t(v . u_t) over real steps;  output = sum_t a_t h_t
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes W [units, units], b [units] and v [units, 1]."""
        units = shape[-1]
        self.kernel = self.add_weight(shape=(units, units), name="kernel")
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias")
        self.context = self.add_weight(shape=(units, 1), name="context")

    def call(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """[batch, time, units] -> [batch, units]; 0 for empty rows."""
        real = _weights_of(mask, sequences)
        hidden = ops.tanh(ops.matmul(sequences, self.kernel) + self.bias)
        scores = ops.matmul(hidden, self.context) + (1.0 - real) * _VERY_LOW  # [batch, time, 1]
        weights = ops.exp(scores - ops.max(scores, axis=1, keepdims=True)) * real
        total = ops.maximum(ops.sum(weights, axis=1), 1e-9)
        return ops.sum(sequences * weights, axis=1) / total


POOLINGS: dict[str, type[_MaskedPooling]] = {
    "mean": MaskedMean,
    "max": MaskedMax,
    "mean_max": MaskedMeanMax,
    "attention": AttentionPooling,
}


def pooling_layer(name: str) -> keras.layers.Layer:
    """Builds the pooling of that name; "last" needs none and is not in the table."""
    if name not in POOLINGS:
        raise OptionError(
            f"There is no pooling {name!r}.", f"Choose from: last, {', '.join(POOLINGS)}."
        )
    return POOLINGS[name](name="pooling")
