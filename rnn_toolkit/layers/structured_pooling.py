"""Pooling over time by several learned weightings."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, known_features, positive
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.attention_masks import masked_softmax, real_steps


@keras.saving.register_keras_serializable("rnn_toolkit")
class SelfAttentivePooling(keras.layers.Layer):
    """Several weighted means over time (Lin et al. 2017, A structured self-attentive embedding).

    A = softmax_t(W2 tanh(W1 H^T)) over real steps;  output = A H, row after row
    loss = penalty ||A A^T - I||_F^2, a mean over the rows of the batch with real steps

    Args:
        heads: number of weightings, the rows of A.
        units: rows of W1; None for the width of the inputs.
        penalty: factor of the loss that keeps the weightings apart; 0 for no such loss.

    Raises:
        OptionError: heads or units is not a whole number above 0, or penalty is below 0.
    """

    def __init__(
        self, heads: int = 4, *, units: int | None = None, penalty: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.heads = positive("heads", heads, "SelfAttentivePooling")
        self.units = None if units is None else positive("units", units, "SelfAttentivePooling")
        if penalty < 0:
            raise OptionError(f"penalty must be at least 0, not {penalty!r}.")
        self.penalty = float(penalty)
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes W1 [width, units] and W2 [units, heads]."""
        width = known_features(shape, "SelfAttentivePooling")
        units = width if self.units is None else self.units
        self.kernel = self.add_weight(shape=(width, units), name="kernel")
        self.score_kernel = self.add_weight(shape=(units, self.heads), name="score_kernel")

    def call(
        self, sequences: Tensor, mask: Tensor | None = None, *, return_weights: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Pools over time.

        Args:
            sequences: [batch, time, width].
            mask: True at real steps, [batch, time].
            return_weights: whether to give A as well.

        Returns:
            [batch, heads * width], zeros for empty rows, and A [batch, heads, time] if wanted.
        """
        real = real_steps(sequences, mask)  # [batch, 1, time]
        hidden = ops.tanh(ops.matmul(sequences, self.kernel))
        scores = ops.transpose(ops.matmul(hidden, self.score_kernel), (0, 2, 1))
        weights = masked_softmax(scores, real)  # [batch, heads, time]
        if self.penalty:
            self.add_loss(self.penalty * redundancy(weights, real))
        weights = ops.cast(weights, sequences.dtype)
        pooled = ops.reshape(ops.matmul(weights, sequences), (-1, self.heads * sequences.shape[-1]))
        return (pooled, weights) if return_weights else pooled

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """The time axis is gone, and the mask with it."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("heads", "units", "penalty")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def redundancy(weights: Tensor, real: Tensor) -> Tensor:
    """How much weightings overlap: ||A A^T - I||_F^2, the mean over rows with real steps.

    Args:
        weights: A, [batch, heads, time].
        real: True at real steps, [batch, 1, time].

    Returns:
        A scalar.
    """
    overlap = ops.matmul(weights, ops.transpose(weights, (0, 2, 1)))  # [batch, heads, heads]
    excess = ops.sum(ops.square(overlap - ops.eye(weights.shape[1], dtype=weights.dtype)), (1, 2))
    has_steps = ops.cast(ops.any(real, axis=(1, 2)), weights.dtype)
    return ops.sum(excess * has_steps) / ops.maximum(ops.sum(has_steps), 1.0)
