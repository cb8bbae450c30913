"""What a language model's bundle says and holds, and which bundles are read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.bundle.classifier import ClassifierManifest
from rnn_toolkit.bundle.golden import read_golden
from rnn_toolkit.bundle.language_model import LanguageModelGoldenRow
from rnn_toolkit.bundle.manifest import MANIFEST_NAME, Signature
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.config import (
    ExportOptions,
    GenerationTokenizerConfig,
    LanguageModelConfig,
    NetworkConfig,
)
from rnn_toolkit.errors import BundleError, VerificationError
from rnn_toolkit.export.base import PLAIN, Exporter
from rnn_toolkit.export.language_model import LanguageModelToExport
from rnn_toolkit.export.table import exporter
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.networks.language_model import build_language_model
from rnn_toolkit.networks.steps import KerasSteps
from rnn_toolkit.runtime.bundle import check_bundle, load_bundle
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.signatures import SignatureModel, Tensors
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer

TEXTS = [
    "the cat sat on the mat.\nthe dog ate the cat's hat.\n",
    "a slow start, but the ending is great. \u975e\u5e38\u597d\u770b",
]


def language_model(vocabulary: int, **options: Any) -> keras.Model:
    """A small model whose logits are large enough that a wrong step shows."""
    chosen = {"units": 9, "embedding_size": 9, "tied": False, **options}
    keras.utils.set_random_seed(3)
    model = build_language_model(LanguageModelConfig(**chosen), vocabulary_size=vocabulary, seed=1)
    generator = np.random.default_rng(5)
    for weight in model.trainable_variables:
        noise = generator.normal(scale=0.5, size=weight.shape)
        weight.assign(weight.numpy() + noise.astype(np.float32))
    return model


def tokenizer(kind: str, conditions: Sequence[str] = ()) -> GenerationTokenizer:
    config = GenerationTokenizerConfig(kind=kind, vocabulary_size=290)
    return train_generation_tokenizer(TEXTS * 3, config, conditions=conditions)


def subject(kind: str, *, documents: bool = False, **options: Any) -> LanguageModelToExport:
    made = tokenizer(kind, ("happy", "sad") if documents else ())
    return LanguageModelToExport(
        model=language_model(made.vocabulary_size, **options),
        tokenizer=made,
        network=LanguageModelConfig(units=9, embedding_size=9, tied=False, **options),
        documents=documents,
        rows=made.encode_batch(TEXTS),
    )


class Renamed(Exporter):
    """A format that this toolkit does not know: ONNX files in a folder of their own."""

    format = "renamed"

    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        (directory / "graphs").mkdir()
        files = exporter("onnx").write(model, faces, directory / "graphs")
        return {name: f"graphs/{file}" for name, file in files.items()}

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        return exporter("onnx").open(directory, signatures)


def test_a_format_of_its_own_needs_only_write_and_open(tmp_path: Path) -> None:
    given = subject("char")
    manifest = Renamed().export(given, tmp_path / "bundle")
    assert manifest.model_files == ("graphs/prefill.onnx", "graphs/step.onnx")
    runtimes = {"renamed": Renamed().open}
    assert check_bundle(tmp_path / "bundle", runtimes).problems == ()
    loaded: Any = load_bundle(tmp_path / "bundle", runtimes)
    reference: Any = GeneratorPredictor(given.tokenizer, KerasSteps(given.model), documents=False)
    assert loaded.generate("the", seed=3).text == reference.generate("the", seed=3).text
    with pytest.raises(BundleError, match="is a renamed bundle"):
        load_bundle(tmp_path / "bundle")


class OffByALittle(Exporter):
    """ONNX whose answers are changed on the way."""

    format = "onnx"

    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        return exporter("onnx").write(model, faces, directory)

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        opened = exporter("onnx").open(directory, signatures)

        class Shifted:
            def run(self, signature: str, inputs: Mapping[str, Any]) -> Tensors:
                answer = opened.run(signature, inputs)
                if signature == "step":
                    answer["lstm_1_state_0_out"] = answer["lstm_1_state_0_out"] + 0.01
                return answer

        return Shifted()


def test_a_mismatch_leaves_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(VerificationError):
        OffByALittle().export(subject("char"), tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["char", "word", "whitespace", "subword"])
def test_a_bundle_says_all_that_a_device_needs(kind: str, tmp_path: Path) -> None:
    documents = kind in ("word", "subword")
    given = subject(kind, documents=documents)
    manifest = exporter("onnx").export(given, tmp_path / "bundle")
    assert read_manifest(tmp_path / "bundle").model_copy(update={"sha256": {}}) == manifest
    made = given.tokenizer
    vocabulary = json.loads((tmp_path / "bundle" / "vocab.json").read_text("utf-8"))
    assert vocabulary == made.vocabulary()
    assert manifest.stop.end_id == (3 if documents else None)
    spoken = set(range(made.vocabulary_size)) - set(manifest.stop.never)
    assert spoken == set(range(made.vocabulary_size)) - set(made.special_ids) | (
        {3} if documents else set()
    )
    assert manifest.tokenizer.conditions == {
        label: made.condition_id(label) for label in made.conditions
    }
    assert (manifest.prompt.before, bool(manifest.prompt.empty)) == (
        ((2, made.condition_id("happy")), False) if documents else ((), True)
    )
    rows = read_golden(tmp_path / "bundle" / "golden.jsonl", LanguageModelGoldenRow)
    assert any(row.ids == () for row in rows)
    assert all(row.context for row in rows)
    for row in rows:  # by the whole model, not by the steps that wrote them
        expected = np.asarray(given.model(np.asarray([row.context], np.int32)))[0, -1]
        np.testing.assert_allclose(row.logits, expected[: len(row.logits)], atol=1e-4)
        assert row.top[0][0] == expected.argmax()
        assert row.sampled is not None
        assert row.sampled.text or not row.sampled.ids or kind == "subword"
    assert any(row.greedy is not None and row.greedy.ids for row in rows)


def test_a_choice_between_equals_is_no_golden_answer(tmp_path: Path) -> None:
    given = subject("char")
    for weight in given.model.trainable_variables:
        weight.assign(tf.zeros_like(weight))
    exporter("onnx").export(given, tmp_path / "bundle")
    rows = read_golden(tmp_path / "bundle" / "golden.jsonl", LanguageModelGoldenRow)
    assert all(row.greedy is None and row.sampled is not None for row in rows)


@pytest.mark.parametrize("kind", ["char", "word", "subword"])
def test_readers_of_tokenizer_json_can_decode(kind: str) -> None:
    made = tokenizer(kind)
    for text in (*TEXTS, "the hat  sat\n\n on it."):
        ids = [number for number in made.encode(text) if number not in made.special_ids]
        assert ids
        assert made.fast_tokenizer.decode(ids) == made.decode(ids)


def classifier_manifest() -> dict[str, Any]:
    """What version 1 of the format wrote."""
    ids = {"name": "ids", "dtype": "int32", "shape": [None, None], "meaning": ""}
    return {
        "format_version": 1,
        "toolkit_version": "0.1.0",
        "task": "sentiment",
        "format": "tflite",
        "variant": "float32",
        "model_file": "model.tflite",
        "network": NetworkConfig().model_dump(mode="json"),
        "vocabulary_size": 9,
        "labels": ["no", "yes"],
        "output": "probabilities",
        "tokenizer": {
            "file": "tokenizer.json", "kind": "word", "lowercase": True, "pad_id": 0,
            "unknown_id": 1, "padding_side": "right", "maximum_length": 9, "head_length": 3,
            "empty_text": "one unknown id",
        },
        "signatures": {
            "predict": {
                "inputs": [ids],
                "outputs": [{**ids, "name": "probabilities", "dtype": "float32"}],
            }
        },
        "measured": {
            "texts": 1, "largest_difference": 0.0, "tolerance": 1e-5, "label_agreement": 1.0,
            "milliseconds_per_text": 1.0, "model_bytes": 5,
        },
        "sha256": {},
    }  # fmt: skip


def test_bundles_of_version_1_are_read(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(classifier_manifest()))
    manifest = read_manifest(tmp_path)
    assert isinstance(manifest, ClassifierManifest)
    assert manifest.signatures["predict"].file == "model.tflite"
    assert manifest.labels == ("no", "yes")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 3}, "version 3 .* reads up to version 2.* Upgrade"),
        ({"task": "poetry"}, "task 'poetry'.* sentiment, generation"),
        ({"labels": 5}, "is damaged: labels: "),
        ({"signatures": [1]}, "is damaged"),
        ({"format_version": None}, "format version None"),
    ],
)
def test_other_manifests_are_refused_in_one_sentence(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    (tmp_path / MANIFEST_NAME).write_text(json.dumps({**classifier_manifest(), **change}))
    with pytest.raises(BundleError, match=message):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST_NAME).write_text("[1, 2")
    with pytest.raises(BundleError, match="is damaged"):
        read_manifest(tmp_path)


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    exporter("onnx").export(subject("char"), tmp_path / "bundle")
    (tmp_path / "bundle" / "step.onnx").unlink()
    with pytest.raises(BundleError, match=r"step\.onnx is missing"):
        load_bundle(tmp_path / "bundle")


def test_conditions_keep_their_ids_in_a_bundle(tmp_path: Path) -> None:
    given = subject("word", documents=True)
    many = replace(given, tokenizer=tokenizer("word", ("z", "a")))
    exporter("onnx").export(many, tmp_path / "bundle")
    loaded: Any = load_bundle(tmp_path / "bundle")
    assert loaded.tokenizer.conditions == ("z", "a")
    assert loaded.context("the", "a")[1] == many.tokenizer.condition_id("a")
