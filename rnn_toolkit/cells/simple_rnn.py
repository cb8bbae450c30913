"""The simple (Elman) recurrent cell in two phases, on the weights of Keras' own cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops

from rnn_toolkit.cells.base import NativeWeights, Tensor, as_array, is_activation
from rnn_toolkit.cells.steps import KerasCellView


class SimpleRNNSteps(KerasCellView):
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b_h)  (Elman 1990, Finding structure in time).

    Args:
        cell: a built Keras SimpleRNNCell; kernel is W_xh [features, units],
            recurrent_kernel W_hh [units, units], bias b_h [units].
    """

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """One hidden state."""
        return (self.cell.units,)

    def project(self, inputs: Tensor) -> Tensor:
        """W_xh x + b_h: [..., features] -> [..., units]."""
        projected = ops.matmul(inputs, self.cell.kernel)
        return projected if self.cell.bias is None else projected + self.cell.bias

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One time step: [batch, units] and (h,) -> h_t, [h_t]."""
        recurrent = ops.matmul(self.scaled(states[0]), self.kernel_in_use())
        hidden = self.cell.activation(projected + recurrent)
        return hidden, [hidden]

    def native_weights(self) -> NativeWeights | None:
        """ONNX RNN, when the activation is tanh."""
        if not is_activation(self.cell.activation, "tanh"):
            return None
        nothing = np.zeros(self.cell.units, np.float32)
        return NativeWeights(
            operator="RNN",
            kernel=as_array(self.cell.kernel),
            recurrent_kernel=as_array(self.cell.recurrent_kernel),
            input_bias=nothing if self.cell.bias is None else as_array(self.cell.bias),
            recurrent_bias=nothing,
        )
