"""An encoder and decoder in Keras, token by token with explicit states."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.networks.faces import Face, traced
from rnn_toolkit.networks.seq2seq import Seq2SeqParts, parts

ENCODE, DECODE_STEP = "encode", "decode_step"

_MEANINGS = {
    "ids": "[batch, time] source ids, padded on the right with 0",
    "length": "[batch] source ids per row, each at least 1",
    "id": "[batch], the last target id; the begin id at first",
    "memory": "[batch, time, width], what the encoder makes of each source token",
    "keys": "[batch, time, width], what attention compares with; computed once",
    "source_ids": "[batch, time] the source ids again, to copy from",
    "logits": "[batch, vocabulary], unnormalised, of the target id that comes next",
    "attention": "[batch, time], how much of each source token was read",
}
_STATE = "a state of the decoder; encode gives the first one"
_STATE_AFTER = "that state; give it to the next step"


def seq2seq_faces(model: keras.Model) -> tuple[Face, Face]:
    """`encode` for whole source texts, and `decode_step` for one target id after another.

    Args:
        model: what `build_seq2seq` made.
    """
    network = parts(model)
    return _encode_face(network), _decode_face(network)


def _state_specs(network: Seq2SeqParts) -> list[tf.TensorSpec]:
    return [
        tf.TensorSpec([None, width], tf.float32, name=name)
        for name, width in network.decoder.state_widths().items()
    ]


def _after(specs: list[tf.TensorSpec]) -> list[tf.TensorSpec]:
    return [tf.TensorSpec(spec.shape, spec.dtype, name=f"{spec.name}_out") for spec in specs]


def _memory_specs(network: Seq2SeqParts) -> list[tf.TensorSpec]:
    memory = tf.TensorSpec(network.encoder.output.shape, tf.float32, name="memory")
    keys = network.decoder.keys(tf.zeros((1, 1, memory.shape[-1])))
    if keys is None:
        return [memory]
    return [memory, tf.TensorSpec([None, None, keys.shape[-1]], tf.float32, name="keys")]


def _meanings(states: list[tf.TensorSpec]) -> dict[str, str]:
    return {
        **_MEANINGS,
        **{spec.name: _STATE for spec in states},
        **{spec.name: _STATE_AFTER for spec in _after(states)},
    }


def _axes(specs: list[tf.TensorSpec], states: list[tf.TensorSpec]) -> dict[str, tuple[str, ...]]:
    """Names of the axes: all states but `seen` are [batch, width]."""
    found = {}
    for spec in specs:
        over_time = spec.name in ("ids", "source_ids", "attention") or (
            spec.shape.rank == 2 and spec.shape[-1] is None
        )
        names = (
            ("batch", "time", "width")
            if over_time or spec.shape.rank == 3
            else (
                "batch",
                "width",
            )
        )
        found[spec.name] = names[: spec.shape.rank]
    return found


def _encode_face(network: Seq2SeqParts) -> Face:
    ids = tf.TensorSpec([None, None], tf.int32, name="ids")
    length = tf.TensorSpec([None], tf.int32, name="length")
    states = _state_specs(network)
    outputs = [*_memory_specs(network), *_after(states)]

    def run(ids: Tensor, length: Tensor) -> dict[str, Tensor]:
        real = tf.range(tf.shape(ids)[1])[None, :] < length[:, None]
        memory = network.encoder(tf.where(real, ids, tf.zeros_like(ids)), training=False)
        given = {"memory": memory}
        keys = network.decoder.keys(memory)
        if keys is not None:
            given["keys"] = keys
        first = network.decoder.first_states(memory, real)
        return {**given, **{f"{name}_out": state for name, state in first.items()}}

    return Face(
        ENCODE,
        (ids, length),
        tuple(outputs),
        run,
        _axes([ids, length, *outputs], states),
        _meanings(states),
    )


def _decode_face(network: Seq2SeqParts) -> Face:
    states = _state_specs(network)
    one = tf.TensorSpec([None], tf.int32, name="id")
    length = tf.TensorSpec([None], tf.int32, name="length")
    memory = _memory_specs(network)
    copied = []
    if network.copying is not None:
        copied = [tf.TensorSpec([None, None], tf.int32, name="source_ids")]
    inputs = [one, length, *memory, *copied, *states]
    outputs = [
        tf.TensorSpec([None, network.embedding.vocabulary_size], tf.float32, name="logits"),
        tf.TensorSpec([None, None], tf.float32, name="attention"),
        *_after(states),
    ]

    def run(*given: Tensor) -> dict[str, Tensor]:
        named = dict(zip([spec.name for spec in inputs], given, strict=True))
        held = named["memory"]
        real = tf.range(tf.shape(held)[1])[None, :] < named["length"][:, None]
        read_out, attention, after = network.decoder.step(
            network.embedding(named["id"]),
            {spec.name: named[spec.name] for spec in states},
            held,
            named.get("keys"),
            real,
        )
        return {
            "logits": network.logits(read_out, attention, named.get("source_ids")),
            "attention": attention,
            **{f"{name}_out": state for name, state in after.items()},
        }

    return Face(
        DECODE_STEP,
        tuple(inputs),
        tuple(outputs),
        run,
        _axes([*inputs, *outputs], states),
        _meanings(states),
        over_time=False,
    )


class KerasEncoderDecoder:
    """A Keras encoder and decoder behind the protocol of decoding (`EncoderDecoder`).

    Both functions are traced once, for every batch size and length; weights that change
    later are heeded.

    Args:
        model: what `build_seq2seq` made.
    """

    def __init__(self, model: keras.Model) -> None:
        encode, step = seq2seq_faces(model)
        self._model = model  # traced functions do not keep its variables alive
        self._encode, self._step = traced(encode), traced(step)
        self._inputs = tuple(spec.name for spec in step.inputs[1:])
        self._states = tuple(name for name in self._inputs if f"{name}_out" in _names(step))
        self._vocabulary_size = int(model.output_shape[-1])

    @property
    def vocabulary_size(self) -> int:
        """Number of target logits."""
        return self._vocabulary_size

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        """Reads whole source texts; see EncoderDecoder."""
        found = self._encode(tf.constant(ids), tf.constant(lengths))
        states = {name.removesuffix("_out"): value.numpy() for name, value in found.items()}
        return {**states, "length": lengths, "source_ids": ids}

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Reads one more target id per row; see EncoderDecoder."""
        given = [tf.constant(states[name]) for name in self._inputs]
        found: dict[str, Any] = self._step(tf.constant(ids), *given)
        after = {name: found[f"{name}_out"].numpy() for name in self._states}
        return found["logits"].numpy(), {
            **states,
            **after,
            "attention": found["attention"].numpy(),
        }


def _names(face: Face) -> set[str]:
    return {spec.name for spec in face.outputs}
