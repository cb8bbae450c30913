"""Bundles of translation models: what the files hold, and strings through a SavedModel."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.bundle.golden import GOLDEN_TEXTS, read_golden
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.bundle.translation import TranslationGoldenRow, TranslationManifest
from rnn_toolkit.config import Seq2SeqConfig, TranslationConfig, TranslationTokenizerConfig
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.export.base import signature_of
from rnn_toolkit.export.onnx import native_operators
from rnn_toolkit.export.table import EXPORTERS, exporter
from rnn_toolkit.export.tflite import inspect_tflite
from rnn_toolkit.export.translation import TranslationToExport
from rnn_toolkit.export.translation_text import translate_face
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.networks.seq2seq import build_seq2seq
from rnn_toolkit.networks.seq2seq_steps import KerasEncoderDecoder, seq2seq_faces
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.tasks.describe import verify_bundle
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.train_side_tokenizers import train_side_tokenizers

SOURCES = ["ein Hund l\u00e4uft .", "zwei Hunde schlafen ruhig .", "Ein Vogel singt am Fluss !"]
TARGETS = ["a dog runs .", "two dogs sleep quietly .", "A bird sings by the river !"]
BOUNDS = TranslationOptions(length_ratio=1.5, extra_length=3)


def subject(seed: int = 7) -> TranslationToExport:
    """An untrained model with clear choices: it writes broken characters up to its bound."""
    config = TranslationTokenizerConfig(vocabulary_size=300, minimum_frequency=1)
    tokenizers, config = train_side_tokenizers(SOURCES * 4, TARGETS * 4, config)
    network = Seq2SeqConfig(units=8, embedding_size=8)
    keras.utils.set_random_seed(seed)
    model = build_seq2seq(
        network,
        source_size=tokenizers.source_size,
        target_size=tokenizers.target_size,
        seed=seed,
    )
    generator = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        noise = generator.normal(scale=0.3, size=weight.shape)
        weight.assign(2 * weight.numpy() + noise.astype(np.float32))
    return TranslationToExport(
        model=model,
        tokenizers=tokenizers,
        config=TranslationConfig(tokenizer=config, network=network),
        rows=SOURCES,
        defaults=BOUNDS,
    )


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle of the same model by format."""
    folder = tmp_path_factory.mktemp("translation")
    for name in EXPORTERS:
        exporter(name).export(subject(), folder / name)
    return {name: folder / name for name in EXPORTERS}


def served(given: TranslationToExport, directory: Path) -> SignatureModel:
    """The SavedModel alone, without the comparison of an export."""
    made, faces = exporter("savedmodel"), given.faces() + given.string_faces()
    files = made.write(given.model, faces, directory)
    return made.open(directory, {face.name: signature_of(face, files[face.name]) for face in faces})


def through_strings(model: SignatureModel, texts: list[str]) -> list[str]:
    encoded = np.asarray([text.encode() for text in texts], np.bytes_)
    found = model.run("translate", {"text": encoded})["translation"]
    return [text.decode() for text in found.tolist()]


@cache
def _original(seed: int) -> TranslatorPredictor:
    given = subject(seed)
    return TranslatorPredictor(given.tokenizers, KerasEncoderDecoder(given.model), defaults=BOUNDS)


@pytest.mark.parametrize("seed", [1, 2])
def test_strings_become_exactly_what_greedy_search_writes(seed: int, tmp_path: Path) -> None:
    """Broken characters, half ones at the bound and separators at the ends included."""
    texts = [*GOLDEN_TEXTS, *SOURCES]
    wanted = [
        answer.text for answer in _original(seed).translate(texts, beam=1, replace_unknown=False)
    ]
    assert through_strings(served(subject(seed), tmp_path), texts) == wanted
    assert "\ufffd" in "".join(wanted)


@pytest.mark.parametrize("texts", [[""], ["", " \u00a0 "], []])
def test_strings_that_hold_nothing_are_served(texts: list[str], bundles: dict[str, Path]) -> None:
    manifest = read_manifest(bundles["savedmodel"])
    opened = exporter("savedmodel").open(bundles["savedmodel"], manifest.signatures)
    assert through_strings(opened, texts) == [""] * len(texts)


def test_what_strings_are_stripped_of_is_what_str_strip_takes() -> None:
    """A model that writes a letter and, in turn, each character of white space after it."""
    spaces = [chr(point) for point in range(0x3001) if chr(point).isspace()]
    targets = ["a" + "".join(spaces) + "b"]
    config = TranslationTokenizerConfig(source="word", target="char", minimum_frequency=1)
    tokenizers, _ = train_side_tokenizers(SOURCES, targets, config)
    tokens = tokenizers.target.vocabulary()
    known = [token for token in spaces if token in tokens]  # NFC makes one of U+2000 and U+2002
    assert len(known) >= len(spaces) - 3
    for token in known:
        number = tokens.index(token)
        face = translate_face(
            _constant_faces(tokenizers, [tokens.index("a"), number, 3]),
            tokenizers,
            source_kind="word",
            options=BOUNDS,
            never=[0, 1, 2],
            name="translate",
        )
        found = face.function(tf.constant(["ein Hund"]))["translation"].numpy()[0].decode()
        assert found == tokenizers.decode_target([tokens.index("a"), number]) == "a"


