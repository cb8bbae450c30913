"""Filters, rules and the sampling loop, on models small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_toolkit.config import parse_settings
from rnn_toolkit.decoding.filters import (
    filtered,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    keep_typical,
    penalise_repetition,
    with_temperature,
)
from rnn_toolkit.decoding.forced import ForcedText
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.rules import Rules, ids_that_repeat
from rnn_toolkit.decoding.sampling import Draw, Drawn, inverse_cdf, sample
from rnn_toolkit.decoding.step import States, log_softmax
from rnn_toolkit.errors import OptionError


class Bigrams:
    """Each id's logits depend on the id before it, and on a sum of all ids so far."""

    def __init__(self, vocabulary: int, *, seed: int = 0, spread: float = 2.0) -> None:
        random = np.random.default_rng(seed)
        self.table = (spread * random.normal(size=(3, vocabulary, vocabulary))).astype(np.float32)

    def start(self, rows: int) -> tuple[NDArray[np.float32], States]:
        return self.step(np.zeros(rows, np.int32), {"sum": np.zeros((rows, 1), np.int32)})

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[NDArray[np.float32], States]:
        assert len(ids) == len(states["sum"])
        total = states["sum"] + ids[:, None] + 1
        return self.table[total[:, 0] % 3, ids], {"sum": total}


def written(
    model: Bigrams, rules: Rules, samples: int = 1, *, length: int, seed: int = 1, **options: Any
) -> list[list[Drawn]]:
    found: list[list[Drawn]] = [[] for _ in range(samples)]
    logits, states = model.start(samples)
    choose = Draw(SamplingOptions(length=length, **options), samples, seed=seed)
    for items in sample(logits, states, model.step, rules=rules, choose=choose, length=length):
        for item in items:
            found[item.sample].append(item)
    return found


def ids_of(items: Sequence[Drawn]) -> list[int]:
    return [item.id for item in items]


def kept(scores: NDArray[np.float64]) -> list[list[int]]:
    return [np.flatnonzero(np.isfinite(row)).tolist() for row in scores]


FOUR = np.log(np.array([[0.1, 0.5, 0.1, 0.3]]))


def test_top_k_keeps_the_likeliest_and_of_equals_the_lower_id() -> None:
    assert kept(keep_top_k(FOUR, 2)) == [[1, 3]]
    assert kept(keep_top_k(FOUR, 3)) == [[0, 1, 3]]
    assert kept(keep_top_k(FOUR, 9)) == [[0, 1, 2, 3]]


def test_top_p_keeps_the_smallest_set_that_has_the_mass() -> None:
    assert kept(keep_top_p(FOUR, 0.5)) == [[1]]
    assert kept(keep_top_p(FOUR, 0.51)) == [[1, 3]]
    assert kept(keep_top_p(FOUR, 0.8)) == [[1, 3]]
    assert kept(keep_top_p(FOUR, 0.85)) == [[0, 1, 3]]
    assert kept(keep_top_p(FOUR, 1e-6)) == [[1]]
    # Logits that are not normalised give the same set.
    assert kept(keep_top_p(FOUR + 7, 0.8)) == [[1, 3]]


def test_min_p_keeps_what_is_a_share_of_the_likeliest() -> None:
    assert kept(keep_min_p(FOUR, 0.2)) == [[0, 1, 2, 3]]
    assert kept(keep_min_p(FOUR, 0.21)) == [[1, 3]]
    assert kept(keep_min_p(FOUR, 1.0)) == [[1]]


def test_typical_keeps_what_is_as_surprising_as_expected() -> None:
    # Entropy 1.168 nats; surprise: 2.303, 0.693, 2.303, 1.204. Nearest: id 3, then id 1.
    assert kept(keep_typical(FOUR, 0.3)) == [[3]]
    assert kept(keep_typical(FOUR, 0.31)) == [[1, 3]]
    assert kept(keep_typical(FOUR, 0.81)) == [[0, 1, 3]]


