"""Every cell in every arrangement, format and face, in the real runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.cells.table import CELLS
from rnn_toolkit.config import StackConfig
from rnn_toolkit.errors import ExportError
from rnn_toolkit.export.matrix import export_matrix, matrix_model
from rnn_toolkit.export.saved_model import save_faces
from rnn_toolkit.export.tflite import tflite_content
from rnn_toolkit.layers.recurrent import Recurrent
from rnn_toolkit.networks.faces import sequence_face, step_face
from rnn_toolkit.runtime.litert import LiteRTModel

NATIVE = {"simple_rnn", "lstm", "gru"}


@pytest.mark.parametrize("cell", list(CELLS))
def test_a_cell_answers_like_keras_wherever_it_runs(cell: str) -> None:
    entries = list(export_matrix([cell], units=8, features=6))
    wrong = [f"{entry.arrangement}, {entry.format}, {entry.face}: {entry.problem}"
             for entry in entries if not entry.passed]  # fmt: skip
    assert not wrong
    # one layer and two layers in two faces, bidirectional in one; three formats each
    assert len(entries) == 15
    by_sequence = [
        entry for entry in entries if entry.format == "onnx" and entry.face == "sequence"
    ]
    assert {entry.native for entry in by_sequence} == {cell in NATIVE}


def test_networks_without_a_step_face_say_why() -> None:
    both = matrix_model(StackConfig(cell="gru", units=4), features=3, seed=1)
    with pytest.raises(ExportError, match="reads the sequence backwards"):
        step_face(both, name="step", output="output")


def test_one_tflite_file_holds_both_faces_over_the_same_weights(tmp_path: Path) -> None:
    model = matrix_model(
        StackConfig(cell="lstm", units=64, bidirectional=False), features=64, seed=1
    )
    faces = [
        sequence_face(model, name="sequence", output="outputs"),
        step_face(model, name="step", output="output"),
    ]
    alone, both = tflite_content(model, faces[:1]), tflite_content(model, faces)
    weights = 4 * model.count_params()
    assert len(both) - len(alone) < 0.2 * weights
    path = tmp_path / "model.tflite"
    path.write_bytes(both)
    opened = LiteRTModel(path)
    states = {f"lstm_1_state_{n}": np.zeros((1, 64), np.float32) for n in (0, 1)}
    stepped = opened.run("step", {"ids": np.array([7], np.int32), **states})
    whole = opened.run("sequence", {"ids": np.array([[7]], np.int32)})
    np.testing.assert_allclose(stepped["output"], whole["outputs"][:, 0], atol=1e-6)


@keras.saving.register_keras_serializable("tests")
class CallOnlyCell(keras.layers.Layer):
    """h_t = tanh((x_t + h_{t-1}) W), written as any Keras cell is."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = self.state_size = self.output_size = units

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(shape=(self.units, self.units), name="kernel")

    def call(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        hidden = keras.ops.tanh(keras.ops.matmul(inputs + states[0], self.kernel))
        return hidden, [hidden]


def test_a_cell_that_has_only_call_exports_too(tmp_path: Path) -> None:
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = keras.layers.Embedding(20, 6, mask_zero=True)(ids)
    layer = Recurrent(CallOnlyCell(6), return_sequences=True, name="custom")
    model = keras.Model(ids, layer(hidden))
    faces = [
        sequence_face(model, name="sequence", output="outputs"),
        step_face(model, name="step", output="output"),
    ]
    rows = np.array([[3, 4, 5, 6], [7, 8, 0, 0]], np.int32)
    real = (rows > 0)[:, :, None]
    expected = np.asarray(model(rows)) * real

    path = tmp_path / "model.tflite"
    path.write_bytes(tflite_content(model, faces))
    lite = LiteRTModel(path)
    np.testing.assert_allclose(
        lite.run("sequence", {"ids": rows})["outputs"] * real, expected, atol=1e-6
    )
    state = np.zeros((2, 6), np.float32)
    for position in range(4):
        inputs = {"ids": rows[:, position], "custom_state_0": state}
        answer = lite.run("step", inputs)
        state = answer["custom_state_0_out"]
        now = real[:, position]
        np.testing.assert_allclose(answer["output"] * now, expected[:, position], atol=1e-6)

    save_faces(model, faces, tmp_path / "saved_model")
    loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
    found = np.asarray(loaded.signatures["sequence"](ids=tf.constant(rows))["outputs"])
    np.testing.assert_allclose(found * real, expected, atol=1e-6)
