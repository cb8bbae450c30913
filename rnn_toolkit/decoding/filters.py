"""Filters between a model's logits and the draw: small pure functions on [batch, vocabulary].

They are applied in this order: what must not or must come (`rules.py`), repetition penalty,
temperature, top-k, top-p, min-p, typical. A token that is filtered out has log-probability
-inf; at least one per row always survives. Where tokens are equally likely the lower id wins,
so that the answer does not depend on a sorting algorithm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.step import log_softmax

Scores = NDArray[np.float64]
"""[batch, vocabulary]; logits or log-probabilities, -inf for what must not come."""

# Sums of probabilities carry rounding errors; a set that reaches its mass but for less than
# this has reached it.
_TOLERANCE = 1e-9


def filtered(scores: Scores, options: SamplingOptions) -> Scores:
    """The log-probabilities to draw from.

    Args:
        scores: logits, -inf where the rules forbid a token; the temperature must not be 0.
        options: temperature, top_k, top_p, min_p and typical are read.

    Returns:
        Normalised natural-log probabilities.
    """
    kept = with_temperature(scores, options.temperature)
    if options.top_k:
        kept = keep_top_k(kept, options.top_k)
    if options.top_p < 1:
        kept = keep_top_p(kept, options.top_p)
    if options.min_p:
        kept = keep_min_p(kept, options.min_p)
    if options.typical < 1:
        kept = keep_typical(kept, options.typical)
    return log_softmax(kept)


def with_temperature(scores: Scores, temperature: float) -> Scores:
    """Scores divided by a temperature above 0; below 1 the likely becomes likelier."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):  # a tiny temperature makes all but the best impossible
        divided: Scores = shifted / temperature
    return divided


def keep_top_k(scores: Scores, k: int) -> Scores:
    """Keeps the k likeliest tokens (Fan et al., 2018)."""
    size = scores.shape[-1]
    if k >= size:
        return scores
    return _keep_best(scores, np.full(len(scores), k), np.partition(scores, size - k)[:, ::-1])


def keep_top_p(scores: Scores, mass: float) -> Scores:
    """Keeps the smallest set of likeliest tokens that has the mass (Holtzman et al., 2020).

    Args:
        scores: logits or log-probabilities.
        mass: above 0, at most 1.
    """
    log_probabilities = log_softmax(scores)
    descending = -np.sort(-log_probabilities, axis=-1)
    return _keep_best(log_probabilities, _count_to_mass(np.exp(descending), mass), descending)


def keep_min_p(scores: Scores, share: float) -> Scores:
    """Keeps tokens at least `share` times as likely as the likeliest (Nguyen et al., 2024)."""
    threshold = scores.max(axis=-1, keepdims=True) + np.log(share) - _TOLERANCE
    return np.where(scores >= threshold, scores, -np.inf)


def keep_typical(scores: Scores, mass: float) -> Scores:
    """Keeps the tokens whose surprise is nearest the expected one (Meister et al., 2023).

    Args:
        scores: logits or log-probabilities.
        mass: the probability that the kept set must have, above 0, at most 1.
    """
    log_probabilities = log_softmax(scores)
    possible = np.isfinite(log_probabilities)
    surprise = np.where(possible, -log_probabilities, 0.0)
    entropy = np.sum(np.exp(log_probabilities) * surprise, axis=-1, keepdims=True)
    distance = np.where(possible, np.abs(surprise - entropy), np.inf)
    order = np.argsort(distance, axis=-1, kind="stable")
    ordered = np.take_along_axis(np.exp(log_probabilities), order, axis=-1)
    chosen = np.arange(scores.shape[-1]) < _count_to_mass(ordered, mass)[:, None]
    kept = np.zeros(scores.shape, np.bool_)
    np.put_along_axis(kept, order, chosen, axis=-1)
    return np.where(kept, log_probabilities, -np.inf)


def penalise_repetition(scores: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    """The logits of tokens that were there before, made smaller (Keskar et al., 2019).

    A positive logit is divided by the penalty and a negative one multiplied, so that both
    lose; the paper divides only, which would favour tokens with negative logits.

    Args:
        scores: logits, any shape.
        penalty: at least 1.
    """
    return np.where(scores > 0, scores / penalty, scores * penalty)


def _count_to_mass(ordered: NDArray[np.float64], mass: float) -> NDArray[np.int64]:
    """How many of the ordered probabilities it takes to reach a mass; at least one."""
    before = np.cumsum(ordered, axis=-1) - ordered
    count: NDArray[np.int64] = np.sum(before < mass - _TOLERANCE, axis=-1)
    return np.maximum(count, 1)


def _keep_best(scores: Scores, counts: NDArray[np.int64], descending: Scores) -> Scores:
    """Keeps the `counts` best of each row, of equals the lower ids.

    Args:
        scores: [batch, vocabulary].
        counts: [batch].
        descending: the scores ordered so that column `count - 1` is the count-th best.
    """
    threshold = np.take_along_axis(descending, counts[:, None] - 1, axis=-1)
    better, equal = scores > threshold, scores == threshold
    room = counts[:, None] - better.sum(axis=-1, keepdims=True)
    kept = better | (equal & (np.cumsum(equal, axis=-1) <= room))
    return np.where(kept, scores, -np.inf)
