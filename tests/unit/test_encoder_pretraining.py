from __future__ import annotations

import keras
import numpy as np
import pytest

from rnn_toolkit.config import NetworkConfig, PretrainingConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, build_classifier
from rnn_toolkit.networks.encoder_language_model import build_encoder_language_model
from rnn_toolkit.training.encoder_pretraining import pretrain_encoder
from rnn_toolkit.training.neighbour_prediction import NeighbourPrediction
from rnn_toolkit.training.observer import SilentObserver

VOCABULARY = 12


def network(**more: object) -> NetworkConfig:
    return NetworkConfig.model_validate(
        {"units": 8, "embedding_size": 6, "pair_buckets": 0, **more}
    )


def classifier(shape: NetworkConfig) -> keras.Model:
    keras.utils.set_random_seed(1)
    return build_classifier(shape, vocabulary_size=VOCABULARY, classes=2, seed=1, stack_gated=True)


def counting(length: int, start: int) -> np.ndarray:
    """3, 4, 5, ... round and round: each word tells its neighbours."""
    return ((np.arange(length) + start) % (VOCABULARY - 3) + 3).astype(np.int32)


ROWS = [counting(5 + start % 4, start) for start in range(40)]


def test_no_query_reads_the_word_it_asks_for() -> None:
    shape = network()
    model = build_encoder_language_model(classifier(shape), shape)
    ids = counting(7, 0)[None]
    after, before = (np.asarray(part) for part in model(ids))
    for changed in range(7):
        other = ids.copy()
        other[0, changed] = 11 if ids[0, changed] != 11 else 10
        new_after, new_before = (np.asarray(part) for part in model(other))
        # The question for word t + 1 has read words up to t, that for t - 1 words from t on.
        np.testing.assert_allclose(new_after[0, :changed], after[0, :changed], atol=1e-6)
        np.testing.assert_allclose(
            new_before[0, changed + 1 :], before[0, changed + 1 :], atol=1e-6
        )
        assert np.abs(new_after[0, changed] - after[0, changed]).max() > 1e-6
        assert np.abs(new_before[0, changed] - before[0, changed]).max() > 1e-6


@pytest.mark.parametrize("bidirectional", [True, False])
def test_pretraining_learns_the_neighbours_and_changes_the_classifier(bidirectional: bool) -> None:
    shape = network(bidirectional=bidirectional)
    model = classifier(shape)
    vectors = model.get_layer(EMBEDDING_LAYER).embeddings.numpy().copy()
    head = model.get_layer("logits").kernel.numpy().copy()
    result = pretrain_encoder(
        model,
        shape,
        PretrainingConfig(epochs=150, learning_rate=0.03, samples=20),
        ROWS,
        ROWS[:5],
        gradient_clip=1.0,
        max_minutes=None,
        seed=1,
        observer=SilentObserver(),
        checkpoint_path=None,
        identity={},
        resume=False,
    )
    losses = [record.validation_loss for record in result.history]
    assert losses[0] > 1.5
    assert min(losses) < 0.3
    assert np.abs(model.get_layer(EMBEDDING_LAYER).embeddings.numpy() - vectors).max() > 0.01
    np.testing.assert_array_equal(model.get_layer("logits").kernel.numpy(), head)


def test_the_sampled_loss_tends_to_the_full_one() -> None:
    shape = network()
    model = classifier(shape)
    counts = np.bincount(np.concatenate(ROWS), minlength=VOCABULARY)
    task = NeighbourPrediction(
        build_encoder_language_model(model, shape),
        model,
        keras.optimizers.SGD(0.0),
        counts=counts,
        samples=20_000,
        gradient_clip=1.0,
        seed=1,
    )
    ids = np.stack([counting(6, 0), counting(6, 4)])
    loss, words, _ = task.update(ids)
    summed, judged = task.judge(ids)
    assert words == judged == 2 * 2 * 5
    # Ids 0 and 1 are never asked for, so that neither sum has them.
    assert loss == pytest.approx(summed / judged, abs=0.02)


def test_padding_and_unknown_words_are_not_asked_for() -> None:
    shape = network()
    model = classifier(shape)
    task = NeighbourPrediction(
        build_encoder_language_model(model, shape),
        model,
        keras.optimizers.SGD(0.0),
        counts=np.ones(VOCABULARY, np.int64),
        samples=4,
        gradient_clip=1.0,
        seed=1,
    )
    padded = np.array([[3, 4, 1, 5, 0, 0]], np.int32)
    summed, words = task.judge(padded)
    assert words == 4  # after: 4, 5; before: 3, 4
    alone, _ = task.judge(padded[:, :4])
    assert summed == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"pooling": "last"}, "needs the output of every step"),
        ({"layers": 2}, "one layer, or for one direction"),
        ({"connection": "residual"}, "plain connections"),
    ],
)
def test_networks_that_cannot_be_pretrained(more: dict[str, object], message: str) -> None:
    shape = network(**more)
    with pytest.raises(OptionError, match=message):
        build_encoder_language_model(classifier(shape), shape)
