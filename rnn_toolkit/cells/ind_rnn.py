"""The independently recurrent network as a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell
from rnn_toolkit.errors import OptionError


@keras.saving.register_keras_serializable("rnn_toolkit")
class IndRNNCell(TwoPhaseCell):
    """IndRNN (Li et al. 2018, Independently recurrent neural network).

    h_t = relu(W x_t + u * h_{t-1} + b)

    u is a vector: each unit remembers for itself. |u| is kept at or below `recurrent_limit`;
    2 ** (1 / time) keeps the gradient over `time` steps below 2.

    Args:
        units: width of the hidden state.
        recurrent_limit: the largest |u|.
        **kwargs: see TwoPhaseCell.
    """

    has_recurrent_kernel: ClassVar[bool] = False

    def __init__(self, units: int, *, recurrent_limit: float = 1.0, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        if not recurrent_limit > 0:
            raise OptionError(
                f"IndRNNCell: recurrent_limit must be above 0, not {recurrent_limit}."
            )
        self.recurrent_limit = float(recurrent_limit)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes W, b and u; u begins between 0 and the limit (section 4 of the paper)."""
        super().build(shape)
        self.recurrent_weights = self.add_weight(
            shape=(self.units,),
            initializer=keras.initializers.RandomUniform(0.0, self.recurrent_limit),
            constraint=self._within_limit,
            name="recurrent_weights",
        )

    def _within_limit(self, weights: Tensor) -> Tensor:
        """Applied after each update: clipping within a step would leave no way back."""
        return ops.clip(weights, -self.recurrent_limit, self.recurrent_limit)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, units] and (h,) -> h_t, [h_t]."""
        hidden = ops.relu(projected + self.recurrent_weights * states[0])
        return hidden, [hidden]

    def get_config(self) -> dict[str, Any]:
        """Keras' description of the cell."""
        return {**super().get_config(), "recurrent_limit": self.recurrent_limit}
