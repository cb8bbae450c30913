"""Scoring functions of attention."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Protocol

from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError

Weights = dict[str, Any]
"""The variables of a score, by name."""


class AttentionScore(Protocol):
    """How well a query s matches a step h of the memory, in three parts.

    `queries` and `keys` look at one side alone, so that a decoder computes the keys of a memory
    once; `compare` brings them together.
    """

    has_units: ClassVar[bool]
    """Whether the width of the comparison is free to choose."""

    def weight_shapes(
        self, query_width: int, memory_width: int, units: int
    ) -> dict[str, tuple[int, ...]]:
        """The shape of each weight."""

    def queries(self, query: Tensor, weights: Weights) -> Tensor:
        """[batch, target_time, query_width] -> [batch, target_time, compared]."""

    def keys(self, memory: Tensor, weights: Weights) -> Tensor:
        """[batch, time, memory_width] -> [batch, time, compared]."""

    def compare(self, queries: Tensor, keys: Tensor, weights: Weights) -> Tensor:
        """Both as above -> scores [batch, target_time, time]."""


class AdditiveScore:
    """v . tanh(W s + U h + b) (Bahdanau et al. 2015; b as in See et al. 2017)."""

    has_units: ClassVar[bool] = True

    def weight_shapes(
        self, query_width: int, memory_width: int, units: int
    ) -> dict[str, tuple[int, ...]]:
        """W, U, b and v."""
        return {
            "query_kernel": (query_width, units),
            "memory_kernel": (memory_width, units),
            "bias": (units,),
            "score_kernel": (units,),
        }

    def queries(self, query: Tensor, weights: Weights) -> Tensor:
        """W s + b."""
        return ops.matmul(query, weights["query_kernel"]) + weights["bias"]

    def keys(self, memory: Tensor, weights: Weights) -> Tensor:
        """U h."""
        return ops.matmul(memory, weights["memory_kernel"])

    def compare(self, queries: Tensor, keys: Tensor, weights: Weights) -> Tensor:
        """V . tanh(W s + U h + b)."""
        return _compare_by_tanh(queries, keys, weights["score_kernel"])


class ConcatScore:
    """v . tanh(W [s; h]) (Luong et al. 2015, "concat")."""

    has_units: ClassVar[bool] = True

    def weight_shapes(
        self, query_width: int, memory_width: int, units: int
    ) -> dict[str, tuple[int, ...]]:
        """W and v."""
        return {"kernel": (query_width + memory_width, units), "score_kernel": (units,)}

    def queries(self, query: Tensor, weights: Weights) -> Tensor:
        """The part of W [s; h] that comes from s."""
        return ops.matmul(query, weights["kernel"][: query.shape[-1]])

    def keys(self, memory: Tensor, weights: Weights) -> Tensor:
        """The part of W [s; h] that comes from h."""
        return ops.matmul(memory, weights["kernel"][-memory.shape[-1] :])

    def compare(self, queries: Tensor, keys: Tensor, weights: Weights) -> Tensor:
        """V . tanh(W [s; h])."""
        return _compare_by_tanh(queries, keys, weights["score_kernel"])


class GeneralScore:
    """s . W h (Luong et al. 2015, "general")."""

    has_units: ClassVar[bool] = False

    def weight_shapes(
        self, query_width: int, memory_width: int, units: int
    ) -> dict[str, tuple[int, ...]]:
        """W."""
        return {"kernel": (memory_width, query_width)}

    def queries(self, query: Tensor, weights: Weights) -> Tensor:
        """S."""
        return query

    def keys(self, memory: Tensor, weights: Weights) -> Tensor:
        """W h."""
        return ops.matmul(memory, weights["kernel"])

    def compare(self, queries: Tensor, keys: Tensor, weights: Weights) -> Tensor:
        """S . W h."""
        return _dot_products(queries, keys)


class DotScore:
    """s . h (Luong et al. 2015, "dot"), or s . h / sqrt(width) (Vaswani et al. 2017).

    Args:
        scaled: whether to divide by the square root of the width.
    """

    has_units: ClassVar[bool] = False

    def __init__(self, *, scaled: bool) -> None:
        self.scaled = scaled

    def weight_shapes(
        self, query_width: int, memory_width: int, units: int
    ) -> dict[str, tuple[int, ...]]:
        """None.

        Raises:
            OptionError: query and memory differ in width.
        """
        if query_width != memory_width:
            raise OptionError(
                "A dot product needs a query and a memory of the same width, "
                f"not {query_width} and {memory_width}.",
                "Choose the score additive, concat or general, or change a width.",
            )
        return {}

    def queries(self, query: Tensor, weights: Weights) -> Tensor:
        """The query s, or s / sqrt(width)."""
        return query / math.sqrt(query.shape[-1]) if self.scaled else query

    def keys(self, memory: Tensor, weights: Weights) -> Tensor:
        """H."""
        return memory

    def compare(self, queries: Tensor, keys: Tensor, weights: Weights) -> Tensor:
        """S . h, or s . h / sqrt(width)."""
        return _dot_products(queries, keys)


ATTENTION_SCORES: dict[str, AttentionScore] = {
    "additive": AdditiveScore(),
    "concat": ConcatScore(),
    "dot": DotScore(scaled=False),
    "general": GeneralScore(),
    "scaled_dot": DotScore(scaled=True),
}


def attention_score(name: str) -> AttentionScore:
    """The scoring function of that name.

    Raises:
        OptionError: there is none.
    """
    if name not in ATTENTION_SCORES:
        raise OptionError(
            f"There is no attention score {name!r}.",
            f"Choose from: {', '.join(ATTENTION_SCORES)}.",
        )
    return ATTENTION_SCORES[name]


def _compare_by_tanh(queries: Tensor, keys: Tensor, score_kernel: Tensor) -> Tensor:
    # [batch, target_time, 1, units] + [batch, 1, time, units]
    hidden = ops.tanh(ops.expand_dims(queries, 2) + ops.expand_dims(keys, 1))
    return ops.sum(hidden * score_kernel, axis=-1)


def _dot_products(queries: Tensor, keys: Tensor) -> Tensor:
    return ops.matmul(queries, ops.transpose(keys, (0, 2, 1)))
