"""What a decoder reads with: every attention layer behind the same few functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.attention import attention_layer
from rnn_toolkit.layers.attention_scores import ATTENTION_SCORES
from rnn_toolkit.layers.multi_head import MultiHeadAttention

MULTI_HEAD, MONOTONIC = "multi_head", "monotonic"


@dataclass(frozen=True)
class Memory:
    """What attention reads.

    Args:
        values: [batch, time, m].
        keys: see `keys_of`.
        real: True at real steps, [batch, time].
    """

    values: Tensor
    keys: Tensor | None
    real: Tensor


def attention_kinds() -> tuple[str, ...]:
    """What a decoder can read with."""
    return (*ATTENTION_SCORES, MULTI_HEAD, MONOTONIC)


def decoder_attention(
    kind: str, *, units: int | None, heads: int, query_width: int, coverage: bool
) -> Any:
    """Builds the attention layer of a decoder.

    Args:
        kind: one of `attention_kinds`.
        units: width of the comparison, for the kinds that have any.
        heads: of multi_head.
        query_width: units of the decoder.
        coverage: see Attention.

    Raises:
        OptionError: there is no such kind, or it has no place for coverage.
    """
    if kind not in attention_kinds():
        raise OptionError(
            f"There is no attention {kind!r}.", f"Choose from: {', '.join(attention_kinds())}."
        )
    if kind != MULTI_HEAD:
        return attention_layer(
            "additive" if kind == MONOTONIC else kind,
            units=units,
            coverage=coverage,
            monotonic=kind == MONOTONIC,
            name="attention",
        )
    if coverage:
        raise OptionError("multi_head has no place for coverage.", "Choose additive.")
    head_units = max(1, (units or query_width) // heads)
    return MultiHeadAttention(heads, head_units, name="attention")


def has_state(attention: Any) -> bool:
    """Whether a target step depends on what those before have read."""
    return bool(getattr(attention, "has_state", False))


def keys_of(attention: Any, values: Tensor) -> Tensor | None:
    """What attention needs of a memory, computed once; None where it needs nothing more."""
    return None if isinstance(attention, MultiHeadAttention) else attention.keys(values)


def read(
    attention: Any, query: Tensor, memory: Memory, seen: Tensor | None, *, training: bool
) -> tuple[Tensor, Tensor]:
    """Reads for one target step [batch, units] or for all [batch, target_time, units].

    Args:
        attention: what `decoder_attention` built.
        query: the decoder's hidden state.
        memory: what is read.
        seen: what `has_state` stands for.
        training: whether this is a training step.

    Returns:
        Context [batch, (target_time,) width] and weights [batch, (target_time,) time]; the
        mean over the heads where there are several.
    """
    if not isinstance(attention, MultiHeadAttention):
        found: tuple[Tensor, Tensor] = attention(
            query, memory.values, memory.real, state=seen, keys=memory.keys, training=training
        )
        return found
    one_step = len(query.shape) == 2
    queries = ops.expand_dims(query, 1) if one_step else query
    output, by_head = attention(queries, memory.values, memory.real, training=training)
    weights = ops.mean(by_head, axis=1)  # [batch, target_time, time]
    return (output[:, 0], weights[:, 0]) if one_step else (output, weights)
