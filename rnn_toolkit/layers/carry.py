"""States that recurrent layers carry from one piece of a sequence to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.loop import LoopResult

States = dict[str, list[Tensor]]
"""The states of each recurrent layer by its name, [batch, width] each."""


def zero_states(layers: Sequence[Any], batch: int | Tensor) -> States:
    """Zeros in the shape of the states of recurrent layers.

    Args:
        layers: built ones.
        batch: rows.
    """
    return {
        layer.name: [
            tf.zeros((batch, size), layer.compute_dtype) for size in layer.steps().state_sizes
        ]
        for layer in layers
    }


class StateCarry:
    """Initial states for the recurrent layers of one call of a model; collects the final ones.

    Args:
        states: where each layer goes on, by the name of the layer.
        restarts: [batch] bool, True for rows that begin anew, with the layer's own initial
            states.
    """

    def __init__(self, states: Mapping[str, Sequence[Tensor]], restarts: Tensor) -> None:
        self.states = states
        self.restarts = restarts
        self._final: States = {}
        self._repeated: str | None = None

    def initial(self, layer: Any, own: Sequence[Tensor]) -> list[Tensor]:
        """The states a layer begins with; `own` are those it would begin with by itself."""
        restarts = ops.expand_dims(self.restarts, -1)
        carried = self.states[layer.name]
        return [
            ops.where(restarts, start, ops.cast(state, start.dtype))
            for start, state in zip(own, carried, strict=True)
        ]

    def keep(self, layer: Any, final: Sequence[Tensor]) -> None:
        """Takes the final states of a layer."""
        if layer.name in self._final:
            self._repeated = layer.name
        self._final[layer.name] = list(final)

    def final(self) -> States:
        """The final states of all layers, once the model has run.

        Raises:
            OptionError: a layer ran twice, so that it has no one final state.
        """
        if self._repeated is not None:
            raise OptionError(
                f"The layer {self._repeated} stands in the model twice; its state cannot be "
                "carried."
            )
        return self._final


_CARRY: ContextVar[StateCarry | None] = ContextVar("state_carry", default=None)


@contextmanager
def carried_states(carry: StateCarry) -> Iterator[None]:
    """Every recurrent layer called inside the block begins and ends with `carry`."""
    token = _CARRY.set(carry)
    try:
        yield
    finally:
        _CARRY.reset(token)


def carries_states(run: Callable[..., LoopResult]) -> Callable[..., LoopResult]:
    """Makes the `inner_loop` of a recurrent layer heed `carried_states`.

    It stands around the run over time, whichever kernel runs, and leaves it alone otherwise.
    """

    @wraps(run)
    def inner_loop(
        layer: Any, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> LoopResult:
        carry = _CARRY.get()
        if carry is None:
            return run(layer, sequences, initial_state, mask, training)
        nested = isinstance(initial_state, (list, tuple))
        own = initial_state if nested else [initial_state]
        result = run(layer, sequences, carry.initial(layer, own), mask, training)
        carry.keep(layer, result[2])
        return result

    return inner_loop
