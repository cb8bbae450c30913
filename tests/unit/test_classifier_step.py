"""The objective against its equations, with dropout off and on."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.config import NetworkConfig, ObjectiveConfig
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, PERTURBATION_LAYER, build_classifier
from rnn_toolkit.training.classifier_step import ClassifierStep, _noise_states

IDS = np.array([[2, 3, 4, 5], [6, 7, 0, 0], [8, 2, 9, 0]], np.int32)
TARGETS = np.array([[0.9, 0.1], [0.1, 0.9], [0.7, 0.3]], np.float32)
WEIGHTS = np.array([1.0, 2.0, 0.5], np.float32)
RATE = 0.01


def classifier(*, dropout: float = 0.0, perturbed: bool = True) -> keras.Model:
    keras.utils.set_random_seed(3)
    network = NetworkConfig(
        units=3,
        embedding_size=4,
        pair_buckets=16,
        word_dropout=0.0,
        embedding_dropout=dropout,
        output_dropout=dropout,
    )
    return build_classifier(network, vocabulary_size=10, classes=2, seed=1, perturbed=perturbed)


def change(
    model: keras.Model, objective: ObjectiveConfig, unlabelled: np.ndarray | None = None
) -> list[np.ndarray]:
    """What one step of plain gradient descent adds to each weight, over minus the rate."""
    before = [weight.numpy().copy() for weight in model.trainable_variables]
    step = ClassifierStep(model, keras.optimizers.SGD(RATE), objective=objective, gradient_clip=1e6)
    step.update(IDS, TARGETS, WEIGHTS, unlabelled)
    after = [weight.numpy() for weight in model.trainable_variables]
    return [(old - new) / RATE for old, new in zip(before, after, strict=True)]


def logits(
    model: keras.Model, vectors: tf.Tensor | None = None, ids: np.ndarray = IDS
) -> tf.Tensor:
    inner = keras.Model(model.inputs[0], model.get_layer("probabilities").input)
    place = model.get_layer(PERTURBATION_LAYER)
    if vectors is None:
        return inner(ids, training=False)
    with place.adding(vectors):
        return inner(ids, training=False)


def cross_entropy(found: tf.Tensor) -> tf.Tensor:
    losses = -tf.reduce_sum(TARGETS * tf.nn.log_softmax(found), 1)
    return tf.reduce_sum(losses * WEIGHTS) / len(WEIGHTS)


def worst(gradient: np.ndarray, model: keras.Model, radius: float) -> np.ndarray:
    """r = radius x RMS of the real vectors x g / ||g||, zero at padding."""
    table = model.get_layer(EMBEDDING_LAYER).embeddings.numpy()
    real = (IDS != 0)[:, :, None]
    scale = np.sqrt((table[IDS] ** 2 * real).sum() / (real.sum() * table.shape[1]))
    gradient = gradient * real
    return radius * scale * gradient / np.sqrt((gradient**2).sum((1, 2), keepdims=True))


def close(found: list[np.ndarray], wanted: list[tf.Tensor]) -> None:
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, tf.convert_to_tensor(other), atol=2e-4)


def test_without_more_terms_it_is_weighted_cross_entropy() -> None:
    model = classifier(perturbed=False)
    with tf.GradientTape() as tape:
        inner = keras.Model(model.inputs[0], model.get_layer("probabilities").input)
        loss = cross_entropy(inner(IDS, training=False))
    wanted = tape.gradient(loss, [weight.value for weight in model.trainable_variables])
    close(change(model, ObjectiveConfig()), wanted)


def test_the_adversary_moves_vectors_up_the_gradient() -> None:
    model = classifier()
    zero = tf.zeros((*IDS.shape, 4))
    with tf.GradientTape() as tape:
        tape.watch(zero)
        loss = cross_entropy(logits(model, zero))
    offset = worst(tape.gradient(loss, zero).numpy(), model, 0.5)
    assert cross_entropy(logits(model, offset)) > loss
    with tf.GradientTape() as tape:
        total = cross_entropy(logits(model)) + 0.7 * cross_entropy(logits(model, offset))
    wanted = tape.gradient(total, [weight.value for weight in model.trainable_variables])
    close(change(model, ObjectiveConfig(adversarial=0.7, radius=0.5)), wanted)


def test_entropy_of_unlabelled_rows() -> None:
    model, others = classifier(), np.array([[3, 3, 4]], np.int32)
    with tf.GradientTape() as tape:
        answer = logits(model, ids=others)
        entropy = -tf.reduce_sum(tf.nn.softmax(answer) * tf.nn.log_softmax(answer))
        total = cross_entropy(logits(model)) + 0.3 * entropy
    wanted = tape.gradient(total, [weight.value for weight in model.trainable_variables])
    close(change(model, ObjectiveConfig(entropy=0.3), others), wanted)


def divergence(answer: tf.Tensor, moved: tf.Tensor) -> tf.Tensor:
    logs = tf.nn.log_softmax(answer) - tf.nn.log_softmax(moved)
    return tf.reduce_mean(tf.reduce_sum(tf.nn.softmax(answer) * logs, 1))


def test_the_virtual_adversary_changes_the_answer_more_than_chance() -> None:
    model = classifier()
    # Larger answers than a fresh network's, so that there is something to change.
    model.get_layer("logits").kernel.assign(model.get_layer("logits").kernel.value * 20)
    step = ClassifierStep(
        model,
        keras.optimizers.SGD(0.0),
        objective=ObjectiveConfig(virtual_adversarial=1.0, radius=1.0),
        gradient_clip=1e6,
    )
    seen: list[np.ndarray] = []
    keep = step._perturbation

    def spy(direction: tf.Tensor, vectors: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
        found = keep(direction, vectors, ids)
        seen.append(found.numpy())
        return found

    step._perturbation = spy
    step._of_unlabelled(tf.constant(IDS))
    answer = logits(model)
    _, offset = seen
    found = float(divergence(answer, logits(model, offset)))
    generator = np.random.default_rng(0)
    drawn = [worst(generator.normal(size=offset.shape), model, 1.0) for _ in range(40)]
    by_chance = [float(divergence(answer, logits(model, other))) for other in drawn]
    assert found > np.quantile(by_chance, 0.9)
    assert np.all(offset[IDS == 0] == 0)
    size = np.sqrt((worst(offset, model, 1.0) ** 2).sum((1, 2)))
    np.testing.assert_allclose(np.sqrt((offset**2).sum((1, 2))), size, rtol=1e-4)


def test_all_passes_over_the_same_rows_hide_the_same() -> None:
    """With a radius of nearly nothing the adversary's loss is the clean one, dropout and all."""
    twice = change(classifier(dropout=0.5), ObjectiveConfig(adversarial=1.0, radius=1e-6))
    once = change(
        classifier(dropout=0.5), ObjectiveConfig(adversarial=0.0, virtual_adversarial=1e-9)
    )
    close(twice, [2 * tf.convert_to_tensor(gradient) for gradient in once])


def test_dropout_goes_on_from_batch_to_batch() -> None:
    model = classifier(dropout=0.5)
    states = _noise_states(model)
    assert states
    before = [state.numpy().copy() for state in states]
    change(model, ObjectiveConfig(adversarial=1.0))
    assert any((old != new.numpy()).any() for old, new in zip(before, states, strict=True))


@pytest.mark.parametrize("clip", [0.01, 1e6])
def test_gradients_are_clipped_together(clip: float) -> None:
    model = classifier(perturbed=False)
    before = [weight.numpy().copy() for weight in model.trainable_variables]
    step = ClassifierStep(
        model, keras.optimizers.SGD(1.0), objective=ObjectiveConfig(), gradient_clip=clip
    )
    step.update(IDS, TARGETS, WEIGHTS)
    pairs = zip(before, model.trainable_variables, strict=True)
    norm = np.sqrt(sum(((old - new.numpy()) ** 2).sum() for old, new in pairs))
    assert norm == pytest.approx(clip, rel=1e-4) if clip < 1 else norm > 0.01
