"""The LSTM with coupled input and forget gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell


@keras.saving.register_keras_serializable("rnn_toolkit")
class CoupledGateLSTMCell(TwoPhaseCell):
    """LSTM with i = 1 - f, "CIFG" (Greff et al. 2017, LSTM: a search space odyssey).

    f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
    c_t = f_t * c_{t-1} + (1 - f_t) * g_t
    h_t = o_t * tanh(c_t)

    Blocks in the order f, g, o; states h, c.
    """

    gates: ClassVar[int] = 3
    state_count: ClassVar[int] = 2
    forget_gate: ClassVar[int | None] = 0

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 3 * units] and (h, c) -> h_t, [h_t, c_t]."""
        hidden, memory = states
        gates = projected + ops.matmul(hidden, self.recurrent_kernel)
        forget, candidate, out = ops.split(gates, 3, axis=-1)
        forget = ops.sigmoid(forget)
        memory = forget * memory + (1 - forget) * ops.tanh(candidate)
        hidden = ops.sigmoid(out) * ops.tanh(memory)
        return hidden, [hidden, memory]
