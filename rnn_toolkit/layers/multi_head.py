"""Attention with several heads."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import Tensor, positive
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.attention_masks import mask_of, real_steps


@keras.saving.register_keras_serializable("rnn_toolkit")
class MultiHeadAttention(keras.layers.Layer):
    """keras.layers.MultiHeadAttention called like Attention, with zeros where nothing is read.

    a_i = softmax(s Q_i (h K_i)^T / sqrt(head_units));  output = [a_1 h V_1; a_2 h V_2; ...] O
    (Vaswani et al. 2017, Attention is all you need)

    For self-attention the sequence is both query and memory.

    Args:
        heads: number of heads.
        head_units: width of the queries, keys and values of each head.
        causal: whether target step t reads only steps up to t.
        dropout: share of the weights hidden in training; the weights returned are whole.

    Raises:
        OptionError: heads or head_units is not a whole number above 0, or dropout is not at
            least 0 and below 1.
    """

    def __init__(
        self,
        heads: int,
        head_units: int,
        *,
        causal: bool = False,
        dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.heads = positive("heads", heads, "MultiHeadAttention")
        self.head_units = positive("head_units", head_units, "MultiHeadAttention")
        if not 0 <= dropout < 1:
            raise OptionError(f"dropout must be at least 0 and below 1, not {dropout!r}.")
        self.causal = causal
        self.dropout = float(dropout)
        self.attention = keras.layers.MultiHeadAttention(
            self.heads, self.head_units, dropout=self.dropout, dtype=self.dtype_policy
        )
        self.supports_masking = True

    def build(self, query_shape: Any, memory_shape: Any) -> None:
        """Makes Q, K, V and O."""
        if len(query_shape) != 3 or len(memory_shape) != 3:
            raise OptionError(
                "MultiHeadAttention needs a query [batch, target_time, width] and a memory "
                f"[batch, time, width], not shapes {query_shape} and {memory_shape}."
            )
        self.attention.build(query_shape, memory_shape)

    def call(
        self, query: Tensor, memory: Tensor, mask: Tensor | None = None, training: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Reads from the memory.

        Args:
            query: [batch, target_time, query_width].
            memory: [batch, time, memory_width].
            mask: True at real steps of the memory, [batch, time].
            training: whether this is a training step.

        Returns:
            output [batch, target_time, query_width] and weights [batch, heads, target_time,
            time]; both zeros for target steps with no real step to read.
        """
        output, weights = self.attention(
            tf.identity(query),  # Keras takes the masks off the tensors that it is given
            tf.identity(memory),
            attention_mask=real_steps(memory, mask),
            return_attention_scores=True,
            use_causal_mask=self.causal,
            training=training,
        )
        reads = ops.expand_dims(ops.sum(weights, axis=(1, 3)) > 0, -1)  # [batch, target_time, 1]
        return ops.where(reads, output, ops.zeros_like(output)), weights

    def compute_mask(self, query: Tensor, previous: Any = None) -> tuple[Tensor | None, None]:
        """The output keeps the mask of the query."""
        return mask_of(query), None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("heads", "head_units", "causal", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
