"""A Keras language model that writes with a neural cache."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.decoding.step import Logits, States, log_softmax
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.networks.faces import prefill_face, step_face
from rnn_toolkit.networks.language_model import body_and_head

_KEYS, _FOLLOWERS, _FILLED, _HIDDEN = "cache_keys", "cache_followers", "cache_filled", "hidden"


class CachedSteps:
    """A StepModel whose answers prefer what the text said before; see NeuralCache.

    The cache is part of the states, so that samples and beams each have their own.

    Args:
        model: what `build_language_model` made.
        cache: size, share and sharpness.
    """

    def __init__(self, model: keras.Model, cache: NeuralCache) -> None:
        body, self._head = body_and_head(model)
        self._cache = cache
        self._width = int(body.output_shape[-1])
        self.vocabulary_size = int(model.output_shape[-1])
        begin = prefill_face(body, body, lambda hidden: hidden, name="prefill", output=_HIDDEN)
        step = step_face(body, name="step", output=_HIDDEN)
        self._begin = tf.function(begin.function, input_signature=list(begin.inputs))
        self._step = tf.function(step.function, input_signature=list(step.inputs))
        self._inner = [str(spec.name) for spec in step.inputs[1:]]

    def prefill(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> tuple[Logits, States]:
        """See StepModel; reads step by step, to remember every hidden state."""
        batch, longest = ids.shape
        states = self._empty(batch)
        ones = tf.ones(batch, tf.int32)
        states.update(self._answer(self._begin(tf.constant(ids[:, :1]), ones)))
        for place in range(1, longest):
            stepped = self._advanced(ids[:, place], states)
            going = place < lengths
            states = {
                name: np.where(going.reshape(-1, *([1] * (array.ndim - 1))), array, states[name])
                for name, array in stepped.items()
            }
        return self._mixed(states), states

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """See StepModel."""
        after = self._advanced(ids, states)
        return self._mixed(after), after

    def _advanced(self, ids: NDArray[np.int32], states: States) -> States:
        after = self._remembering(ids, states)
        given = [tf.constant(states[name]) for name in self._inner]
        after.update(self._answer(self._step(tf.constant(ids), *given)))
        return after

    def _answer(self, found: dict[str, tf.Tensor]) -> States:
        states = {name: found[f"{name}_out"].numpy() for name in self._inner}
        return {**states, _HIDDEN: found[_HIDDEN].numpy()}

    def _empty(self, batch: int) -> States:
        size = self._cache.size
        return {
            _KEYS: np.zeros((batch, size, self._width), np.float32),
            _FOLLOWERS: np.zeros((batch, size), np.int32),
            _FILLED: np.zeros((batch, size), np.bool_),
        }

    def _remembering(self, ids: NDArray[np.int32], states: States) -> States:
        """The cache with the id that followed the last hidden state."""
        return {
            _KEYS: np.concatenate([states[_KEYS][:, 1:], states[_HIDDEN][:, None]], axis=1),
            _FOLLOWERS: np.concatenate([states[_FOLLOWERS][:, 1:], ids[:, None]], axis=1),
            _FILLED: np.concatenate(
                [states[_FILLED][:, 1:], np.ones((len(ids), 1), np.bool_)], axis=1
            ),
        }

    def _mixed(self, states: States) -> Logits:
        """Natural-log probabilities of the mixture, which serve as logits."""
        hidden = states[_HIDDEN]
        own = log_softmax(np.asarray(self._head(tf.constant(hidden))))
        similar = self._cache.sharpness * np.einsum("bsw,bw->bs", states[_KEYS], hidden)
        similar = np.where(states[_FILLED], similar.astype(np.float64), -np.inf)
        weights = np.exp(similar - np.max(similar, axis=1, keepdims=True, initial=-1e300))
        whole = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, whole, out=np.zeros_like(weights), where=whole > 0)
        cached = np.zeros_like(own)
        rows = np.arange(len(hidden))[:, None]
        np.add.at(cached, (rows, states[_FOLLOWERS]), weights)
        share = np.where(whole > 0, self._cache.share, 0.0)
        mixed: Logits = np.log((1 - share) * np.exp(own) + share * cached + 1e-300).astype(
            np.float32
        )
        return mixed
