"""Attention: what a decoder reads from a memory of encoded steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from rnn_toolkit.cells.base import Tensor, known_features, positive
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.attention_masks import (
    in_full_precision,
    mask_of,
    masked_softmax,
    real_steps,
)
from rnn_toolkit.layers.attention_scores import attention_score
from rnn_toolkit.layers.monotonic import expected_alignment, hard_alignment

_WITH_COVERAGE = ("additive", "concat")


@keras.saving.register_keras_serializable("rnn_toolkit")
class Attention(keras.layers.Layer):
    """Reads from a memory what fits a query: context = sum_j a_j h_j.

    The weights are a = softmax_j(score(s, h_j)) over the real steps, unless `monotonic`.
    `call` takes one target step or all of them. With coverage or monotonic alignment one step
    depends on those before: `initial_state`, the argument `state` and `next_state` carry
    that from call to call.

    Args:
        score: a name of ATTENTION_SCORES.
        units: width of the comparison in additive and concat; None for that of the query.
        coverage: whether the sum c of the weights of earlier target steps enters the score,
            v . tanh(W s + U h_j + w c_j + b) (See et al. 2017, Get to the point; Tu et al.
            2016, Modeling coverage for neural machine translation).
        monotonic: whether attention only moves forward (Raffel et al. 2017, Online and
            linear-time attention by enforcing monotonic alignments); see
            rnn_toolkit.layers.monotonic. Weights may then sum to less than 1.
        offset: initial value of the learned number that is added to monotonic energies; the
            longer the memory, the lower, or attention rests at its beginning.
        noise: standard deviation of what is added to monotonic energies in training, which
            drives them away from 0 and so towards hard decisions.
        seed: seed of the noise.

    Raises:
        OptionError: there is no such score, or options that do not go together.
    """

    def __init__(
        self,
        score: str = "additive",
        *,
        units: int | None = None,
        coverage: bool = False,
        monotonic: bool = False,
        offset: float = -1.0,
        noise: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.scoring = attention_score(score)
        if units is not None and not self.scoring.has_units:
            raise OptionError(
                f"The score {score!r} has no units to choose.", "Leave units out, or choose None."
            )
        if coverage and score not in _WITH_COVERAGE:
            raise OptionError(
                f"The score {score!r} has no place for coverage.",
                f"Choose from: {', '.join(_WITH_COVERAGE)}.",
            )
        if coverage and monotonic:
            raise OptionError(
                "Monotonic attention never looks back, so coverage has nothing to tell it.",
                "Choose one of coverage and monotonic.",
            )
        if noise < 0 or (noise and not monotonic):
            raise OptionError(
                f"noise must be at least 0, and is for monotonic attention; it is {noise!r}."
            )
        self.score = score
        self.units = None if units is None else positive("units", units, "Attention")
        self.coverage = coverage
        self.monotonic = monotonic
        self.offset = float(offset)
        self.noise = float(noise)
        self.seed = seed
        self.noise_generator = keras.random.SeedGenerator(seed) if noise else None
        self.supports_masking = True

    def build(self, query_shape: tuple[int | None, ...], memory_shape: Any) -> None:
        """Makes the weights for a query [..., query_width] and a memory [..., memory_width]."""
        if len(query_shape) not in (2, 3) or len(memory_shape) != 3:
            raise OptionError(
                "Attention needs a query [batch, width] or [batch, target_time, width] and a "
                f"memory [batch, time, width], not shapes {query_shape} and {memory_shape}."
            )
        query_width = known_features(query_shape, "Attention")
        memory_width = known_features(memory_shape, "Attention")
        units = query_width if self.units is None else self.units
        shapes = self.scoring.weight_shapes(query_width, memory_width, units)
        self.score_weights = {
            name: self.add_weight(
                shape=shape, initializer="zeros" if name == "bias" else None, name=name
            )
            for name, shape in shapes.items()
        }
        if self.coverage:
            self.coverage_kernel = self.add_weight(shape=(1, units), name="coverage_kernel")
        if self.monotonic:
            self.energy_offset = self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(self.offset),
                name="energy_offset",
            )

    @property
    def has_state(self) -> bool:
        """Whether a target step depends on those before."""
        return self.coverage or self.monotonic

    def initial_state(self, batch: Any, time: Any) -> Tensor | None:
        """The state before the first target step, [batch, time]; None if there is none.

        Coverage is zeros; a monotonic alignment is at the first step of the memory.
        """
        if not self.has_state:
            return None
        nothing = ops.zeros((batch, time), self.compute_dtype)
        if self.coverage:
            return nothing
        at_first = ops.cast(ops.arange(time, dtype="int32") == 0, self.compute_dtype)
        return nothing + ops.expand_dims(at_first, 0)

    def next_state(self, weights: Tensor, state: Tensor | None) -> Tensor | None:
        """The state after the target steps of a call.

        Args:
            weights: what the call returned, [batch, (target_time,) time].
            state: what the call was given, [batch, time].

        Returns:
            [batch, time]: the sum of all weights for coverage, the last weights for
            monotonic alignment; None if there is no state.
        """
        one_step = len(weights.shape) == 2
        if self.coverage:
            return state + (weights if one_step else ops.sum(weights, axis=1))
        if self.monotonic:
            return weights if one_step else weights[:, -1]
        return None

    def keys(self, memory: Tensor) -> Tensor:
        """What the score needs of a memory [batch, time, width], to compute it only once."""
        return self.scoring.keys(memory, self.score_weights)

    def call(
        self,
        query: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        *,
        state: Tensor | None = None,
        keys: Tensor | None = None,
        hard: bool | None = None,
        training: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """Reads from the memory.

        Args:
            query: one target step [batch, width], or all [batch, target_time, width].
            memory: [batch, time, width].
            mask: True at real steps of the memory, [batch, time].
            state: see `initial_state`, which stands in for None.
            keys: see `keys`, which stands in for None.
            hard: whether monotonic alignment decides for one step of the memory; None for
                yes, except in training.
            training: whether this is a training step.

        Returns:
            context [batch, (target_time,) width of the memory] and weights
            [batch, (target_time,) time]; both zeros for rows that are all padding.
        """
        one_step = len(query.shape) == 2
        if one_step:
            query = ops.expand_dims(query, 1)
        queries = self.scoring.queries(query, self.score_weights)
        keys = self.keys(memory) if keys is None else keys
        real = real_steps(memory, mask)  # [batch, 1, time]
        if state is None:
            state = self.initial_state(ops.shape(memory)[0], ops.shape(memory)[1])
        if self.coverage:
            weights = self._with_coverage(queries, keys, real, state)
        elif self.monotonic:
            hard = not training if hard is None else hard
            weights = self._forward_only(queries, keys, real, state, hard, training)
        else:
            weights = masked_softmax(self._compare(queries, keys), real)
        weights = ops.cast(weights, memory.dtype)
        context = ops.matmul(weights, memory)  # [batch, target_time, width]
        if one_step:
            return ops.squeeze(context, 1), ops.squeeze(weights, 1)
        return context, weights

    def _compare(self, queries: Tensor, keys: Tensor) -> Tensor:
        return self.scoring.compare(queries, keys, self.score_weights)

    def _with_coverage(self, queries: Tensor, keys: Tensor, real: Tensor, state: Tensor) -> Tensor:
        def step(query: Tensor, coverage: Tensor) -> Tensor:
            covered = ops.cast(ops.expand_dims(coverage, -1), keys.dtype)  # [batch, time, 1]
            reminded = keys + covered * self.coverage_kernel
            scores = self._compare(ops.expand_dims(query, 1), reminded)
            return ops.squeeze(masked_softmax(scores, real), 1)

        return self._step_by_step(step, queries, state)

    def _forward_only(
        self, queries: Tensor, keys: Tensor, real: Tensor, state: Tensor, hard: bool, training: bool
    ) -> Tensor:
        energies = in_full_precision(self._compare(queries, keys) + self.energy_offset)
        if self.noise_generator is not None and training and not hard:
            energies += self.noise * keras.random.normal(
                ops.shape(energies), dtype=energies.dtype, seed=self.noise_generator
            )
        align = hard_alignment if hard else expected_alignment
        return self._step_by_step(
            lambda energy, previous: align(energy, previous, ops.squeeze(real, 1)),
            energies,
            state,
        )

    def _step_by_step(
        self, step: Callable[[Tensor, Tensor], Tensor], inputs: Tensor, state: Tensor
    ) -> Tensor:
        """Weights [batch, target_time, time] of steps that depend on those before.

        Args:
            step: from inputs [batch, n] and state [batch, time] to weights [batch, time].
            inputs: [batch, target_time, n].
            state: [batch, time].
        """
        state = in_full_precision(state)
        if inputs.shape[1] == 1:  # a decoder's step: no loop, so that it exports
            return ops.expand_dims(step(inputs[:, 0], state), 1)

        def advance(carried: tuple[Tensor, Tensor], now: Tensor) -> tuple[Tensor, Tensor]:
            weights = step(now, carried[1])
            return tuple(
                tf.ensure_shape(new, state.shape)
                for new in (weights, self.next_state(weights, carried[1]))
            )

        weights, _ = tf.scan(
            advance, tf.transpose(inputs, [1, 0, 2]), (tf.zeros_like(state), state)
        )
        return tf.transpose(weights, [1, 0, 2])

    def compute_mask(self, query: Tensor, previous: Any = None) -> tuple[Tensor | None, None]:
        """The context of all target steps keeps the mask of the query."""
        return (mask_of(query) if len(query.shape) == 3 else None), None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        names = ("score", "units", "coverage", "monotonic", "offset", "noise", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def attention_layer(
    score: str,
    *,
    units: int | None = None,
    coverage: bool = False,
    monotonic: bool = False,
    name: str = "attention",
) -> Attention:
    """Builds an Attention layer; `units` goes to the scores that have any.

    Raises:
        OptionError: see Attention.
    """
    has_units = attention_score(score).has_units
    return Attention(
        score,
        units=units if has_units else None,
        coverage=coverage,
        monotonic=monotonic,
        name=name,
    )
