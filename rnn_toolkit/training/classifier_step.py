"""One update of a classifier: cross-entropy, and what the objective adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.config import ObjectiveConfig
from rnn_toolkit.networks.classifier import PERTURBATION_LAYER, logits_model
from rnn_toolkit.training.distribution import Distribution

_IDS = tf.TensorSpec([None, None], tf.int32)
_PROBE = 1e-2  # of the RMS of the vectors: how far the search for the worst direction steps


class ClassifierStep:
    """Trains a classifier batch by batch.

    The loss of labelled rows is CE(y, p(x)) + a CE(y, p(x + r)), where r is the perturbation of
    the word vectors that raises the loss most, ||r|| = radius x RMS of the vectors. Rows without
    labels add v KL(p(x) || p(x + s)) + e H(p(x)), where s is the perturbation that changes the
    answer most (Miyato et al. 2017, Adversarial training methods for semi-supervised text
    classification; Sachan et al. 2019, Revisiting LSTM networks for semi-supervised text
    classification). The weights a, v and e are `adversarial`, `virtual_adversarial` and
    `entropy`. All passes over the same rows have the same dropout.

    Args:
        model: what `build_classifier` made.
        optimizer: a Keras optimizer.
        objective: the terms.
        gradient_clip: largest global norm of a gradient.
        seed: of the directions in which the search for the worst one begins.
        distribution: where the replicas of the model are; several have cross-entropy alone.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        *,
        objective: ObjectiveConfig,
        gradient_clip: float,
        seed: int = 0,
        distribution: Distribution | None = None,
    ) -> None:
        self._distribution = distribution or Distribution()
        self._logits = logits_model(model)
        self._variables = list(model.trainable_variables)
        self.noise = _noise_states(model)
        self.directions = keras.random.SeedGenerator(seed)
        self._optimizer = optimizer
        self._objective = objective
        self._clip = gradient_clip
        self._place: Any = None
        if objective.perturbs:
            self._place = model.get_layer(PERTURBATION_LAYER)
        if not optimizer.built:
            optimizer.build(model.trainable_variables)
        classes = int(model.output_shape[-1])
        batch = (_IDS, tf.TensorSpec([None, classes]), tf.TensorSpec([None]))
        rows = tf.TensorSpec([])
        self._labelled = tf.function(
            self._update_labelled, input_signature=(rows, *batch), autograph=False
        )
        self._both = tf.function(
            self._update_both, input_signature=(rows, *batch, _IDS), autograph=False
        )

    def update(
        self,
        ids: NDArray[np.int32],
        targets: NDArray[np.float32],
        weights: NDArray[np.float32],
        unlabelled: NDArray[np.int32] | None = None,
    ) -> tuple[float, float]:
        """Changes the weights by one batch.

        Args:
            ids: [rows, time].
            targets: [rows, classes], probabilities.
            weights: [rows].
            unlabelled: [other rows, time] without labels.

        Returns:
            The mean cross-entropy in nats, and the share of rows with the right answer.
        """
        rows = tf.constant(len(ids), tf.float32)
        batch = map(tf.constant, self._distribution.evened(ids, targets, weights))
        if unlabelled is None:
            loss, right = self._labelled(rows, *batch)
        else:
            loss, right = self._both(rows, *batch, tf.constant(unlabelled))
        return float(loss), float(right)

    def _update_labelled(self, rows: Tensor, *batch: Tensor) -> Any:
        def step(*share: Tensor) -> Any:
            return self._apply(*self._of_labelled(rows, *share))

        return self._distribution.run(step, *batch)

    def _update_both(self, rows: Tensor, *batch: Tensor) -> Any:
        *labelled, others = batch
        gradients, loss, right = self._of_labelled(rows, *labelled)
        return self._apply(_sum(gradients, self._of_unlabelled(others)), loss, right)

    def _apply(self, gradients: Sequence[Tensor], loss: Tensor, right: Tensor) -> Any:
        found, loss, right = self._distribution.summed(gradients, loss, right)
        clipped, _ = tf.clip_by_global_norm(found, self._clip)
        pairs = zip(clipped, self._variables, strict=True)
        self._distribution.apply(self._optimizer, [pair for pair in pairs if pair[0] is not None])
        return loss, right

    def _run(self, ids: Tensor, offset: Tensor | None = None) -> Tensor:
        moved = nullcontext() if offset is None else self._place.adding(offset)
        with moved:
            return self._logits(ids, training=True)

    def _values(self) -> list[Tensor]:
        return [variable.value for variable in self._variables]

    def _of_labelled(self, rows: Tensor, ids: Tensor, targets: Tensor, weights: Tensor) -> Any:
        """Gradients, loss and share of right answers, of some rows as parts of a batch."""

        def loss_of(logits: Tensor) -> Tensor:
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
            return tf.reduce_sum(losses * weights) / rows

        weight = self._objective.adversarial
        noise = _copies(self.noise)
        with tf.GradientTape() as tape:
            logits = self._run(ids)
            loss = loss_of(logits)
        wanted = self._values()
        if weight:
            *gradients, of_vectors = tape.gradient(loss, [*wanted, self._place.seen])
            offset = self._perturbation(of_vectors, self._place.seen, ids)
            _restore(self.noise, noise)
            with tf.GradientTape() as tape:
                moved = weight * loss_of(self._run(ids, offset))
            gradients = _sum(gradients, tape.gradient(moved, wanted))
        else:
            gradients = tape.gradient(loss, wanted)
        hits = tf.equal(tf.argmax(logits, 1), tf.argmax(targets, 1))
        hits = tf.logical_and(hits, tf.reduce_max(targets, 1) > 0)  # a row of zeros fills up
        return gradients, loss, tf.reduce_sum(tf.cast(hits, tf.float32)) / rows

    def _of_unlabelled(self, ids: Tensor) -> list[Tensor]:
        """Gradients of the terms that need no labels."""
        objective, noise, wanted = self._objective, _copies(self.noise), self._values()
        with tf.GradientTape() as tape:
            logits = self._run(ids)
            entropy = objective.entropy * tf.reduce_mean(_entropy(logits))
        gradients = tape.gradient(entropy, wanted) if objective.entropy else [None] * len(wanted)
        if not objective.virtual_adversarial:
            return gradients
        answer, vectors = tf.stop_gradient(logits), tf.stop_gradient(self._place.seen)
        drawn = keras.random.normal(tf.shape(vectors), seed=self.directions)
        probe = self._perturbation(drawn, vectors, ids) * (_PROBE / objective.radius)
        _restore(self.noise, noise)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(probe)
            change = tf.reduce_mean(_divergence(answer, self._run(ids, probe)))
        offset = self._perturbation(tape.gradient(change, probe), vectors, ids)
        _restore(self.noise, noise)
        with tf.GradientTape() as tape:
            change = tf.reduce_mean(_divergence(answer, self._run(ids, offset)))
            change *= objective.virtual_adversarial
        return _sum(gradients, tape.gradient(change, wanted))

    def _perturbation(self, direction: Tensor, vectors: Tensor, ids: Tensor) -> Tensor:
        """A direction [batch, time, width] at the length that the radius asks for.

        The radius counts in RMS of the vectors, so that larger vectors are no way out.
        """
        real = tf.cast(ids != 0, vectors.dtype)[:, :, None]
        values = tf.maximum(tf.reduce_sum(real) * vectors.shape[-1], 1.0)
        scale = tf.sqrt(tf.reduce_sum(tf.square(vectors) * real) / values)
        direction = tf.stop_gradient(direction) * real
        # Gradients of a confident model are tiny: by its largest value first, then by its norm.
        direction /= tf.reduce_max(tf.abs(direction), [1, 2], keepdims=True) + 1e-20
        norm = tf.sqrt(tf.reduce_sum(tf.square(direction), [1, 2], keepdims=True) + 1e-12)
        return tf.stop_gradient(self._objective.radius * scale * direction / norm)


