"""A two-phase view of a Keras cell that has only `call`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnn_toolkit.cells.base import Tensor


class CallSteps:
    """Steps by the cell's own `call`; nothing can be projected beforehand, which is slower.

    Args:
        cell: a built Keras cell with state_size and output_size.
    """

    def __init__(self, cell: Any) -> None:
        self.cell = cell

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The width of each state."""
        sizes = self.cell.state_size
        return tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)

    def project(self, inputs: Tensor) -> Tensor:
        """The inputs as they are."""
        return inputs

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, features] and the states -> output, new states."""
        output, states = self.cell.call(projected, list(states))
        return output, list(states) if isinstance(states, (list, tuple)) else [states]
