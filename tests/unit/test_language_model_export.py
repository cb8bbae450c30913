"""Exported language models, in the real runtimes, against the model that training sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import LanguageModelConfig
from rnn_toolkit.errors import ExportError, VerificationError
from rnn_toolkit.export.base import signature_of
from rnn_toolkit.export.onnx import native_operators, onnx_content
from rnn_toolkit.export.table import EXPORTERS, exporter
from rnn_toolkit.export.tflite import inspect_tflite
from rnn_toolkit.export.verify_language_model import compare_steps
from rnn_toolkit.networks.faces import prefill_face
from rnn_toolkit.networks.language_model import build_language_model
from rnn_toolkit.networks.steps import KerasSteps, language_model_faces
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.steps import BundleSteps

VOCABULARY = 23
ROWS = [
    np.random.default_rng(length).integers(0, VOCABULARY, length).tolist()
    for length in (41, 1, 7, 33, 2, 12)
]


def language_model(vocabulary: int = VOCABULARY, **options: Any) -> keras.Model:
    """A small model whose logits are large enough that a wrong step shows."""
    chosen = {"units": 9, "embedding_size": 9, "tied": False, **options}
    keras.utils.set_random_seed(3)
    model = build_language_model(LanguageModelConfig(**chosen), vocabulary_size=vocabulary, seed=1)
    generator = np.random.default_rng(5)
    for weight in model.trainable_variables:
        noise = generator.normal(scale=0.5, size=weight.shape)
        weight.assign(weight.numpy() + noise.astype(np.float32))
    return model


def exported(
    format_name: str, model: keras.Model, directory: Path
) -> tuple[SignatureModel, dict[str, Signature]]:
    faces = language_model_faces(model)
    made = exporter(format_name)
    files = made.write(model, faces, directory)
    signatures = {face.name: signature_of(face, files[face.name]) for face in faces}
    return made.open(directory, signatures), signatures


def steps_of(opened: SignatureModel, signatures: Mapping[str, Signature]) -> BundleSteps:
    names = [tensor.name for tensor in signatures["step"].inputs if tensor.name != "ids"]
    return BundleSteps(opened, states=names, vocabulary_size=VOCABULARY)


NETWORKS: dict[str, dict[str, Any]] = {
    "lstm": {},
    "two tied lstm": {"layers": 2, "tied": True, "embedding_size": 6},
    "gru": {"cell": "gru", "layers": 2, "connection": "residual", "layer_norm": True},
    "simple_rnn": {"cell": "simple_rnn", "zoneout": 0.2},
    "min_gru": {"cell": "min_gru", "connection": "dense", "layers": 2},
    "slstm": {"cell": "slstm"},
}


@pytest.mark.parametrize("format_name", EXPORTERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_prefill_and_step_give_what_the_whole_model_gives(
    network: str, format_name: str, tmp_path: Path
) -> None:
    model = language_model(**NETWORKS[network])
    opened, signatures = exported(format_name, model, tmp_path)
    found = compare_steps(model, steps_of(opened, signatures), ROWS)
    assert found.largest_difference <= 1e-5
    assert (found.texts, found.tokens) == (len(ROWS), sum(map(len, ROWS)))
    # The manifest's shapes are those that really come out.
    answer = opened.run(
        "prefill", {"ids": np.asarray([[1, 2]], np.int32), "length": np.asarray([2], np.int32)}
    )
    for tensor in signatures["prefill"].outputs:
        assert tensor.shape == (None, answer[tensor.name].shape[1])
        assert tensor.dtype == answer[tensor.name].dtype


@pytest.mark.parametrize("runs_in", ["keras", *EXPORTERS])
def test_what_stands_behind_a_prompt_does_not_matter(runs_in: str, tmp_path: Path) -> None:
    model = language_model(layers=2)
    if runs_in == "keras":
        steps: Any = KerasSteps(model)
    else:
        steps = steps_of(*exported(runs_in, model, tmp_path))
    ids = np.asarray([[4, 0, 5, 9, 9, 9], [6, 7, 8, 1, 2, 3]], np.int32)
    logits, states = steps.prefill(ids, np.asarray([3, 6], np.int32))
    for row, length in enumerate((3, 6)):  # id 0 in the middle is an id like any other
        one, alone = steps.prefill(ids[row : row + 1, :length], np.asarray([length], np.int32))
        np.testing.assert_allclose(logits[row], one[0], atol=1e-5)
        np.testing.assert_allclose(
            logits[row], np.asarray(model(ids[row : row + 1, :length]))[0, -1], atol=1e-5
        )
        for name, state in states.items():
            np.testing.assert_allclose(state[row], alone[name][0], atol=1e-5)
    before = {name: state.copy() for name, state in states.items()}
    _, after = steps.step(np.asarray([1, 2], np.int32), states)
    kept = {name: state.copy() for name, state in after.items()}
    steps.step(np.asarray([3, 4], np.int32), after)
    for name in states:  # neither the states given nor those returned before have changed
        np.testing.assert_array_equal(states[name], before[name])
        np.testing.assert_array_equal(after[name], kept[name])


def test_steps_in_keras_heed_weights_that_change() -> None:
    model = language_model()
    steps = KerasSteps(model)
    ids, lengths = np.asarray([[3, 4]], np.int32), np.asarray([2], np.int32)
    first, _ = steps.prefill(ids, lengths)
    for weight in model.trainable_variables:
        weight.assign(-weight)
    second, _ = steps.prefill(ids, lengths)
    assert np.abs(first - second).max() > 0.1
    np.testing.assert_allclose(second[0], np.asarray(model(ids))[0, -1], atol=1e-6)


def test_onnx_reads_prompts_with_native_operators_and_steps_without_a_loop(
    tmp_path: Path,
) -> None:
    import onnx

    exported("onnx", language_model(layers=2), tmp_path)
    prefill = (tmp_path / "prefill.onnx").read_bytes()
    assert native_operators(prefill) == 2
    kinds = {node.op_type for node in onnx.load(tmp_path / "step.onnx").graph.node}
    assert not kinds & {"Loop", "Scan", "LSTM"}


def test_tied_embeddings_are_stored_once(tmp_path: Path) -> None:
    model = language_model(4000, tied=True, units=16, embedding_size=16)
    weights = 4 * model.count_params()
    for face in language_model_faces(model):
        assert len(onnx_content(face)) < 1.2 * weights
    exporter("tflite").write(model, language_model_faces(model), tmp_path)
    content = (tmp_path / "model.tflite").read_bytes()
    assert len(content) < 1.5 * weights  # both signatures
    assert inspect_tflite(content) == ([], 0)


def test_a_network_that_reads_backwards_has_no_prefill_face() -> None:
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = keras.layers.Embedding(5, 3)(ids)
    hidden = keras.layers.LSTM(3, return_sequences=True, go_backwards=True, name="last")(hidden)
    model = keras.Model(ids, hidden)
    with pytest.raises(ExportError, match="Layer last reads the sequence backwards"):
        prefill_face(model, model, lambda states: states, name="prefill", output="logits")


@dataclass
class Changed:
    """A step model with something wrong."""

    steps: KerasSteps
    what: str
    calls: int = 0

    @property
    def vocabulary_size(self) -> int:
        return self.steps.vocabulary_size

    def prefill(self, ids: Any, lengths: Any) -> Any:
        if self.what == "ignores lengths":
            lengths = np.full_like(lengths, ids.shape[1])
        logits, states = self.steps.prefill(ids, lengths)
        return self._changed(logits), states

    def step(self, ids: Any, states: Any) -> Any:
        if self.what == "forgets a state":
            states = {**states, "lstm_1_state_1": np.zeros_like(states["lstm_1_state_1"])}
        logits, after = self.steps.step(ids, states)
        return self._changed(logits), after

    def _changed(self, logits: Any) -> Any:
        self.calls += 1
        if self.what == "adds a constant":
            return logits + np.float32(3)
        if self.what == "is a little off":
            return logits + np.float32(1e-3) * (np.arange(VOCABULARY) == 4)
        if self.what == "is not a number":
            return logits * np.nan
        if self.what == "changes on repetition":
            return logits + np.float32(1e-6) * self.calls * (np.arange(VOCABULARY) == 4)
        return logits


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("ignores lengths", "differ by"),
        ("forgets a state", "differ by"),
        ("is a little off", "differ by"),
        ("is not a number", "differ by nan"),
        ("changes on repetition", "another answer"),
    ],
)
def test_verification_notices(what: str, message: str) -> None:
    model = language_model()
    rows = ROWS[:3] if what == "changes on repetition" else ROWS
    with pytest.raises(VerificationError, match=message):
        compare_steps(model, Changed(KerasSteps(model), what), rows, tolerance=1e-4)


def test_only_differences_between_logits_count() -> None:
    model = language_model()
    compare_steps(model, Changed(KerasSteps(model), "adds a constant"), ROWS)
