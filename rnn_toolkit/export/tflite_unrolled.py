"""The run over time of static TFLite files: every step written out, no loop.

MediaPipe's tasks and full int8 conversion take a single graph only.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import ExportError


def unrolled_loop(
    layer: Any, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Stands in for Keras' loop while a model is traced; see RecurrentLoop.

    Raises:
        ExportError: the time of `sequences` [batch, time, features] is not known.
    """
    time = sequences.shape[1]
    if time is None:
        raise ExportError("A static file needs inputs of one length.")
    cell = layer.steps()
    projected = tf.unstack(cell.project(sequences), axis=1)
    real = None if mask is None else tf.unstack(mask[:, :, None], axis=1)
    states, last = initial_state, tf.zeros([tf.shape(sequences)[0], int(layer.cell.output_size)])
    outputs = []  # in the order of processing, as Keras hands them over
    for position in reversed(range(time)) if layer.go_backwards else range(time):
        output, after = cell.step(projected[position], states)
        if real is None:
            shown, last, states = output, output, after
        else:
            here = real[position]
            shown = tf.where(here, output, tf.zeros_like(output))
            last = tf.where(here, output, last)
            states = [tf.where(here, new, old) for new, old in zip(after, states, strict=True)]
        outputs.append(shown)
    if not layer.return_sequences:
        return last, tf.expand_dims(last, 1), states
    return outputs[-1], tf.stack(outputs, axis=1), states
