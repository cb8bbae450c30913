"""A place in a network where its values can be moved, to ask how much the answer depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from rnn_toolkit.cells.base import Tensor


@keras.saving.register_keras_serializable("rnn_toolkit")
class Perturbation(keras.layers.Layer):
    """Passes values on unchanged, but inside `adding` with an offset.

    Behind an embedding it is where adversarial training moves word vectors (Miyato et al. 2017,
    Adversarial training methods for semi-supervised text classification). Exports see a layer
    that does nothing.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self._offset: Tensor | None = None
        self._seen: Tensor | None = None

    @contextmanager
    def adding(self, offset: Tensor) -> Iterator[None]:
        """Calls inside the block add `offset` [batch, time, width] to what passes."""
        self._offset = offset
        try:
            yield
        finally:
            self._offset = None

    @property
    def seen(self) -> Tensor:
        """What the last call was given, in the graph or tape of that call."""
        return self._seen

    def call(self, inputs: Tensor) -> Tensor:
        """[batch, time, width] -> the same."""
        self._seen = inputs
        return inputs if self._offset is None else inputs + self._offset
