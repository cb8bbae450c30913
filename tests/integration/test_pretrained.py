"""The pretrained models as a person meets them: by name, offline, and as a beginning."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from rnn_toolkit import SentimentClassifier, TextGenerator, load, verify_bundle
from rnn_toolkit.bundle.catalogue import pretrained_folder, pretrained_models
from rnn_toolkit.bundle.classifier import ClassifierGoldenRow
from rnn_toolkit.bundle.golden import GOLDEN_NAME, read_golden
from rnn_toolkit.bundle.language_model import LanguageModelGoldenRow
from rnn_toolkit.bundle.translation import TranslationGoldenRow
from rnn_toolkit.config import NetworkConfig, TokenizerConfig
from rnn_toolkit.errors import BundleError, OptionError
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.networks.seq2seq_steps import KerasEncoderDecoder
from rnn_toolkit.networks.steps import KerasSteps
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.tasks.pretrained_opening import (
    classifier_start,
    generator_start,
    translator_start,
)
from rnn_toolkit.text.train_tokenizer import train_tokenizer

Program = Callable[..., subprocess.CompletedProcess[str]]

NAMES = [entry.name for entry in pretrained_models()]
TRANSLATORS = [entry.name for entry in pretrained_models() if entry.task == "translation"]
WEIGHTS_TOLERANCE = 0.05  # of logits: the kernels of native operators are rounded once more

ALL_BY_NAME = """
import json, sys
from rnn_toolkit import load, open_translator, open_writer, pretrained_models
answers = {}
for entry in pretrained_models():
    if entry.task == "sentiment":
        answers[entry.name] = load(entry.name).predict("a wonderful film, 非常好").label
    elif entry.task == "generation":
        answers[entry.name] = open_writer(entry.name).generate("", length=12, seed=1).text
    else:
        answers[entry.name] = open_translator(entry.name).translate("I am happy.").text