def _noise_states(model: keras.Model) -> list[keras.Variable]:
    """What the random numbers of a model's dropouts depend on."""
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _copies(states: Sequence[keras.Variable]) -> list[Tensor]:
    return [tf.identity(state.value) for state in states]


def _restore(states: Sequence[keras.Variable], copies: Sequence[Tensor]) -> None:
    for state, copy in zip(states, copies, strict=True):
        state.assign(copy)


def _entropy(logits: Tensor) -> Tensor:
    return tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(logits), logits)


def _divergence(of: Tensor, other: Tensor) -> Tensor:
    """Kullback-Leibler divergence of two answers [rows], from logits."""
    chances = tf.nn.softmax(of)
    difference = tf.nn.log_softmax(of) - tf.nn.log_softmax(other)
    return tf.reduce_sum(chances * difference, axis=1)


def _sum(some: Sequence[Tensor], others: Sequence[Tensor]) -> list[Tensor]:
    return [_added(a, b) for a, b in zip(some, others, strict=True)]


def _added(a: Tensor, b: Tensor) -> Tensor:
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, tf.IndexedSlices) and isinstance(b, tf.IndexedSlices):
        return tf.IndexedSlices(
            tf.concat([a.values, b.values], 0), tf.concat([a.indices, b.indices], 0), a.dense_shape
        )
    return tf.convert_to_tensor(a) + tf.convert_to_tensor(b)
