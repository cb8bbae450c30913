"""The minimal GRU whose steps can be computed in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import LinearTerms, Tensor, TwoPhaseCell


@keras.saving.register_keras_serializable("rnn_toolkit")
class MinGRUCell(TwoPhaseCell):
    """minGRU (Feng et al. 2024, Were RNNs all we needed?).

    z_t = sigmoid(W_z x_t + b_z)
    g_t = W_g x_t + b_g
    h_t = (1 - z_t) * h_{t-1} + z_t * g_t

    Blocks in the order z, g. Linear in h, so that training uses a parallel scan with
    log(1 - z_t) = -softplus(W_z x_t + b_z) as its decay.
    """

    gates: ClassVar[int] = 2
    has_recurrent_kernel: ClassVar[bool] = False

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 2 * units] and (h,) -> h_t, [h_t]."""
        update, candidate = ops.split(projected, 2, axis=-1)
        update = ops.sigmoid(update)
        hidden = (1 - update) * states[0] + update * candidate
        return hidden, [hidden]

    def linear_terms(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> LinearTerms:
        """log(1 - z_t) and z_t * g_t."""
        update, candidate = ops.split(projected, 2, axis=-1)
        return LinearTerms(-ops.softplus(update), ops.sigmoid(update) * candidate)

    def read_out(self, terms: LinearTerms, scanned: Tensor) -> Tensor:
        """The state is the output."""
        return scanned

    def other_states(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> list[Tensor]:
        """There is no other state."""
        return []