def test_filters_treat_rows_alone_and_skip_what_is_impossible() -> None:
    two = np.vstack([FOUR, np.log([[0.25, 0.25, 0.25, 0.25]])])
    two[1, 0] = -np.inf
    assert kept(keep_top_p(two, 0.5)) == [[1], [1, 2]]
    assert kept(keep_top_k(two, 2)) == [[1, 3], [1, 2]]
    assert kept(keep_typical(two, 0.5)) == [[1, 3], [1, 2]]
    assert kept(keep_min_p(two, 0.5)) == [[1, 3], [1, 2, 3]]


def test_filters_are_composed_in_the_documented_order() -> None:
    # Temperature first: at 0.5 probabilities go by their squares, 25 : 9 : 1 : 1, so that
    # top-p 0.69 is reached by the first alone; before the temperature it would take two.
    options = SamplingOptions(temperature=0.5, top_p=0.69)
    assert kept(filtered(FOUR, options)) == [[1]]
    # top-k before top-p: of two tokens the first has 0.625, which suffices.
    assert kept(filtered(FOUR, SamplingOptions(top_k=2, top_p=0.6))) == [[1]]
    np.testing.assert_allclose(
        np.exp(filtered(FOUR, SamplingOptions(top_k=2))), [[0, 0.625, 0, 0.375]]
    )


def test_a_tiny_temperature_is_the_likeliest_token() -> None:
    assert kept(with_temperature(FOUR, 1e-320)) == [[1]]
    assert filtered(FOUR, SamplingOptions(temperature=1e-320))[0, 1] == 0


@settings(deadline=None)
@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=12),
    st.integers(0, 14),
    st.floats(1e-6, 1),
    st.floats(0, 1),
    st.floats(1e-6, 1),
    st.floats(0.01, 5),
)
def test_some_token_always_survives(
    logits: list[float], k: int, p: float, min_p: float, typical: float, temperature: float
) -> None:
    options = SamplingOptions(
        top_k=k, top_p=p, min_p=min_p, typical=typical, temperature=temperature
    )
    found = np.exp(filtered(np.array([logits]), options))
    assert found.sum() == pytest.approx(1)


def test_the_penalty_lowers_positive_and_negative_logits() -> None:
    np.testing.assert_allclose(penalise_repetition(np.array([2.0, -2.0]), 1.25), [1.6, -2.5])
    rules = Rules(vocabulary_size=3, length=5, prompt=[0], repetition_penalty=2.0)
    memory = rules.after(rules.begin(), 1)
    np.testing.assert_allclose(rules.apply(np.array([[4.0, -1.0, 4.0]]), [memory]), [[2, -2, 4]])


def test_the_inverse_cdf_goes_by_ids() -> None:
    probabilities = np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    found = [inverse_cdf(probabilities, number) for number in (0, 0.2499, 0.25, 1 - 2**-53)]
    assert found == [1, 1, 3, 3]


def test_draws_follow_the_probabilities() -> None:
    model = Bigrams(2)
    model.table[:] = np.log([0.2, 0.8])
    found = written(model, Rules(vocabulary_size=2, length=4000), length=4000)[0]
    assert np.mean(ids_of(found)) == pytest.approx(0.8, abs=0.02)
    assert found[0].log_probability == pytest.approx(np.log([0.2, 0.8][found[0].id]))


def test_a_sample_is_the_same_however_many_are_drawn_even_when_others_end() -> None:
    model = Bigrams(6, spread=1)
    rules = Rules(vocabulary_size=6, length=40, end_id=5)
    many = written(model, rules, 16, length=40)
    few = written(model, rules, 3, length=40)
    assert few == many[:3]
    assert len({len(items) for items in many}) > 3, "samples should end at different places"
    assert len({tuple(ids_of(items)) for items in many}) > 6
    assert written(model, rules, 3, length=40, seed=2) != few
    for items in many:
        logits, states = model.start(1)
        for item in items:
            # States of samples that ended must not become those of others.
            assert item.log_probability == pytest.approx(log_softmax(logits)[0, item.id])
            logits, states = model.step(np.array([item.id], np.int32), states)
        assert [item.ended for item in items[:-1]] == [None] * (len(items) - 1)
        assert items[-1].ended == ("end mark" if items[-1].id == 5 else "length")


