"""What the cell table holds, for people who choose."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from rnn_toolkit.cells.base import HasNativeOperator, LinearRecurrence
from rnn_toolkit.cells.table import CELLS
from rnn_toolkit.layers.recurrent import recurrent_layer


@dataclass(frozen=True)
class CellFacts:
    """One line of the catalogue."""

    name: str
    title: str
    parameters: int
    states: tuple[int, ...]
    parallel: bool
    """Whether training scans all time steps at once."""
    native_onnx: bool


def catalogue(*, units: int = 64, features: int = 64) -> list[CellFacts]:
    """Every cell with its size and what it can do.

    Args:
        units: width of the hidden state.
        features: width of the inputs.
    """
    found = []
    for name in CELLS:
        layer = recurrent_layer(name, units)
        layer.build((None, None, features))
        view = layer.steps()
        native = isinstance(view, HasNativeOperator) and view.native_weights() is not None
        found.append(
            CellFacts(
                name=name,
                title=(inspect.getdoc(type(view)) or name).splitlines()[0].rstrip("."),
                parameters=int(layer.count_params()),
                states=view.state_sizes,
                parallel=isinstance(view, LinearRecurrence),
                native_onnx=native,
            )
        )
    return found
