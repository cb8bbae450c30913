"""The recurrent encoder and decoder with attention between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.config import Seq2SeqConfig
from rnn_toolkit.layers.attention_decoder import AttentionDecoder
from rnn_toolkit.layers.copying import CopyLogits
from rnn_toolkit.layers.token_embedding import TokenEmbedding
from rnn_toolkit.layers.word_dropout import WordDropout
from rnn_toolkit.networks.stack import recurrent_stack

SOURCE_EMBEDDING, TARGET_EMBEDDING = "source_embedding", "target_embedding"
MEMORY_LAYER, DECODER_LAYER, LOGITS_LAYER, COPY_LAYER = "memory", "decoder", "logits", "copying"


def build_seq2seq(
    network: Seq2SeqConfig, *, source_size: int, target_size: int, seed: int
) -> keras.Model:
    """Embedding, recurrent encoder, attention, recurrent decoder, logits of each next token.

    Args:
        network: cell, widths, attention, dropouts and so on.
        source_size: number of source ids; 0 is padding and is masked.
        target_size: number of target ids.
        seed: of the dropouts; set Keras' global seed for the weights.

    Returns:
        A functional model from `ids` [batch, time] and `target_ids` [batch, target_time], the
        tokens before those to be predicted, to logits [batch, target_time, target_size];
        with copy_words to log-probabilities, which are logits too.
    """
    ids = keras.Input((None,), dtype="int32", name="ids")
    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    memory = _encode(ids, network, source_size, seed)
    embedding = TokenEmbedding(
        target_size, network.embedding_size, tied=network.tied, name=TARGET_EMBEDDING
    )
    words = WordDropout(network.target_word_dropout, seed=seed + 5, name="target_word_dropout")(
        target_ids
    )
    embedded = _dropout(network, network.input_dropout, seed + 2, "target_dropout")(
        embedding(words)
    )
    read_out, attention = _decoder(network, seed + 3)(embedded, memory)
    read_out = _dropout(network, network.output_dropout, seed + 4, "output_dropout")(read_out)
    if network.tied:
        logits = embedding(read_out, reverse=True)
    else:
        logits = keras.layers.Dense(target_size, name=LOGITS_LAYER)(read_out)
    if network.copy_words:
        logits = CopyLogits(name=COPY_LAYER)(logits, read_out, attention, ids)
    return keras.Model([ids, target_ids], logits, name="seq2seq")


def _encode(ids: Tensor, network: Seq2SeqConfig, source_size: int, seed: int) -> Tensor:
    words = WordDropout(network.word_dropout, seed=seed, name="source_word_dropout")(ids)
    hidden = keras.layers.Embedding(
        source_size, network.embedding_size, mask_zero=True, name=SOURCE_EMBEDDING
    )(words)
    hidden = _dropout(network, network.input_dropout, seed + 1, "source_dropout")(hidden)
    hidden = recurrent_stack(hidden, network, return_sequences=True, seed=seed + 10)
    hidden = _dropout(network, network.memory_dropout, seed + 6, "memory_dropout")(hidden)
    return keras.layers.Identity(name=MEMORY_LAYER)(hidden)


def _dropout(network: Seq2SeqConfig, rate: float, seed: int, name: str) -> keras.layers.Layer:
    kind = keras.layers.SpatialDropout1D if network.variational_dropout else keras.layers.Dropout
    return kind(rate, seed=seed, name=name)


def _decoder(network: Seq2SeqConfig, seed: int) -> AttentionDecoder:
    noise = {
        name: value
        for name in ("recurrent_dropout", "zoneout", "weight_drop")
        if (value := getattr(network, name))
    }
    options: dict[str, Any] = {
        **noise,
        "recurrent_initializer": network.recurrent_initializer,
        "forget_bias": network.forget_bias,
    }
    return AttentionDecoder(
        network.cell,
        network.decoder_width,
        width=network.embedding_size,
        layers=network.decoder_layers,
        attention=network.attention,
        attention_units=network.attention_units or network.units,
        heads=network.heads,
        coverage=network.coverage,
        input_feeding=network.input_feeding,
        bridge=network.bridge,
        recurrent_options=options,
        layer_dropout=network.layer_dropout,
        seed=seed,
        name=DECODER_LAYER,
    )


@dataclass(frozen=True)
class Seq2SeqParts:
    """A translation network taken apart; all parts share its weights.

    Args:
        encoder: from ids [batch, time], of which 0 is padding, to the memory [batch, time, m].
        decoder: the layer that reads it.
        embedding: of the target tokens.
        output: from read-outs [..., width] to logits [..., target_size].
        copying: mixes in what attention points at; None without copying.
    """

    encoder: keras.Model
    decoder: AttentionDecoder
    embedding: TokenEmbedding
    output: Any
    copying: CopyLogits | None

    def logits(self, read_out: Tensor, attention: Tensor, source_ids: Tensor | None) -> Tensor:
        """The logits [batch, target_size] of one step."""
        found = self.output(read_out)
        if self.copying is None:
            return found
        return ops.squeeze(
            self.copying(
                ops.expand_dims(found, 1),
                ops.expand_dims(read_out, 1),
                ops.expand_dims(attention, 1),
                source_ids,
            ),
            1,
        )


def parts(model: keras.Model) -> Seq2SeqParts:
    """Takes a translation network apart.

    Args:
        model: what `build_seq2seq` made.
    """
    names = {layer.name for layer in model.layers}
    embedding = model.get_layer(TARGET_EMBEDDING)
    tied = LOGITS_LAYER not in names
    return Seq2SeqParts(
        encoder=keras.Model(model.inputs[0], model.get_layer(MEMORY_LAYER).output, name="encoder"),
        decoder=model.get_layer(DECODER_LAYER),
        embedding=embedding,
        output=(
            (lambda hidden: embedding(hidden, reverse=True))
            if tied
            else model.get_layer(LOGITS_LAYER)
        ),
        copying=model.get_layer(COPY_LAYER) if COPY_LAYER in names else None,
    )
