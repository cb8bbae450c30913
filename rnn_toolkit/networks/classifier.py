"""The recurrent text classifier."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import NetworkConfig, PrecisionName
from rnn_toolkit.layers.gradient_gate import GradientGate
from rnn_toolkit.layers.perturbation import Perturbation
from rnn_toolkit.layers.pooling import pooling_layer
from rnn_toolkit.layers.word_dropout import WordDropout
from rnn_toolkit.layers.word_pairs import WordPairLogits
from rnn_toolkit.networks.precision import computing_in
from rnn_toolkit.networks.stack import LastStep, recurrent_stack, stack_parameters
from rnn_toolkit.networks.yardsticks import YARDSTICKS

EMBEDDING_LAYER = "embedding"
PAIR_LAYER = "word_pairs"
GATE_LAYER = "embedding_gate"
STACK_GATE_LAYER = "stack_gate"
PERTURBATION_LAYER = "perturbation"
POOLING_LAYER = "pooling"
LOGITS_LAYER = "logits"


def build_classifier(
    network: NetworkConfig,
    *,
    vocabulary_size: int,
    classes: int,
    seed: int,
    vectors: NDArray[np.float32] | None = None,
    gated: bool = False,
    stack_gated: bool = False,
    perturbed: bool = False,
    precision: PrecisionName = "float32",
) -> keras.Model:
    """Embedding, dropout, recurrent stack, masked pooling, head; word pairs beside them.

    Args:
        network: cell, width, depth, pooling, dropouts and so on.
        vocabulary_size: number of ids; 0 is padding and is masked.
        classes: number of labels, at least 2.
        seed: seed of the dropouts; set Keras' global seed for the weights.
        vectors: [vocabulary_size, embedding_size] to begin with; random when None.
        gated: whether the vectors begin frozen, behind the gate GATE_LAYER.
        stack_gated: whether the recurrent layers begin frozen too, behind STACK_GATE_LAYER.
        perturbed: whether training will move the vectors, at PERTURBATION_LAYER.
        precision: in which the recurrent layers compute; what comes before and after them, and
            every weight, is float32.

    Returns:
        A model from ids [batch, time] (int32) to probabilities [batch, classes].
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    words = WordDropout(network.word_dropout, seed=seed, name="word_dropout")(ids)
    embedding = keras.layers.Embedding(
        vocabulary_size, network.embedding_size, mask_zero=True, name=EMBEDDING_LAYER
    )
    hidden = embedding(words)
    if vectors is not None:
        embedding.set_weights([vectors])
    if gated:
        hidden = GradientGate(name=GATE_LAYER)(hidden)
    if perturbed:
        hidden = Perturbation(name=PERTURBATION_LAYER)(hidden)
    hidden = keras.layers.SpatialDropout1D(
        network.embedding_dropout, seed=seed + 1, name="embedding_dropout"
    )(hidden)
    pooled = network.pooling != "last"
    with computing_in(precision):
        if network.encoder == "recurrent":
            hidden = recurrent_stack(hidden, network, return_sequences=pooled, seed=seed + 3)
        else:
            size = stack_parameters(network, features=network.embedding_size)
            hidden = YARDSTICKS[network.encoder](hidden, size)
            hidden = hidden if pooled else LastStep(name="last_step")(hidden)
    if stack_gated:
        hidden = GradientGate(name=STACK_GATE_LAYER)(hidden)
    if pooled:
        hidden = pooling_layer(network.pooling)(hidden)
    hidden = keras.layers.Dropout(network.output_dropout, seed=seed + 2, name="output_dropout")(
        hidden
    )
    logits = keras.layers.Dense(classes, name=LOGITS_LAYER)(hidden)
    if network.pair_buckets:
        pairs = WordPairLogits(
            network.pair_buckets, classes, single_words=network.pairs_apart, name=PAIR_LAYER
        )(words)
        logits = keras.layers.Add(name="wide_and_deep")([logits, pairs])
    outputs = keras.layers.Softmax(name="probabilities")(logits)
    return keras.Model(ids, outputs, name="classifier")


def logits_model(model: keras.Model) -> keras.Model:
    """The same network up to the logits [batch, classes], before the softmax."""
    return keras.Model(model.inputs[0], model.get_layer("probabilities").input, name="logits_of")


def encoder_model(model: keras.Model) -> keras.Model:
    """The same network up to the outputs of the recurrent stack, before pooling.

    Returns:
        A model from ids [batch, time] to [batch, time, width].
    """
    read = model.get_layer(POOLING_LAYER).input  # with its mask beside it
    hidden = read[0] if isinstance(read, (list, tuple)) else read
    return keras.Model(model.inputs[0], hidden, name="encoder_of")
