"""Which words moved a prediction."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.config import Settings
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, PAIR_LAYER
from rnn_toolkit.text.tokenizer import Tokenizer


class WordWeight(Settings):
    """A piece of a text and how much it spoke for (above 0) or against the shown label."""

    piece: str
    weight: float


def explain(
    model: keras.Model, tokenizer: Tokenizer, text: str, label: int
) -> tuple[WordWeight, ...]:
    """Gradient times input (Shrikumar et al. 2016) per token.

    weight_t = e_t . d(log p(label) - log(1 - p(label))) / d e_t, with e_t the word vector

    What a pair of words adds by itself is shared equally between the two; what a word adds in the
    table of pairs is its own.

    Args:
        model: a classifier with an embedding layer.
        tokenizer: its tokenizer.
        text: the text to explain.
        label: position of the class to explain.

    Returns:
        One weight per token, scaled so that the largest magnitude is 1.
    """
    pieces, ids = tokenizer.tokens(text)
    tables = [model.get_layer(EMBEDDING_LAYER).embeddings.value]
    has_pairs = any(layer.name == PAIR_LAYER for layer in model.layers)
    if has_pairs:
        tables.append(model.get_layer(PAIR_LAYER).table.value)
    inputs = tf.constant([ids], tf.int32)
    with tf.GradientTape() as tape:
        probability = model(inputs, training=False)[0, label]
        probability = tf.clip_by_value(probability, 1e-6, 1 - 1e-6)
        odds = tf.math.log(probability) - tf.math.log(1 - probability)
    gradients = tape.gradient(odds, tables)
    weights = _of_each_lookup(tables[0], gradients[0])
    if has_pairs:
        # Pairs come first; the layer may look single words up after them.
        parts = _of_each_lookup(tables[1], gradients[1])
        halves = 0.5 * parts[: len(ids)]
        if len(parts) > len(ids):
            weights += parts[len(ids) :]
        weights += halves
        weights[:-1] += halves[1:]
    largest = float(np.abs(weights).max(initial=0.0)) or 1.0
    return tuple(
        WordWeight(piece=piece, weight=round(float(weight) / largest, 4))
        for piece, weight in zip(pieces, weights, strict=True)
    )


def _of_each_lookup(table: tf.Tensor, gradient: tf.IndexedSlices) -> NDArray[np.float32]:
    """Gradient times value of each looked-up row, in order of the ids."""
    # The gradient of a lookup comes as one slice per looked-up row, in that order.
    rows = tf.gather(table, gradient.indices)
    return np.array(tf.reduce_sum(gradient.values * rows, axis=-1), np.float32)
