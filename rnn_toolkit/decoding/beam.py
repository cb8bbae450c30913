"""Beam search over one step function, for any model that has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.rules import Constraint, Memory
from rnn_toolkit.decoding.sampling import Step
from rnn_toolkit.decoding.step import States, log_softmax, take
from rnn_toolkit.decoding.stopping import Ended
from rnn_toolkit.errors import OptionError


@dataclass(frozen=True)
class Hypothesis:
    """One answer of a beam search.

    Args:
        ids: without the end mark.
        score: the sum of log-probabilities over the length penalty; higher is better.
        log_probability: the sum by the model itself, the end mark included.
        ended: why it ended.
    """

    ids: tuple[int, ...]
    score: float
    log_probability: float
    ended: Ended


@dataclass(frozen=True)
class _Live(Generic[Memory]):
    """A hypothesis that goes on; `total` is its score without length penalty."""

    ids: tuple[int, ...]
    total: float
    log_probability: float
    memory: Memory


def beam_search(
    first_logits: NDArray[Any],
    states: States,
    step: Step,
    *,
    rules: Constraint[Memory],
    end_id: int | None,
    width: int,
    length: int,
    n_best: int = 1,
    length_penalty: float = 0.0,
    stopped: Callable[[tuple[int, ...]], bool] = lambda ids: False,
) -> list[Hypothesis]:
    """The likeliest sequences that a beam of the given width finds.

    Each step keeps the `width` best continuations of all live hypotheses. Those that ended
    among them leave the beam, and the next step fills it again from the others; with width 1
    this is the greedy choice. The search is over when nothing is live, or when no live
    hypothesis can still be among the `n_best`: log-probabilities only fall, so the most that
    it can reach is its sum over the penalty of the greatest length.

    Args:
        first_logits: [1, vocabulary], those of the first id.
        states: of one row.
        step: the model; all hypotheses go through it in one call.
        rules: what may come; must never raise a log-probability.
        end_id: the end mark; None when there is none.
        width: hypotheses kept per step.
        length: most ids, the end mark included.
        n_best: most answers, at most `width`.
        length_penalty: alpha of Wu et al. (2016); 0 for none, larger favours longer ones.
        stopped: whether the text of these ids ends here.

    Returns:
        At least one answer, best first; those of equal score in the order they were found.

    Raises:
        OptionError: n_best exceeds the width.
    """
    if not 1 <= n_best <= width:
        raise OptionError(f"n_best must lie between 1 and the beam's width {width}, not {n_best}.")
    live: list[_Live[Memory]] = [_Live((), 0.0, 0.0, rules.begin())]
    finished: list[Hypothesis] = []
    logits = first_logits
    for position in range(1, length + 1):
        grown = _grow(live, logits, rules, width)
        going_on: list[tuple[int, _Live[Memory]]] = []
        for row, hypothesis in grown:
            ended = _end(hypothesis.ids, end_id, position == length, stopped)
            if ended is None:
                going_on.append((row, hypothesis))
                continue
            ids = hypothesis.ids[:-1] if ended == "end mark" else hypothesis.ids
            score = hypothesis.total / penalty_of_length(position, length_penalty)
            finished.append(Hypothesis(ids, score, hypothesis.log_probability, ended))
        finished.sort(key=lambda answer: -answer.score)
        del finished[n_best:]
        if not going_on:
            break
        best = max(hypothesis.total for _, hypothesis in going_on)
        bound = best / penalty_of_length(length, length_penalty)
        if len(finished) == n_best and finished[-1].score >= bound:
            break
        live = [hypothesis for _, hypothesis in going_on]
        newest = np.array([hypothesis.ids[-1] for hypothesis in live], np.int32)
        logits, states = step(newest, take(states, [row for row, _ in going_on]))
    return finished


def _grow(
    live: Sequence[_Live[Memory]], logits: NDArray[Any], rules: Constraint[Memory], width: int
) -> list[tuple[int, _Live[Memory]]]:
    """The `width` best continuations, best first, each with the row it came from."""
    by_model = log_softmax(logits)
    # What the rules leave keeps its probability: a forced way must not look certain.
    normalizer = logits.max(axis=-1, keepdims=True) - by_model.max(axis=-1, keepdims=True)
    scores = rules.apply(logits, [hypothesis.memory for hypothesis in live]) - normalizer
    totals = scores + np.array([hypothesis.total for hypothesis in live])[:, None]
    grown = []
    for place in _best_places(totals.ravel(), width):
        row, new = divmod(int(place), totals.shape[1])
        parent = live[row]
        grown.append(
            (
                row,
                _Live(
                    (*parent.ids, new),
                    float(totals[row, new]),
                    parent.log_probability + float(by_model[row, new]),
                    rules.after(parent.memory, new),
                ),
            )
        )
    return grown


def _best_places(totals: NDArray[np.float64], width: int) -> NDArray[np.int64]:
    """The places of the best possible totals, best first, of equals the lower places."""
    if len(totals) > width:
        threshold = np.partition(totals, len(totals) - width)[len(totals) - width]
        places = np.flatnonzero(totals >= threshold)
    else:
        places = np.arange(len(totals))
    places = places[np.isfinite(totals[places])]
    return places[np.argsort(-totals[places], kind="stable")][:width]


def _end(
    ids: tuple[int, ...],
    end_id: int | None,
    last: bool,
    stopped: Callable[[tuple[int, ...]], bool],
) -> Ended | None:
    if ids[-1] == end_id:
        return "end mark"
    if stopped(ids):
        return "stop string"
    return "length" if last else None


def penalty_of_length(length: int, alpha: float) -> float:
    """What a sum of log-probabilities is divided by: lp of equation 14 of Wu et al. (2016).

    Args:
        length: ids of the hypothesis, an end mark included.
        alpha: 0 for none; larger favours longer answers.
    """
    return float(((5 + length) / 6) ** alpha)
