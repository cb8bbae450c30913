"""A network over features has no padding: its TFLite loop chooses between nothing."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from rnn_toolkit.export.base import signature_of
from rnn_toolkit.export.tflite import TFLiteExporter
from rnn_toolkit.layers.recurrent import recurrent_layer
from rnn_toolkit.networks.faces import sequence_face


@pytest.mark.parametrize("sequences", [False, True])
def test_both_directions_answer_like_keras_at_any_length(sequences: bool, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((None, 3), name="features")
    layer = recurrent_layer("lstm", 5, return_sequences=sequences, bidirectional=True)
    model = keras.Model(inputs, layer(inputs))
    face = sequence_face(model, name="predict", output="outputs")
    exporter = TFLiteExporter()
    files = exporter.write(model, [face], tmp_path)
    opened = exporter.open(tmp_path, {"predict": signature_of(face, files["predict"])})
    for length in (1, 32, 33, 70):  # within, at and beyond a chunk of outputs
        features = np.random.default_rng(length).normal(size=(2, length, 3)).astype(np.float32)
        found = opened.run("predict", {"features": features})["outputs"]
        np.testing.assert_allclose(found, np.asarray(model(features)), atol=1e-5)
