"""A language model in Keras, token by token with explicit states."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.networks.faces import (
    Face,
    prefill_face,
    state_specs,
    step_face,
    traced,
)
from rnn_toolkit.networks.language_model import body_and_head

PREFILL, STEP = "prefill", "step"
_LOGITS = "[batch, vocabulary], unnormalised, of the id that comes next"
_STATE = "a state of a recurrent layer; zeros before the first id"
_STATE_AFTER = "that state after the last id; give it to the next step"


def language_model_faces(model: keras.Model) -> tuple[Face, Face]:
    """`prefill` for whole prompts, and `step` for one id after another.

    Args:
        model: what `build_language_model` made.
    """
    body, head = body_and_head(model)
    states = {
        name: meaning
        for specs in state_specs(model).values()
        for spec in specs
        for name, meaning in ((spec.name, _STATE), (f"{spec.name}_out", _STATE_AFTER))
    }
    meanings = {**states, "logits": _LOGITS}
    whole = {**meanings, "ids": "[batch, time], padded on the right", "length": "ids per row"}
    one = {**meanings, "ids": "[batch], one id per row"}
    return (
        prefill_face(model, body, head, name=PREFILL, output="logits", meanings=whole),
        step_face(model, name=STEP, output="logits", meanings=one),
    )


class KerasSteps:
    """A Keras language model behind the protocol of decoding (`StepModel`).

    Both functions are traced once, for every batch size and length; weights that change
    later are heeded.

    Args:
        model: what `build_language_model` made.
    """

    def __init__(self, model: keras.Model) -> None:
        prefill, step = language_model_faces(model)
        self._model = model  # traced functions do not keep its variables alive
        self._prefill, self._step = traced(prefill), traced(step)
        self._states = tuple(spec.name for spec in step.inputs[1:])
        self._vocabulary_size = int(model.output_shape[-1])

    @property
    def vocabulary_size(self) -> int:
        """Number of logits."""
        return self._vocabulary_size

    def prefill(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> tuple[Logits, States]:
        """Reads whole prompts from zero states; see StepModel."""
        return self._answer(self._prefill(tf.constant(ids), tf.constant(lengths)))

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Reads one more id per row; see StepModel."""
        given = [tf.constant(states[name]) for name in self._states]
        return self._answer(self._step(tf.constant(ids), *given))

    def _answer(self, outputs: dict[str, Any]) -> tuple[Logits, States]:
        states = {name: outputs[f"{name}_out"].numpy() for name in self._states}
        return outputs["logits"].numpy(), states
