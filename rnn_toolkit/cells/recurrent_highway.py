"""The recurrent highway network as a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell, positive
from rnn_toolkit.cells.initializers import GateBias, another


@keras.saving.register_keras_serializable("rnn_toolkit")
class RecurrentHighwayCell(TwoPhaseCell):
    """RHN with coupled gates (Zilly et al. 2017, Recurrent highway networks).

    s_0 = h_{t-1}; for l = 1 .. depth:
        g_l = tanh(W_g x_t [l = 1] + U_g^l s_{l-1} + b_g^l)
        z_l = sigmoid(W_z x_t [l = 1] + U_z^l s_{l-1} + b_z^l)
        s_l = z_l * g_l + (1 - z_l) * s_{l-1}
    h_t = s_depth

    Blocks in the order g, z.

    Args:
        units: width of the hidden state.
        depth: highway layers within a step.
        transform_bias: initial b_z; below 0, so that a step begins close to a copy.
        **kwargs: see TwoPhaseCell.
    """

    gates: ClassVar[int] = 2

    def __init__(
        self, units: int, *, depth: int = 3, transform_bias: float = -2.0, **kwargs: Any
    ) -> None:
        super().__init__(units, **kwargs)
        self.transform_bias = float(transform_bias)
        self.depth = positive("depth", depth, type(self).__name__)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the first layer's weights, and U^l and b^l of the further ones."""
        super().build(shape)
        wide = 2 * self.units
        self.deeper = [
            (
                self.add_weight(
                    shape=(self.units, wide),
                    initializer=another(self.recurrent_initializer, number),
                    name=f"recurrent_kernel_{number}",
                ),
                self.add_weight(
                    shape=(wide,), initializer=self._initial_bias, name=f"bias_{number}"
                ),
            )
            for number in range(2, self.depth + 1)
        ]

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Tensor:
        return GateBias(self.transform_bias, gate=1, gates=2)(shape, dtype)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 2 * units] and (h,) -> h_t, [h_t]."""
        state = states[0]
        state = _highway(projected + ops.matmul(state, self.recurrent_kernel), state)
        for kernel, bias in self.deeper:
            state = _highway(ops.matmul(state, kernel) + bias, state)
        return state, [state]

    def get_config(self) -> dict[str, Any]:
        """Keras' description of the cell."""
        config = super().get_config()
        return {**config, "depth": self.depth, "transform_bias": self.transform_bias}


def _highway(gates: Tensor, state: Tensor) -> Tensor:
    candidate, transform = ops.split(gates, 2, axis=-1)
    transform = ops.sigmoid(transform)
    return transform * ops.tanh(candidate) + (1 - transform) * state
