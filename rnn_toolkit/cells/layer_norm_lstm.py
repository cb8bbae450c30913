"""The layer-normalised LSTM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell
from rnn_toolkit.cells.normalization import normalized


@keras.saving.register_keras_serializable("rnn_toolkit")
class LayerNormLSTMCell(TwoPhaseCell):
    """LSTM with layer normalisation (Ba et al. 2016, Layer normalization).

    (i, f, g, o) = LN(W x_t; a) + LN(U h_{t-1}; r) + b
    c_t = sigmoid(f) * c_{t-1} + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(LN(c_t; m) + n)

    LN(v; gain) is over the whole vector of 4 * units values; blocks in the order i, f, g, o;
    states h, c.
    """

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 2
    forget_gate: ClassVar[int | None] = 1

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the kernels, the bias and the gains."""
        super().build(shape)
        wide, units = (4 * self.units,), (self.units,)
        self.input_gain = self.add_weight(shape=wide, initializer="ones", name="input_gain")
        self.recurrent_gain = self.add_weight(shape=wide, initializer="ones", name="recurrent_gain")
        self.memory_gain = self.add_weight(shape=units, initializer="ones", name="memory_gain")
        self.memory_bias = self.add_weight(shape=units, initializer="zeros", name="memory_bias")

    def project(self, inputs: Tensor) -> Tensor:
        """LN(W x) + b: [..., features] -> [..., 4 * units]."""
        return normalized(ops.matmul(inputs, self.kernel), self.input_gain) + self.bias

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 4 * units] and (h, c) -> h_t, [h_t, c_t]."""
        hidden, memory = states
        recurrent = normalized(ops.matmul(hidden, self.recurrent_kernel), self.recurrent_gain)
        into, forget, candidate, out = ops.split(projected + recurrent, 4, axis=-1)
        memory = ops.sigmoid(forget) * memory + ops.sigmoid(into) * ops.tanh(candidate)
        shown = normalized(memory, self.memory_gain) + self.memory_bias
        hidden = ops.sigmoid(out) * ops.tanh(shown)
        return hidden, [hidden, memory]
