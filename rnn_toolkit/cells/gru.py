"""The gated recurrent unit in two phases, on the weights of Keras' own cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from keras import ops

from rnn_toolkit.cells.base import NativeWeights, Tensor, as_array, is_activation
from rnn_toolkit.cells.steps import KerasCellView


class GRUSteps(KerasCellView):
    """The GRU (Cho et al. 2014), in the form whose reset gate follows the matrix product.

    z = sigmoid(W_z x_t + b_z + U_z h_{t-1} + d_z)          update gate
    r = sigmoid(W_r x_t + b_r + U_r h_{t-1} + d_r)          reset gate
    g = tanh(W_h x_t + b_h + r * (U_h h_{t-1} + d_h))       candidate (reset_after)
    g = tanh(W_h x_t + b_h + U_h (r * h_{t-1}))             candidate (not reset_after)
    h_t = z * h_{t-1} + (1 - z) * g

    Args:
        cell: a built Keras GRUCell; kernel W [features, 3 * units], recurrent_kernel U
            [units, 3 * units], bias b and d [2, 3 * units] (b alone, [3 * units], without
            reset_after), gates in the order z, r, h.
    """

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """One hidden state."""
        return (self.cell.units,)

    def project(self, inputs: Tensor) -> Tensor:
        """W x + b for both gates and the candidate: [..., features] -> [..., 3 * units]."""
        projected = ops.matmul(inputs, self.cell.kernel)
        if self.cell.bias is None:
            return projected
        return projected + (self.cell.bias[0] if self.cell.reset_after else self.cell.bias)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One time step: [batch, 3 * units] and (h,) -> h_t, [h_t]."""
        hidden = states[0]
        sigmoid, tanh = self.cell.recurrent_activation, self.cell.activation
        into_update, into_reset, into_candidate = ops.split(projected, 3, axis=-1)
        if self.cell.reset_after:
            recurrent = ops.matmul(self.scaled(hidden), self.kernel_in_use())
            if self.cell.bias is not None:
                recurrent = recurrent + self.cell.bias[1]
            from_update, from_reset, from_candidate = ops.split(recurrent, 3, axis=-1)
            update = sigmoid(into_update + from_update)
            candidate = tanh(into_candidate + sigmoid(into_reset + from_reset) * from_candidate)
        else:
            units = self.cell.units
            gates = ops.matmul(self.scaled(hidden), self.kernel_in_use()[:, : 2 * units])
            from_update, from_reset = ops.split(gates, 2, axis=-1)
            update = sigmoid(into_update + from_update)
            kept = sigmoid(into_reset + from_reset) * self.scaled(hidden)
            candidate = tanh(
                into_candidate + ops.matmul(kept, self.kernel_in_use()[:, 2 * units :])
            )
        hidden = update * hidden + (1 - update) * candidate
        return hidden, [hidden]

    def native_weights(self) -> NativeWeights | None:
        """ONNX GRU (gates z, r, h), when the activations are the standard ones."""
        standard = is_activation(self.cell.activation, "tanh") and is_activation(
            self.cell.recurrent_activation, "sigmoid"
        )
        if not standard:
            return None
        bias = np.zeros((2, 3 * self.cell.units), np.float32)
        if self.cell.bias is not None and self.cell.reset_after:
            bias = as_array(self.cell.bias)
        elif self.cell.bias is not None:
            bias[0] = as_array(self.cell.bias)
        return NativeWeights(
            operator="GRU",
            kernel=as_array(self.cell.kernel),
            recurrent_kernel=as_array(self.cell.recurrent_kernel),
            input_bias=bias[0],
            recurrent_bias=bias[1],
            linear_before_reset=bool(self.cell.reset_after),
        )
