"""Dynamic evaluation: the model goes on learning from the text that it predicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.data.lanes import Window
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.layers.carry import StateCarry, States, carried_states, zero_states
from rnn_toolkit.layers.find import recurrent_layers

WINDOW = 20
_CLIP = 1.0


class Adaptation:
    """Reads windows one after the other and takes a gradient step after each.

    theta <- theta - rate * g, the gradient clipped to norm 1 (Mikolov et al. 2010; Krause et
    al. 2018, Dynamic evaluation of neural sequence models). Every token is predicted before
    the model has learned from it. Dropout is off.

    Args:
        model: its weights change.
        rate: of learning.
    """

    def __init__(self, model: keras.Model, *, rate: float) -> None:
        self._model = model
        self._rate = rate
        self._layers = [found.layer for found in recurrent_layers(model)]
        self._states: States = {}
        self._run: Callable[..., tuple[Tensor, States]] = tf.function(
            self._step, reduce_retracing=True, autograph=False
        )

    def read(self, window: Window) -> NDArray[np.float32]:
        """Natural-log probabilities of the targets [lanes, steps]; then learns from them."""
        if not self._states:
            self._states = zero_states(self._layers, len(window.inputs))
        found, self._states = self._run(
            tf.constant(window.inputs),
            tf.constant(window.targets),
            tf.constant(window.weights, tf.float32),
            tf.constant(window.restarts),
            self._states,
        )
        result: NDArray[np.float32] = found.numpy()
        return result

    def _step(
        self, inputs: Tensor, targets: Tensor, weights: Tensor, restarts: Tensor, states: States
    ) -> tuple[Tensor, States]:
        carry = StateCarry(states, restarts)
        variables = self._model.trainable_variables
        with tf.GradientTape() as tape:
            with carried_states(carry):
                logits = self._model(inputs, training=False)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
            mean = tf.reduce_sum(losses * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)
        gradients = tape.gradient(mean, [variable.value for variable in variables])
        clipped, _ = tf.clip_by_global_norm(gradients, _CLIP)
        for variable, gradient in zip(variables, clipped, strict=True):
            variable.assign_sub(self._rate * tf.convert_to_tensor(gradient))
        return -losses, carry.final()


@contextmanager
def borrowed_weights(model: keras.Model) -> Iterator[None]:
    """Whatever happens to the weights inside the block is undone after it."""
    before = [variable.numpy().copy() for variable in model.trainable_variables]
    try:
        yield
    finally:
        for variable, value in zip(model.trainable_variables, before, strict=True):
            variable.assign(value)


def dynamic_evaluation(
    model: keras.Model, stream: TokenStream, *, rate: float
) -> NDArray[np.float64]:
    """The natural-log probability of every token while the model learns; it forgets after.

    Args:
        model: what `build_language_model` made.
        stream: the text.
        rate: of learning.

    Returns:
        Array [tokens], in the order in which they were read.
    """
    adaptation = Adaptation(model, rate=rate)
    found = []
    with borrowed_weights(model):
        for window in stream.windows(1, WINDOW):
            found.append(adaptation.read(window)[window.weights > 0])
    return np.concatenate(found).astype(np.float64)
