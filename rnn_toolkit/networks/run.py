"""Runs a Keras classifier outside training."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


def keras_runner(model: keras.Model) -> Callable[[NDArray[np.int32]], NDArray[np.float32]]:
    """A function from ids [batch, time] to probabilities [batch, classes].

    It is traced once for all shapes, where `model.predict` would be traced for each.
    """

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
    def run(ids: tf.Tensor) -> tf.Tensor:
        return model(ids, training=False)

    return lambda ids: np.asarray(run(tf.constant(ids)), np.float32)
