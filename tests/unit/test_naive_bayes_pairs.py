from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from rnn_toolkit import SentimentClassifier, load
from rnn_toolkit.config import NetworkConfig
from rnn_toolkit.data.batching import EncodedTexts
from rnn_toolkit.layers.word_pairs import WordPairLogits
from rnn_toolkit.networks.classifier import PAIR_LAYER, build_classifier
from rnn_toolkit.training import naive_bayes_pairs
from rnn_toolkit.training.naive_bayes_pairs import _cross_entropy, add_naive_bayes_pairs


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=12), st.booleans())
@settings(max_examples=30, deadline=None)
def test_one_text_has_the_rows_that_the_layer_adds_up(ids: list[int], single_words: bool) -> None:
    layer = WordPairLogits(97, 2, single_words=single_words)
    padded = np.array([[*ids, 0, 0]], np.int32)
    layer.build(padded.shape)
    layer.table.assign(np.random.default_rng(0).normal(size=(97, 2)))
    rows = layer.rows_of(np.array(ids, np.int32))
    assert len(rows) == len(ids) - 1 + single_words * len(ids)
    wanted = layer.scale / np.sqrt(max(len(rows), 1)) * layer.table.numpy()[rows].sum(0)
    np.testing.assert_allclose(layer(padded)[0], wanted, atol=1e-4)


def texts(labels: np.ndarray, generator: np.random.Generator) -> EncodedTexts:
    """Class 1 says 5 6 where class 0 says 6 5; single words tell nothing."""
    rows = []
    for label in labels:
        row = generator.integers(7, 20, 8)
        row[3:5] = (5, 6) if label else (6, 5)
        rows.append(row.astype(np.int32))
    return EncodedTexts(rows, labels.astype(np.int32), np.ones(len(rows), np.float32))


def model_of(classes: int) -> keras.Model:
    keras.utils.set_random_seed(1)
    network = NetworkConfig(
        units=2, embedding_size=3, pair_buckets=512, pair_fit="naive_bayes", pooling="mean"
    )
    return build_classifier(network, vocabulary_size=20, classes=classes, seed=1)


def accuracy(model: keras.Model, rows: EncodedTexts) -> float:
    found = np.asarray(model(np.stack(rows.ids), training=False))
    return float((found.argmax(1) == rows.labels).mean())


def test_pairs_say_what_an_untrained_network_does_not_know() -> None:
    generator = np.random.default_rng(1)
    training, validation, unseen = (
        texts(generator.integers(0, 2, count), generator) for count in (300, 60, 200)
    )
    model = model_of(2)
    before = np.asarray(model(np.stack(validation.ids), training=False))
    mixture = add_naive_bayes_pairs(model, training, validation, seed=1)
    after = np.asarray(model(np.stack(validation.ids), training=False))
    places = np.arange(len(validation)), validation.labels
    assert mixture.loss_before == pytest.approx(-np.log(before[places]).mean(), abs=1e-5)
    # The graph answers what was mixed outside of it.
    assert mixture.validation_loss == pytest.approx(-np.log(after[places]).mean(), abs=1e-4)
    assert mixture.validation_loss < 0.2 < mixture.loss_before
    assert mixture.validation_accuracy == accuracy(model, validation)
    assert accuracy(model, unseen) > 0.97


def test_part_of_a_large_corpus_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    training, validation = (
        texts(generator.integers(0, 2, count), generator) for count in (300, 60)
    )
    entries = sum(2 * len(row) for row in training.ids)
    monkeypatch.setattr(naive_bayes_pairs, "_MOST_ENTRIES", entries // 2)
    monkeypatch.setattr(naive_bayes_pairs, "_AT_ONCE", 7)  # does not divide 60
    model = model_of(2)
    mixture = add_naive_bayes_pairs(model, training, validation, seed=1)
    assert 120 < mixture.rows < 180
    assert f"of {mixture.rows} texts" in mixture.sentence()
    assert mixture.validation_accuracy == accuracy(model, validation) > 0.9


def test_a_rare_class_is_drawn_from_a_large_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naive_bayes_pairs, "_MOST_ENTRIES", 400)
    labels = np.zeros(300, np.int32)
    labels[1::2], labels[200] = 1, 2
    rows = [np.full(6, 3 + label, np.int32) for label in labels]
    training = EncodedTexts(rows, labels, np.ones(300, np.float32))
    validation = EncodedTexts(rows[190:210], labels[190:210], np.ones(20, np.float32))
    mixture = add_naive_bayes_pairs(model_of(3), training, validation, seed=1)
    assert mixture.rows < 60
    assert mixture.validation_accuracy == 1.0


