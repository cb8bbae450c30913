"""The cells by name; a new cell is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnn_toolkit.cells.base import TwoPhase
from rnn_toolkit.errors import OptionError


def _simple_rnn(cell: Any) -> TwoPhase:
    from rnn_toolkit.cells.simple_rnn import SimpleRNNSteps

    return SimpleRNNSteps(cell)


def _lstm(cell: Any) -> TwoPhase:
    from rnn_toolkit.cells.lstm import LSTMSteps

    return LSTMSteps(cell)


def _gru(cell: Any) -> TwoPhase:
    from rnn_toolkit.cells.gru import GRUSteps

    return GRUSteps(cell)


# name -> (the Keras cell whose weights it reads, its two-phase form)
CELLS: dict[str, tuple[str, Callable[[Any], TwoPhase]]] = {
    "simple_rnn": ("SimpleRNNCell", _simple_rnn),
    "lstm": ("LSTMCell", _lstm),
    "gru": ("GRUCell", _gru),
}


def check_cell_name(name: str) -> None:
    """Raises OptionError, listing the choices, unless `name` is a cell."""
    if name not in CELLS:
        raise OptionError(f"There is no cell {name!r}.", f"Choose from: {', '.join(CELLS)}.")


def two_phase(cell: Any) -> TwoPhase | None:
    """The two-phase form of a Keras cell.

    Args:
        cell: a built cell; one that has `project` and `step` itself is its own form.

    Returns:
        The form, or None for a cell that has only `call`.
    """
    if isinstance(cell, TwoPhase):
        return cell
    for keras_name, form in CELLS.values():
        if type(cell).__name__ == keras_name:
            return form(cell)
    return None
