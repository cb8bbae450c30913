"""Beam search against greedy choice and against trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_toolkit.decoding.beam import Hypothesis, beam_search
from rnn_toolkit.decoding.forced import ForcedText
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.rules import Rules
from rnn_toolkit.decoding.sampling import Draw, sample
from rnn_toolkit.decoding.step import States, log_softmax
from rnn_toolkit.errors import OptionError


class HistoryModel:
    """Logits that depend on every id so far: a sum that the states carry."""

    def __init__(self, vocabulary: int, seed: int, spread: float = 1.5) -> None:
        random = np.random.default_rng(seed)
        self.table = (spread * random.normal(size=(97, vocabulary))).astype(np.float32)
        self.calls: list[int] = []

    def start(self) -> tuple[NDArray[np.float32], States]:
        return self.table[:1], {"hash": np.zeros((1, 1), np.int64)}

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[NDArray[np.float32], States]:
        assert ids.dtype == np.int32
        assert len(ids) == len(states["hash"])
        self.calls.append(len(ids))
        after = (states["hash"] * 5 + ids[:, None] + 1) % 97
        return self.table[after[:, 0]], {"hash": after}

    def log_probability(self, ids: Sequence[int]) -> float:
        logits, states = self.start()
        total = 0.0
        for new in ids:
            total += float(log_softmax(logits)[0, new])
            logits, states = self.step(np.array([new], np.int32), states)
        return total


def search(
    model: HistoryModel,
    *,
    length: int,
    width: int,
    n_best: int = 1,
    alpha: float = 0.0,
    end_id: int | None = 0,
    rules: Rules | None = None,
) -> list[Hypothesis]:
    logits, states = model.start()
    vocabulary = model.table.shape[1]
    return beam_search(
        logits,
        states,
        model.step,
        rules=rules or Rules(vocabulary_size=vocabulary, length=length, end_id=end_id),
        end_id=end_id,
        width=width,
        length=length,
        n_best=n_best,
        length_penalty=alpha,
    )


def everything(model: HistoryModel, length: int, alpha: float) -> list[tuple[float, list[int]]]:
    """Every sequence that ends with id 0 or is as long as it may be, best first."""
    found = []
    for size in range(1, length + 1):
        for body in itertools.product(range(1, 4), repeat=size - 1):
            for last in range(4):
                if last and size < length:
                    continue
                ids = [*body, last]
                score = model.log_probability(ids) / ((5 + size) / 6) ** alpha
                found.append((score, ids))
    return sorted(found, reverse=True)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.6, 1.0, 2.0]))
def test_a_wide_beam_finds_what_trying_everything_finds(seed: int, alpha: float) -> None:
    model = HistoryModel(4, seed)
    found = search(model, length=4, width=4**4, n_best=5, alpha=alpha)
    best = everything(model, 4, alpha)[:5]
    np.testing.assert_allclose([answer.score for answer in found], [score for score, _ in best])
    for answer, (_, ids) in zip(found, best, strict=True):
        ended = ids[-1] == 0
        assert list(answer.ids) == (ids[:-1] if ended else ids)
        assert answer.ended == ("end mark" if ended else "length")
        assert answer.log_probability == pytest.approx(model.log_probability(ids))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.6, 3.0]), st.integers(0, 3))
def test_beam_one_is_greedy(seed: int, alpha: float, no_repeat: int) -> None:
    model = HistoryModel(6, seed)
    rules = Rules(vocabulary_size=6, length=12, end_id=0, min_length=2, no_repeat_ngram=no_repeat)
    (found,) = search(model, length=12, width=1, alpha=alpha, rules=rules)
    logits, states = model.start()
    steps = sample(
        logits,
        states,
        model.step,
        rules=rules,
        choose=Draw(SamplingOptions(temperature=0), 1, seed=1),
        length=12,
    )
    greedy = [items[0] for items in steps]
    assert list(found.ids) == [item.id for item in greedy if item.ended != "end mark"]
    assert found.log_probability == pytest.approx(sum(item.log_probability for item in greedy))
    assert found.ended == greedy[-1].ended


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([0.0, 1.0]))
def test_stopping_early_loses_nothing(seed: int, width: int, alpha: float) -> None:
    """A search that goes on until every hypothesis has ended finds no better one."""
    model = HistoryModel(5, seed)
    early = search(model, length=8, width=width, alpha=alpha)
    # Asking for as many answers as there can be keeps the bound from ever being reached.
    logits, states = model.start()
    late = beam_search(
        logits,
        states,
        model.step,
        rules=Rules(vocabulary_size=5, length=8, end_id=0),
        end_id=0,
        width=width,
        length=8,
        n_best=width,
        length_penalty=alpha,
    )
    assert early[0].ids == late[0].ids
    assert early[0].score == late[0].score


def test_all_hypotheses_go_through_the_model_in_one_call_and_the_bound_ends_the_search() -> None:
    model = HistoryModel(4, 1)
    model.table[:, 0] = 8.0  # the end mark is nearly certain
    found = search(model, length=100, width=3)
    assert found[0].ids == ()
    assert model.calls == []
    model.table[:, 0] = -8.0
    search(model, length=10, width=3)
    assert model.calls == [3] * 9


def test_a_length_penalty_prefers_longer_answers() -> None:
    model = HistoryModel(3, 0)
    model.table[:] = np.log([0.35, 0.6, 0.05])
    short, long = (search(model, length=10, width=4, alpha=alpha)[0] for alpha in (0.0, 2.0))
    assert len(short.ids) < len(long.ids)


def test_the_bound_counts_the_length_that_is_still_possible() -> None:
    model = HistoryModel(3, 0)
    model.table[:] = np.log([1e-9, 1 - 2e-9, 1e-9])
    model.table[0] = np.log([0.55, 0.449, 0.001])
    # Ending at once scores -0.60. Going on scores -0.80 by then, but over 2.5 at length 10.
    (found,) = search(model, length=10, width=2, alpha=1.0)
    assert found.ids == (1,) * 10
    assert found.score == pytest.approx(np.log(0.449) / 2.5, abs=1e-4)


def test_n_best_are_distinct_and_ordered() -> None:
    found = search(HistoryModel(5, 3), length=6, width=8, n_best=8)
    assert len({answer.ids for answer in found}) == 8
    assert [answer.score for answer in found] == sorted(
        (answer.score for answer in found), reverse=True
    )


def test_rules_hold_in_a_beam() -> None:
    model = HistoryModel(6, 5)
    rules = Rules(
        vocabulary_size=6,
        length=9,
        end_id=0,
        never=[4],
        min_length=4,
        banned=[[1, 2]],
        forced=[ForcedText((3, 5))],
        no_repeat_ngram=2,
        forced_bonus=0.0,
    )
    for answer in search(model, length=9, width=6, n_best=6, rules=rules):
        pairs = list(zip(answer.ids, answer.ids[1:], strict=False))
        assert 4 not in answer.ids
        assert len(answer.ids) >= 4
        assert (3, 5) in pairs
        assert (1, 2) not in pairs
        assert len(set(pairs)) == len(pairs)
        # A forced way has the probability that the model gives it.
        ids = [*answer.ids, *([0] if answer.ended == "end mark" else [])]
        assert answer.score == pytest.approx(model.log_probability(ids))


def test_the_stop_callback_finishes_a_hypothesis() -> None:
    model = HistoryModel(5, 2)
    logits, states = model.start()
    found = beam_search(
        logits,
        states,
        model.step,
        rules=Rules(vocabulary_size=5, length=9),
        end_id=None,
        width=4,
        length=9,
        n_best=4,
        stopped=lambda ids: ids[-1] == 3,
    )
    assert any(answer.ended == "stop string" for answer in found)
    for answer in found:
        assert (answer.ended == "stop string") == (answer.ids[-1] == 3)
        assert 3 not in answer.ids[:-1]


def test_more_answers_than_the_width_are_an_error() -> None:
    with pytest.raises(OptionError, match="n_best"):
        search(HistoryModel(4, 0), length=3, width=2, n_best=3)
