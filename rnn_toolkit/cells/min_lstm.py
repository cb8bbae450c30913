"""The minimal LSTM whose steps can be computed in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import LinearTerms, Tensor, TwoPhaseCell


@keras.saving.register_keras_serializable("rnn_toolkit")
class MinLSTMCell(TwoPhaseCell):
    """minLSTM (Feng et al. 2024, Were RNNs all we needed?).

    i_t = sigmoid(W_i x_t + b_i)
    f_t = sigmoid(W_f x_t + b_f)
    g_t = W_g x_t + b_g
    h_t = f_t / (f_t + i_t) * h_{t-1} + i_t / (f_t + i_t) * g_t

    Blocks in the order i, f, g. Linear in h: log(f / (f + i)) = -softplus(d) and
    i / (f + i) = sigmoid(d), with d = log i - log f.
    """

    gates: ClassVar[int] = 3
    forget_gate: ClassVar[int | None] = 1
    has_recurrent_kernel: ClassVar[bool] = False

    def _input_over_forget(self, projected: Tensor) -> tuple[Tensor, Tensor]:
        """Log i - log f, which no gate however closed makes infinite, and the candidate."""
        into, forget, candidate = ops.split(projected, 3, axis=-1)
        return ops.softplus(-forget) - ops.softplus(-into), candidate

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 3 * units] and (h,) -> h_t, [h_t]."""
        ratio, candidate = self._input_over_forget(projected)
        share = ops.sigmoid(ratio)
        hidden = (1 - share) * states[0] + share * candidate
        return hidden, [hidden]

    def linear_terms(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> LinearTerms:
        """The logarithm of the normalised forget gate, and the normalised inflow."""
        ratio, candidate = self._input_over_forget(projected)
        return LinearTerms(-ops.softplus(ratio), ops.sigmoid(ratio) * candidate)

    def read_out(self, terms: LinearTerms, scanned: Tensor) -> Tensor:
        """The state is the output."""
        return scanned

    def other_states(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> list[Tensor]:
        """There is no other state."""
        return []
