"""The quasi-recurrent network as a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import LinearTerms, Tensor, TwoPhaseCell, known_features
from rnn_toolkit.cells.initializers import another


@keras.saving.register_keras_serializable("rnn_toolkit")
class QRNNCell(TwoPhaseCell):
    """QRNN, window 2, fo-pooling (Bradbury et al. 2017, Quasi-recurrent neural networks).

    z_t = tanh(V_z x_{t-1} + W_z x_t + b_z)
    f_t = sigmoid(V_f x_{t-1} + W_f x_t + b_f)
    o_t = sigmoid(V_o x_{t-1} + W_o x_t + b_o)
    c_t = f_t * c_{t-1} + (1 - f_t) * z_t
    h_t = o_t * c_t

    Blocks in the order z, f, o. The states are c and V x_{t-1} [3 * units], so that the
    window of the convolution survives from one step to the next.
    """

    gates: ClassVar[int] = 3
    forget_gate: ClassVar[int | None] = 1
    has_recurrent_kernel: ClassVar[bool] = False

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The memory and what the previous input adds to the gates."""
        return (self.units, 3 * self.units)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes W, V and the bias."""
        super().build(shape)
        features = known_features(shape, type(self).__name__)
        self.previous_kernel = self.add_weight(
            shape=(features, 3 * self.units),
            initializer=another(self.kernel_initializer, 1),
            name="previous_kernel",
        )

    def project(self, inputs: Tensor) -> Tensor:
        """W x + b and V x: [..., features] -> [..., 6 * units]."""
        later = ops.matmul(inputs, self.previous_kernel)
        return ops.concatenate([super().project(inputs), later], axis=-1)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 6 * units] and (c, V x_{t-1}) -> h_t, [c_t, V x_t]."""
        memory, earlier = states
        now, later = ops.split(projected, 2, axis=-1)
        candidate, forget, out = ops.split(now + earlier, 3, axis=-1)
        forget = ops.sigmoid(forget)
        memory = forget * memory + (1 - forget) * ops.tanh(candidate)
        return ops.sigmoid(out) * memory, [memory, later]

    def linear_terms(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> LinearTerms:
        """Log f_t and (1 - f_t) * z_t; before the first real step stands the initial state."""
        now, later = ops.split(projected, 2, axis=-1)
        initial = ops.expand_dims(states[1], 1)
        earlier = ops.concatenate([initial, later[:, :-1]], axis=1)
        real_before = ops.concatenate([mask[:, :1], mask[:, :-1]], axis=1)
        gates = now + ops.where(real_before, earlier, initial)
        candidate, forget, out = ops.split(gates, 3, axis=-1)
        inflow = ops.sigmoid(-forget) * ops.tanh(candidate)
        return LinearTerms(-ops.softplus(-forget), inflow, outer=out)

    def read_out(self, terms: LinearTerms, scanned: Tensor) -> Tensor:
        """o_t * c_t."""
        return ops.sigmoid(terms.outer) * scanned

    def other_states(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> list[Tensor]:
        """V x of the last real step; the initial state where there is none."""
        _, later = ops.split(projected, 2, axis=-1)
        real = ops.cast(mask, later.dtype)
        real_after = ops.concatenate([real[:, 1:], ops.zeros_like(real[:, :1])], axis=1)
        last = ops.sum(later * real * (1 - real_after), axis=1)
        return [ops.where(ops.any(mask, axis=1), last, states[1])]
