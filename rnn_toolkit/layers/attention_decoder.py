"""A recurrent decoder that reads a memory through attention, whole or step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import Tensor, TwoPhase
from rnn_toolkit.layers.decoder_attention import (
    MULTI_HEAD,
    Memory,
    decoder_attention,
    has_state,
    keys_of,
    read,
)
from rnn_toolkit.layers.recurrent import recurrent_layer

FED, SEEN = "fed", "seen"

DecoderStates = dict[str, Tensor]
"""By name, [batch, width] each; `seen` is [batch, time]."""


@keras.saving.register_keras_serializable("rnn_toolkit")
class AttentionDecoder(keras.layers.Layer):
    """A stack of recurrent layers whose top state asks a memory what to read.

    s_t = RNN(s_{t-1}, [y_{t-1}; c_{t-1}]);  c_t, a_t = attention(s_t, memory);
    r_t = tanh(W [s_t; c_t; y_{t-1}])
    (Bahdanau et al. 2015, Neural machine translation by jointly learning to align and
    translate). Without input feeding c_{t-1} is left out (Luong et al. 2015, Effective
    approaches to attention-based neural machine translation), and all target steps are read
    at once.

    The bridge gives the first state of each recurrent layer a beginning: tanh(V m), with m the
    mean of the memory; all other states begin at zero.

    Args:
        cell: a name of the cell table.
        units: width of the recurrent layers.
        width: of the read-out r.
        layers: number of recurrent layers.
        attention: one of `attention_kinds`.
        attention_units: width of the comparison, for the scores that have any.
        heads: of multi_head.
        coverage: see Attention.
        input_feeding: whether what was read enters the next step.
        bridge: "dense", or "zeros" for states that all begin at zero.
        recurrent_options: further arguments of `recurrent_layer`.
        layer_dropout: share of the channels hidden between recurrent layers, the same at
            each step.
        seed: of that dropout.
        **kwargs: of the Keras layer.

    Raises:
        OptionError: there is no such attention, or options that do not go together.
    """

    def __init__(
        self,
        cell: str,
        units: int,
        *,
        width: int,
        layers: int = 1,
        attention: str = "additive",
        attention_units: int | None = None,
        heads: int = 4,
        coverage: bool = False,
        input_feeding: bool = True,
        bridge: str = "dense",
        recurrent_options: dict[str, Any] | None = None,
        layer_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cell, self.units, self.width, self.depth = cell, units, width, layers
        self.attention_kind, self.attention_units = attention, attention_units
        self.heads, self.coverage = heads, coverage
        self.input_feeding, self.bridge = input_feeding, bridge
        self.recurrent_options = dict(recurrent_options or {})
        self.layer_dropout, self.seed = layer_dropout, seed
        self.recurrents = [
            recurrent_layer(
                cell,
                units,
                return_sequences=True,
                name=f"decoder_{number}",
                **self.recurrent_options,
            )
            for number in range(1, layers + 1)
        ]
        self.attention = decoder_attention(
            attention,
            units=attention_units,
            heads=heads,
            query_width=units,
            coverage=coverage,
        )
        self.readout = keras.layers.Dense(width, activation="tanh", name="readout")
        self.bridges = [
            keras.layers.Dense(self._state_sizes(layer)[0], activation="tanh", name=f"bridge_{n}")
            for n, layer in enumerate(self.recurrents, 1)
            if bridge == "dense"
        ]
        self._noise = keras.random.SeedGenerator(seed) if layer_dropout else None
        self.supports_masking = True

    def _state_sizes(self, layer: Any) -> tuple[int, ...]:
        sizes = layer.cell.state_size
        return tuple(sizes) if isinstance(sizes, (list, tuple)) else (int(sizes),)

    def build(self, embedded_shape: Sequence[int | None], memory_shape: Sequence[int]) -> None:
        """Makes the weights for [batch, target_time, e] and a memory [batch, time, m]."""
        memory_width = memory_shape[-1]
        read = self.units if self.attention_kind == MULTI_HEAD else memory_width
        features = int(embedded_shape[-1] or 0) + (read if self.input_feeding else 0)
        for layer in self.recurrents:
            layer.build((None, None, features))
            features = self.units
        self.attention.build((None, None, self.units), (None, None, memory_width))
        self.readout.build((None, self.units + read + int(embedded_shape[-1] or 0)))
        for bridge in self.bridges:
            bridge.build((None, memory_width))
        self._read_width = read

    def keys(self, memory: Tensor) -> Tensor | None:
        """What attention needs of a memory, computed once; None where it needs nothing more."""
        return keys_of(self.attention, memory)

    def first_states(self, memory: Tensor, real: Tensor) -> DecoderStates:
        """The states before the first target step.

        Args:
            memory: [batch, time, m].
            real: True at real steps, [batch, time].
        """
        batch = ops.shape(memory)[0]
        states: DecoderStates = {}
        weights = ops.expand_dims(ops.cast(real, memory.dtype), -1)
        count = ops.maximum(ops.sum(weights, axis=1), 1.0)
        mean = ops.sum(memory * weights, axis=1) / count  # [batch, m]
        for number, layer in enumerate(self.recurrents):
            for index, (name, size) in enumerate(self._states_of(layer).items()):
                begins = self.bridges and index == 0
                states[name] = (
                    self.bridges[number](mean) if begins else ops.zeros((batch, size), memory.dtype)
                )
        if self.input_feeding:
            states[FED] = ops.zeros((batch, self._read_width), memory.dtype)
        if has_state(self.attention):
            states[SEEN] = self.attention.initial_state(batch, ops.shape(memory)[1])
        return states

    @staticmethod
    def _states_of(layer: Any) -> dict[str, int]:
        """The states of a recurrent layer by name, with their widths."""
        sizes = layer.steps().state_sizes
        return {f"{layer.name}_state_{index}": size for index, size in enumerate(sizes)}

    def state_widths(self) -> dict[str, int | None]:
        """The width of each state by name; None for that of the memory's time."""
        widths: dict[str, int | None] = {}
        for layer in self.recurrents:
            widths.update(self._states_of(layer))
        if self.input_feeding:
            widths[FED] = self._read_width
        if has_state(self.attention):
            widths[SEEN] = None
        return widths

    def step(
        self,
        embedded: Tensor,
        states: DecoderStates,
        memory: Tensor,
        keys: Tensor | None,
        real: Tensor,
    ) -> tuple[Tensor, Tensor, DecoderStates]:
        """One target step, outside training.

        Args:
            embedded: of the last target token, [batch, e].
            states: see `first_states`.
            memory: [batch, time, m].
            keys: see `keys`.
            real: [batch, time].

        Returns:
            The read-out [batch, width], the attention [batch, time], and the next states.
        """
        views = [layer.steps() for layer in self.recurrents]
        memories = Memory(memory, keys, real)
        hidden, context, weights, after = self._advance(embedded, states, memories, views)
        return self._readout(hidden, context, embedded), weights, after

    def _advance(
        self,
        embedded: Tensor,
        states: DecoderStates,
        memory: Memory,
        views: Sequence[TwoPhase],
        *,
        between: Tensor | None = None,
        training: bool = False,
    ) -> tuple[Tensor, Tensor, Tensor, DecoderStates]:
        """Hidden state, context, attention and next states; `between` scales channels."""
        after: DecoderStates = {}
        hidden = ops.concatenate([embedded, states[FED]], -1) if self.input_feeding else embedded
        for number, (layer, view) in enumerate(zip(self.recurrents, views, strict=True)):
            if number and between is not None:
                hidden = hidden * between
            names = list(self._states_of(layer))
            hidden, new = view.step(view.project(hidden), [states[name] for name in names])
            after.update(zip(names, new, strict=True))
        context, weights = read(self.attention, hidden, memory, states.get(SEEN), training=training)
        if self.input_feeding:
            after[FED] = context
        if SEEN in states:
            after[SEEN] = self.attention.next_state(weights, states[SEEN])
        return hidden, context, weights, after

    def _readout(self, hidden: Tensor, context: Tensor, embedded: Tensor) -> Tensor:
        return self.readout(ops.concatenate([hidden, context, embedded], -1))

    def call(
        self,
        embedded: Tensor,
        memory: Tensor,
        memory_mask: Tensor | None = None,
        training: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """All target steps.

        Args:
            embedded: of the target tokens, each the one before that to be predicted,
                [batch, target_time, e].
            memory: [batch, time, m].
            memory_mask: True at real steps of the memory, [batch, time].
            training: whether this is a training step.

        Returns:
            Read-outs [batch, target_time, width] and attention [batch, target_time, time].
        """
        real = ops.ones_like(memory[:, :, 0], "bool") if memory_mask is None else memory_mask
        run = self._fed_back if self.input_feeding else self._at_once
        hidden, context, weights = run(embedded, memory, real, training)
        return self._readout(hidden, context, embedded), weights

    def _between(self, batch: Tensor, training: bool) -> Tensor | None:
        if not training or not self.layer_dropout:
            return None
        ones = ops.ones((batch, self.units), self.compute_dtype)
        return keras.random.dropout(ones, self.layer_dropout, seed=self._noise)

    def _at_once(
        self, embedded: Tensor, memory: Tensor, real: Tensor, training: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Without input feeding the recurrent layers never wait for attention."""
        states = self.first_states(memory, real)
        between = self._between(ops.shape(memory)[0], training)
        hidden = embedded
        for number, layer in enumerate(self.recurrents):
            if number and between is not None:
                hidden = hidden * ops.expand_dims(between, 1)
            own = [states[name] for name in self._states_of(layer)]
            hidden = layer(hidden, initial_state=own, training=training)
        memories = Memory(memory, self.keys(memory), real)
        context, weights = read(
            self.attention, hidden, memories, states.get(SEEN), training=training
        )
        return hidden, context, weights

    def _fed_back(
        self, embedded: Tensor, memory: Tensor, real: Tensor, training: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """With input feeding a step needs what the one before has read."""
        batch, time = ops.shape(embedded)[0], ops.shape(embedded)[1]
        views = [layer.steps(training, batch) for layer in self.recurrents]
        between, memories = self._between(batch, training), Memory(memory, self.keys(memory), real)
        first = self.first_states(memory, real)
        names = list(first)
        inputs = tf.TensorArray(embedded.dtype, time).unstack(tf.transpose(embedded, [1, 0, 2]))
        outputs = [tf.TensorArray(memory.dtype, time) for _ in range(3)]

        def advance(now: Tensor, states: list[Tensor], outputs: list[Any]) -> tuple[Any, ...]:
            before = dict(zip(names, states, strict=True))
            hidden, context, weights, after = self._advance(
                inputs.read(now), before, memories, views, between=between, training=training
            )
            written = [
                array.write(now, value)
                for array, value in zip(outputs, (hidden, context, weights), strict=True)
            ]
            next_states = [tf.ensure_shape(after[name], before[name].shape) for name in names]
            return now + 1, next_states, written

        _, _, outputs = tf.while_loop(
            lambda now, states, outputs: now < time,
            advance,
            (tf.constant(0), [first[name] for name in names], outputs),
            maximum_iterations=time,
        )
        hidden, context, weights = (tf.transpose(array.stack(), [1, 0, 2]) for array in outputs)
        width = [self.units, self._read_width, memory.shape[1]]
        return tuple(
            tf.ensure_shape(value, [memory.shape[0], embedded.shape[1], size])
            for value, size in zip((hidden, context, weights), width, strict=True)
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("cell", "units", "width", "attention_units", "heads", "coverage")
        more = ("input_feeding", "bridge", "recurrent_options", "layer_dropout", "seed")
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in (*names, *more)},
            "layers": self.depth,
            "attention": self.attention_kind,
        }
