"""What pretraining asks of an encoder: the word after, and the word before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER
from rnn_toolkit.training.gradient_norms import one_slice_per_row

_ORDINARY = 2  # ids below it are padding and the unknown word, which nobody need predict
_IMPOSSIBLE = -1e9
_IDS = tf.TensorSpec([None, None], tf.int32)


class NeighbourPrediction:
    """Trains an encoder's queries to name the neighbouring words.

    The loss is the cross-entropy of the right word among a sample of the vocabulary, drawn by
    frequency and shared by a batch (sampled softmax: Jean et al. 2015, On using very large
    target vocabulary); q(w) is the share of w in the corpus, and a drawn word stands for
    1 / (S q(w)) of its kind. Judging uses the whole vocabulary.

    Args:
        model: what `build_encoder_language_model` made.
        classifier: the classifier whose layers it shares.
        optimizer: a Keras optimizer, not built yet.
        counts: [vocabulary] how often each id occurs in the corpus.
        samples: words drawn for each batch and direction.
        gradient_clip: largest global norm of a gradient.
        seed: of the drawn words.
    """

    def __init__(
        self,
        model: keras.Model,
        classifier: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        *,
        counts: NDArray[np.int64],
        samples: int,
        gradient_clip: float,
        seed: int,
    ) -> None:
        self._model, self._optimizer = model, optimizer
        self._words = classifier.get_layer(EMBEDDING_LAYER).embeddings
        shares = np.where(np.arange(len(counts)) < _ORDINARY, 0, np.maximum(counts, 1))
        shares = shares / shares.sum()
        self._shares = tf.constant(shares, tf.float32)
        self._cumulative = tf.constant(np.cumsum(shares), tf.float32)
        self.bias = keras.Variable(np.log(np.maximum(shares, 1e-9)).astype(np.float32), name="bias")
        self._samples, self._clip = samples, gradient_clip
        self.noise = keras.random.SeedGenerator(seed)
        self.variables = [*model.trainable_variables, self.bias]
        optimizer.build(self.variables)
        self._update = tf.function(self._update_step, input_signature=[_IDS], autograph=False)
        self._judge = tf.function(self._judge_step, input_signature=[_IDS], autograph=False)

    def update(self, ids: NDArray[np.int32]) -> tuple[float, int, float]:
        """Changes the weights by a batch [rows, time].

        Returns:
            The mean sampled cross-entropy in nats, the words predicted, and the norm of the
            gradient before clipping.
        """
        loss, words, norm = self._update(tf.constant(ids))
        return float(loss), int(words), float(norm)

    def judge(self, ids: NDArray[np.int32]) -> tuple[float, int]:
        """The summed cross-entropy over the whole vocabulary in nats, and the words predicted."""
        summed, words = self._judge(tf.constant(ids))
        return float(summed), int(words)

    def _questions(self, ids: Tensor, training: bool) -> Iterator[tuple[Tensor, Tensor]]:
        """For each direction the queries [words, width] and the words they ask for [words]."""
        queries = self._model(ids, training=training)
        queries = queries if isinstance(queries, (list, tuple)) else [queries]
        after, before = ids[:, 1:], ids[:, :-1]
        sides = [
            (queries[0][:, :-1], after, before),
            *((q[:, 1:], before, after) for q in queries[1:]),
        ]
        for asked, wanted, asking in sides:
            real = tf.logical_and(wanted >= _ORDINARY, asking != 0)
            yield tf.boolean_mask(asked, real), tf.boolean_mask(wanted, real)

    def _update_step(self, ids: Tensor) -> Any:
        with tf.GradientTape() as tape:
            summed, words = tf.constant(0.0), tf.constant(0)
            # The encoder's dropouts are for labelled rows: here every batch is new text.
            for asked, wanted in self._questions(ids, training=False):
                summed += tf.reduce_sum(self._sampled(asked, wanted))
                words += tf.size(wanted)
            loss = summed / tf.maximum(tf.cast(words, tf.float32), 1.0)
        found = tape.gradient(loss, [variable.value for variable in self.variables])
        found = [one_slice_per_row(gradient) for gradient in found]
        norm = tf.linalg.global_norm(found)
        clipped, _ = tf.clip_by_global_norm(found, self._clip, use_norm=norm)
        self._optimizer.apply_gradients(list(zip(clipped, self.variables, strict=True)))
        return loss, words, norm

    def _sampled(self, asked: Tensor, wanted: Tensor) -> Tensor:
        vectors, bias = self._words.value, self.bias.value
        drawn = keras.random.uniform((self._samples,), seed=self.noise)
        ids = tf.searchsorted(self._cumulative, drawn, side="right", out_type=tf.int32)
        ids = tf.minimum(ids, tf.size(self._cumulative) - 1)
        right = tf.reduce_sum(asked * tf.gather(vectors, wanted), axis=1) + tf.gather(bias, wanted)
        others = tf.matmul(asked, tf.gather(vectors, ids), transpose_b=True)
        others += tf.gather(bias, ids) - tf.math.log(tf.gather(self._shares, ids) * self._samples)
        # A drawn word that is the right one would be counted twice.
        others = tf.where(wanted[:, None] == ids[None], _IMPOSSIBLE, others)
        # log(exp(right) + sum exp(others)) without a copy of the large matrix.
        return tf.math.softplus(tf.reduce_logsumexp(others, axis=1) - right)

    def _judge_step(self, ids: Tensor) -> Any:
        vectors, bias = self._words.value, self.bias.value
        summed, words = tf.constant(0.0), tf.constant(0)
        allowed = tf.where(tf.range(tf.size(bias)) < _ORDINARY, _IMPOSSIBLE, 0.0)
        for asked, wanted in self._questions(ids, training=False):
            logits = tf.matmul(asked, vectors, transpose_b=True) + bias + allowed
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits)
            summed, words = summed + tf.reduce_sum(losses), words + tf.size(wanted)
        return summed, words
