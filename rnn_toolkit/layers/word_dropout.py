"""Word dropout: hides whole words in training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from rnn_toolkit.cells.base import Tensor


@keras.saving.register_keras_serializable("rnn_toolkit")
class WordDropout(keras.layers.Layer):
    """Replaces ids by the unknown id at random, in training only (Iyyer et al. 2015).

    Padding stays padding, so lengths do not change.

    Args:
        rate: share of the ids replaced.
        unknown_id: the id that stands in.
        seed: seed of the random numbers.
    """

    def __init__(
        self, rate: float, *, unknown_id: int = 1, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.unknown_id = unknown_id
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, ids: Tensor, training: bool = False) -> Tensor:
        """[batch, time] ids -> [batch, time] ids."""
        if not training or self.rate == 0:
            return ids
        drawn = keras.random.uniform(ops.shape(ids), seed=self.seed_generator)
        hidden = ops.logical_and(drawn < self.rate, ids != 0)
        return ops.where(hidden, ops.cast(self.unknown_id, ids.dtype), ids)

    def compute_output_spec(self, ids: Tensor, training: bool = False) -> Tensor:
        """Ids keep their shape, and stay whole numbers."""
        return keras.KerasTensor(ids.shape, ids.dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config: dict[str, Any] = super().get_config()
        return {**config, "rate": self.rate, "unknown_id": self.unknown_id, "seed": self.seed}
