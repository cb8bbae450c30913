"""Initialisers for recurrent kernels, gate by gate."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError


@keras.saving.register_keras_serializable("rnn_toolkit")
class PerGate(keras.initializers.Initializer):
    """Initialises each [units, units] block of a recurrent kernel by itself.

    Orthogonal blocks keep the norm of the hidden state through each gate (Saxe et al. 2014);
    one orthogonal matrix over all gates at once does not. Identity blocks are the start
    of the IRNN of Le et al. 2015, which has a ReLU.

    Args:
        initializer: for a block, by name or as a Keras initialiser.
        tied: whether all gates begin with the same block.
    """

    def __init__(self, initializer: Any = "orthogonal", *, tied: bool = False) -> None:
        self.initializer = keras.initializers.get(initializer)
        self.tied = tied

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        """Values of the given shape [units, gates * units]."""
        units, width = shape
        if width % units:
            raise OptionError(f"PerGate needs a shape [units, gates * units], not {list(shape)}.")
        count = width // units
        if self.tied:
            block = self.initializer((units, units), dtype=dtype)
            return ops.concatenate([block] * count, axis=-1)
        drawn = [another(self.initializer, number) for number in range(count)]
        return ops.concatenate([draw((units, units), dtype=dtype) for draw in drawn], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Keras' description."""
        return {"initializer": keras.initializers.serialize(self.initializer), "tied": self.tied}


def another(initializer: Any, number: int) -> Any:
    """A copy of an initialiser that draws other values.

    A Keras initialiser that is called again repeats its values, so that two weights which
    share one would begin equal, or one as a part of the other.

    Args:
        initializer: a Keras initialiser, or any function of shape and dtype.
        number: tells copies apart where the initialiser has a seed that was set by hand.
    """
    if isinstance(initializer, PerGate):
        return PerGate(another(initializer.initializer, number), tied=initializer.tied)
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    config = initializer.get_config()
    if isinstance(config.get("seed"), int):
        sequence = np.random.SeedSequence((config["seed"], number))
        config = {**config, "seed": int(sequence.generate_state(1)[0])}
    return type(initializer).from_config(config)


RECURRENT_INITIALIZERS: dict[str, Any] = {
    "orthogonal": lambda: keras.initializers.Orthogonal(),
    "per_gate_orthogonal": lambda: PerGate("orthogonal"),
    "tied_orthogonal": lambda: PerGate("orthogonal", tied=True),
    "identity": lambda: PerGate("identity"),
    "glorot_uniform": lambda: keras.initializers.GlorotUniform(),
}


def recurrent_initializer(name: str) -> Any:
    """An initialiser for recurrent kernels.

    Raises:
        OptionError: there is none of that name; the message lists the choices.
    """
    if name not in RECURRENT_INITIALIZERS:
        raise OptionError(
            f"There is no recurrent initialiser {name!r}.",
            f"Choose from: {', '.join(RECURRENT_INITIALIZERS)}.",
        )
    return RECURRENT_INITIALIZERS[name]()


@keras.saving.register_keras_serializable("rnn_toolkit")
class GateBias(keras.initializers.Initializer):
    """Zeros, but for the bias of one gate.

    Args:
        value: the bias of that gate.
        gate: which block it is, from 0.
        gates: how many blocks there are.
    """

    def __init__(self, value: float, *, gate: int, gates: int) -> None:
        self.value = float(value)
        self.gate = gate
        self.gates = gates

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        """Values of the given shape [gates * units]."""
        values = np.zeros((self.gates, int(shape[-1]) // self.gates), np.float32)
        values[self.gate] = self.value
        return ops.convert_to_tensor(values.reshape(shape), dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """Keras' description."""
        return {"value": self.value, "gate": self.gate, "gates": self.gates}
