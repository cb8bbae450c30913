"""bfloat16 in the recurrent layers, float32 everywhere else."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from rnn_toolkit import OptionError, SentimentClassifier
from rnn_toolkit.config import NetworkConfig, ObjectiveConfig, PretrainingConfig
from rnn_toolkit.layers.recurrent import LSTM
from rnn_toolkit.networks.classifier import build_classifier, logits_model
from rnn_toolkit.networks.precision import computing_in, multiplies_bfloat16
from rnn_toolkit.training.classifier_step import ClassifierStep
from rnn_toolkit.training.encoder_pretraining import pretrain_encoder
from rnn_toolkit.training.observer import SilentObserver

IDS = np.array([[2, 3, 4, 5], [6, 7, 0, 0], [8, 2, 9, 0]], np.int32)
NETWORK = NetworkConfig(
    units=4,
    embedding_size=4,
    pair_buckets=16,
    word_dropout=0.0,
    embedding_dropout=0.0,
    output_dropout=0.0,
)


def classifier(network: NetworkConfig = NETWORK, **options: bool) -> keras.Model:
    keras.utils.set_random_seed(3)
    return build_classifier(
        network, vocabulary_size=10, classes=2, seed=1, precision="bfloat16", **options
    )


@pytest.mark.parametrize("fails", [False, True])
def test_the_policy_before_comes_back(fails: bool) -> None:
    before = keras.config.dtype_policy().name
    try:
        with computing_in("bfloat16"):
            assert keras.config.dtype_policy().name == "mixed_bfloat16"
            if fails:
                raise KeyError
    except KeyError:
        pass
    assert keras.config.dtype_policy().name == before


def test_a_network_that_cannot_be_built_leaves_the_policy() -> None:
    with pytest.raises(OptionError):
        classifier(NETWORK.model_copy(update={"cell": "no such cell"}))
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "mean_max", "attention"])
def test_only_the_recurrent_layers_compute_in_bfloat16(pooling: str) -> None:
    model = classifier(NETWORK.model_copy(update={"pooling": pooling}))
    assert {weight.dtype for weight in model.trainable_variables} == {"float32"}
    coarse = {layer.name for layer in model.layers if layer.compute_dtype == "bfloat16"}
    assert coarse == {"lstm_1_both_ways"}
    inner = model.get_layer("lstm_1_both_ways").forward_layer
    assert isinstance(inner, LSTM)
    assert inner.cell.compute_dtype == "bfloat16"
    assert logits_model(model)(IDS).dtype == "float32"
    assert model(IDS).dtype == "float32"


def test_the_difference_is_that_of_rounding() -> None:
    model = classifier()
    plain = build_classifier(NETWORK, vocabulary_size=10, classes=2, seed=1)
    plain.set_weights(model.get_weights())
    difference = np.abs(np.asarray(model(IDS)) - np.asarray(plain(IDS))).max()
    assert 0 < difference < 0.01


@pytest.mark.parametrize("objective", [ObjectiveConfig(), ObjectiveConfig(adversarial=0.5)])
def test_the_loss_goes_down(objective: ObjectiveConfig) -> None:
    model = classifier(perturbed=objective.perturbs)
    step = ClassifierStep(
        model, keras.optimizers.Adam(0.05), objective=objective, gradient_clip=1.0
    )
    targets = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], np.float32)
    losses = [step.update(IDS, targets, np.ones(3, np.float32))[0] for _ in range(20)]
    assert losses[-1] < 0.3 * losses[0]
    assert {weight.dtype for weight in model.trainable_variables} == {"float32"}


def test_pretraining_goes_on_in_bfloat16() -> None:
    rows = [np.array([2, 3, 4, 5, 6], np.int32)] * 8
    result = pretrain_encoder(
        classifier(),
        NETWORK,
        PretrainingConfig(epochs=2, samples=4, learning_rate=0.05),
        rows,
        rows,
        gradient_clip=1.0,
        max_minutes=None,
        seed=1,
        observer=SilentObserver(),
        checkpoint_path=None,
        identity={},
        resume=False,
    )
    assert result.history[1].validation_loss < result.history[0].validation_loss


def test_the_model_that_is_kept_is_float32() -> None:
    texts = [f"{word} word{n}" for n in range(20) for word in ("lovely", "awful")]
    labels = ["good", "bad"] * 20
    made = SentimentClassifier(
        precision="bfloat16", units=4, embedding_size=4, pair_buckets=0, epochs=2
    ).fit((texts, labels))
    assert {layer.compute_dtype for layer in made.trained.model.layers} == {"float32"}
    assert made.config.training.precision == "bfloat16"
    # Validation in the last epoch was in bfloat16, and by the weights that were kept.
    history = made.trained.history
    best = min(record.validation_loss for record in history)
    assert made.trained.evaluations[0].model.log_loss == pytest.approx(best, abs=0.02)


@pytest.mark.parametrize(
    ("information", "capabilities", "expected"),
    [
        ("flags : fpu avx512f avx512_bf16 amx_tile", [], True),
        ("flags : fpu amx_bf16", [], True),
        ("flags : fpu avx2 avx512f", [], False),
        ("Features : fp asimd bf16", [], True),
        ("flags : fpu", [(8, 0), (9, 0)], True),
        ("flags : fpu avx512_bf16", [(7, 5)], False),
    ],
)
def test_who_has_instructions_for_it(
    information: str, capabilities: list[tuple[int, int]], expected: bool
) -> None:
    assert multiplies_bfloat16(information, capabilities) == expected
