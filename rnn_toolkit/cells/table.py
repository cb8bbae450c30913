"""The cells by name; a new cell is one file and one line of this table."""

from __future__ import annotations

from inspect import signature
from itertools import takewhile
from typing import Any

import keras

from rnn_toolkit.cells.base import TwoPhaseCell, positive
from rnn_toolkit.cells.cifg_lstm import CoupledGateLSTMCell
from rnn_toolkit.cells.ind_rnn import IndRNNCell
from rnn_toolkit.cells.layer_norm_gru import LayerNormGRUCell
from rnn_toolkit.cells.layer_norm_lstm import LayerNormLSTMCell
from rnn_toolkit.cells.min_gru import MinGRUCell
from rnn_toolkit.cells.min_lstm import MinLSTMCell
from rnn_toolkit.cells.mogrifier_lstm import MogrifierLSTMCell
from rnn_toolkit.cells.multiplicative_lstm import MultiplicativeLSTMCell
from rnn_toolkit.cells.peephole_lstm import PeepholeLSTMCell
from rnn_toolkit.cells.qrnn import QRNNCell
from rnn_toolkit.cells.recurrent_highway import RecurrentHighwayCell
from rnn_toolkit.cells.slstm import SLSTMCell
from rnn_toolkit.cells.sru import SRUCell
from rnn_toolkit.errors import OptionError

CELLS: dict[str, type[Any]] = {
    "simple_rnn": keras.layers.SimpleRNNCell,
    "lstm": keras.layers.LSTMCell,
    "gru": keras.layers.GRUCell,
    "peephole_lstm": PeepholeLSTMCell,
    "cifg_lstm": CoupledGateLSTMCell,
    "layer_norm_lstm": LayerNormLSTMCell,
    "layer_norm_gru": LayerNormGRUCell,
    "min_gru": MinGRUCell,
    "min_lstm": MinLSTMCell,
    "sru": SRUCell,
    "qrnn": QRNNCell,
    "ind_rnn": IndRNNCell,
    "mogrifier_lstm": MogrifierLSTMCell,
    "multiplicative_lstm": MultiplicativeLSTMCell,
    "recurrent_highway": RecurrentHighwayCell,
    "slstm": SLSTMCell,
}


def check_cell_name(name: str) -> None:
    """Raises OptionError, listing the choices, unless `name` is a cell."""
    if name not in CELLS:
        raise OptionError(f"There is no cell {name!r}.", f"Choose from: {', '.join(CELLS)}.")


def cell_options(name: str) -> list[str]:
    """The options of a cell beside its units, by its name."""
    kind = CELLS[name]
    owners = takewhile(lambda owner: owner is not keras.layers.Layer, kind.__mro__)
    written = [vars(owner)["__init__"] for owner in owners if "__init__" in vars(owner)]
    parameters = [each for init in written for each in signature(init).parameters.values()]
    unwanted = {"self", "units"}
    if issubclass(kind, TwoPhaseCell) and kind.forget_gate is None:
        unwanted.add("forget_bias")
    if issubclass(kind, TwoPhaseCell) and not kind.has_recurrent_kernel:
        unwanted.add("recurrent_initializer")
    named = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
    return [option for option in named if option not in unwanted]


def make_cell(name: str, units: int, **options: Any) -> Any:
    """A Keras cell by its name.

    Args:
        name: a name of the table.
        units: width of the hidden state, at least 1.
        **options: of that cell, see its class; name and dtype are for every one.

    Raises:
        OptionError: there is no such cell, it has no such option, or the size cannot be used.
    """
    check_cell_name(name)
    choices = cell_options(name)
    for option in options:
        if option not in (*choices, "name", "dtype"):
            raise OptionError(
                f"{name} has no option {option!r}.", f"Choose from: {', '.join(choices)}."
            )
    return CELLS[name](positive("units", units, name), **options)
