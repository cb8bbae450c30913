"""The recurrent text classifier."""

from __future__ import annotations

import keras

from rnn_toolkit.layers.pooling import pooling_layer
from rnn_toolkit.layers.recurrent import recurrent_layer
from rnn_toolkit.layers.word_dropout import WordDropout

EMBEDDING_LAYER = "embedding"


def build_classifier(
    *,
    vocabulary_size: int,
    classes: int,
    cell: str,
    units: int,
    layers: int,
    bidirectional: bool,
    embedding_size: int,
    pooling: str,
    word_dropout: float,
    embedding_dropout: float,
    output_dropout: float,
    seed: int,
) -> keras.Model:
    """Embedding, dropout, recurrent stack, masked pooling, softmax.

    Args:
        vocabulary_size: number of ids; 0 is padding and is masked.
        classes: number of labels, at least 2.
        cell: a name of the cell table.
        units: width of each recurrent layer, per direction.
        layers: number of recurrent layers.
        bidirectional: whether each layer also reads backwards.
        embedding_size: width of the word vectors.
        pooling: last, mean, max, mean_max or attention.
        word_dropout: share of words hidden in training.
        embedding_dropout: share of embedding channels dropped in training.
        output_dropout: share of pooled features dropped in training.
        seed: seed of the dropouts; set Keras' global seed for the weights.

    Returns:
        A model from ids [batch, time] (int32) to probabilities [batch, classes].
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = WordDropout(word_dropout, seed=seed, name="word_dropout")(ids)
    hidden = keras.layers.Embedding(
        vocabulary_size, embedding_size, mask_zero=True, name=EMBEDDING_LAYER
    )(hidden)
    hidden = keras.layers.SpatialDropout1D(
        embedding_dropout, seed=seed + 1, name="embedding_dropout"
    )(hidden)
    for number in range(1, layers + 1):
        is_last = number == layers
        hidden = recurrent_layer(
            cell,
            units,
            return_sequences=not (is_last and pooling == "last"),
            bidirectional=bidirectional,
            name=f"{cell}_{number}",
        )(hidden)
    if pooling != "last":
        hidden = pooling_layer(pooling)(hidden)
    hidden = keras.layers.Dropout(output_dropout, seed=seed + 2, name="output_dropout")(hidden)
    outputs = keras.layers.Dense(classes, activation="softmax", name="probabilities")(hidden)
    return keras.Model(ids, outputs, name="classifier")
