"""The LSTM whose gates see the cell state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell


@keras.saving.register_keras_serializable("rnn_toolkit")
class PeepholeLSTMCell(TwoPhaseCell):
    """LSTM with peephole connections (Gers and Schmidhuber 2000).

    The paper: Recurrent nets that time and count.

    i_t = sigmoid(W_i x_t + U_i h_{t-1} + p_i * c_{t-1} + b_i)
    f_t = sigmoid(W_f x_t + U_f h_{t-1} + p_f * c_{t-1} + b_f)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    c_t = f_t * c_{t-1} + i_t * g_t
    o_t = sigmoid(W_o x_t + U_o h_{t-1} + p_o * c_t + b_o)
    h_t = o_t * tanh(c_t)

    Blocks in the order i, f, g, o; states h, c; peepholes p [3, units] in the order i, f, o.
    """

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 2
    forget_gate: ClassVar[int | None] = 1

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the kernels, the bias and the peepholes."""
        super().build(shape)
        self.peepholes = self.add_weight(
            shape=(3, self.units), initializer="glorot_uniform", name="peepholes"
        )

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 4 * units] and (h, c) -> h_t, [h_t, c_t]."""
        hidden, memory = states
        gates = projected + ops.matmul(hidden, self.recurrent_kernel)
        into, forget, candidate, out = ops.split(gates, 4, axis=-1)
        into = ops.sigmoid(into + self.peepholes[0] * memory)
        forget = ops.sigmoid(forget + self.peepholes[1] * memory)
        memory = forget * memory + into * ops.tanh(candidate)
        hidden = ops.sigmoid(out + self.peepholes[2] * memory) * ops.tanh(memory)
        return hidden, [hidden, memory]