heavy = {name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "pandas", "gensim"}
print(json.dumps({"answers": answers, "heavy": sorted(heavy)}))
"""


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_it_did_when_it_was_made(name: str) -> None:
    report = verify_bundle(name)
    assert report.passed, report.problems
    assert report.rows > 5


@pytest.mark.slow
def test_all_answer_by_name_in_a_process_without_tensorflow(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", ALL_BY_NAME],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["heavy"] == []
    assert list(found["answers"]) == NAMES
    assert all(found["answers"].values())
    assert found["answers"]["sentiment-en"] == "positive"


@pytest.mark.slow
def test_the_program_knows_the_names(program: Program, tmp_path: Path) -> None:
    listed = program("pretrained", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    for entry in pretrained_models():
        assert entry.name in listed.stdout
        assert entry.quality.sentence() in listed.stdout
    answer = program("predict", "sentiment-en", "dull and far too long", "--json", cwd=tmp_path)
    assert json.loads(answer.stdout)["label"] == "negative"
    unknown = program("predict", "sentiment-xx", "text", cwd=tmp_path)
    assert unknown.returncode == 2
    assert len(unknown.stderr.splitlines()) == 1
    assert "There is no sentiment-xx." in unknown.stderr
    assert ", ".join(NAMES) in unknown.stderr


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("sentiment")])
def test_a_rebuilt_classifier_answers_like_its_bundle(name: str) -> None:
    start = classifier_start(name)
    run = keras_runner(start.model)
    for row in read_golden(pretrained_folder() / name / GOLDEN_NAME, ClassifierGoldenRow):
        assert tuple(start.tokenizer.encode(row.text)) == row.ids
        found = run(np.asarray([row.ids], np.int32))[0]
        np.testing.assert_allclose(found, row.probabilities, atol=WEIGHTS_TOLERANCE)


@pytest.mark.parametrize("name", ["poems-zh", "shakespeare"])
def test_a_rebuilt_language_model_answers_like_its_bundle(name: str) -> None:
    start = generator_start(name)
    steps = KerasSteps(start.model)
    for row in read_golden(pretrained_folder() / name / GOLDEN_NAME, LanguageModelGoldenRow)[:4]:
        context = np.asarray([row.context], np.int32)
        logits, _ = steps.prefill(context, np.asarray([len(row.context)], np.int32))
        shown = np.asarray(row.logits)
        np.testing.assert_allclose(logits[0, : len(shown)], shown, atol=WEIGHTS_TOLERANCE)


@pytest.mark.parametrize("name", TRANSLATORS)
def test_a_rebuilt_translator_answers_like_its_bundle(name: str) -> None:
    start = translator_start(name)
    predictor = TranslatorPredictor(start.tokenizers, KerasEncoderDecoder(start.model))
    rows = read_golden(pretrained_folder() / name / GOLDEN_NAME, TranslationGoldenRow)
    same = [
        predictor.translate(row.text, beam=1).text == row.text_of_greedy
        for row in rows
        if row.text_of_greedy
    ]
    assert len(same) >= 3
    assert np.mean(same) > 0.7


TEXTS = ["a wonderful film", "superb and moving", "dull and boring", "a terrible waste of time"]
LABELS = np.asarray([1, 1, 0, 0])


def test_a_classifier_that_begins_with_a_pretrained_one_knows_its_words() -> None:
    start = classifier_start("sentiment-en")
    tokenizer = start.tokenizer_for(TokenizerConfig(maximum_length=50))
    assert tokenizer is not None
    assert tokenizer.maximum_length == 50

    def loss(labels: list[str], begin: bool) -> float:
        keras.utils.set_random_seed(1)
        model = build_classifier(
            start.network,
            vocabulary_size=tokenizer.vocabulary_size,
            classes=len(labels),
            seed=1,
        )
        if begin:
            sentence = start.give_weights(model, tokenizer, labels)
            assert "vocabulary rows by token" in sentence
        run = keras_runner(model)
        rows = [
            float(run(np.asarray([tokenizer.encode(text)], np.int32))[0, label])
            for text, label in zip(TEXTS, LABELS, strict=True)
        ]
        return float(-np.log(rows).mean())

    assert loss(["negative", "positive"], begin=True) < 0.5 * loss(["negative", "positive"], False)
    # Labels in another order keep their meaning: the outputs change places.
    reordered = loss(["positive", "negative"], begin=True)
    assert reordered > 1.0


def test_a_vocabulary_of_ones_own_is_matched_by_word() -> None:
    start = classifier_start("sentiment-en")
    assert start.tokenizer_for(TokenizerConfig(kind="char")) is None
    tokenizer = train_tokenizer(TEXTS * 2, TokenizerConfig())
    model = build_classifier(
        start.network, vocabulary_size=tokenizer.vocabulary_size, classes=2, seed=1
    )
    sentence = start.give_weights(model, tokenizer, ["negative", "positive"])
    assert "word_pairs/1_table" in sentence  # hashed by ids, which are others now
    word = tokenizer.vocabulary().index("wonderful")
    known = start.tokenizer.vocabulary().index("wonderful")
    np.testing.assert_array_equal(
        model.get_layer("embedding").get_weights()[0][word],
        start.model.get_layer("embedding").get_weights()[0][known],
    )


@pytest.mark.slow
def test_a_training_that_begins_with_a_pretrained_classifier() -> None:
    positive = ["a wonderful film", "superb acting", "i loved it", "moving and great", "excellent"]
    negative = ["a terrible film", "awful acting", "i hated it", "boring and bad", "worthless"]
    data = [*positive, *negative], ["positive"] * 5 + ["negative"] * 5
    options = {"epochs": 1, "seed": 1, "validation_split": 0.4}
    begun = SentimentClassifier(**options).fit(data, start="sentiment-en")
    anew = SentimentClassifier(pair_buckets=64, **options).fit(data)
    losses = [model.trained.history[0].validation_loss for model in (begun, anew)]
    assert losses[0] < 0.8 * losses[1]
    assert begun.predict("dreadful").label == "negative"  # a word that only the start has seen
    with pytest.raises(OptionError, match="brings its word vectors"):
        SentimentClassifier(recipe="vectors").fit(data, start="sentiment-en")


def test_an_option_comes_before_the_shape_of_the_start_and_this_before_the_recipe() -> None:
    start = classifier_start("sentiment-zh").settings()
    found = sentiment_config({"units": 32, "recipe": "distil", "teacher": "t.csv"}, start=start)
    assert (found.network.units, found.network.cell) == (32, "lstm")
    assert found.network.pair_buckets == 2**18  # 65,536 in the recipe
    assert found.network.embedding_dropout == NetworkConfig().embedding_dropout


@pytest.mark.slow
def test_a_poet_that_begins_with_a_pretrained_one_learns_faster() -> None:
    poems = [load("poems-zh").generate("", length=30, seed=number).text for number in range(30)]
    options = {"layout": "lines", "epochs": 1, "batch_size": 8, "seed": 1}
    begun = TextGenerator(**options).fit(poems, start="poems-zh")
    assert begun.config.network.units == 512  # its shape is that of its beginning
    anew = TextGenerator(units=64, **options).fit(poems)
    losses = [model.trained.history[0].validation_loss for model in (begun, anew)]
    assert losses[0] < losses[1] - 0.5


def test_what_cannot_be_a_beginning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="another task"):
        generator_start("sentiment-en")
    bundle = tmp_path / "bundle"
    shutil.copytree(pretrained_folder() / "sentiment-zh", bundle)
    (bundle / "weights.npz").write_bytes(b"")
    with pytest.raises(BundleError, match="does not hold the weights of this network"):
        classifier_start(bundle)
    (bundle / "weights.json").unlink()
    with pytest.raises(BundleError, match=r"no weights to train on from \(weights\.json"):
        classifier_start(bundle)
