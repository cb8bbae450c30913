"""The layer-normalised GRU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell
from rnn_toolkit.cells.normalization import normalized


@keras.saving.register_keras_serializable("rnn_toolkit")
class LayerNormGRUCell(TwoPhaseCell):
    """GRU with layer normalisation (Ba et al. 2016, Layer normalization).

    (z, r) = sigmoid(LN(W_zr x_t; a) + b_zr + LN(U_zr h_{t-1}; u))
    g_t = tanh(LN(W_g x_t; d) + b_g + r * LN(U_g h_{t-1}; v))
    h_t = z * h_{t-1} + (1 - z) * g_t

    z is what stays, as in Keras' GRU (in the paper, what changes); the paper's further bias
    under the reset gate is left out. Blocks in the order z, r, g; the gains of a and d, and of
    u and v, stand side by side.
    """

    gates: ClassVar[int] = 3

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the kernels, the bias and the gains."""
        super().build(shape)
        wide = (3 * self.units,)
        self.input_gain = self.add_weight(shape=wide, initializer="ones", name="input_gain")
        self.recurrent_gain = self.add_weight(shape=wide, initializer="ones", name="recurrent_gain")

    def _normalized_apart(self, values: Tensor, gain: Tensor) -> Tensor:
        """The two gates are normalised together, the candidate by itself."""
        edge = 2 * self.units
        gates = normalized(values[..., :edge], gain[:edge])
        return ops.concatenate([gates, normalized(values[..., edge:], gain[edge:])], axis=-1)

    def project(self, inputs: Tensor) -> Tensor:
        """LN(W x) + b: [..., features] -> [..., 3 * units]."""
        return self._normalized_apart(ops.matmul(inputs, self.kernel), self.input_gain) + self.bias

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 3 * units] and (h,) -> h_t, [h_t]."""
        hidden = states[0]
        product = ops.matmul(hidden, self.recurrent_kernel)
        recurrent = self._normalized_apart(product, self.recurrent_gain)
        into_update, into_reset, into_candidate = ops.split(projected, 3, axis=-1)
        from_update, from_reset, from_candidate = ops.split(recurrent, 3, axis=-1)
        update = ops.sigmoid(into_update + from_update)
        reset = ops.sigmoid(into_reset + from_reset)
        candidate = ops.tanh(into_candidate + reset * from_candidate)
        hidden = update * hidden + (1 - update) * candidate
        return hidden, [hidden]
