"""The simple recurrent unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import LinearTerms, Tensor, TwoPhaseCell, known_features
from rnn_toolkit.cells.initializers import another


@keras.saving.register_keras_serializable("rnn_toolkit")
class SRUCell(TwoPhaseCell):
    """SRU in its first form, without a peephole (Lei et al. 2017, Simple recurrent units).

    f_t = sigmoid(W_f x_t + b_f)
    r_t = sigmoid(W_r x_t + b_r)
    c_t = f_t * c_{t-1} + (1 - f_t) * (W x_t + b)
    h_t = r_t * tanh(c_t) + (1 - r_t) * x_t

    x_t in the last line is projected by a further matrix where features and units differ.
    Blocks in the order W, f, r. Linear in c; without the peephole all steps can be computed
    by a parallel scan.
    """

    gates: ClassVar[int] = 3
    forget_gate: ClassVar[int | None] = 1
    has_recurrent_kernel: ClassVar[bool] = False

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the kernel, the bias and, where it is needed, the skip kernel."""
        super().build(shape)
        features = known_features(shape, type(self).__name__)
        self.skip_kernel = None
        if features != self.units:
            self.skip_kernel = self.add_weight(
                shape=(features, self.units),
                initializer=another(self.kernel_initializer, 1),
                name="skip_kernel",
            )

    def project(self, inputs: Tensor) -> Tensor:
        """W x + b and the skipping inputs: [..., features] -> [..., 4 * units]."""
        skip = inputs if self.skip_kernel is None else ops.matmul(inputs, self.skip_kernel)
        return ops.concatenate([super().project(inputs), skip], axis=-1)

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 4 * units] and (c,) -> h_t, [c_t]."""
        candidate, forget, outer = self._blocks(projected)
        forget = ops.sigmoid(forget)
        memory = forget * states[0] + (1 - forget) * candidate
        return self._output(outer, memory), [memory]

    def _blocks(self, projected: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """W x_t + b, the forget gate's sum, and reset gate's sum and skipping inputs together."""
        one, two = self.units, 2 * self.units
        return projected[..., :one], projected[..., one:two], projected[..., two:]

    def _output(self, outer: Tensor, memory: Tensor) -> Tensor:
        """r_t * tanh(c_t) + (1 - r_t) * x_t."""
        reset, skip = ops.split(outer, 2, axis=-1)
        reset = ops.sigmoid(reset)
        return reset * ops.tanh(memory) + (1 - reset) * skip

    def linear_terms(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> LinearTerms:
        """Log f_t and (1 - f_t) * (W x_t + b)."""
        candidate, forget, outer = self._blocks(projected)
        return LinearTerms(-ops.softplus(-forget), ops.sigmoid(-forget) * candidate, outer)

    def read_out(self, terms: LinearTerms, scanned: Tensor) -> Tensor:
        """h_t from c_t."""
        return self._output(terms.outer, scanned)

    def other_states(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> list[Tensor]:
        """There is no other state."""
        return []
