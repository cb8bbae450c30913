"""A gate that lets gradients through, or not."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor


@keras.saving.register_keras_serializable("rnn_toolkit")
class GradientGate(keras.layers.Layer):
    """Passes values on unchanged; while it is closed, no gradient comes back.

    Behind an embedding it freezes the word vectors and can thaw them in mid-training: the
    optimizer keeps its variables, so that a training can be resumed on either side.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the switch: 0 is closed, 1 open."""
        self.switch = self.add_weight(shape=(), initializer="zeros", trainable=False, name="switch")

    def set_open(self, is_open: bool) -> None:
        """Opens or closes the gate from the next batch on."""
        self.switch.assign(float(is_open))

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """[...] -> the same."""
        if not training:
            return inputs
        return self.switch * inputs + (1 - self.switch) * ops.stop_gradient(inputs)