def test_weights_of_rows_count() -> None:
    features = csr_matrix(np.eye(2)[[0, 0, 1, 1, 1, 1]])
    labels = np.array([0, 1, 1, 0, 0, 0], np.int32)
    plain, heavy = (
        naive_bayes_pairs._fit(features, labels, weights.astype(np.float32), 2, 1)[1][1]
        for weights in (np.ones(6), np.where(labels == 1, 5, 1))
    )
    assert heavy > plain


@pytest.mark.parametrize("good", [True, False])
def test_pairs_of_a_model_begun_with_stay_where_they_help(*, good: bool) -> None:
    generator = np.random.default_rng(6)
    many, few, validation, unseen = (
        texts(generator.integers(0, 2, count), generator) for count in (300, 12, 60, 200)
    )
    model = model_of(2)
    add_naive_bayes_pairs(model, many, validation, seed=1)
    layer = model.get_layer(PAIR_LAYER)
    if not good:
        layer.table.assign(-layer.table.value)
    mixture = add_naive_bayes_pairs(model, few, validation, seed=1)
    assert mixture.keeps_earlier == good
    assert ("begun with" in mixture.sentence()) == good
    assert mixture.validation_accuracy == accuracy(model, validation)
    if good:
        assert accuracy(model, unseen) > 0.97


def test_three_classes() -> None:
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 3, 300)
    rows = []
    for label in labels:
        row = generator.integers(8, 20, 8)
        row[3:5] = [(5, 6), (6, 7), (7, 5)][label]
        rows.append(row.astype(np.int32))
    every = EncodedTexts(rows, labels.astype(np.int32), np.ones(300, np.float32))
    parts = [
        EncodedTexts(every.ids[a:b], every.labels[a:b], every.weights[a:b])
        for a, b in ((0, 200), (200, 300))
    ]
    model = model_of(3)
    add_naive_bayes_pairs(model, *parts, seed=1)
    assert accuracy(model, parts[1]) > 0.95


def test_pairs_that_say_nothing_get_no_share() -> None:
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 2, 200).astype(np.int32)
    rows = [generator.integers(2, 20, 6).astype(np.int32) for _ in labels]
    training = EncodedTexts(rows[:100], labels[:100], np.ones(100, np.float32))
    validation = EncodedTexts(rows[100:], labels[100:], np.ones(100, np.float32))
    model = model_of(2)
    mixture = add_naive_bayes_pairs(model, training, validation, seed=1)
    assert mixture.validation_loss <= mixture.loss_before
    assert mixture.loss_before - mixture.validation_loss < 0.02
    assert mixture.validation_accuracy == accuracy(model, validation)


def test_the_cross_entropy_is_that_of_keras() -> None:
    logits = np.random.default_rng(4).normal(size=(7, 3)) * 5
    labels = np.array([0, 1, 2, 0, 1, 2, 0])
    wanted = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    assert _cross_entropy(logits, labels) == pytest.approx(float(np.mean(wanted)), abs=1e-5)


def test_it_ships(tmp_path: object) -> None:
    texts = ["fine film", "poor film", "fine plot", "poor plot", "fine joke", "poor joke"] * 8
    model = SentimentClassifier(units=2, epochs=1, pair_buckets=256, pair_fit="naive_bayes")
    model.fit((texts, ["good", "bad"] * 24))
    wanted = model.predict("fine joke").probabilities["good"]
    for format_name in ("tflite", "onnx"):
        bundle = f"{tmp_path}/{format_name}"
        model.export(bundle, format=format_name)
        found = load(bundle).predict("fine joke").probabilities["good"]
        assert found == pytest.approx(wanted, abs=1e-5)
    assert model.trained.model.get_layer(PAIR_LAYER).table.numpy().any()
