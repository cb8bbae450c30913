"""The two-phase form that every cell has.

`project` needs only the inputs and runs over a whole sequence at once, as one large matrix
product; `step` is the recurrence proper. Training, step-by-step use and every export are
built from these two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from rnn_toolkit.errors import OptionError

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
    """A recurrent cell as recurrent layers and exports see it."""

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The width of each state."""

    def project(self, inputs: Tensor) -> Tensor:
        """[..., features] -> [..., projected]: all that needs only the inputs."""

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """[batch, projected] and states [batch, width] -> output [batch, units], new states."""


@runtime_checkable
class HasNativeOperator(Protocol):
    """A two-phase cell that ONNX may have as an operator."""

    def native_weights(self) -> NativeWeights | None:
        """Its weights, or None if this configuration has no operator."""


@dataclass(frozen=True)
class LinearTerms:
    """c_t = exp(log_decay_t) * c_{t-1} + inflow_t, both [batch, time, units]."""

    log_decay: Tensor
    inflow: Tensor
    outer: Tensor = None
    """What `read_out` needs beside c."""


@runtime_checkable
class LinearRecurrence(Protocol):
    """A two-phase cell whose first state c has an elementwise linear recurrence.

    The gates depend on the inputs alone: all steps can be computed by a parallel scan, which
    agrees with `step`.
    """

    def linear_terms(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> LinearTerms:
        """The gates of all steps.

        Args:
            projected: [batch, time, projected].
            states: the initial states, [batch, width] each.
            mask: [batch, time, 1], True at real steps, which follow one another.
        """

    def read_out(self, terms: LinearTerms, scanned: Tensor) -> Tensor:
        """The outputs [batch, time, units], given c_t of all steps [batch, time, units]."""

    def other_states(
        self, projected: Tensor, states: Sequence[Tensor], mask: Tensor
    ) -> list[Tensor]:
        """What the states beside c are after the last real step."""


class TwoPhaseCell(keras.layers.Layer):
    """Base of the toolkit's cells: one input kernel, one recurrent kernel, one bias.

    A subclass sets `gates`, `state_count` and `forget_gate`, writes `step`, and adds what
    weights it needs in `build`.

    Args:
        units: width of the hidden state, at least 1.
        kernel_initializer: for the input kernel [features, gates * units].
        recurrent_initializer: for the recurrent kernel [units, gates * units].
        forget_bias: initial bias of the forget gate, where there is one (Jozefowicz et al.
            2015, An empirical exploration of recurrent network architectures).

    Raises:
        OptionError: units is not a positive whole number.
    """

    gates: ClassVar[int] = 1
    state_count: ClassVar[int] = 1
    forget_gate: ClassVar[int | None] = None
    has_recurrent_kernel: ClassVar[bool] = True

    def __init__(
        self,
        units: int,
        *,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        forget_bias: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive("units", units, type(self).__name__)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.forget_bias = float(forget_bias)

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """The width of each state."""
        return (self.units,) * self.state_count

    @property
    def state_size(self) -> Any:
        """Keras' name for `state_sizes`."""
        sizes = self.state_sizes
        return sizes[0] if len(sizes) == 1 else list(sizes)

    @property
    def output_size(self) -> int:
        """The width of the output."""
        return self.units

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the weights for inputs [batch, features]."""
        features = known_features(shape, type(self).__name__)
        self.kernel = self.add_weight(
            shape=(features, self.gates * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        if self.has_recurrent_kernel:
            self.recurrent_kernel = self.add_weight(
                shape=(self.units, self.gates * self.units),
                initializer=self.recurrent_initializer,
                name="recurrent_kernel",
            )
        self.bias = self.add_weight(
            shape=(self.gates * self.units,), initializer=self._initial_bias, name="bias"
        )

    def _initial_bias(self, shape: Any, dtype: Any = None) -> Tensor:
        bias = np.zeros((self.gates, self.units), np.float32)
        if self.forget_gate is not None:
            bias[self.forget_gate] = self.forget_bias
        return ops.convert_to_tensor(bias.reshape(-1), dtype=dtype)

    def project(self, inputs: Tensor) -> Tensor:
        """W x + b: [..., features] -> [..., gates * units]."""
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """One time step; see the equations of the class."""
        raise NotImplementedError

    def call(
        self, inputs: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """Keras' interface: step(project(inputs), states)."""
        listed = list(states) if isinstance(states, (list, tuple)) else [states]
        return self.step(self.project(inputs), listed)

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Zeros, [batch, width] each."""
        return [ops.zeros((batch_size, size), self.compute_dtype) for size in self.state_sizes]

    def get_config(self) -> dict[str, Any]:
        """Keras' description of the cell."""
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": keras.initializers.serialize(self.recurrent_initializer),
            "forget_bias": self.forget_bias,
        }


def positive(name: str, value: Any, owner: str) -> int:
    """Checks a size.

    Raises:
        OptionError: it is not a whole number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise OptionError(f"{owner}: {name} must be a whole number above 0, not {value!r}.")
    return int(value)


def known_features(shape: tuple[int | None, ...], owner: str) -> int:
    """The width of the inputs of a cell.

    Raises:
        OptionError: the last axis is not known.
    """
    if not shape or shape[-1] is None:
        raise OptionError(
            f"{owner} needs inputs of a known width on the last axis, not of shape {shape}.",
            "Declare it, for example keras.Input((None, 16)).",
        )
    return int(shape[-1])


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
