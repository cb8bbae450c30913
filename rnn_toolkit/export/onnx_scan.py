"""The run over time as an ONNX Loop, for cells that ONNX has no operator for."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from rnn_toolkit.cells.base import Tensor, TwoPhase
from rnn_toolkit.layers.loop import LoopResult


def loop_over_time(
    layer: Any,
    view: TwoPhase,
    sequences: Tensor,
    states: list[Tensor],
    mask: Tensor | None,
) -> LoopResult:
    """A while loop that tf2onnx turns into Loop; outputs are zero at padding.

    A layer that reads backwards gets its inputs reversed and writes forwards: tf2onnx ignores
    the position at which a loop writes and only appends.
    """
    projected = tf.transpose(view.project(sequences), [1, 0, 2])  # [time, batch, projected]
    time, batch = tf.shape(projected)[0], tf.shape(projected)[1]
    real = (
        tf.ones(tf.stack([time, batch, 1]), tf.bool)
        if mask is None
        else tf.transpose(tf.cast(mask, tf.bool))[:, :, None]
    )
    if layer.go_backwards:
        projected, real = tf.reverse(projected, [0]), tf.reverse(real, [0])
    width = int(layer.cell.output_size)
    collect = bool(layer.return_sequences)
    written = tf.TensorArray(
        tf.float32, size=time if collect else 0, element_shape=tf.TensorShape([None, width])
    )

    def body(
        position: Tensor, written: tf.TensorArray, last: Tensor, *states: Tensor
    ) -> tuple[Any, ...]:
        output, after = view.step(tf.gather(projected, position), list(states))
        now = tf.gather(real, position)
        kept = [tf.where(now, new, old) for new, old in zip(after, states, strict=True)]
        if collect:
            written = written.write(position, tf.where(now, output, tf.zeros_like(output)))
        return (position + 1, written, tf.where(now, output, last), *kept)

    nothing = tf.zeros(tf.stack([batch, width]))
    shapes = [tf.TensorShape([None, size]) for size in view.state_sizes]
    _, written, last, *final = tf.while_loop(
        lambda position, *_: position < time,
        body,
        [tf.constant(0), written, nothing, *states],
        shape_invariants=[
            tf.TensorShape([]),
            tf.TensorShape(None),
            tf.TensorShape([None, width]),
            *shapes,
        ],
    )
    if not collect:
        return last, last[:, None], list(final)
    outputs = tf.transpose(written.stack(), [1, 0, 2])
    return last, tf.ensure_shape(outputs, [None, None, width]), list(final)
