"""The toolkit's and Keras' side of the pairs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.pairing import Peer
from benchmarks.twin_weights import LAYERS, layer_weights, random_features
from rnn_toolkit.config import ExportOptions
from rnn_toolkit.export.base import signature_of
from rnn_toolkit.export.table import exporter
from rnn_toolkit.layers.recurrent import recurrent_layer
from rnn_toolkit.networks.faces import sequence_face
from rnn_toolkit.runtime.signatures import SignatureModel

EXPORTS = {
    "SavedModel": ("savedmodel", ExportOptions()),
    "TFLite": ("tflite", ExportOptions()),
    "TFLite dynamic range": ("tflite", ExportOptions(quantize="dynamic")),
    "ONNX": ("onnx", ExportOptions()),
}
Array = NDArray[Any]


def layer_network(cell: str, features: int, units: int, sequences: bool) -> keras.Model:
    """The toolkit's layer: features [batch, time, features] to its last output, or to all."""
    inputs = keras.Input((None, features), name="features")
    layer = recurrent_layer(cell, units, return_sequences=sequences, name=cell)
    model = keras.Model(inputs, layer(inputs), name="network")
    layer.set_weights(layer_weights(cell, features=features, units=units))
    return model


def exported(model: keras.Model, name: str, directory: Path) -> SignatureModel:
    """Writes one of EXPORTS, and opens it as the toolkit does; its signature is `predict`."""
    format_name, options = EXPORTS[name]
    face = sequence_face(model, name="predict", output="outputs")
    directory.mkdir(parents=True, exist_ok=True)
    files = exporter(format_name).write(model, [face], directory, options)
    signature = signature_of(face, files["predict"])
    return exporter(format_name).open(directory, {"predict": signature})


def latency_peers(
    cell: str, sequences: bool, steps: int, features: int, units: int
) -> dict[str, Peer]:
    """Keras as its users call it, and every export, on one sequence."""
    model = layer_network(cell, features, units, sequences)
    inputs = random_features(1, steps, features)
    called = tf.function(partial(model, training=False), jit_compile=False)
    tensor = tf.constant(inputs)
    peers = {
        "Keras predict": Peer(lambda: np.asarray(model.predict(inputs, verbose=0))),
        "Keras call (tf.function)": Peer(lambda: np.asarray(called(tensor))),
    }
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(EXPORTS):
            opened = exported(model, name, Path(folder) / str(number))
            peers[name] = Peer(partial(_outputs, opened, inputs))
    return peers


def _outputs(opened: SignatureModel, inputs: Array) -> Array:
    return np.asarray(opened.run("predict", {"features": inputs})["outputs"])


def classifier(layer: keras.layers.Layer, features: int) -> keras.Model:
    """A recurrent layer's last output, and logits of two classes."""
    inputs = keras.Input((None, features), name="features")
    return keras.Model(inputs, keras.layers.Dense(2)(layer(inputs)))


LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def training_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Forward, backward, clipping and optimizer as one graph, without XLA."""
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=False, reduce_retracing=True)
    def step(inputs: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = LOSS(labels, model(inputs, training=True))
        gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return step


def training_peers(
    cell: str, batch: int, steps: int, features: int, units: int, clip: float, fit_batches: int
) -> dict[str, Peer]:
    """The toolkit's layer in a step of its own; Keras' layer in Keras' fit, several batches."""
    inputs, labels = random_features(batch, steps, features), np.arange(batch) % 2
    return {
        "rnn-toolkit": _own_step(cell, inputs, labels, units, clip),
        "Keras fit": _keras_fit(cell, inputs, labels, units, clip, fit_batches),
    }


def _own_step(cell: str, inputs: Array, labels: Array, units: int, clip: float) -> Peer:
    features = int(inputs.shape[-1])
    model = classifier(recurrent_layer(cell, units, name=cell), features)
    model.layers[1].set_weights(layer_weights(cell, features=features, units=units))
    step = training_step(model, keras.optimizers.Adam(1e-3, global_clipnorm=clip))
    tensors = tf.constant(inputs), tf.constant(labels)
    return Peer(lambda: float(step(*tensors)))


def _keras_fit(
    cell: str, inputs: Array, labels: Array, units: int, clip: float, batches: int
) -> Peer:
    features = int(inputs.shape[-1])
    model = classifier(getattr(keras.layers, LAYERS[cell])(units), features)
    model.layers[1].set_weights(layer_weights(cell, features=features, units=units))
    model.compile(keras.optimizers.Adam(1e-3, global_clipnorm=clip), LOSS, jit_compile=False)
    data = tf.data.Dataset.from_tensors((inputs, labels)).repeat(batches)

    def epoch() -> float:
        history = model.fit(data, epochs=1, verbose=0, shuffle=False)
        return float(history.history["loss"][-1])

    return Peer(epoch)


def multiply_peers(size: int) -> dict[str, Peer]:
    """A product of two square matrices, for the machine's peak."""
    left = tf.constant(random_features(1, size, size)[0])
    multiply = tf.function(lambda: tf.matmul(left, left)[0, 0], jit_compile=False)
    return {"TensorFlow product": Peer(lambda: float(multiply()))}
