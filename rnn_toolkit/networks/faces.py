"""The functions that a network offers outside training, and that an exported file holds.

A sequence face runs a network over whole sequences; a step face runs the same weights one
time step at a time, with every state an explicit input and output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import ExportError
from rnn_toolkit.layers.carry import StateCarry, carried_states, zero_states
from rnn_toolkit.layers.find import each_recurrent_layer
from rnn_toolkit.layers.loop import LoopResult, recurrent_loop


@dataclass(frozen=True)
class Face:
    """One function of an exported file.

    Args:
        name: the name of its signature.
        inputs: the tensors it takes, by name; dynamic sizes are None.
        outputs: the tensors it gives, likewise.
        function: takes the inputs in that order and returns the outputs by name.
        axes: names for the axes of inputs and outputs, for formats that have them.
        meanings: what the tensors are, in words, by name.
        over_time: whether its recurrent layers run over time, rather than one step.
        needs: what the function uses beside the variables of the network, such as tables.
        samples: gives inputs as they come in use, by name; only int8 conversions call it.
    """

    name: str
    inputs: tuple[tf.TensorSpec, ...]
    outputs: tuple[tf.TensorSpec, ...]
    function: Callable[..., dict[str, Tensor]]
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    over_time: bool = True
    needs: tuple[tf.Module, ...] = ()
    samples: Callable[[], Sequence[Mapping[str, Any]]] | None = None


def sequence_face(
    model: keras.Model, *, name: str, output: str, meanings: Mapping[str, str] | None = None
) -> Face:
    """The network as it is: [batch, time, ...] in.

    Args:
        model: a functional model with one input and one output.
        name: of the signature.
        output: name of the output tensor.
        meanings: see Face.
    """
    (given,) = model.inputs
    spec = tf.TensorSpec(given.shape, given.dtype, name=given.name)
    answer = tf.TensorSpec(model.output.shape, model.output.dtype, name=output)
    rank = len(model.output.shape)
    axes = {
        given.name: ("batch", "time", "features")[: len(given.shape)],
        output: ("batch", "classes") if rank == 2 else ("batch", "time", "width"),
    }
    return Face(
        name,
        (spec,),
        (answer,),
        lambda inputs: {output: model(inputs, training=False)},
        axes,
        meanings or {},
    )


def state_specs(model: keras.Model) -> dict[str, list[tf.TensorSpec]]:
    """The states of each recurrent layer, as tensors named LAYER_state_NUMBER."""
    return {
        layer.name: [
            tf.TensorSpec([None, size], tf.float32, name=f"{layer.name}_state_{number}")
            for number, size in enumerate(layer.steps().state_sizes)
        ]
        for layer in (found.layer for found in each_recurrent_layer(model))
    }


def step_face(
    model: keras.Model, *, name: str, output: str, meanings: Mapping[str, str] | None = None
) -> Face:
    """The network for one time step.

    The cells' own `step` runs, without a loop: input [batch, ...] and states [batch, width]
    give an output [batch, width] and states of the same names with `_out` appended. States
    begin at zero. A row whose input is masked keeps its states.

    Args:
        model: a functional model that gives an output at every step.
        name: of the signature.
        output: name of the output tensor.
        meanings: see Face.

    Raises:
        ExportError: a layer reads backwards, or the output has no time axis.
    """
    _check_forwards(model, "step")
    if len(model.output.shape) != 3:
        raise ExportError(
            "The network answers once per sequence: it has no step face.",
            "Export its sequence face.",
        )
    (given,) = model.inputs
    states = state_specs(model)
    spec = tf.TensorSpec([given.shape[0], *given.shape[2:]], given.dtype, name=given.name)
    answer = tf.TensorSpec([None, model.output.shape[-1]], model.output.dtype, name=output)
    flat = [state for layer in states.values() for state in layer]

    def run(inputs: Tensor, *given_states: Tensor) -> dict[str, Tensor]:
        remaining = iter(given_states)
        one_step = _OneStep({name: [next(remaining) for _ in of] for name, of in states.items()})
        with recurrent_loop(one_step):
            answer = model(inputs[:, None], training=False)
        return {output: answer[:, 0], **_named(states, one_step.after)}

    return Face(
        name,
        (spec, *flat),
        (answer, *_after(states)),
        run,
        {
            given.name: ("batch", "features")[: len(spec.shape)],
            output: ("batch", "width"),
            **{state.name: ("batch", "width") for state in [*flat, *_after(states)]},
        },
        meanings or {},
        over_time=False,
    )


def prefill_face(
    model: keras.Model,
    body: keras.Model,
    head: Callable[[Tensor], Tensor],
    *,
    name: str,
    output: str,
    meanings: Mapping[str, str] | None = None,
) -> Face:
    """A language model over whole prompts at once, from zero states.

    Only the last hidden state of a row goes through the head. Takes `ids` [batch, time],
    padded on the right, and `length` [batch], each at least 1; gives the output [batch, width]
    for the id after each row's last real one, and the states that the step face goes on with.

    Args:
        model: ids [batch, time] to outputs [batch, time, width].
        body: its layers up to the last hidden state, which heed a mask.
        head: its layers from there.
        name: of the signature.
        output: name of the output tensor.
        meanings: see Face.

    Raises:
        ExportError: a layer reads backwards.
    """
    _check_forwards(model, "prefill")
    states = state_specs(body)
    layers = [found.layer for found in each_recurrent_layer(body)]
    ids = tf.TensorSpec([None, None], tf.int32, name=model.inputs[0].name)
    length = tf.TensorSpec([None], tf.int32, name="length")
    answer = tf.TensorSpec([None, model.output.shape[-1]], model.output.dtype, name=output)

    def run(ids: Tensor, length: Tensor) -> dict[str, Tensor]:
        batch, time = tf.shape(ids)[0], tf.shape(ids)[1]
        carry = StateCarry(
            zero_states(layers, batch), restarts=tf.zeros(tf.stack([batch]), tf.bool)
        )
        with carried_states(carry):
            hidden = body(ids, mask=tf.range(time)[None, :] < length[:, None], training=False)
        last = tf.gather(hidden, length - 1, batch_dims=1)  # [batch, width]
        return {output: head(last), **_named(states, carry.final())}

    return Face(
        name,
        (ids, length),
        (answer, *_after(states)),
        run,
        {
            ids.name: ("batch", "time"),
            length.name: ("batch",),
            output: ("batch", "width"),
            **{state.name: ("batch", "width") for state in _after(states)},
        },
        meanings or {},
    )


def traced(face: Face) -> Callable[..., dict[str, Any]]:
    """The face as one traced function: a call looks up nothing and traces nothing again."""
    function: Callable[..., dict[str, Any]] = tf.function(
        face.function, input_signature=list(face.inputs)
    ).get_concrete_function()
    return function


def _check_forwards(model: keras.Model, face: str) -> None:
    backwards = [
        found.layer.name for found in each_recurrent_layer(model) if found.layer.go_backwards
    ]
    if backwards:
        raise ExportError(
            f"Layer {backwards[0]} reads the sequence backwards: it has no {face} face.",
            "Train with --no-bidirectional to run step by step.",
        )


def _after(states: Mapping[str, list[tf.TensorSpec]]) -> list[tf.TensorSpec]:
    """The states as outputs: an output may not have the name of an input."""
    return [
        tf.TensorSpec(spec.shape, spec.dtype, name=f"{spec.name}_out")
        for layer in states.values()
        for spec in layer
    ]


def _named(
    states: Mapping[str, list[tf.TensorSpec]], after: Mapping[str, list[Tensor]]
) -> dict[str, Tensor]:
    return {
        f"{spec.name}_out": state
        for layer, of in states.items()
        for spec, state in zip(of, after[layer], strict=True)
    }


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
