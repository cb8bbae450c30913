"""The functions that an exported file offers.

A sequence face runs a network over whole sequences; a step face runs the same weights one
time step at a time, with every state an explicit input and output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import ExportError
from rnn_toolkit.layers.loop import LoopResult, recurrent_loop


@dataclass(frozen=True)
class Face:
    """One function of an exported file.

    Args:
        name: the name of its signature.
        inputs: the tensors it takes, by name; dynamic sizes are None.
        function: takes them in that order and returns tensors by name.
        axes: names for the dynamic axes of inputs and outputs, for formats that have them.
    """

    name: str
    inputs: tuple[tf.TensorSpec, ...]
    function: Callable[..., dict[str, Tensor]]
    axes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def sequence_face(model: keras.Model, *, name: str, output: str) -> Face:
    """The network as it is: [batch, time, ...] in.

    Args:
        model: a functional model with one input and one output.
        name: of the signature.
        output: name of the output tensor.
    """
    (given,) = model.inputs
    spec = tf.TensorSpec(given.shape, given.dtype, name=given.name)
    rank = len(model.output.shape)
    axes = {
        given.name: ("batch", "time", "features")[: len(given.shape)],
        output: ("batch", "classes") if rank == 2 else ("batch", "time", "width"),
    }
    return Face(name, (spec,), lambda inputs: {output: model(inputs, training=False)}, axes)


def recurrent_layers(model: keras.Model) -> Iterator[Any]:
    """The recurrent layers of a functional model, both directions of a wrapper included."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Bidirectional):
            yield from (layer.forward_layer, layer.backward_layer)
        elif isinstance(layer, keras.layers.RNN):
            yield layer


def state_specs(model: keras.Model) -> dict[str, list[tf.TensorSpec]]:
    """The states of each recurrent layer, as tensors named LAYER_state_NUMBER."""
    return {
        layer.name: [
            tf.TensorSpec([None, size], tf.float32, name=f"{layer.name}_state_{number}")
            for number, size in enumerate(layer.steps().state_sizes)
        ]
        for layer in recurrent_layers(model)
    }


def step_face(model: keras.Model, *, name: str, output: str) -> Face:
    """The network for one time step.

    The cells' own `step` runs, without a loop: input [batch, ...] and states [batch, width]
    give an output [batch, width] and states of the same names with `_out` appended. States
    begin at zero. A row whose input is masked keeps its states.

    Args:
        model: a functional model that gives an output at every step.
        name: of the signature.
        output: name of the output tensor.

    Raises:
        ExportError: a layer reads backwards, or the output has no time axis.
    """
    backwards = [layer.name for layer in recurrent_layers(model) if layer.go_backwards]
    if backwards:
        raise ExportError(
            f"Layer {backwards[0]} reads the sequence backwards: it has no step face.",
            "Train with --no-bidirectional to run step by step.",
        )
    if len(model.output.shape) != 3:
        raise ExportError(
            "The network answers once per sequence: it has no step face.",
            "Export its sequence face.",
        )
    (given,) = model.inputs
    states = state_specs(model)
    spec = tf.TensorSpec([given.shape[0], *given.shape[2:]], given.dtype, name=given.name)
    flat = [state for layer in states.values() for state in layer]

    def run(inputs: Tensor, *given_states: Tensor) -> dict[str, Tensor]:
        remaining = iter(given_states)
        one_step = _OneStep({name: [next(remaining) for _ in of] for name, of in states.items()})
        with recurrent_loop(one_step):
            answer = model(inputs[:, None], training=False)
        new = {
            f"{spec.name}_out": state
            for name, of in states.items()
            for spec, state in zip(of, one_step.after[name], strict=True)
        }
        return {output: answer[:, 0], **new}

    axes = {given.name: ("batch", "features")[: len(spec.shape)], output: ("batch", "width")}
    for state in flat:
        axes[state.name] = axes[f"{state.name}_out"] = ("batch", "width")
    return Face(name, (spec, *flat), run, axes)


class _OneStep:
    """A run over time that takes a single step from given states."""

    def __init__(self, before: dict[str, list[Tensor]]) -> None:
        self.before = before
        self.after: dict[str, list[Tensor]] = {}

    def __call__(
        self, layer: Any, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None
    ) -> LoopResult:
        """See RecurrentLoop; the layer's own initial state is not used."""
        view, states = layer.steps(), self.before[layer.name]
        output, after = view.step(view.project(sequences[:, 0]), states)
        if mask is not None:
            real = tf.cast(mask, tf.bool)[:, :1]
            after = [tf.where(real, new, old) for new, old in zip(after, states, strict=True)]
        self.after[layer.name] = list(after)
        return output, output[:, None], list(after)
