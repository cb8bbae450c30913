"""Recurrent layers with one switch point between training and exports.

The layers are Keras' own. Only `inner_loop`, the run over time, can be replaced while a
model is traced for an export; networks are ordinary Keras models and know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.cells.table import check_cell_name


class RecurrentLoop(Protocol):
    """A run over time that stands in for Keras' own while a model is traced."""

    def __call__(
        self,
        layer: Any,
        sequences: Tensor,
        initial_state: list[Tensor],
        mask: Tensor | None,
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Runs `layer.cell` over `sequences` [batch, time, features].

        Returns:
            Last output [batch, units]; outputs [batch, time, units], in the order of
            processing (only meaningful with layer.return_sequences); final states.
        """


_LOOP: ContextVar[RecurrentLoop | None] = ContextVar("recurrent_loop", default=None)


@contextmanager
def recurrent_loop(loop: RecurrentLoop) -> Iterator[None]:
    """Replaces the run over time of every recurrent layer called inside the block."""
    token = _LOOP.set(loop)
    try:
        yield
    finally:
        _LOOP.reset(token)


class ReplaceableLoop:
    """Mixin for keras.layers.RNN and its subclasses that makes the run over time replaceable.

    Padding is on the right: a mask holds True for the first `length` steps of a row.
    """

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Keras' hook: the run over time."""
        states = (
            list(initial_state) if isinstance(initial_state, (list, tuple)) else [initial_state]
        )
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        loop = _LOOP.get()
        if loop is not None:
            return loop(self, sequences, states, mask)
        run = super().inner_loop  # type: ignore[misc]
        if mask is None or not _runs_on_cudnn():
            result: tuple[Tensor, Tensor, list[Tensor]] = run(sequences, states, mask, training)
            return result
        return without_empty_rows(lambda safe: run(sequences, states, safe, training), states, mask)


def without_empty_rows(
    run: Callable[[Tensor], tuple[Tensor, Tensor, list[Tensor]]],
    states: list[Tensor],
    mask: Tensor,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Runs a loop that fails on rows that are all padding (cuDNN), and mends their answer.

    Such a row is run as if its first step were real; its outputs are then replaced by
    zeros and its states by the initial ones, which is what Keras gives on a CPU.

    Args:
        run: the loop, as a function of the mask.
        states: initial states, [batch, width] each.
        mask: [batch, time].
    """
    mask = ops.cast(mask, "bool")
    real = ops.any(mask, axis=1, keepdims=True)
    first = ops.expand_dims(ops.arange(ops.shape(mask)[1]) == 0, 0)
    safe = ops.logical_or(mask, ops.logical_and(first, ops.logical_not(real)))
    last, outputs, final = run(safe)
    return (
        ops.where(real, last, ops.zeros_like(last)),
        ops.where(ops.expand_dims(real, -1), outputs, ops.zeros_like(outputs)),
        [ops.where(real, new, old) for new, old in zip(final, states, strict=True)],
    )


def _runs_on_cudnn() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_logical_devices("GPU"))


@keras.saving.register_keras_serializable("rnn_toolkit")
class SimpleRNN(ReplaceableLoop, keras.layers.SimpleRNN):
    """keras.layers.SimpleRNN that exports."""


@keras.saving.register_keras_serializable("rnn_toolkit")
class LSTM(ReplaceableLoop, keras.layers.LSTM):
    """keras.layers.LSTM that exports."""


@keras.saving.register_keras_serializable("rnn_toolkit")
class GRU(ReplaceableLoop, keras.layers.GRU):
    """keras.layers.GRU that exports."""


LAYERS: dict[str, type[keras.layers.RNN]] = {"simple_rnn": SimpleRNN, "lstm": LSTM, "gru": GRU}


def recurrent_layer(
    cell: str, units: int, *, return_sequences: bool, bidirectional: bool, name: str
) -> keras.layers.Layer:
    """Builds one recurrent layer.

    Args:
        cell: a name of the cell table.
        units: width of the hidden state, per direction.
        return_sequences: whether to give the output of every step or only of the last.
        bidirectional: whether a second layer reads the sequence backwards.
        name: the name of the layer.

    Returns:
        A layer from [batch, time, features] to [batch, (time,) units or 2 * units].

    Raises:
        OptionError: there is no such cell.
    """
    check_cell_name(cell)
    layer = LAYERS[cell](units, return_sequences=return_sequences, name=name)
    return keras.layers.Bidirectional(layer, name=f"{name}_both_ways") if bidirectional else layer
