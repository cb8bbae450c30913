"""A linear model over pairs of neighbouring words, beside the recurrent network."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor, positive

# A linear hash of two ids, below 2**63 for any vocabulary; the prime spreads its values.
_MULTIPLIER = 1_000_003
_PRIME = 2_147_483_647


@keras.saving.register_keras_serializable("rnn_toolkit")
class WordPairLogits(keras.layers.Layer):
    """Adds up a learned weight per class for each pair of neighbouring words.

    logits = scale / sqrt(n) * sum_{t=2..n+1} table[hash(w_{t-1}, w_t)]

    The "wide" half of a wide and deep network (Cheng et al. 2016, Wide and deep learning):
    pairs such as "not good" need no learning through time, and a linear model over them is
    what recurrent classifiers lose to. Pairs share rows of the table by hashing
    (Weinberger et al. 2009), which every export format can compute from the ids.

    Args:
        buckets: rows of the table.
        classes: number of labels.
        scale: a constant factor; the larger, the faster the table learns beside the network.
        single_words: whether words alone count too, as pairs with nothing before them.
    """

    def __init__(
        self,
        buckets: int,
        classes: int,
        *,
        scale: float = 7.0,
        single_words: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.buckets = positive("buckets", buckets, type(self).__name__)
        self.classes = positive("classes", classes, type(self).__name__)
        self.scale = float(scale)
        self.single_words = single_words

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Makes the table, which begins at zero."""
        self.table = self.add_weight(
            shape=(self.buckets, self.classes), initializer="zeros", name="table"
        )

    def pair_rows(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The row of each pair and whether there is one.

        Args:
            ids: [batch, time], 0 at padding, which is on the right.

        Returns:
            Rows [batch, time] (position t holds the pair of t - 1 and t), and 1 or 0.
        """
        before = ops.pad(ids[:, :-1], [[0, 0], [1, 0]])
        real = ops.logical_and(ids > 0, before > 0)
        return self._rows(ids, before), ops.cast(real, self.compute_dtype)

    def _rows(self, ids: Tensor, before: Tensor | int) -> Tensor:
        wide = ops.cast(ids, "int64") * _MULTIPLIER + ops.cast(before, "int64")
        return ops.cast(ops.mod(ops.mod(wide, _PRIME), self.buckets), "int32")

    def call(self, ids: Tensor) -> Tensor:
        """[batch, time] ids -> [batch, classes]."""
        rows, real = self.pair_rows(ids)
        if self.single_words:
            rows = ops.concatenate([rows, self._rows(ids, 0)], axis=1)
            real = ops.concatenate([real, ops.cast(ids > 0, self.compute_dtype)], axis=1)
        real = ops.expand_dims(real, -1)
        total = ops.sum(ops.take(self.table, rows, axis=0) * real, axis=1)
        return total * (self.scale / ops.sqrt(ops.maximum(ops.sum(real, axis=1), 1.0)))

    def rows_of(self, ids: NDArray[np.int32]) -> NDArray[np.int64]:
        """What `call` adds up for one text: the row of every pair, and of every word.

        Args:
            ids: [words] of a text, without padding.
        """
        wide = ids.astype(np.int64) * _MULTIPLIER
        hashed = wide[1:] + ids[:-1]
        if self.single_words:
            hashed = np.concatenate([hashed, wide])
        return hashed % _PRIME % self.buckets

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """[batch, classes]."""
        return (shape[0], self.classes)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config: dict[str, Any] = super().get_config()
        names = ("buckets", "classes", "scale", "single_words")
        return {**config, **{name: getattr(self, name) for name in names}}
