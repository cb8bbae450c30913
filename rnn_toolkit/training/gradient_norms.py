"""How large the gradient of each layer is while a model trains, as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.find import weights_by_layer

ALL_LAYERS = "all"


def one_slice_per_row(gradient: Tensor) -> Tensor:
    """Adds up what a gradient holds for the same row of an embedding; others stay as they are.

    The gradient of a lookup comes as one slice per looked-up id. Norms of such slices leave out
    that the slices of a repeated id add up.
    """
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


class LayerNorms:
    """Sums up the gradients of a model's weights layer by layer.

    Args:
        model: a built model; both directions of a bidirectional layer count apart.
    """

    def __init__(self, model: keras.Model) -> None:
        places = {id(weight): at for at, weight in enumerate(model.trainable_variables)}
        self._places = {
            name: [places[id(weight)] for weight in weights if id(weight) in places]
            for name, weights in weights_by_layer(model).items()
        }

    def of(self, gradients: Sequence[Tensor]) -> dict[str, Tensor]:
        """The Euclidean norm over all weights of each layer, and over all layers ("all").

        Args:
            gradients: one per trainable variable of the model, None where there is none; those
                of embeddings with one slice per row.
        """
        norms = {
            name: tf.linalg.global_norm([gradients[place] for place in places])
            for name, places in self._places.items()
        }
        return {ALL_LAYERS: tf.linalg.global_norm(list(gradients)), **norms}


class GradientNormLog:
    """Writes gradient norms to a CSV file: epoch, batch, all, then a column per layer.

    Args:
        path: the file; an existing one is replaced.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._columns: list[str] = []

    def add(self, *, epoch: int, batch: int, norms: Mapping[str, float]) -> None:
        """Writes one line; epoch and batch are counted from 1."""
        if not self._columns:
            self._columns = list(norms)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write("w", ["epoch", "batch", *self._columns])
        self._write("a", [epoch, batch, *(f"{norms[name]:.6g}" for name in self._columns)])

    def _write(self, mode: str, values: list[Any]) -> None:
        with self.path.open(mode, encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(values)


class GradientNormCallback(keras.callbacks.Callback):
    """Logs the gradient norms of a compiled model on the same rows again and again.

    `Model.fit` keeps its gradients to itself, so they are computed once more, on a few fixed
    rows and without dropout: the lines can be compared from epoch to epoch.

    Args:
        log: where the norms go.
        inputs: [rows, ...], as the model takes them.
        targets: [rows, ...], as its loss takes them.
        every: batches between two lines; None for one line at the end of each epoch.
    """

    def __init__(
        self, log: GradientNormLog, inputs: Any, targets: Any, *, every: int | None = None
    ) -> None:
        super().__init__()
        if every is not None and every < 1:
            raise OptionError(f"every must be at least 1, not {every!r}.")
        self.log = log
        self.inputs = tf.convert_to_tensor(inputs)
        self.targets = tf.convert_to_tensor(targets)
        self.every = every
        self._epoch = 0
        self._batch = 0
        self._norms: Callable[[], dict[str, Tensor]] = dict

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Keras' hook."""
        layer_norms = LayerNorms(self.model)

        @tf.function
        def norms() -> dict[str, Tensor]:
            model = self.model
            with tf.GradientTape() as tape:
                outputs = model(self.inputs, training=False)
                loss = model.compute_loss(
                    x=self.inputs, y=self.targets, y_pred=outputs, training=False
                )
            weights = [weight.value for weight in model.trainable_variables]
            gradients = tape.gradient(loss, weights)
            return layer_norms.of([one_slice_per_row(gradient) for gradient in gradients])

        self._norms = norms

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keras' hook."""
        self._epoch, self._batch = epoch + 1, 0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Keras' hook."""
        self._batch = batch + 1
        if self.every is not None and self._batch % self.every == 0:
            self._add()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keras' hook."""
        if self.every is None:
            self._add()

    def _add(self) -> None:
        norms = {name: float(norm) for name, norm in self._norms().items()}
        self.log.add(epoch=self._epoch, batch=self._batch, norms=norms)
