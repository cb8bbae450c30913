"""The LSTM whose inputs and hidden state modulate one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell, known_features, positive
from rnn_toolkit.cells.initializers import another


@keras.saving.register_keras_serializable("rnn_toolkit")
class MogrifierLSTMCell(TwoPhaseCell):
    """Mogrifier LSTM (Melis et al. 2020, Mogrifier LSTM).

    For k = 1 .. rounds, starting from x^{-1} = x_t and h^0 = h_{t-1}:
        x^k = 2 * sigmoid(Q^k h^{k-1}) * x^{k-2}    for odd k
        h^k = 2 * sigmoid(R^k x^{k-1}) * h^{k-2}    for even k
    then an LSTM step on the last x and h, blocks in the order i, f, g, o; states h, c.

    The inputs themselves enter the recurrence, so that nothing can be projected beforehand.

    Args:
        units: width of the hidden state.
        rounds: of modulation; 5 in the paper's best models.
        **kwargs: see TwoPhaseCell.
    """

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 2
    forget_gate: ClassVar[int | None] = 1

    def __init__(self, units: int, *, rounds: int = 5, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.rounds = positive("rounds", rounds, type(self).__name__)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the kernels, the bias, and Q^k [units, features] or R^k [features, units]."""
        super().build(shape)
        features = known_features(shape, type(self).__name__)
        self.modulators = [
            self.add_weight(
                shape=(self.units, features) if number % 2 else (features, self.units),
                initializer=another(self.kernel_initializer, number),
                name=f"modulator_{number}",
            )
            for number in range(1, self.rounds + 1)
        ]

    def project(self, inputs: Tensor) -> Tensor:
        """The inputs as they are."""
        return inputs

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, features] and (h, c) -> h_t, [h_t, c_t]."""
        inputs, (hidden, memory) = projected, states
        for number, modulator in enumerate(self.modulators, start=1):
            if number % 2:
                inputs = 2 * ops.sigmoid(ops.matmul(hidden, modulator)) * inputs
            else:
                hidden = 2 * ops.sigmoid(ops.matmul(inputs, modulator)) * hidden
        gates = ops.matmul(inputs, self.kernel) + self.bias
        gates = gates + ops.matmul(hidden, self.recurrent_kernel)
        into, forget, candidate, out = ops.split(gates, 4, axis=-1)
        memory = ops.sigmoid(forget) * memory + ops.sigmoid(into) * ops.tanh(candidate)
        hidden = ops.sigmoid(out) * ops.tanh(memory)
        return hidden, [hidden, memory]

    def get_config(self) -> dict[str, Any]:
        """Keras' description of the cell."""
        return {**super().get_config(), "rounds": self.rounds}
