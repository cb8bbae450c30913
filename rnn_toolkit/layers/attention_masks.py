"""What attention needs so as never to see padding."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import Tensor

_VERY_LOW = -1e9


def in_full_precision(scores: Tensor) -> Tensor:
    """Scores as float32 at least: half precision is too coarse for sums over time."""
    return ops.cast(scores, keras.backend.result_type(scores.dtype, "float32"))


def masked_softmax(scores: Tensor, real: Tensor) -> Tensor:
    """Softmax over real steps: weights sum to 1, and are 0 at padding and in empty rows.

    Args:
        scores: [..., time].
        real: True at real steps; broadcasts to the shape of the scores.

    Returns:
        Weights, [..., time], float32 at least.
    """
    scores = in_full_precision(scores)
    # Not Keras' softmax, which warns of a single step.
    weights = tf.nn.softmax(ops.where(real, scores, ops.cast(_VERY_LOW, scores.dtype)))
    return ops.where(real, weights, ops.zeros_like(weights))


def mask_of(tensor: Tensor) -> Tensor | None:
    """The mask that Keras carries along with a tensor."""
    return getattr(tensor, "_keras_mask", None)


def real_steps(memory: Tensor, mask: Tensor | None) -> Tensor:
    """True at the real steps of a memory [batch, time, width], [batch, 1, time].

    Without a mask, the one that Keras carries along with the memory counts.
    """
    mask = mask_of(memory) if mask is None else mask
    if mask is None:
        mask = ops.ones_like(memory[:, :, 0], dtype="bool")
    return ops.expand_dims(ops.cast(mask, "bool"), 1)
