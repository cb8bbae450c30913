"""A classifier's own recurrent layers as a language model in both directions."""

from __future__ import annotations

import keras

from rnn_toolkit.config import NetworkConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, encoder_model


def check_can_pretrain(network: NetworkConfig) -> None:
    """Raises OptionError where the recurrent layers of a network cannot predict words."""
    if network.pooling == "last":
        raise OptionError(
            "Pretraining needs the output of every step.", "Choose another pooling than last."
        )
    if network.bidirectional and network.layers > 1:
        raise OptionError(
            "Pretraining is for one layer, or for one direction: a second layer would read the "
            "words that it has to predict.",
            "Choose layers 1, or no-bidirectional.",
        )
    if network.connection != "plain":
        raise OptionError("Pretraining is for plain connections.", "Leave connection out.")


def build_encoder_language_model(classifier: keras.Model, network: NetworkConfig) -> keras.Model:
    """Asks the outputs of a classifier's recurrent layers for neighbouring words.

    A query q_t = W h_t + b is compared with the vector of every word. The forward layer, which
    has read up to word t, asks for word t + 1; the backward layer, which has read down to
    word t, for word t - 1 (Peters et al. 2018, Deep contextualized word representations).

    Args:
        classifier: what `build_classifier` made; its weights are shared.
        network: its shape.

    Returns:
        A model from ids [batch, time] to queries [batch, time, embedding], one or two of them:
        for the next word, and with both directions for the word before.
    """
    check_can_pretrain(network)
    encoder = encoder_model(classifier)
    width = int(classifier.get_layer(EMBEDDING_LAYER).output_dim)
    hidden = encoder.output
    names = ("next", "previous") if network.bidirectional else ("next",)
    units = int(hidden.shape[-1]) // len(names)
    queries = []
    for number, name in enumerate(names):
        part = hidden[:, :, number * units : (number + 1) * units]
        queries.append(keras.layers.Dense(width, name=f"{name}_query")(part))
    return keras.Model(encoder.input, queries, name="encoder_language_model")