def test_logits_that_differ_in_the_last_digits_give_the_same_text() -> None:
    exact, rounded = Bigrams(50, spread=1), Bigrams(50, spread=1)
    noise = np.random.default_rng(5).uniform(-1e-6, 1e-6, rounded.table.shape)
    rounded.table = (rounded.table + noise).astype(np.float32)
    rules = Rules(vocabulary_size=50, length=100)
    first, second = (written(model, rules, 20, length=100) for model in (exact, rounded))
    assert sum(ids_of(a) == ids_of(b) for a, b in zip(first, second, strict=True)) >= 19


def test_temperature_zero_takes_the_likeliest_whatever_the_seed() -> None:
    model = Bigrams(9)
    rules = Rules(vocabulary_size=9, length=12)
    found = ids_of(written(model, rules, length=12, temperature=0, seed=3)[0])
    before, total = 0, 1
    for new in found:
        assert new == model.table[total % 3, before].argmax()
        before, total = new, total + new + 1


def test_the_stop_callback_ends_a_sample() -> None:
    model = Bigrams(5)
    logits, states = model.start(2)
    steps = list(
        sample(
            logits,
            states,
            model.step,
            rules=Rules(vocabulary_size=5, length=9),
            choose=lambda scores, samples: [int(number) + 1 for number in samples],
            length=9,
            stopped=lambda item: item.sample == 0,
        )
    )
    assert [[item.sample for item in items] for items in steps] == [[0, 1]] + [[1]] * 8
    assert steps[0][0].ended == "stop string"


def test_never_banned_and_premature_end_marks_do_not_come() -> None:
    model = Bigrams(6, spread=0.5)
    rules = Rules(
        vocabulary_size=6, length=30, never=[0], end_id=5, min_length=8, banned=[[1], [2, 3]]
    )
    for items in written(model, rules, 40, length=30):
        ids = ids_of(items)
        assert not {0, 1} & set(ids)
        assert (2, 3) not in set(pairwise(ids))
        assert 5 not in ids[:8]


def test_a_ban_that_begins_in_the_prompt_is_kept() -> None:
    rules = Rules(vocabulary_size=3, length=5, prompt=[1, 2], banned=[[1, 2, 0]])
    assert kept(rules.apply(np.zeros((1, 3)), [rules.begin()])) == [[1, 2]]


def test_banning_everything_is_an_error() -> None:
    with pytest.raises(OptionError, match="Every token is banned"):
        Rules(vocabulary_size=3, length=5, never=[0], end_id=2, banned=[[1]])


def test_ids_that_repeat() -> None:
    assert ids_that_repeat([1, 2, 3, 1, 2], 3) == [3]
    assert ids_that_repeat([1, 2, 1, 3, 1], 2) == [2, 3]
    assert ids_that_repeat([4, 5, 4], 1) == [4, 5]
    assert ids_that_repeat([1], 2) == []


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 4), st.integers(0, 1000), st.lists(st.integers(0, 7), max_size=6))
def test_no_ngram_is_repeated(size: int, seed: int, prompt: list[int]) -> None:
    length = 9 if size > 1 else 8 - len(set(prompt))
    if length < 1:
        return
    rules = Rules(vocabulary_size=8, length=length, prompt=prompt, no_repeat_ngram=size)
    (items,) = written(Bigrams(8), rules, length=length, seed=seed)
    ids = [*prompt, *ids_of(items)]
    ngrams = [tuple(ids[start : start + size]) for start in range(len(ids) - size + 1)]
    new = ngrams[max(0, len(prompt) - size + 1) :]
    old = ngrams[: len(ngrams) - len(new)]
    assert len(set(new)) == len(new)
    assert not set(new) & set(old)


