"""Token embeddings that can also be the output layer of a language model."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor


@keras.saving.register_keras_serializable("rnn_toolkit")
class TokenEmbedding(keras.layers.Layer):
    """One vector per token; with `reverse`, the logits of every token from a hidden state.

    logits = h E^T + b, with E the matrix that also embeds the inputs (Inan et al. 2017, Tying
    word vectors and word classifiers; Press and Wolf 2017, Using the output embedding).
    Unlike keras.layers.Embedding it passes on a mask that it is given and makes none, so that
    a stream without padding runs on the fast path.

    Args:
        vocabulary_size: number of tokens.
        width: of a vector.
        tied: whether the layer will be called with `reverse`; it then has a bias per token.
        dropout: share of the tokens whose vectors are hidden in a training batch, wherever
            they stand (Gal and Ghahramani 2016).
        scale: initial vectors are uniform between -scale and scale.
        seed: of the dropout.
        **kwargs: of the Keras layer.
    """

    def __init__(
        self,
        vocabulary_size: int,
        width: int,
        *,
        tied: bool = False,
        dropout: float = 0.0,
        scale: float = 0.1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.width = width
        self.tied = tied
        self.dropout = dropout
        self.scale = scale
        self.seed = seed
        self.supports_masking = True
        self._noise = keras.random.SeedGenerator(seed) if dropout else None

    def build(self, shape: tuple[int | None, ...] | None = None) -> None:
        """Makes E [vocabulary, width] and, when tied, b [vocabulary]."""
        self.embeddings = self.add_weight(
            shape=(self.vocabulary_size, self.width),
            initializer=keras.initializers.RandomUniform(-self.scale, self.scale),
            name="embeddings",
        )
        if self.tied:
            self.bias = self.add_weight(
                shape=(self.vocabulary_size,), initializer="zeros", name="bias"
            )

    def call(self, inputs: Tensor, reverse: bool = False, training: bool = False) -> Tensor:
        """Ids [...] -> vectors [..., width]; reversed, [..., width] -> [..., vocabulary]."""
        if reverse:
            return ops.matmul(inputs, ops.transpose(self.embeddings)) + self.bias
        vectors = ops.take(self.embeddings, inputs, axis=0)
        if not training or not self.dropout:
            return vectors
        ones = ops.ones((self.vocabulary_size, 1), vectors.dtype)
        kept = keras.random.dropout(ones, self.dropout, seed=self._noise)
        return vectors * ops.take(kept, inputs, axis=0)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config: dict[str, Any] = super().get_config()
        names = ("vocabulary_size", "width", "tied", "dropout", "scale", "seed")
        return {**config, **{name: getattr(self, name) for name in names}}