def _constant_faces(tokenizers: SideTokenizers, ids: list[int]) -> tuple[Face, Face]:
    """An encoder and decoder that write the same ids whatever they read."""
    place = tf.TensorSpec([None, 1], tf.float32, name="place")
    after = tf.TensorSpec([None, 1], tf.float32, name="place_out")
    one = tf.TensorSpec([None], tf.int32, name="id")
    table = tf.one_hot(ids, tokenizers.target_size)

    def encode(ids: Any, length: Any) -> dict[str, Any]:
        return {"place_out": tf.zeros(tf.stack([tf.shape(ids)[0], 1]))}

    def step(number: Any, place: Any) -> dict[str, Any]:
        return {
            "logits": tf.gather(table, tf.cast(place[:, 0], tf.int32)),
            "place_out": place + 1,
        }

    return Face("encode", (), (after,), encode), Face("decode_step", (one, place), (after,), step)


@pytest.mark.parametrize("format_name", EXPORTERS)
def test_one_flipped_byte_is_found(
    format_name: str, bundles: dict[str, Path], tmp_path: Path
) -> None:
    assert verify_bundle(bundles[format_name]).problems == ()
    damaged = tmp_path / "damaged"
    shutil.copytree(bundles[format_name], damaged)
    names = ("encode.onnx", "model.tflite", "variables.data-00000-of-00001")
    victim = next(path for path in sorted(damaged.rglob("*")) if path.name in names)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(bytes(content))
    (problem,) = verify_bundle(damaged).problems
    assert problem.endswith(f"{victim.name} differs from its checksum")


def test_golden_rows_are_what_the_whole_network_answers(bundles: dict[str, Path]) -> None:
    """As it is trained, not by the steps that wrote them."""
    given = subject()
    rows = read_golden(bundles["onnx"] / "golden.jsonl", TranslationGoldenRow)
    assert [row.text for row in rows][: len(GOLDEN_TEXTS)] == list(GOLDEN_TEXTS)
    assert any(not row.ids for row in rows)
    assert any(row.ids and set(row.ids) == {1} for row in rows)
    longest = given.tokenizers.maximum_length
    assert max(len(row.ids) for row in rows) == longest
    for row in rows:
        if not row.ids:
            assert row.text_of_greedy == ""
            continue
        target = [2, *row.greedy]
        logits = np.array(given.model([np.asarray([row.ids]), np.asarray([target])]))[0]
        np.testing.assert_allclose(row.logits, logits[0][: len(row.logits)], atol=1e-4)
        logits[:, [0, 1, 2]] = -np.inf
        assert tuple(logits.argmax(axis=1)[: len(row.greedy)]) == row.greedy


def test_files_hold_weights_once_and_built_in_operators_only(bundles: dict[str, Path]) -> None:
    content = (bundles["tflite"] / "model.tflite").read_bytes()
    assert inspect_tflite(content) == ([], 0)
    assert native_operators((bundles["onnx"] / "encode.onnx").read_bytes()) == 2
    assert native_operators((bundles["onnx"] / "decode_step.onnx").read_bytes()) == 0
    network = Seq2SeqConfig(units=16, embedding_size=64)  # tied
    model = build_seq2seq(network, source_size=3000, target_size=3000, seed=1)
    weights = 4 * model.count_params()
    for name in ("tflite", "onnx"):
        folder = bundles[name].parent / f"large-{name}"
        folder.mkdir()
        exporter(name).write(model, seq2seq_faces(model), folder)
        assert sum(path.stat().st_size for path in folder.iterdir()) < 1.3 * weights


def test_the_manifest_describes_every_tensor(bundles: dict[str, Path]) -> None:
    for name, directory in bundles.items():
        manifest = read_manifest(directory)
        assert isinstance(manifest, TranslationManifest)
        opened = exporter(name).open(directory, manifest.signatures)
        ids = np.asarray([[5, 6, 7]], np.int32)
        encoded = opened.run("encode", {"ids": ids, "length": np.asarray([3], np.int32)})
        known = {**encoded, "length": np.asarray([3], np.int32), "source_ids": ids}
        given = {tensor: known[tensor] for tensor in manifest.passed_on}
        given |= {state.input: encoded[state.output] for state in manifest.states}
        given["id"] = np.asarray([2], np.int32)
        answer = opened.run("decode_step", given)
        step = manifest.signatures["decode_step"]
        assert {tensor.name for tensor in step.inputs} == set(given)
        for tensor in step.outputs:
            found = answer[tensor.name]
            assert tensor.dtype == found.dtype
            assert all(
                size in (None, real) for size, real in zip(tensor.shape, found.shape, strict=True)
            )
        for side, file in (
            ("source", manifest.source_tokenizer.vocabulary_file),
            ("target", manifest.tokenizer.vocabulary_file),
        ):
            tokenizer = getattr(_original(7).tokenizers, side)
            assert json.loads((directory / file).read_text("utf-8")) == tokenizer.vocabulary()


def test_a_bundle_translates_in_a_fresh_process_without_tensorflow(
    bundles: dict[str, Path],
) -> None:
    wanted: Any = _original(7).translate(SOURCES[0])
    for name in ("tflite", "onnx"):
        code = (
            "import sys, rnn_toolkit\n"
            f"text = rnn_toolkit.load({str(bundles[name])!r}).translate({SOURCES[0]!r}).text\n"
            "print(ascii(text))\nprint(*sys.modules, file=sys.stderr)"
        )
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert result.stdout.strip() == ascii(wanted.text)
        assert not set(result.stderr.split()) & {"tensorflow", "keras", "pandas", "gensim"}
