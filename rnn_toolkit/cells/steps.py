"""What the two-phase views of Keras' own cells share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnn_toolkit.cells.base import Tensor


@dataclass(frozen=True)
class KerasCellView:
    """A two-phase view of a built Keras cell, which keeps the weights.

    Args:
        cell: the Keras cell.
        recurrent_kernel: stands in for the cell's own, for example one with dropped weights.
        hidden_scale: [batch, units], multiplies the hidden state wherever a matrix meets it;
            one for all steps, which is variational dropout (Gal and Ghahramani 2016).
    """

    cell: Any
    recurrent_kernel: Tensor = field(default=None)
    hidden_scale: Tensor = field(default=None)

    def kernel_in_use(self) -> Tensor:
        """The recurrent kernel [units, gates * units]."""
        own = self.recurrent_kernel is None
        return self.cell.recurrent_kernel if own else self.recurrent_kernel

    def scaled(self, hidden: Tensor) -> Tensor:
        """The hidden state as the recurrent kernel sees it."""
        return hidden if self.hidden_scale is None else hidden * self.hidden_scale
