"""Per-token probabilities, the neural cache and dynamic evaluation."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from rnn_toolkit.config import LanguageModelConfig
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.evaluation.cached_steps import CachedSteps
from rnn_toolkit.evaluation.dynamic import dynamic_evaluation
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.evaluation.token_probabilities import token_log_probabilities
from rnn_toolkit.networks.language_model import body_and_head, build_language_model

VOCABULARY = 9


def model() -> keras.Model:
    keras.utils.set_random_seed(5)
    settings = LanguageModelConfig(units=6, embedding_size=5).for_tokens("char")
    network = build_language_model(settings, vocabulary_size=VOCABULARY, seed=5)
    for variable in network.trainable_variables:
        variable.assign(3 * variable)
    return network


def ids(steps: int) -> np.ndarray:
    return np.random.default_rng(1).integers(4, VOCABULARY, steps).astype(np.uint16)


def by_hand(network: keras.Model, row: np.ndarray) -> np.ndarray:
    logits = np.asarray(network(row[None, :-1].astype(np.int32)), np.float64)[0]
    normal = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return normal[np.arange(len(row) - 1), row[1:]]


def test_states_are_carried_over_windows() -> None:
    network, row = model(), ids(350)
    found = token_log_probabilities(network, TokenStream(row, None, 350, VOCABULARY))
    np.testing.assert_allclose(found, by_hand(network, row), atol=1e-5)


def test_documents_begin_without_a_past() -> None:
    network, row = model(), ids(60)
    starts = np.asarray([0, 13, 40])
    found = token_log_probabilities(network, TokenStream(row, starts, 60, VOCABULARY))
    parts = [row[:13], row[13:40], row[40:]]
    expected = np.concatenate([by_hand(network, part) for part in parts])
    np.testing.assert_allclose(np.sort(found), np.sort(expected), atol=1e-5)


def cached_by_hand(network: keras.Model, row: np.ndarray, cache: NeuralCache) -> np.ndarray:
    """The equations, one step after the other."""
    hidden = np.asarray(body_and_head(network)[0](row[None, :-1].astype(np.int32)), np.float64)[0]
    own = np.exp(by_hand(network, row))
    found = []
    for now in range(len(row) - 1):
        past = range(max(0, now - cache.size), now)
        if not past:
            found.append(own[now])
            continue
        weights = np.exp([cache.sharpness * hidden[now] @ hidden[i] for i in past])
        same = np.asarray([row[i + 1] == row[now + 1] for i in past])
        share = (weights * same).sum() / weights.sum()
        found.append((1 - cache.share) * own[now] + cache.share * share)
    return np.log(found)


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_cache_is_its_equation(size: int) -> None:
    network, row = model(), ids(230)
    cache = NeuralCache(size=size, share=0.4, sharpness=1.5)
    found = token_log_probabilities(network, TokenStream(row, None, 230, VOCABULARY), cache=cache)
    np.testing.assert_allclose(found, cached_by_hand(network, row, cache), atol=1e-5)


def test_writing_with_a_cache_is_scoring_with_it() -> None:
    network, row = model(), ids(40).astype(np.int32)
    cache = NeuralCache(size=7, share=0.4, sharpness=1.5)
    expected = cached_by_hand(network, row, cache)
    steps = CachedSteps(network, cache)
    two = np.stack([row[:20], row[:20]])
    answer, states = steps.prefill(two, np.asarray([20, 12], np.int32))
    for place in range(20, 39):
        assert answer[0, row[place]] == pytest.approx(expected[place - 1], abs=1e-4)
        answer, states = steps.step(np.asarray([row[place], row[place - 8]], np.int32), states)
        assert answer[1, row[place - 7]] == pytest.approx(expected[place - 8], abs=1e-4)
        np.testing.assert_allclose(np.exp(answer).sum(-1), 1, atol=1e-4)


def test_dynamic_evaluation_learns_and_forgets() -> None:
    network = model()
    row = np.tile(ids(5), 200)
    stream = TokenStream(row, None, len(row), VOCABULARY)
    before = [weight.numpy() for weight in network.weights]
    plain = token_log_probabilities(network, stream)
    none = dynamic_evaluation(network, stream, rate=0.0)
    np.testing.assert_allclose(none, plain, atol=1e-4)
    learning = dynamic_evaluation(network, stream, rate=0.2)
    np.testing.assert_allclose(learning[:20], plain[:20], atol=1e-5)  # predicted before learnt
    assert learning[-200:].mean() > plain[-200:].mean() + 0.3
    for weight, old in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
