"""The LSTM with exponential gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell

_SMALLEST_NORMALIZER = 1e-6


@keras.saving.register_keras_serializable("rnn_toolkit")
class SLSTMCell(TwoPhaseCell):
    """sLSTM with one head (Beck et al. 2024, xLSTM: extended long short-term memory).

    (i~, f~, g~, o~) = W x_t + U h_{t-1} + b
    m_t = max(log sigmoid(f~) + m_{t-1}, i~)                    stabiliser
    i_t = exp(i~ - m_t);  f_t = exp(log sigmoid(f~) + m_{t-1} - m_t)
    c_t = f_t * c_{t-1} + i_t * tanh(g~)
    n_t = f_t * n_{t-1} + i_t                                   normaliser
    h_t = sigmoid(o~) * c_t / n_t

    Blocks in the order i, f, g, o; states h, c, n, m. n is kept above 1e-6, which matters only
    where every input gate so far was closed by more than a factor of a million.
    """

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 4
    forget_gate: ClassVar[int | None] = 1

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, 4 * units] and (h, c, n, m) -> h_t, [h_t, c_t, n_t, m_t]."""
        hidden, memory, normalizer, stabilizer = states
        gates = projected + ops.matmul(hidden, self.recurrent_kernel)
        into, forget, candidate, out = ops.split(gates, 4, axis=-1)
        kept = stabilizer - ops.softplus(-forget)
        stabilizer = ops.maximum(kept, into)
        into, kept = ops.exp(into - stabilizer), ops.exp(kept - stabilizer)
        memory = kept * memory + into * ops.tanh(candidate)
        normalizer = kept * normalizer + into
        hidden = ops.sigmoid(out) * memory / ops.maximum(normalizer, _SMALLEST_NORMALIZER)
        return hidden, [hidden, memory, normalizer, stabilizer]
