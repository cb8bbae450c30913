"""The one switch point between training and exports: what runs a cell over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import LinearRecurrence, Tensor, TwoPhase
from rnn_toolkit.layers.scan import linear_scan

LoopResult = tuple[Tensor, Tensor, list[Tensor]]
"""Last output [batch, units]; outputs [batch, time, units], in the order of processing (only
meaningful with layer.return_sequences); final states."""


class RecurrentLoop(Protocol):
    """A run over time that stands in for the layer's own while a model is traced."""

    def __call__(
        self,
        layer: Any,
        sequences: Tensor,
        initial_state: list[Tensor],
        mask: Tensor | None,
    ) -> LoopResult:
        """Runs `layer.steps()` over `sequences` [batch, time, features]."""


_LOOP: ContextVar[RecurrentLoop | None] = ContextVar("recurrent_loop", default=None)


@contextmanager
def recurrent_loop(loop: RecurrentLoop) -> Iterator[None]:
    """Replaces the run over time of every recurrent layer called inside the block."""
    token = _LOOP.set(loop)
    try:
        yield
    finally:
        _LOOP.reset(token)


def current_loop() -> RecurrentLoop | None:
    """The loop that stands in at the moment."""
    return _LOOP.get()


@dataclass(frozen=True)
class _RunOverProjected:
    """As much of a recurrent layer as Keras' loop asks for, with inputs already projected."""

    cell: Callable[[Tensor, Any], tuple[Tensor, list[Tensor]]]
    go_backwards: bool
    unroll: bool
    zero_output_for_mask: bool
    return_sequences: bool
    stateful: bool = False


def run_two_phase(
    layer: Any,
    view: TwoPhase,
    sequences: Tensor,
    states: list[Tensor],
    mask: Tensor | None,
    *,
    training: bool = False,
) -> LoopResult:
    """Runs a cell with all projections done beforehand, in parallel over time if it can.

    Args:
        layer: the recurrent layer.
        view: its cell in two phases.
        sequences: [batch, time, features].
        states: initial states, [batch, width] each.
        mask: [batch, time] or None.
        training: whether gradients will be asked for.
    """
    if isinstance(view, LinearRecurrence):
        return _run_by_scan(layer, view, sequences, states, mask, training)
    run = _RunOverProjected(
        cell=lambda projected, states: view.step(projected, states),
        go_backwards=layer.go_backwards,
        unroll=layer.unroll,
        zero_output_for_mask=layer.zero_output_for_mask,
        return_sequences=layer.return_sequences,
    )
    result: LoopResult = keras.layers.RNN.inner_loop(run, view.project(sequences), states, mask)
    return result


def _run_by_scan(
    layer: Any,
    view: Any,
    sequences: Tensor,
    states: list[Tensor],
    mask: Tensor | None,
    training: bool,
) -> LoopResult:
    projected = view.project(sequences)
    real = tf.ones_like(projected[:, :, :1], tf.bool) if mask is None else mask[:, :, None]
    real = tf.cast(real, tf.bool)
    if layer.go_backwards:
        projected, real = tf.reverse(projected, [1]), tf.reverse(real, [1])
    terms = view.linear_terms(projected, states, real)
    nothing = tf.zeros_like(terms.inflow)
    scanned = linear_scan(  # at padding the state stays: decay 1, inflow 0
        tf.where(real, terms.log_decay, nothing),
        tf.where(real, terms.inflow, nothing),
        states[0],
        training=training,
    )
    outputs = tf.where(real, view.read_out(terms, scanned), nothing)
    after = tf.concat([real[:, 1:], tf.zeros_like(real[:, :1])], axis=1)
    is_last = tf.logical_and(real, tf.logical_not(after))
    last = tf.reduce_sum(tf.where(is_last, outputs, nothing), axis=1)
    return last, outputs, [scanned[:, -1], *view.other_states(projected, states, real)]


def without_empty_rows(
    run: Callable[[Tensor], LoopResult], states: list[Tensor], mask: Tensor
) -> LoopResult:
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


def runs_on_cudnn() -> bool:
    """Whether Keras may hand standard layers to cuDNN."""
    return bool(tf.config.list_logical_devices("GPU"))
