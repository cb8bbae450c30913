"""One update, and one evaluation, of an encoder and decoder on pairs of texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.data.pair_batches import PairBatch
from rnn_toolkit.training.gradient_norms import one_slice_per_row

_SPEC = tf.TensorSpec([None, None], tf.int32)


class TranslationStep:
    """Teacher forcing: the decoder reads the reference and learns to give its next token.

    The loss is the cross-entropy per target token, with smoothed labels (Szegedy et al. 2016):
    (1 - e) -log p(y) + e mean_v -log p(v). With scheduled sampling some inputs of the decoder
    are what it would have written itself (Bengio et al. 2015, Scheduled sampling for sequence
    prediction), found in a first pass over the whole reference (Mihaylova and Martins 2019,
    Scheduled sampling for transformers).

    Args:
        model: what `build_seq2seq` made.
        optimizer: a Keras optimizer.
        label_smoothing: e.
        gradient_clip: largest global norm of a gradient.
        seed: of scheduled sampling.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        *,
        label_smoothing: float,
        gradient_clip: float,
        seed: int,
    ) -> None:
        self._model = model
        self._optimizer = optimizer
        self._smoothing = label_smoothing
        self._clip = gradient_clip
        self._noise = keras.random.SeedGenerator(seed)
        if not optimizer.built:
            optimizer.build(model.trainable_variables)
        ids = (_SPEC, _SPEC, _SPEC)
        share = tf.TensorSpec([], tf.float32)
        self._update = tf.function(self._update_step, input_signature=(*ids, share))
        self._forced = tf.function(self._forced_step, input_signature=ids)
        self._evaluate = tf.function(self._evaluation_step, input_signature=ids)

    @property
    def variables(self) -> list[keras.Variable]:
        """What must be kept for a training to go on as if it had not stopped."""
        return [self._noise.state]

    def update(self, batch: PairBatch, *, own_share: float = 0.0) -> tuple[float, float, float]:
        """Changes the weights by one batch.

        Args:
            batch: pairs.
            own_share: share of the decoder's inputs that are its own.

        Returns:
            The summed cross-entropy in nats (without smoothing), the target tokens, and the
            norm of the gradient before clipping.
        """
        if own_share:
            found = self._update(*_tensors(batch), tf.constant(own_share, tf.float32))
        else:
            found = self._forced(*_tensors(batch))
        summed, tokens, norm = found
        return float(summed), float(tokens), float(norm)

    def evaluate(self, batches: Iterable[PairBatch]) -> float:
        """The mean cross-entropy per target token, in nats."""
        total = tokens = 0.0
        for batch in batches:
            summed, count = self._evaluate(*_tensors(batch))
            total, tokens = total + float(summed), tokens + float(count)
        return total / max(tokens, 1.0)

    def _evaluation_step(
        self, source_ids: Tensor, inputs: Tensor, targets: Tensor
    ) -> tuple[Tensor, Tensor]:
        logits = self._model([source_ids, inputs], training=False)
        return _cross_entropy(logits, targets)

    def _forced_step(self, source_ids: Tensor, inputs: Tensor, targets: Tensor) -> Any:
        with tf.GradientTape() as tape:
            logits = self._model([source_ids, inputs], training=True)
            summed, tokens = _cross_entropy(logits, targets)
            objective = self._smoothed(summed, logits, targets) / tf.maximum(tokens, 1.0)
        variables = self._model.trainable_variables
        found = tape.gradient(objective, [variable.value for variable in variables])
        found = [one_slice_per_row(gradient) for gradient in found]
        norm = tf.linalg.global_norm(found)
        clipped, _ = tf.clip_by_global_norm(found, self._clip, use_norm=norm)
        pairs = zip(clipped, variables, strict=True)
        self._optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None])
        return summed, tokens, norm

    def _update_step(
        self, source_ids: Tensor, inputs: Tensor, targets: Tensor, own_share: Tensor
    ) -> Any:
        logits = self._model([source_ids, inputs], training=True)
        own = tf.argmax(logits[:, :-1], axis=-1, output_type=tf.int32)
        shape = tf.shape(own)
        chosen = keras.random.uniform(shape, seed=self._noise) < own_share
        chosen = tf.logical_and(chosen, inputs[:, 1:] != 0)
        mixed = tf.where(chosen, own, inputs[:, 1:])
        return self._forced_step(source_ids, tf.concat([inputs[:, :1], mixed], 1), targets)

    def _smoothed(self, summed: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        if not self._smoothing:
            return summed
        right = tf.gather(logits, targets, axis=2, batch_dims=2)
        excess = (right - tf.reduce_mean(logits, axis=-1)) * _real(targets)
        return summed + self._smoothing * tf.reduce_sum(excess)


def _real(targets: Tensor) -> Tensor:
    return tf.cast(targets != 0, tf.float32)


def _cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The sum over real tokens, and their number."""
    real = _real(targets)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
    return tf.reduce_sum(losses * real), tf.reduce_sum(real)


def _tensors(batch: PairBatch) -> tuple[Tensor, Tensor, Tensor]:
    return (
        tf.constant(batch.source_ids),
        tf.constant(batch.decoder_inputs),
        tf.constant(batch.decoder_targets),
    )
