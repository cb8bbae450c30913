"""What a language model gives every token of a text, read in order with carried states."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.data.lanes import Window
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.layers.carry import StateCarry, States, carried_states, zero_states
from rnn_toolkit.layers.find import recurrent_layers
from rnn_toolkit.networks.language_model import body_and_head

_WINDOW = 100
_LANE = 150_000  # a longer stream is read in lanes; each begins without a past
_DOCUMENT_LANES = 32


class TokenReader:
    """Reads windows and gives log-probabilities and hidden states.

    Args:
        model: what `build_language_model` made.
    """

    def __init__(self, model: keras.Model) -> None:
        self._body, self._head = body_and_head(model)
        self._layers = [found.layer for found in recurrent_layers(model)]
        self._run = tf.function(self._step, reduce_retracing=True, autograph=False)
        self._states: States = {}

    def read(self, window: Window) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Goes on with one window.

        Returns:
            Natural-log probabilities of the targets [lanes, steps], and the hidden states that
            predicted them [lanes, steps, width].
        """
        if not self._states:
            self._states = zero_states(self._layers, len(window.inputs))
        found, hidden, self._states = self._run(
            tf.constant(window.inputs),
            tf.constant(window.targets),
            tf.constant(window.restarts),
            self._states,
        )
        return found.numpy(), hidden.numpy()

    def _step(
        self, inputs: Tensor, targets: Tensor, restarts: Tensor, states: States
    ) -> tuple[Tensor, Tensor, States]:
        carry = StateCarry(states, restarts)
        with carried_states(carry):
            hidden = self._body(inputs, training=False)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, self._head(hidden))
        return -losses, hidden, carry.final()


def token_log_probabilities(
    model: keras.Model, stream: TokenStream, *, cache: NeuralCache | None = None
) -> NDArray[np.float64]:
    """The natural-log probability of every token that has to be predicted.

    Args:
        model: what `build_language_model` made.
        stream: the text; of a very long stream a few tokens at the end may be left out.
        cache: mixes in what the text said before.

    Returns:
        Array [tokens]; in the order of the text for a stream.
    """
    reader = TokenReader(model)
    lanes = _DOCUMENT_LANES
    if stream.starts is None:
        lanes = max(1, -(-len(stream) // _LANE))
    memories: list[Any] = [] if cache is None else [cache.memory() for _ in range(lanes)]
    found: list[list[NDArray[np.float64]]] = [[] for _ in range(lanes)]
    for window in stream.windows(lanes, min(_WINDOW, max(stream.longest(), 2))):
        log_probabilities, hidden = reader.read(window)
        for lane, row in enumerate(log_probabilities.astype(np.float64)):
            real = window.weights[lane] > 0
            if memories:
                if window.restarts[lane]:
                    memories[lane].forget()
                row = memories[lane].mix(row, hidden[lane], window.targets[lane], real)
            found[lane].append(row[real])
    return np.concatenate([np.concatenate(rows) for rows in found if rows])
