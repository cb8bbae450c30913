"""The two-phase view of any Keras cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from rnn_toolkit.cells.base import TwoPhase
from rnn_toolkit.cells.call_only import CallSteps
from rnn_toolkit.cells.gru import GRUSteps
from rnn_toolkit.cells.lstm import LSTMSteps
from rnn_toolkit.cells.simple_rnn import SimpleRNNSteps

KERAS_VIEWS: dict[type[Any], Callable[..., TwoPhase]] = {
    keras.layers.SimpleRNNCell: SimpleRNNSteps,
    keras.layers.LSTMCell: LSTMSteps,
    keras.layers.GRUCell: GRUSteps,
}


def two_phase(cell: Any) -> TwoPhase:
    """The two-phase view of a built Keras cell.

    Args:
        cell: one that has `project` and `step` is its own view; one of Keras' standard cells
            is read by its equations; any other steps by its `call`.
    """
    if isinstance(cell, TwoPhase):
        return cell
    view = KERAS_VIEWS.get(type(cell), CallSteps)
    return view(cell)
