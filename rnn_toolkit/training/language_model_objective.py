"""What a language model is trained for: cross-entropy, sampled where it is dear, and penalties."""

from __future__ import annotations

import keras
import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.networks.language_model import HIDDEN_LAYER, body_and_head, output_weights
from rnn_toolkit.text.generation_tokenizer import FIRST_ORDINARY_ID

_IMPOSSIBLE = -1e9


class LanguageModelObjective:
    """Cross-entropy of the next token in nats, and penalties on the hidden state.

    Args:
        model: what `build_language_model` made.
        samples: tokens drawn per window to stand for the whole vocabulary in training; 0 for
            the full softmax. Evaluation always uses the full one.
        activation_penalty: weight of the mean square of the hidden state.
        slowness_penalty: weight of the mean square of its change from step to step
            (both Merity et al. 2017, Revisiting activation regularization).
        seed: of the drawn tokens.
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        samples: int = 0,
        activation_penalty: float = 0.0,
        slowness_penalty: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._model = model
        body, self._head = body_and_head(model)
        before = model.get_layer(HIDDEN_LAYER).input
        if "output_dropout" in {layer.name for layer in model.layers}:
            before = model.get_layer("output_dropout").input
        self._body = keras.Model(body.input, [before, body.output])
        self._samples = samples
        self._activation_penalty = activation_penalty
        self._slowness_penalty = slowness_penalty
        self._noise = keras.random.SeedGenerator(seed)

    @property
    def variables(self) -> list[keras.Variable]:
        """What must be kept for a training to go on as if it had not stopped."""
        return [self._noise.state]

    def __call__(self, inputs: Tensor, targets: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        """The loss of each step [batch, time] and the sum of the penalties."""
        raw, hidden = self._body(inputs, training=training)
        if training and self._samples:
            losses = self._sampled(hidden, targets)
        else:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, self._head(hidden))
        penalty = tf.constant(0.0)
        if self._activation_penalty:
            penalty += self._activation_penalty * tf.reduce_mean(tf.square(hidden))
        if self._slowness_penalty:
            change = raw[:, 1:] - raw[:, :-1]
            penalty += self._slowness_penalty * tf.math.divide_no_nan(
                tf.reduce_sum(tf.square(change)), tf.cast(tf.size(change), tf.float32)
            )
        return losses, penalty

    def _sampled(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Sampled softmax (Jean et al. 2015), one draw for all steps of a window.

        Tokens are numbered by falling frequency, so that rank r is drawn with probability
        q(r) = ln((r + 2) / (r + 1)) / ln(V + 1). The normaliser is estimated without bias: the
        right token counts once, and each of the S drawn others exp(logit) / (S q).
        """
        weights, bias = output_weights(self._model)
        size = tf.shape(weights)[0]
        shape = tf.shape(targets)
        flat = tf.reshape(hidden, [-1, hidden.shape[-1]])
        wanted = tf.reshape(targets, [-1])
        scale = tf.math.log(tf.cast(size, tf.float32) + 1)

        drawn = keras.random.uniform((self._samples,), seed=self._noise)
        ranks = tf.cast(tf.exp(drawn * scale) - 1, tf.int32)
        ids = tf.math.floormod(tf.minimum(ranks, size - 1) + FIRST_ORDINARY_ID, size)

        drawn_ranks = tf.cast(tf.minimum(ranks, size - 1), tf.float32)
        chance = tf.math.log((drawn_ranks + 2) / (drawn_ranks + 1)) / scale

        right = tf.reduce_sum(flat * tf.gather(weights, wanted), axis=1)
        right += tf.gather(bias, wanted)
        others = tf.matmul(flat, tf.gather(weights, ids), transpose_b=True)
        others += tf.gather(bias, ids) - tf.math.log(chance * self._samples)
        # A drawn token that is the right one would be counted twice.
        others = tf.where(wanted[:, None] == ids[None], _IMPOSSIBLE, others)
        everything = tf.reduce_logsumexp(tf.concat([right[:, None], others], axis=1), axis=1)
        return tf.reshape(everything - right, shape)
