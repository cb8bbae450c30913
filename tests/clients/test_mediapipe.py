"""A static bundle answers in MediaPipe's own Text Classifier as in Keras, with no code at all."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from rnn_toolkit.config import ExportOptions, NetworkConfig, TokenizerConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.export.classifier import ClassifierToExport
from rnn_toolkit.export.table import exporter
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.bundle import load_bundle
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.tasks.describe import verify_bundle
from rnn_toolkit.text.train_tokenizer import train_tokenizer

PYTHON_VARIABLE = "RNN_TOOLKIT_MEDIAPIPE_PYTHON"
LENGTH = 16
TEXTS = [
    "A wonderful film.",
    "a wonderful film",
    "Not good, not bad - just boring!",
    "It isn't what I'd hoped for",
    "",
    " \t ",
    "zzxqj qqqvx",
    "<br />Great &amp; funny<br />",
    "na\u00efve caf\u00e9 cafe\u0301 stra\u00dfe",
    "\u975e\u5e38\u597d\u770b\uff0c\u63a8\u8350\uff01 great",
    "\U0001f600\U0001f44d great 5/5!!!",
    "\u041f\u0440\u0435\u043a\u0440\u0430\u0441\u043d\u044b\u0439 film",
    "zero\u200bwidth no\u00a0break \u3000 wide",
    "good " * 40,
]
PROGRAM = """
import json, sys
from mediapipe.tasks import python
from mediapipe.tasks.python import text
options = text.TextClassifierOptions(base_options=python.BaseOptions(model_asset_path=sys.argv[1]))
with text.TextClassifier.create_from_options(options) as classifier:
    answers = []
    for given in json.load(sys.stdin):
        found = classifier.classify(given).classifications[0].categories
        answers.append({category.category_name: category.score for category in found})
print(json.dumps(answers))
"""


def classifier(cell: str, **options: object) -> ClassifierToExport:
    config = TokenizerConfig(kind="plain", vocabulary_size=200, minimum_frequency=1)
    tokenizer = train_tokenizer([*TEXTS, "good bad great boring film"] * 2, config)
    network = NetworkConfig(cell=cell, units=8, embedding_size=8, **options)
    keras.utils.set_random_seed(3)
    model = build_classifier(network, vocabulary_size=tokenizer.vocabulary_size, classes=3, seed=3)
    generator = np.random.default_rng(5)
    for weight in model.trainable_weights:
        noise = generator.normal(scale=0.3, size=weight.shape)
        weight.assign(2 * weight.numpy() + noise.astype(np.float32))
    return ClassifierToExport(
        task="sentiment",
        model=model,
        tokenizer=tokenizer,
        tokenizer_kind="plain",
        labels=("negative", "neutral", "very positive"),
        network=network,
        rows=tokenizer.encode_batch(TEXTS),
    )


def in_mediapipe(model: Path, texts: list[str]) -> list[dict[str, float]]:
    python = os.environ.get(PYTHON_VARIABLE)
    if not python:
        pytest.skip(f"{PYTHON_VARIABLE} names no Python that has the package mediapipe")
    result = subprocess.run(
        [python, "-c", PROGRAM, str(model)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    found: list[dict[str, float]] = json.loads(result.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "quantize"), [("lstm", "none"), ("gru", "none"), ("simple_rnn", "dynamic")]
)
def test_mediapipe_answers_as_keras_does(tmp_path: Path, cell: str, quantize: str) -> None:
    subject = classifier(cell, bidirectional=cell == "gru")
    options = ExportOptions(static=LENGTH, mediapipe=True, quantize=quantize)
    exporter("tflite").export(subject, tmp_path / "bundle", options=options)
    assert verify_bundle(tmp_path / "bundle").passed
    found = in_mediapipe(tmp_path / "bundle" / "model.tflite", TEXTS)
    reference = ClassifierPredictor(
        subject.static(LENGTH).tokenizer, subject.labels, keras_runner(subject.model)
    )
    if quantize != "none":  # what rounding loses is not MediaPipe's doing
        reference = load_bundle(tmp_path / "bundle")
    tolerance = 1e-5 if quantize == "none" else 1e-2
    for text, answer in zip(TEXTS, found, strict=True):
        expected = dict(zip(subject.labels, reference.probabilities([text])[0], strict=True))
        assert answer == pytest.approx(expected, abs=tolerance), text


def test_a_tokenizer_that_mediapipe_lacks_is_refused_with_the_reason(tmp_path: Path) -> None:
    subject = replace(classifier("gru"), tokenizer_kind="word")
    with pytest.raises(OptionError, match=r"punctuation is a token.*--tokenizer plain"):
        exporter("tflite").export(
            subject, tmp_path / "bundle", options=ExportOptions(static=LENGTH, mediapipe=True)
        )
    assert not (tmp_path / "bundle").exists()


def test_without_a_length_there_is_nothing_for_mediapipe(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--static LENGTH"):
        exporter("tflite").export(
            classifier("gru"), tmp_path / "bundle", options=ExportOptions(mediapipe=True)
        )
