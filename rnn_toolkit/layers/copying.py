"""Copying: a decoder that may point at source tokens instead of choosing from its vocabulary."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import Tensor

_LEAST = 1e-9  # keeps the logarithm finite where neither way gives a token


@keras.saving.register_keras_serializable("rnn_toolkit")
class CopyLogits(keras.layers.Layer):
    """Mixes what the decoder would write with what attention points at.

    p(w) = g softmax(logits)_w + (1 - g) sum_{j: x_j = w} a_j,  g = sigmoid(u . r + b)
    (See et al. 2017, Get to the point: summarization with pointer-generator networks; here
    over one vocabulary, in which subwords leave no token out)
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gate = keras.layers.Dense(1, activation="sigmoid", name="gate")
        self.supports_masking = True

    def build(
        self, logits_shape: Any, read_out_shape: Any, attention_shape: Any, source_ids_shape: Any
    ) -> None:
        """Makes u and b."""
        self.gate.build(read_out_shape)

    def call(
        self, logits: Tensor, read_out: Tensor, attention: Tensor, source_ids: Tensor
    ) -> Tensor:
        """Mixes both ways.

        Args:
            logits: [batch, target_time, vocabulary].
            read_out: [batch, target_time, width].
            attention: [batch, target_time, time].
            source_ids: [batch, time].

        Returns:
            Log-probabilities [batch, target_time, vocabulary].
        """
        writes = ops.cast(self.gate(read_out), "float32")
        source = tf.one_hot(source_ids, logits.shape[-1], dtype=tf.float32)
        pointed = ops.matmul(ops.cast(attention, "float32"), source)
        mixed = writes * tf.nn.softmax(ops.cast(logits, "float32")) + (1 - writes) * pointed
        return ops.log(mixed + _LEAST)
