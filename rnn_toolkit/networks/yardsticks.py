"""Encoders that are not recurrent, to measure recurrent ones by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.config import EncoderName
from rnn_toolkit.layers.multi_head import MultiHeadAttention

_KERNEL = 3  # words a convolution sees
_HEADS = 4


def bag_of_embeddings(hidden: Tensor, parameters: int) -> Tensor:
    """tanh(W e_t + b) of each word by itself: no order at all (Iyyer et al. 2015).

    Args:
        hidden: [batch, time, features] with its mask.
        parameters: about how many the encoder may have.

    Returns:
        [batch, time, width].
    """
    width = max(round(parameters / (int(hidden.shape[-1]) + 1)), 1)
    return keras.layers.Dense(width, activation="tanh", name="bag")(hidden)


def convolution(hidden: Tensor, parameters: int) -> Tensor:
    """relu(W [e_{t-1}; e_t; e_{t+1}] + b): three neighbouring words (Kim 2014).

    Args and returns: see bag_of_embeddings.
    """
    width = max(round(parameters / (_KERNEL * int(hidden.shape[-1]) + 1)), 1)
    return MaskedConvolution(width, _KERNEL, padding="same", activation="relu", name="convolution")(
        hidden
    )


def self_attention(hidden: Tensor, parameters: int) -> Tensor:
    """One Transformer encoder block with sinusoidal positions (Vaswani et al. 2017).

    x = e + positions;  a = x + attention(LN(x));  y = a + W_2 relu(W_1 LN(a) + b_1) + b_2

    Args and returns: see bag_of_embeddings.
    """
    features = int(hidden.shape[-1])
    inner = max(round((parameters - 4 * features**2) / (2 * features)), 8)
    hidden = AddPositions(name="positions")(hidden)
    normal = keras.layers.LayerNormalization(name="attention_norm")(hidden)
    read, _ = MultiHeadAttention(_HEADS, max(features // _HEADS, 1), name="attention")(
        normal, normal
    )
    hidden = keras.layers.Add(name="attention_residual")([hidden, read])
    normal = keras.layers.LayerNormalization(name="feed_forward_norm")(hidden)
    wide = keras.layers.Dense(inner, activation="relu", name="feed_forward_in")(normal)
    narrow = keras.layers.Dense(features, name="feed_forward_out")(wide)
    return keras.layers.Add(name="feed_forward_residual")([hidden, narrow])


YARDSTICKS: dict[EncoderName, Callable[[Tensor, int], Tensor]] = {
    "bag": bag_of_embeddings,
    "cnn": convolution,
    "self_attention": self_attention,
}


@keras.saving.register_keras_serializable("rnn_toolkit")
class MaskedConvolution(keras.layers.Conv1D):
    """keras.layers.Conv1D that sees zeros at padding, and passes the mask on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supports_masking = True

    def call(self, hidden: Tensor, mask: Tensor | None = None) -> Tensor:
        """[batch, time, features] -> [batch, time, filters]."""
        if mask is not None:  # else padding would reach the last real word
            hidden = hidden * ops.expand_dims(ops.cast(mask, hidden.dtype), -1)
        return super().call(hidden)


@keras.saving.register_keras_serializable("rnn_toolkit")
class AddPositions(keras.layers.Layer):
    """Adds sinusoids of the position (Vaswani et al. 2017), for sequences of any length.

    p_{t, 2i} = sin(t / 10000^{2i / features});  p_{t, 2i+1} = cos(t / 10000^{2i / features})
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, hidden: Tensor) -> Tensor:
        """[batch, time, features] -> the same shape."""
        features = int(hidden.shape[-1])
        pairs = np.arange(features) // 2 * 2
        rates = (1.0 / 10_000 ** (pairs / features)).astype(np.float32)
        shift = np.where(np.arange(features) % 2, np.pi / 2, 0).astype(np.float32)
        steps = ops.cast(ops.arange(ops.shape(hidden)[1]), hidden.dtype)
        return hidden + ops.sin(ops.expand_dims(steps, -1) * rates + shift)
