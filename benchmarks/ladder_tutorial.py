"""The bidirectional LSTM of Keras' tutorial on IMDB, fed with texts.

"Bidirectional LSTM on IMDB" (keras.io, 2020): 20,000 words, the last 200 of a text, an embedding
of 128, two bidirectional LSTMs of 64, Adam, batches of 32, two epochs. Words are cut by Keras'
TextVectorization, since the tutorial's own files hold ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder_data import Part

WORDS, LONGEST, BATCH, EPOCHS = 20_000, 200, 32, 2
_TEXTS_AT_ONCE = 1000


class Tutorial:
    """Vocabulary and network.

    Args:
        training: rows to learn from.
        seed: of weights and order.
    """

    def __init__(self, training: Part, seed: int) -> None:
        keras.utils.set_random_seed(seed)
        self._cut = keras.layers.TextVectorization(max_tokens=WORDS, ragged=True)
        self._cut.adapt(training.texts, batch_size=_TEXTS_AT_ONCE)
        self._training = training
        inputs = keras.Input((None,), dtype="int32")
        hidden = keras.layers.Embedding(WORDS, 128)(inputs)
        hidden = keras.layers.Bidirectional(keras.layers.LSTM(64, return_sequences=True))(hidden)
        hidden = keras.layers.Bidirectional(keras.layers.LSTM(64))(hidden)
        self.model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
        # Keras leaves XLA out by itself where there is no GPU; this says so.
        self.model.compile("adam", "binary_crossentropy", metrics=["accuracy"], jit_compile=False)

    def ids(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The last 200 words of each text, zeros before them."""
        rows: list[list[int]] = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            rows += self._cut(list(texts[start : start + _TEXTS_AT_ONCE])).to_list()
        return keras.utils.pad_sequences(rows, maxlen=LONGEST)

    def fit(self, after_batch: Callable[[int, int], None] = lambda batch, batches: None) -> None:
        """Two epochs; after each batch `after_batch` hears its number in the epoch, from 1."""
        ids = self.ids(self._training.texts)
        batches = -(-len(ids) // BATCH)
        watch = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: after_batch(batch + 1, batches)
        )
        self.model.fit(
            ids,
            self._training.labels,
            batch_size=BATCH,
            epochs=EPOCHS,
            verbose=0,
            callbacks=[watch],
        )

    def probabilities(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Of the second class."""
        found: NDArray[np.float32] = self.model.predict(ids, batch_size=256, verbose=0)[:, 0]
        return found
