"""A cache of hidden states that remembers which token followed each of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import Settings


class NeuralCache(Settings):
    """Mixes a model's probability of a token with that of a cache.

    p(w) = (1 - share) p_model(w) + share sum_i [w_{i+1} = w] softmax_i(sharpness h_t . h_i)
    over the last `size` steps (Grave, Joulin and Usunier 2017, Improving neural language
    models with a continuous cache).

    Args:
        size: steps that are remembered.
        share: of the cache in the mixture, 0 to 1.
        sharpness: how much more a similar hidden state counts.
    """

    size: int = 500
    share: float = 0.1
    sharpness: float = 1.0

    @property
    def name(self) -> str:
        """What to call it in a table."""
        return f"this model, neural cache of {self.size} (share {self.share:g})"

    def memory(self) -> CacheMemory:
        """An empty memory."""
        return CacheMemory(self)


class CacheMemory:
    """Hidden states of one stream with the tokens that followed them."""

    def __init__(self, cache: NeuralCache) -> None:
        self._cache = cache
        self._hidden = np.zeros((0, 0), np.float32)
        self._followers = np.zeros(0, np.int32)

    def forget(self) -> None:
        """Begins anew, with another document."""
        self._followers = self._followers[:0]
        self._hidden = self._hidden[:0]

    def mix(
        self,
        log_probabilities: NDArray[np.float64],
        hidden: NDArray[np.float32],
        targets: NDArray[np.int32],
        real: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Mixes one window and takes it into the memory.

        Args:
            log_probabilities: of the model, [steps].
            hidden: that predicted them, [steps, width].
            targets: the tokens that came, [steps].
            real: steps that count, a beginning of the window, [steps].

        Returns:
            Natural-log probabilities of the mixture, [steps].
        """
        steps = int(real.sum())
        past = len(self._followers)
        keys = np.concatenate([self._hidden, hidden[:steps]]) if past else hidden[:steps]
        followers = np.concatenate([self._followers, targets[:steps]])
        similar = self._cache.sharpness * (hidden[:steps].astype(np.float64) @ keys.T)
        places = np.arange(len(keys))[None]
        now = past + np.arange(steps)[:, None]
        inside = (places < now) & (places >= now - self._cache.size)
        similar = np.where(inside, similar, -np.inf)
        highest = np.max(similar, axis=1, keepdims=True, initial=-1e300)
        weights = np.exp(similar - highest)
        same = followers[None] == targets[:steps, None]
        whole = weights.sum(axis=1)
        cached = np.divide(
            (weights * same).sum(axis=1), whole, out=np.zeros(steps), where=whole > 0
        )
        share = np.where(whole > 0, self._cache.share, 0.0)
        mixed = log_probabilities.copy()
        mixed[:steps] = np.log(
            (1 - share) * np.exp(log_probabilities[:steps]) + share * cached + 1e-300
        )
        self._hidden = keys[-self._cache.size :]
        self._followers = followers[-self._cache.size :]
        return mixed
