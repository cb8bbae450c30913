"""Quantised and static files: what they lose is measured, what cannot be made is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.bundle.manifest import MANIFEST_NAME
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.config import ExportOptions, NetworkConfig, TokenizerConfig
from rnn_toolkit.errors import ExportError, OptionError
from rnn_toolkit.export import tflite_conversion
from rnn_toolkit.export.classifier import ClassifierToExport
from rnn_toolkit.export.onnx_quantization import quantized
from rnn_toolkit.export.subject import Judge
from rnn_toolkit.export.table import exporter
from rnn_toolkit.export.tflite import subgraphs, tflite_content
from rnn_toolkit.export.tflite_conversion import Conversion, convert_apart
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.runtime.bundle import check_bundle, load_bundle
from rnn_toolkit.tasks.judges import accuracy_judge
from rnn_toolkit.text.train_tokenizer import train_tokenizer

TEXTS = ["a good film", "a bad film", "not bad at all", "boring and bad and long", "good"] * 4
LABELS = [1, 0, 1, 0, 1] * 4


def classifier(cell: str = "gru", **network: Any) -> ClassifierToExport:
    config = TokenizerConfig(vocabulary_size=100, minimum_frequency=1, maximum_length=30)
    tokenizer = train_tokenizer(TEXTS, config)
    shape = NetworkConfig(cell=cell, units=40, embedding_size=40, **network)
    keras.utils.set_random_seed(3)
    model = build_classifier(shape, vocabulary_size=tokenizer.vocabulary_size, classes=2, seed=3)
    rows = tokenizer.encode_batch(TEXTS)
    return ClassifierToExport(
        task="sentiment",
        model=model,
        tokenizer=tokenizer,
        tokenizer_kind="word",
        labels=("no", "yes"),
        network=shape,
        rows=rows,
        judge=accuracy_judge(rows, LABELS),
    )


@pytest.mark.parametrize(
    ("format_name", "quantize", "share"),
    [
        ("tflite", "float16", 0.7),
        ("tflite", "dynamic", 0.6),
        ("onnx", "float16", 0.6),
        ("onnx", "int8", 0.4),
    ],
)
def test_a_quantised_bundle_is_smaller_and_says_what_it_loses(
    tmp_path: Path, format_name: str, quantize: Any, share: float
) -> None:
    options = ExportOptions(quantize=quantize)
    manifest = exporter(format_name).export(classifier(), tmp_path / "b", options=options)
    measured = manifest.measured
    assert manifest.variant == quantize
    assert measured is not None
    assert measured.exact_file is not None
    assert measured.quality is not None
    assert measured.model_bytes < share * measured.exact_file.model_bytes
    assert 0 < measured.largest_difference < 0.05
    assert measured.quality.rows == len(TEXTS)
    predictor = load_bundle(tmp_path / "b")
    found = [answer.label for answer in predictor.predict(TEXTS)]  # type: ignore[arg-type, union-attr]
    accuracy = 100 * np.mean(
        [label == ("no", "yes")[n] for label, n in zip(found, LABELS, strict=True)]
    )
    assert measured.quality.variant == pytest.approx(accuracy)
    assert check_bundle(tmp_path / "b").passed
    assert "float32" in (tmp_path / "b" / "README.md").read_text("utf-8")


def test_int8_weights_are_as_near_as_their_scales_allow() -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime import InferenceSession

    weights = np.random.default_rng(1).normal(size=(64, 32)).astype(np.float32)
    weights[:, 3] *= 100  # a large column must not spoil the others
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 32])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content = quantized(model.SerializeToString(), "int8")
    restored = InferenceSession(content).run(None, {"x": np.eye(64, dtype=np.float32)})[0]
    step = np.abs(weights).max(axis=0) / 127
    assert (np.abs(restored - weights) <= 0.51 * step).all()
    assert onnx.load_from_string(content).ir_version == 8


def test_dynamic_onnx_is_for_lstm_only(tmp_path: Path) -> None:
    dynamic = ExportOptions(quantize="dynamic")
    with pytest.raises(OptionError, match=r"LSTM layers only.*GRU.*--quantize int8"):
        exporter("onnx").export(classifier(), tmp_path / "b", options=dynamic)
    assert not (tmp_path / "b").exists()
    manifest = exporter("onnx").export(classifier("lstm"), tmp_path / "b", options=dynamic)
    assert manifest.variant == "dynamic"
    assert check_bundle(tmp_path / "b").passed


@pytest.mark.parametrize("cell", ["lstm", "simple_rnn", "min_gru"])
def test_a_static_file_has_one_graph_and_the_same_answers(tmp_path: Path, cell: str) -> None:
    subject = classifier(cell, bidirectional=cell != "min_gru", layers=2)
    options = ExportOptions(static=7)
    manifest = exporter("tflite").export(subject, tmp_path / "b", options=options)
    assert subgraphs((tmp_path / "b" / "model.tflite").read_bytes()) == 1
    assert manifest.signatures["predict"].inputs[0].shape == (1, 7)
    assert manifest.measured is not None
    assert manifest.measured.largest_difference < 1e-5
    assert check_bundle(tmp_path / "b").passed
    found = load_bundle(tmp_path / "b").predict(["good", "a bad film and more words than seven"])  # type: ignore[arg-type, union-attr]
    assert len(found) == 2


def test_a_static_file_runs_in_compiled_model(tmp_path: Path) -> None:
    from ai_edge_litert.compiled_model import CompiledModel

    subject = classifier("lstm")
    content = tflite_content(subject.model, subject.static(9).faces(), ExportOptions(static=9))
    (tmp_path / "model.tflite").write_bytes(content)
    model = CompiledModel.from_file(str(tmp_path / "model.tflite"))
    inputs, outputs = model.create_input_buffers(0), model.create_output_buffers(0)
    ids = np.asarray([[5, 4, 3, 0, 0, 0, 0, 0, 0]], np.int32)
    inputs[0].write(ids)
    model.run_by_index(0, inputs, outputs)
    found = outputs[0].read(2, np.float32)
    expected = subject.model(tf.constant(ids[:, :3]), training=False).numpy()[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_int8_of_a_static_file(tmp_path: Path) -> None:
    options = ExportOptions(quantize="int8", static=8)
    manifest = exporter("tflite").export(classifier(), tmp_path / "b", options=options)
    assert manifest.variant == "static-8-int8"
    assert check_bundle(tmp_path / "b").passed


def test_a_converter_that_crashes_ends_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child process dies by a signal, as the converter makes it; this one goes on."""
    real = subprocess.run

    def crashing(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        die = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
        return real([command[0], "-c", die], **options)  # type: ignore[no-any-return, call-overload]

    monkeypatch.setattr(tflite_conversion.subprocess, "run", crashing)
    job = Conversion(tmp_path, ("predict",), "int8")
    with pytest.raises(ExportError, match=r"crashed \(signal 11\).*--quantize dynamic"):
        convert_apart(job, {"predict": [{"ids": np.zeros((1, 3), np.int32)}]})


def test_what_the_converter_says_is_passed_on(tmp_path: Path) -> None:
    job = Conversion(tmp_path / "nothing", ("predict",), "int8")
    with pytest.raises(ExportError, match=r"cannot make an int8 file.*nothing"):
        convert_apart(job, {"predict": [{"ids": np.zeros((1, 3), np.int32)}]})


@pytest.mark.parametrize(
    ("format_name", "options", "message"),
    [
        ("savedmodel", {"quantize": "dynamic"}, "savedmodel has no --quantize dynamic"),
        ("onnx", {"static": 8}, "onnx has no --static"),
    ],
)
def test_variants_that_a_format_lacks(
    tmp_path: Path, format_name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        exporter(format_name).export(classifier(), tmp_path / "b", options=ExportOptions(**options))


def test_golden_rows_of_a_quantised_bundle_are_its_own(tmp_path: Path) -> None:
    """A client compares itself with the file that it runs, within what the manifest allows."""
    options = ExportOptions(quantize="dynamic")
    exporter("tflite").export(classifier("lstm"), tmp_path / "b", options=options)
    manifest = read_manifest(tmp_path / "b")
    assert manifest.measured is not None
    report = check_bundle(tmp_path / "b")
    assert report.passed
    assert report.largest_difference < 1e-6
    assert manifest.measured.tolerance == 1e-2
    assert json.loads((tmp_path / "b" / MANIFEST_NAME).read_text())["static_length"] is None


def test_a_judge_needs_labels() -> None:
    assert accuracy_judge([[1]], []) is None
    judge = accuracy_judge([[1], [2]], [0, 1])
    assert isinstance(judge, Judge)


def test_the_child_process_starts_by_name() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "rnn_toolkit.export.tflite_conversion", "/nowhere"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 1
    assert "/nowhere" in result.stderr


def test_biases_of_large_recurrent_layers_stay_as_they_are(tmp_path: Path) -> None:
    """They have two axes, not three, and from 128 units on they are as large as weights."""
    subject = classifier("lstm")
    network = subject.network.model_copy(update={"units": 200})
    model = build_classifier(network, vocabulary_size=20, classes=2, seed=3)
    large = replace(subject, model=model, network=network)
    manifest = exporter("onnx").export(
        large, tmp_path / "b", options=ExportOptions(quantize="int8")
    )
    assert manifest.measured is not None
    assert manifest.measured.largest_difference < 0.05
