"""The recurrent language model."""

from __future__ import annotations

from collections.abc import Callable

import keras

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.config import LanguageModelConfig
from rnn_toolkit.layers.token_embedding import TokenEmbedding
from rnn_toolkit.networks.stack import recurrent_stack

EMBEDDING_LAYER = "embedding"
HIDDEN_LAYER = "hidden"
LOGITS_LAYER = "logits"


def build_language_model(
    network: LanguageModelConfig, *, vocabulary_size: int, seed: int
) -> keras.Model:
    """Embedding, recurrent stack in one direction, logits of the next token at each step.

    Args:
        network: cell, width, depth, dropouts; sizes all chosen (`for_tokens`).
        vocabulary_size: number of ids.
        seed: of the dropouts; set Keras' global seed for the weights.

    Returns:
        A functional model from ids [batch, time] to logits [batch, time, vocabulary]. Without
        a mask every step counts; `body_and_head` takes it apart.
    """
    width = network.embedding_size or network.units
    tied = bool(network.tied)
    embedding = TokenEmbedding(
        vocabulary_size,
        width,
        tied=tied,
        dropout=network.embedding_dropout,
        seed=seed,
        name=EMBEDDING_LAYER,
    )
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = embedding(ids)
    if network.input_dropout:
        hidden = _dropout(network, network.input_dropout, seed + 1, "input_dropout")(hidden)
    hidden = recurrent_stack(hidden, network, return_sequences=True, seed=seed + 10)
    if tied and int(hidden.shape[-1]) != width:
        hidden = keras.layers.Dense(width, name="projection")(hidden)
    if network.output_dropout:
        hidden = _dropout(network, network.output_dropout, seed + 2, "output_dropout")(hidden)
    hidden = keras.layers.Identity(name=HIDDEN_LAYER)(hidden)
    if tied:
        logits = embedding(hidden, reverse=True)
    else:
        logits = keras.layers.Dense(vocabulary_size, name=LOGITS_LAYER)(hidden)
    return keras.Model(ids, logits, name="language_model")


def body_and_head(model: keras.Model) -> tuple[keras.Model, Callable[[Tensor], Tensor]]:
    """Takes a language model apart; both parts share its weights.

    Args:
        model: what `build_language_model` made.

    Returns:
        The body, from ids [batch, time] (and a mask) to hidden states [batch, time, width],
        and the head, from hidden states [..., width] to logits [..., vocabulary].
    """
    body = keras.Model(model.inputs[0], model.get_layer(HIDDEN_LAYER).output, name="body")
    body.supports_masking = True  # its layers do; Keras would warn otherwise
    embedding = model.get_layer(EMBEDDING_LAYER)
    if embedding.tied:
        return body, lambda hidden: embedding(hidden, reverse=True)
    return body, model.get_layer(LOGITS_LAYER)


def output_weights(model: keras.Model) -> tuple[Tensor, Tensor]:
    """The matrix [vocabulary, width] and the bias [vocabulary] of the head."""
    embedding = model.get_layer(EMBEDDING_LAYER)
    if embedding.tied:
        return embedding.embeddings.value, embedding.bias.value
    dense = model.get_layer(LOGITS_LAYER)
    return keras.ops.transpose(dense.kernel.value), dense.bias.value


def _dropout(network: LanguageModelConfig, rate: float, seed: int, name: str) -> keras.layers.Layer:
    kind = keras.layers.SpatialDropout1D if network.variational_dropout else keras.layers.Dropout
    return kind(rate, seed=seed, name=name)
