"""The long short-term memory cell in two phases, on the weights of Keras' own cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops

from rnn_toolkit.cells.base import NativeWeights, Tensor, as_array, is_activation, reorder_gates
from rnn_toolkit.cells.steps import KerasCellView


class LSTMSteps(KerasCellView):
    """The LSTM (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    i = sigmoid(W_i x_t + U_i h_{t-1} + b_i)        input gate
    f = sigmoid(W_f x_t + U_f h_{t-1} + b_f)        forget gate
    g = tanh(W_c x_t + U_c h_{t-1} + b_c)           candidate
    o = sigmoid(W_o x_t + U_o h_{t-1} + b_o)        output gate
    c_t = f * c_{t-1} + i * g
    h_t = o * tanh(c_t)

    Args:
        cell: a built Keras LSTMCell; kernel W [features, 4 * units], recurrent_kernel U
            [units, 4 * units] and bias b [4 * units], gates in the order i, f, c, o.
    """

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Hidden state and cell state."""
        return (self.cell.units, self.cell.units)

    def project(self, inputs: Tensor) -> Tensor:
        """W x + b for all four gates: [..., features] -> [..., 4 * units]."""
        projected = ops.matmul(inputs, self.cell.kernel)
        return projected if self.cell.bias is None else projected + self.cell.bias

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One time step: [batch, 4 * units] and (h, c) -> h_t, [h_t, c_t]."""
        hidden, memory = states
        gates = projected + ops.matmul(self.scaled(hidden), self.kernel_in_use())
        into, forget, candidate, out = ops.split(gates, 4, axis=-1)
        sigmoid, tanh = self.cell.recurrent_activation, self.cell.activation
        memory = sigmoid(forget) * memory + sigmoid(into) * tanh(candidate)
        hidden = sigmoid(out) * tanh(memory)
        return hidden, [hidden, memory]

    def native_weights(self) -> NativeWeights | None:
        """ONNX LSTM (gates i, o, f, c), when the activations are the standard ones."""
        standard = is_activation(self.cell.activation, "tanh") and is_activation(
            self.cell.recurrent_activation, "sigmoid"
        )
        if not standard:
            return None
        nothing = np.zeros(4 * self.cell.units, np.float32)
        bias = nothing if self.cell.bias is None else as_array(self.cell.bias)
        order = (0, 3, 1, 2)
        return NativeWeights(
            operator="LSTM",
            kernel=reorder_gates(as_array(self.cell.kernel), order),
            recurrent_kernel=reorder_gates(as_array(self.cell.recurrent_kernel), order),
            input_bias=reorder_gates(bias, order),
            recurrent_bias=nothing,
        )
