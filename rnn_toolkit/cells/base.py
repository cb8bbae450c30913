"""The two-phase form that every cell has.

`project` needs only the inputs and runs over a whole sequence at once, as one large matrix
product; `step` is the recurrence proper. Training, step-by-step use and every export are
built from these two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import keras
import numpy as np
from numpy.typing import NDArray

Tensor = Any  # a keras.KerasTensor or a backend tensor; Keras gives them no common type


@dataclass(frozen=True)
class NativeWeights:
    """The weights of a cell that ONNX has as an operator of its own, in ONNX gate order.

    Shapes, with `gates` blocks of `units` each: kernel [features, gates * units],
    recurrent_kernel [units, gates * units], biases [gates * units].
    """

    operator: Literal["RNN", "LSTM", "GRU"]
    kernel: NDArray[np.float32]
    recurrent_kernel: NDArray[np.float32]
    input_bias: NDArray[np.float32]
    recurrent_bias: NDArray[np.float32]
    linear_before_reset: bool = False


@runtime_checkable
class TwoPhase(Protocol):
    """A recurrent cell as exports see it."""

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The width of each state."""

    def project(self, inputs: Tensor) -> Tensor:
        """[..., features] -> [..., projected]: all that needs only the inputs."""

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, projected] and states [batch, width] -> output [batch, units], new states."""

    def native_weights(self) -> NativeWeights | None:
        """The cell as a native ONNX operator, or None if there is none for it."""


def is_activation(function: Any, name: str) -> bool:
    """Whether a Keras activation is the named one."""
    return bool(function is keras.activations.get(name))


def as_array(variable: Any) -> NDArray[np.float32]:
    """The value of a Keras variable."""
    return np.asarray(variable.numpy(), dtype=np.float32)


def reorder_gates(array: NDArray[np.float32], order: Sequence[int]) -> NDArray[np.float32]:
    """Puts the gate blocks along the last axis into another order."""
    blocks = np.split(array, len(order), axis=-1)
    return np.concatenate([blocks[index] for index in order], axis=-1)