def test_where_everything_would_repeat_the_rule_gives_way_but_bans_stay() -> None:
    rules = Rules(vocabulary_size=3, length=20, banned=[[0]], no_repeat_ngram=1)
    ids = ids_of(written(Bigrams(3), rules, length=20)[0])
    assert len(ids) == 20
    assert set(ids) == {1, 2}


def holds(ids: Sequence[int], part: Sequence[int]) -> bool:
    return any(list(ids[i : i + len(part)]) == list(part) for i in range(len(ids)))


sequences = st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(sequences, st.one_of(st.just(()), sequences), st.booleans()), max_size=3),
    st.integers(0, 6),
    st.integers(0, 1000),
    st.sets(st.integers(0, 6)),
    st.integers(0, 2),
)
def test_forced_texts_appear_before_the_length_and_the_end(
    texts: list[tuple[tuple[int, ...], tuple[int, ...], bool]],
    spare: int,
    seed: int,
    boundary: set[int],
    no_repeat: int,
) -> None:
    forced = [ForcedText(*text) for text in texts]
    length = max(1, sum(text.longest for text in forced) + spare)
    rules = Rules(
        vocabulary_size=8,
        length=length,
        end_id=7,
        forced=forced,
        boundary=boundary,
        banned=[[6, 6], [1, 2]],
        no_repeat_ngram=no_repeat,
    )
    for items in written(Bigrams(8), rules, 3, length=length, seed=seed):
        ids = ids_of(items)
        for text in forced:
            assert holds(ids, text.anywhere) or (text.at_boundary and holds(ids, text.at_boundary))
        assert items[-1].may_end


def test_a_forced_text_begins_with_its_own_ids_only_at_a_boundary() -> None:
    # Ids: 0 a letter, 1 a space, 2 the text; spaced it is 1 2, and a space alone is no sign.
    forced = [ForcedText((1, 2), (2,), waits=True)]
    rules = Rules(vocabulary_size=3, length=50, forced=forced, boundary=[1])
    letter = rules.after(rules.after(rules.begin(), 0), 0)
    assert not rules.after(letter, 2).forced.complete
    space = rules.after(letter, 1)
    assert not space.forced.rest
    assert rules.after(space, 2).forced.complete


def test_the_bonus_brings_a_forced_text_before_the_last_moment() -> None:
    model = Bigrams(50, spread=1)
    model.table[:, :, 7] = -6
    length = 60
    rules = Rules(vocabulary_size=50, length=length, forced=[ForcedText((7, 8, 9))])
    begins = [
        ids_of(items).index(9) - 2 for items in written(model, rules, 30, length=length, seed=4)
    ]
    assert np.mean([place == length - 3 for place in begins]) < 0.2
    assert len(set(begins)) > 10


def test_forced_texts_that_do_not_fit_are_an_error() -> None:
    with pytest.raises(OptionError, match="take up to 5 tokens, but length is 4"):
        Rules(vocabulary_size=9, length=4, forced=[ForcedText((1, 2)), ForcedText((3,), (4, 5, 6))])


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"length": 0}, "length"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"min_p": 2}, "min_p"),
        ({"typical": 0}, "typical"),
        ({"repetition_penalty": 0.5}, "repetition_penalty"),
        ({"no_repeat_ngram": -1}, "no_repeat_ngram"),
        ({"stop": ("",)}, "stop"),
        ({"seed": -1}, "seed"),
        ({"beam": 0}, "beam"),
        ({"beam": 3, "temperature": 0.5}, "temperature"),
        ({"beam": 3, "forced": ("a",), "stop": ("b",)}, "stop"),
        ({"n_best": 2}, "n_best"),
        ({"length_penalty": 1}, "length_penalty"),
        ({"length": 5, "min_length": 6}, "min_length"),
        ({"tempreature": 1}, "tempreature"),
    ],
)
def test_a_wrong_option_is_named(values: dict[str, Any], name: str) -> None:
    with pytest.raises(OptionError, match=name):
        parse_settings(SamplingOptions, values)


def test_one_text_stands_for_a_tuple_of_one() -> None:
    assert SamplingOptions.model_validate({"stop": "\n\n"}).stop == ("\n\n",)
