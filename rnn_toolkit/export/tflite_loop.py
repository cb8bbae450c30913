"""The run over time in a form that TensorFlow Lite's built-in operators can express.

A plain while loop without TensorArray: dynamic batch, dynamic time, exact lengths. Whole
output sequences are written in chunks, because every write copies its buffer: one buffer
for all steps would make the cost quadratic in time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.compiler.tf2xla.python import xla

from rnn_toolkit.cells.base import Tensor, TwoPhase

CHUNK = 32  # steps; measured best of 16, 32 and 64 between 32 and 1,024 steps


def tflite_loop(
    layer: Any, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Stands in for Keras' loop while a model is traced; see RecurrentLoop."""
    cell = layer.steps()
    projected = tf.transpose(cell.project(sequences), [1, 0, 2])  # [time, batch, projected]
    time = tf.shape(projected)[0]
    lengths = None if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
    steps = time if lengths is None else tf.reduce_max(lengths)
    run = _Run(cell, projected, lengths, steps, backwards=bool(layer.go_backwards))
    if not layer.return_sequences:
        last, states = run.last_output(initial_state, int(layer.cell.output_size))
        return last, tf.expand_dims(last, 1), states
    outputs, states = run.all_outputs(initial_state, int(layer.cell.output_size), time)
    if layer.go_backwards:
        outputs = tf.reverse(outputs, [1])  # Keras hands outputs over in order of processing
    return outputs[:, -1], outputs, states


class _Run:
    """One run of a cell over projected inputs [time, batch, projected].

    Without lengths every step of every row is real, and nothing is chosen between.
    """

    def __init__(
        self,
        cell: TwoPhase,
        projected: Tensor,
        lengths: Tensor | None,
        steps: Tensor,
        *,
        backwards: bool,
    ) -> None:
        self.cell = cell
        self.projected = projected
        self.lengths = lengths
        self.steps = steps
        self.backwards = backwards

    def _position(self, step: Tensor) -> Tensor:
        return self.steps - 1 - step if self.backwards else step

    def _advance(
        self, step: Tensor, otherwise: Tensor | None, states: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Output, or what stands for it (zeros when None) at padding; the states after it."""
        position = self._position(step)
        output, new_states = self.cell.step(tf.gather(self.projected, position), states)
        if self.lengths is None:
            return output, list(new_states)
        real = tf.expand_dims(position < self.lengths, 1)  # [batch, 1]
        shown = tf.where(real, output, tf.zeros_like(output) if otherwise is None else otherwise)
        return shown, [
            tf.where(real, new, old) for new, old in zip(new_states, states, strict=True)
        ]

    def _state_shapes(self) -> list[tf.TensorShape]:
        return [tf.TensorShape([None, size]) for size in self.cell.state_sizes]

    def last_output(self, states: list[Tensor], width: int) -> tuple[Tensor, list[Tensor]]:
        """The last real output [batch, width] (zeros for empty rows) and the final states."""

        def body(step: Tensor, last: Tensor, *states: Tensor) -> list[Tensor]:
            last, kept = self._advance(step, last, list(states))
            return [step + 1, last, *kept]

        nothing = tf.zeros(tf.stack([tf.shape(self.projected)[1], width]))
        _, last, *final = _while(
            lambda step, *_: step < self.steps,
            body,
            [tf.constant(0), nothing, *states],
            [tf.TensorShape([]), tf.TensorShape([None, width]), *self._state_shapes()],
        )
        return last, final

    def all_outputs(
        self, states: list[Tensor], width: int, time: Tensor
    ) -> tuple[Tensor, list[Tensor]]:
        """Outputs [batch, time, width] by position, zeros at padding, and the final states."""
        batch = tf.shape(self.projected)[1]
        chunks = (time + CHUNK - 1) // CHUNK
        chunk_shape = tf.TensorShape([CHUNK, None, width])

        def fill(first: Tensor, end: Tensor, states: list[Tensor]) -> list[Tensor]:
            def body(offset: Tensor, chunk: Tensor, *states: Tensor) -> list[Tensor]:
                shown, kept = self._advance(first + offset, None, list(states))
                chunk = xla.dynamic_update_slice(chunk, shown[None], tf.stack([offset, 0, 0]))
                return [offset + 1, chunk, *kept]

            return _while(
                lambda offset, *_: offset < end,
                body,
                [tf.constant(0), tf.zeros(tf.stack([CHUNK, batch, width])), *states],
                [tf.TensorShape([]), chunk_shape, *self._state_shapes()],
            )

        def outer(first: Tensor, outputs: Tensor, *states: Tensor) -> list[Tensor]:
            _, chunk, *kept = fill(first, tf.minimum(CHUNK, self.steps - first), list(states))
            where = tf.stack([first // CHUNK, 0, 0, 0])
            outputs = xla.dynamic_update_slice(outputs, chunk[None], where)
            return [first + CHUNK, outputs, *kept]

        _, outputs, *final = _while(
            lambda first, *_: first < self.steps,
            outer,
            [tf.constant(0), tf.zeros(tf.stack([chunks, CHUNK, batch, width])), *states],
            [
                tf.TensorShape([]),
                tf.TensorShape([None, CHUNK, None, width]),
                *self._state_shapes(),
            ],
        )
        flat = tf.reshape(outputs, tf.stack([chunks * CHUNK, batch, width]))
        if self.backwards:
            flat = tf.concat([tf.reverse(flat[: self.steps], [0]), flat[self.steps :]], 0)
        return tf.transpose(flat[:time], [1, 0, 2]), final


def _while(
    condition: Callable[..., Tensor],
    body: Callable[..., list[Tensor]],
    initial: list[Tensor],
    shapes: list[tf.TensorShape],
) -> list[Tensor]:
    return list(tf.while_loop(condition, body, initial, shape_invariants=shapes))
