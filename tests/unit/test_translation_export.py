"""Exported translation models answer like the model, whatever their shape and format."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from rnn_toolkit.config import (
    Seq2SeqConfig,
    TranslationConfig,
    TranslationTokenizerConfig,
    TranslationTrainingConfig,
)
from rnn_toolkit.data.pair_batches import EncodedPairs
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.saved_model import open_saved_model
from rnn_toolkit.export.table import exporter
from rnn_toolkit.export.translation import TranslationToExport
from rnn_toolkit.export.translation_text import token_bytes
from rnn_toolkit.export.verify_translation import compare_decoders
from rnn_toolkit.networks.seq2seq import build_seq2seq
from rnn_toolkit.networks.seq2seq_steps import KerasEncoderDecoder
from rnn_toolkit.runtime.bundle import check_bundle, load_bundle
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.tasks.load import ALL_RUNTIMES
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.train_side_tokenizers import train_side_tokenizers
from rnn_toolkit.training.fit_translation import TranslationFit
from rnn_toolkit.training.observer import SilentObserver

SOURCES = ["ein Hund läuft .", "zwei Hunde schlafen ruhig .", "Ein Vogel singt am Fluss !"] * 4
TARGETS = ["a dog runs .", "two dogs sleep quietly .", "A bird sings by the river !"] * 4

SHAPES: dict[str, dict[str, Any]] = {
    "default": {},
    "no input feeding": {"input_feeding": False, "attention": "general"},
    "lstm, two layers": {"cell": "lstm", "decoder_layers": 2},
    "custom cell": {"cell": "min_gru", "attention": "dot"},
    "coverage": {"coverage": True},
    "multi_head": {"attention": "multi_head", "heads": 2},
    "monotonic": {"attention": "monotonic"},
    "copying": {"copy_words": True},
}


@cache
def _tokenizers(shared: bool) -> tuple[SideTokenizers, TranslationTokenizerConfig]:
    config = TranslationTokenizerConfig(shared=shared, vocabulary_size=300, minimum_frequency=1)
    return train_side_tokenizers(SOURCES, TARGETS, config)


def _subject(**options: Any) -> TranslationToExport:
    tokenizers, kinds = _tokenizers(bool(options.get("copy_words")))
    network = Seq2SeqConfig(units=8, embedding_size=8, **options)
    keras.utils.set_random_seed(7)
    model = build_seq2seq(
        network,
        source_size=tokenizers.source_size,
        target_size=tokenizers.target_size,
        seed=7,
    )
    for weight in model.trainable_weights:  # far from a uniform softmax, so that choices are clear
        weight.assign(np.asarray(weight) * 2)
    return TranslationToExport(
        model=model,
        tokenizers=tokenizers,
        config=TranslationConfig(tokenizer=kinds, network=network),
        rows=SOURCES[:3],
        defaults=TranslationOptions(length_ratio=1.5, extra_length=3),
    )


@cache
def _trained() -> TranslationToExport:
    """A model that has learnt its pairs well enough to end its translations."""
    tokenizers, kinds = _tokenizers(False)
    network = Seq2SeqConfig(
        units=48, embedding_size=48, input_dropout=0, memory_dropout=0, output_dropout=0
    )
    keras.utils.set_random_seed(7)
    model = build_seq2seq(
        network,
        source_size=tokenizers.source_size,
        target_size=tokenizers.target_size,
        seed=7,
    )
    pairs = EncodedPairs(
        [np.asarray(ids, np.int32) for ids in tokenizers.encode_source(SOURCES)],
        [np.asarray(ids, np.int32) for ids in tokenizers.encode_target(TARGETS)],
    )
    TranslationFit(
        model,
        pairs,
        pairs,
        TranslationTrainingConfig(
            epochs=120,
            batch_tokens=80,
            learning_rate=5e-3,
            label_smoothing=0,
            patience=120,
            average_from=None,
        ),
        observer=SilentObserver(),
        bleu=None,
        sample=lambda: "",
        checkpoint_path=None,
        identity={},
    ).run(resume=False)
    return TranslationToExport(
        model=model,
        tokenizers=tokenizers,
        config=TranslationConfig(tokenizer=kinds, network=network),
        rows=SOURCES[:3],
    )


@pytest.mark.parametrize("format_name", ["tflite", "onnx"])
@pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES.keys())
def test_every_shape_exports(options: dict[str, Any], format_name: str, tmp_path: Path) -> None:
    """Export itself compares every step and every beam search, or leaves no bundle."""
    subject = _subject(**options)
    manifest = exporter(format_name).export(subject, tmp_path / "bundle")
    assert manifest.measured is not None
    assert manifest.measured.largest_difference < 1e-5
    assert ("source_ids" in manifest.passed_on) == bool(options.get("copy_words"))
    report = check_bundle(tmp_path / "bundle")
    assert report.problems == ()
    bundle = load_bundle(tmp_path / "bundle")
    assert isinstance(bundle, TranslatorPredictor)
    original = TranslatorPredictor(
        subject.tokenizers, KerasEncoderDecoder(subject.model), defaults=subject.defaults
    )
    for wanted, given in zip(original.translate(SOURCES), bundle.translate(SOURCES), strict=True):
        assert given.text == wanted.text
        np.testing.assert_allclose(
            given.candidates[0].alignment.weights,
            wanted.candidates[0].alignment.weights,
            atol=1e-5,
        )


def test_a_saved_model_takes_and_gives_strings(tmp_path: Path) -> None:
    manifest = exporter("savedmodel").export(_trained(), tmp_path / "bundle")
    assert set(manifest.signatures) == {"encode", "decode_step", "translate"}
    served = open_saved_model(tmp_path / "bundle", manifest.signatures)
    texts = np.asarray([text.encode() for text in (*SOURCES[:3], "", " \u00a0 ")], object)
    found = served.run("translate", {"text": texts})["translation"]
    original = TranslatorPredictor(_trained().tokenizers, KerasEncoderDecoder(_trained().model))
    wanted = [answer.text for answer in original.translate(SOURCES[:3], beam=1)]
    assert [text.decode() for text in found] == [*wanted, "", ""]
    assert all(wanted)
    assert check_bundle(tmp_path / "bundle", ALL_RUNTIMES).problems == ()
    shared = exporter("savedmodel").export(_subject(copy_words=True), tmp_path / "shared")
    assert set(shared.signatures) == {"encode", "decode_step"}
    assert "no signature that takes strings" in (tmp_path / "shared" / "README.md").read_text()


@pytest.mark.parametrize("format_name", ["tflite", "onnx"])
def test_the_code_in_the_readme_translates(
    format_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    exporter(format_name).export(_trained(), tmp_path / "bundle")
    readme = (tmp_path / "bundle" / "README.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in readme.split("```python\n")[1:]]
    monkeypatch.chdir(tmp_path / "bundle")
    assert len(blocks) == 2
    shown = []
    for block in blocks:
        exec(block.replace('"..."', repr(SOURCES[1])), {})
        shown.append(capsys.readouterr().out.strip())
    predictor = load_bundle(tmp_path / "bundle")
    assert isinstance(predictor, TranslatorPredictor)
    assert shown == [predictor.translate(SOURCES[1], beam=beam).text for beam in (5, 1)]
    assert all(shown)


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    exporter("onnx").export(_subject(), tmp_path / "bundle")
    file = tmp_path / "bundle" / "decode_step.onnx"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert any(
        "decode_step.onnx" in problem for problem in check_bundle(tmp_path / "bundle").problems
    )


def test_golden_rows_notice_another_model(tmp_path: Path) -> None:
    """Rows of one model are wrong for another of the same shape."""
    for name, seed_shift in (("one", 0.0), ("other", 0.01)):
        subject = _subject()
        subject.model.trainable_weights[-1].assign_add(
            np.full(subject.model.trainable_weights[-1].shape, seed_shift, np.float32)
        )
        weight = subject.model.get_layer("decoder").trainable_weights[0]
        weight.assign(np.asarray(weight) + seed_shift)
        exporter("onnx").export(subject, tmp_path / name)
    golden = tmp_path / "one" / "golden.jsonl"
    rows = (tmp_path / "other" / "golden.jsonl").read_bytes()
    golden.write_bytes(rows)
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    del manifest["sha256"]["golden.jsonl"]
    (tmp_path / "one" / "manifest.json").write_text(json.dumps(manifest))
    problems = check_bundle(tmp_path / "one").problems
    assert any("logits" in problem for problem in problems)


def test_a_decoder_that_answers_otherwise_is_refused() -> None:
    subject = _subject()
    original = KerasEncoderDecoder(subject.model)
    rows = [[5, 6, 7], [8]]
    assert compare_decoders(original, original, rows).largest_difference == 0

    class Shifted:
        vocabulary_size = original.vocabulary_size
        encode = staticmethod(original.encode)

        @staticmethod
        def step(ids: Any, states: Any) -> Any:
            logits, after = original.step(ids, states)
            logits = logits.copy()
            logits[:, 5] += 0.01
            return logits, after

    with pytest.raises(VerificationError, match="differs"):
        compare_decoders(original, Shifted(), rows)


def test_bytes_of_target_tokens_are_the_text() -> None:
    tokenizers, _ = _tokenizers(False)
    pieces = token_bytes(tokenizers.target)
    for text in ("two dogs", "naïve 北京 🙂", "a\u00a0b"):
        (ids,) = tokenizers.encode_target([text])
        assert b"".join(pieces[number] for number in ids).decode("utf-8").strip() == text
