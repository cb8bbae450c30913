"""The LSTM with an input-dependent recurrent matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell, known_features
from rnn_toolkit.cells.initializers import another


@keras.saving.register_keras_serializable("rnn_toolkit")
class MultiplicativeLSTMCell(TwoPhaseCell):
    """Multiplicative LSTM (Krause et al. 2016, Multiplicative LSTM for sequence modelling).

    m_t = (W_m x_t) * (U_m h_{t-1})
    i_t, f_t, o_t = sigmoid(W x_t + U m_t + b)
    g_t = tanh(W_g x_t + U_g m_t + b_g)
    c_t = f_t * c_{t-1} + i_t * g_t
    h_t = o_t * tanh(c_t)

    Blocks in the order i, f, g, o; states h, c. (The paper writes h_t = tanh(c_t * o_t); the
    form above is that of the LSTM, as in Radford et al. 2017.)
    """

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 2
    forget_gate: ClassVar[int | None] = 1

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the kernels, the bias, W_m and U_m."""
        super().build(shape)
        features = known_features(shape, type(self).__name__)
        self.middle_kernel = self.add_weight(
            shape=(features, self.units),
            initializer=another(self.kernel_initializer, 1),
            name="middle_kernel",
        )
        self.middle_recurrent_kernel = self.add_weight(
            shape=(self.units, self.units),
            initializer=another(self.recurrent_initializer, 1),
            name="middle_recurrent_kernel",
        )

    def project(self, inputs: Tensor) -> Tensor:
        """W x + b and W_m x: [..., features] -> [..., 5 * units]."""
        middle = ops.matmul(inputs, self.middle_kernel)
        return ops.concatenate([super().project(inputs), middle], axis=-1)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 5 * units] and (h, c) -> h_t, [h_t, c_t]."""
        hidden, memory = states
        edge = 4 * self.units
        middle = projected[..., edge:] * ops.matmul(hidden, self.middle_recurrent_kernel)
        gates = projected[..., :edge] + ops.matmul(middle, self.recurrent_kernel)
        into, forget, candidate, out = ops.split(gates, 4, axis=-1)
        memory = ops.sigmoid(forget) * memory + ops.sigmoid(into) * ops.tanh(candidate)
        hidden = ops.sigmoid(out) * ops.tanh(memory)
        return hidden, [hidden, memory]
