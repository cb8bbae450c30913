"""Translating many texts at once, against trying everything, against one by one, and by chance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_toolkit.decoding.ensemble import EnsembleEncoderDecoder
from rnn_toolkit.decoding.step import States, log_softmax
from rnn_toolkit.decoding.trail import DecodedSequence
from rnn_toolkit.decoding.translating import translate_ids
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import BundleError, OptionError

PAD, UNKNOWN, BEGIN, END = range(4)
PRIME = 97
LONGEST_SOURCE = 12


class HashModel:
    """Logits and attention that depend on the whole source and on every id so far.

    It does not see padding, and it checks what it is given.
    """

    def __init__(self, vocabulary_size: int = 7, *, seed: int = 0, spread: float = 1.5) -> None:
        random = np.random.default_rng(seed)
        self.vocabulary_size = vocabulary_size
        self.table = (spread * random.normal(size=(PRIME, vocabulary_size))).astype(np.float32)
        self.looks = random.normal(size=(PRIME, LONGEST_SOURCE)).astype(np.float32)
        self.rows: list[int] = []
        self.encoded: list[tuple[int, ...]] = []
        self.memories: list[NDArray[Any]] = []

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        assert ids.dtype == lengths.dtype == np.int32
        real = np.arange(ids.shape[1]) < lengths[:, None]
        assert (ids[~real] == PAD).all()
        assert lengths.max() == ids.shape[1]
        self.encoded.append(ids.shape)
        weights = np.arange(1, ids.shape[1] + 1) ** 2
        memory = np.where(real, ids * weights, 0)
        return {
            "memory": memory[:, :, None],
            "length": lengths,
            "hash": memory.sum(axis=1, keepdims=True) % PRIME,
            "seen": np.zeros(ids.shape, np.float32),
        }

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[NDArray[np.float32], States]:
        assert ids.dtype == np.int32
        assert {len(array) for array in states.values()} == {len(ids)}
        before = {name: array.copy() for name, array in states.items()}
        self.rows.append(len(ids))
        self.memories.append(states["memory"])
        # The memory belongs to the row: a hypothesis under another's source would show.
        own = states["memory"].sum(axis=(1, 2))[:, None]
        after = (states["hash"] * 5 + own + ids[:, None] + 1) % PRIME
        time = states["memory"].shape[1]
        real = np.arange(time) < states["length"][:, None]
        looks = np.where(real, np.exp(self.looks[after[:, 0], :time]), 0)
        # A running sum, unlike sum(), gives the same digits however much padding follows.
        attention = (looks / looks.cumsum(axis=1)[:, -1:]).astype(np.float32)
        logits = self.logits(after[:, 0], states)
        for name, array in states.items():
            np.testing.assert_array_equal(array, before[name])
        return logits, {
            **states,
            "hash": after,
            "seen": states["seen"] + attention,
            "attention": attention,
        }

    def logits(self, hashes: NDArray[np.int64], states: States) -> NDArray[np.float32]:
        return self.table[hashes]

    def replay(self, source: Sequence[int], ids: Sequence[int]) -> tuple[float, NDArray[Any]]:
        """The log-probability of ids (an end mark included) and the attention for each."""
        states = self.encode(np.array([source], np.int32), np.array([len(source)], np.int32))
        total, attention, last = 0.0, [], BEGIN
        for new in ids:
            logits, states = self.step(np.array([last], np.int32), states)
            total += float(log_softmax(logits)[0, new])
            attention.append(states["attention"][0])
            last = new
        return total, np.array(attention)


def translate(
    model: Any, sources: Sequence[Sequence[int]], **options: Any
) -> list[list[DecodedSequence]]:
    return translate_ids(
        model,
        sources,
        TranslationOptions(**options),
        begin_id=BEGIN,
        end_id=END,
        never=[PAD, UNKNOWN],
    )


def some_sources(seed: int, count: int = 9) -> list[list[int]]:
    random = np.random.default_rng(seed)
    return [
        random.integers(4, 60, size=random.integers(1, LONGEST_SOURCE + 1)).tolist()
        for _ in range(count)
    ]


def whole(answer: DecodedSequence) -> tuple[int, ...]:
    return (*answer.ids, END) if answer.ended == "end mark" else answer.ids


def scored(model: HashModel, source: list[int], ids: Sequence[int], alpha: float, beta: float):
    """Equation 14 of Wu et al. (2016), written out."""
    log_probability, attention = model.replay(source, ids)
    coverage = sum(np.log(min(attention[:, column].sum(), 1.0)) for column in range(len(source)))
    return log_probability / ((5 + len(ids)) / 6) ** alpha + beta * coverage


def everything(length: int, ordinary: Sequence[int]) -> list[tuple[int, ...]]:
    """Every sequence that ends by its mark within a length, or is as long."""
    found = []
    for size in range(length):
        found += [(*body, END) for body in itertools.product(ordinary, repeat=size)]
    return found + list(itertools.product(ordinary, repeat=length))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([0.0, 0.7]))
def test_a_wide_beam_finds_what_trying_everything_finds(
    seed: int, alpha: float, beta: float
) -> None:
    model = HashModel(7, seed=seed)
    sources = some_sources(seed, 3)
    found = translate(
        model,
        sources,
        beam=200,
        n_best=6,
        maximum_length=4,
        length_penalty=alpha,
        coverage_penalty=beta,
    )
    for source, answers in zip(sources, found, strict=True):
        best = sorted(
            ((scored(model, source, ids, alpha, beta), ids) for ids in everything(4, [4, 5, 6])),
            reverse=True,
        )[:6]
        np.testing.assert_allclose(
            [answer.score for answer in answers], [score for score, _ in best], atol=1e-4
        )
        assert [whole(answer) for answer in answers] == [ids for _, ids in best]


def one_by_one(
    model: HashModel, source: list[int], width: int, n_best: int, length: int
) -> list[tuple[float, tuple[int, ...]]]:
    """The search as its description reads, over lists, without a length penalty."""
    live: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    ended: list[tuple[float, tuple[int, ...]]] = []
    counted = 0
    for position in range(1, length + 1):
        grown = sorted(
            (
                (model.replay(source, (*ids, new))[0], (*ids, new))
                for _, ids in live
                for new in range(END, 8)
            ),
            reverse=True,
        )
        over = [ids[-1] == END or position == length for _, ids in grown]
        for rank, answer in enumerate(grown[:width]):
            if over[rank]:
                ended.append(answer)
                counted += bool(counted) or over[0]
        live = [each for each, is_over in zip(grown, over, strict=True) if not is_over][:width]
        ended = sorted(ended, reverse=True)[:n_best]
        if not live or counted >= width or (len(ended) == n_best and ended[-1][0] >= live[0][0]):
            break
    return ended


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 4))
def test_a_narrow_beam_keeps_what_it_says(seed: int, width: int, n_best: int) -> None:
    n_best = min(width, n_best)
    model = HashModel(8, seed=seed)
    sources = some_sources(seed, 4)
    found = translate(
        model, sources, beam=width, n_best=n_best, maximum_length=7, length_penalty=0.0
    )
    for source, answers in zip(sources, found, strict=True):
        expected = one_by_one(model, source, width, n_best, 7)
        assert [whole(answer) for answer in answers] == [ids for _, ids in expected]
        np.testing.assert_allclose(
            [answer.score for answer in answers], [score for score, _ in expected], atol=1e-4
        )


def greedily(
    model: HashModel, source: Sequence[int], length: int, *, min_length: int = 0, repeat: int = 0
) -> tuple[list[int], str]:
    states = model.encode(np.array([source], np.int32), np.array([len(source)], np.int32))
    ids: list[int] = []
    last = BEGIN
    while len(ids) < length:
        logits, states = model.step(np.array([last], np.int32), states)
        order = np.argsort(-logits[0], kind="stable").tolist()
        for last in order:
            if last in (PAD, UNKNOWN, BEGIN) or (last == END and len(ids) < min_length):
                continue
            grams = [(*ids, last)[at : at + repeat] for at in range(len(ids) + 2 - repeat)]
            if not repeat or not grams or grams.count(grams[-1]) == 1:
                break
        if last == END:
            return ids, "end mark"
        ids.append(last)
    return ids, "length"


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 4), st.sampled_from([0, 2, 3]))
def test_beam_one_is_greedy(seed: int, min_length: int, repeat: int) -> None:
    model = HashModel(9, seed=seed)
    sources = some_sources(seed)
    found = translate(
        model,
        sources,
        beam=1,
        maximum_length=14,
        min_length=min_length,
        no_repeat_ngram=repeat,
    )
    for source, (answer,) in zip(sources, found, strict=True):
        ids, ended = greedily(model, source, 14, min_length=min_length, repeat=repeat)
        assert (list(answer.ids), answer.ended) == (ids, ended)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 10_000),
    st.sampled_from(
        [
            {"beam": 1},
            {"beam": 4, "n_best": 3},
            {"beam": 3, "coverage_penalty": 0.5, "no_repeat_ngram": 2},
            {"temperature": 0.8, "n_best": 2, "seed": 5},
            {"temperature": 1.3, "top_k": 3, "top_p": 0.9, "seed": 6},
        ],
    ),
    st.integers(1, 9),
)
def test_a_text_is_translated_the_same_in_any_company(
    seed: int, options: dict[str, Any], batch_size: int
) -> None:
    model = HashModel(8, seed=seed)
    sources = some_sources(seed)
    together = translate(model, sources, length_ratio=1.0, batch_size=batch_size, **options)
    for source, answers in zip(sources, together, strict=True):
        (alone,) = translate(model, [source], length_ratio=1.0, **options)
        assert answers == alone
        for one, other in zip(answers, alone, strict=True):
            np.testing.assert_array_equal(one.attention, other.attention)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([{"beam": 5, "n_best": 5}, {"temperature": 1.0}]))
def test_scores_and_attention_are_those_of_the_ids(seed: int, options: dict[str, Any]) -> None:
    model = HashModel(8, seed=seed)
    sources = some_sources(seed, 5)
    found = translate(
        model, sources, maximum_length=9, length_penalty=0.6, coverage_penalty=0.3, **options
    )
    for source, answers in zip(sources, found, strict=True):
        assert [answer.score for answer in answers] == sorted(
            (answer.score for answer in answers), reverse=True
        )
        for answer in answers:
            log_probability, attention = model.replay(source, whole(answer))
            assert answer.log_probability == pytest.approx(log_probability, abs=1e-4)
            np.testing.assert_array_equal(answer.attention, attention)
            assert answer.attention.dtype == np.float32
            assert answer.score == pytest.approx(
                scored(model, source, whole(answer), 0.6, 0.3), abs=1e-4
            )


def test_answers_of_a_beam_are_distinct() -> None:
    (answers,) = translate(HashModel(9, seed=3), [[5, 6]], beam=8, n_best=8, maximum_length=8)
    assert len(answers) == 8
    assert len({whole(answer) for answer in answers}) == 8


def test_poor_guesses_on_the_way_do_not_end_a_search() -> None:
    model = HashModel(6)
    model.table[:] = -20  # all but the right id are equally poor, the end mark too

    def sure(hashes: NDArray[np.int64], states: States) -> NDArray[np.float32]:
        logits = model.table[hashes].copy()
        written = states["seen"].sum(axis=1).round()
        logits[np.arange(len(logits)), np.where(written < 9, 5, END)] = 0
        return logits

    model.logits = sure  # type: ignore[method-assign]
    (answer,) = translate(model, [[4, 5, 6]], beam=3)[0]
    assert answer.ids == (5,) * 9
    assert len(model.rows) == 10  # and nothing is done once the end mark is sure


@pytest.mark.parametrize("options", [{"beam": 1}, {"beam": 4}, {"temperature": 1.0}])
def test_no_translation_runs_past_its_bound(options: dict[str, Any]) -> None:
    model = HashModel(9)
    model.table[:, END] = -100
    sources = some_sources(1)
    found = translate(
        model, sources, length_ratio=1.5, extra_length=2, maximum_length=15, **options
    )
    for source, answers in zip(sources, found, strict=True):
        bound = min(15, int(np.ceil(1.5 * len(source))) + 2)
        assert [len(answer.ids) for answer in answers] == [bound]
        assert answers[0].ended == "length"
        assert answers[0].attention.shape == (bound, len(source))


def test_a_text_that_ends_at_once_is_empty() -> None:
    model = HashModel()
    model.table[:, END] = 100
    for (answer,) in translate(model, some_sources(2)):
        assert (answer.ids, answer.ended) == ((), "end mark")
        assert len(answer.attention) == 1
    (answer,) = translate(model, [[5]], min_length=3)[0]
    assert len(answer.ids) == 3


@pytest.mark.parametrize(
    "options", [{"beam": 1}, {"beam": 4, "n_best": 4}, {"temperature": 2.0, "n_best": 4}]
)
def test_rules_hold_whatever_the_model_likes(options: dict[str, Any]) -> None:
    model = HashModel(9, seed=4)
    model.table[:, :END] += 20  # padding, unknown and begin
    found = translate(
        model, some_sources(4), min_length=5, maximum_length=16, no_repeat_ngram=2, **options
    )
    for answer in itertools.chain.from_iterable(found):
        assert not {PAD, UNKNOWN, BEGIN, END} & set(answer.ids)
        assert len(answer.ids) >= 5
        pairs = list(itertools.pairwise(answer.ids))
        assert len(set(pairs)) == len(pairs)


def test_finished_texts_leave_the_batch() -> None:
    model = HashModel(9)
    model.table[:, END] = -100
    translate(model, [[4], [5, 6], [7, 8, 9]], beam=2, length_ratio=2, extra_length=0)
    # Each text is done at its own bound: 2, 4 and 6 ids.
    assert model.rows == [3, 6, 4, 4, 2, 2]


def test_what_the_encoder_made_is_copied_only_when_the_texts_change() -> None:
    model = HashModel(9)
    model.table[:, END] = -100
    translate(model, [[4, 5], [5, 6]], beam=3, length_ratio=4, extra_length=0)
    assert len(model.rows) == 8
    assert len({id(memory) for memory in model.memories[1:]}) == 1


def test_batches_hold_similar_lengths_and_few_long_texts() -> None:
    model = HashModel(9)
    model.table[:, END] = 100
    lengths = [12, 1, 11, 2, 10]
    done: list[int] = []
    translate_ids(
        model,
        [[5] * length for length in lengths],
        TranslationOptions(batch_size=2),
        begin_id=BEGIN,
        end_id=END,
        advanced=done.append,
    )
    assert model.encoded == [(2, 2), (2, 11), (1, 12)]
    assert done == [2, 4, 5]
    model.encoded.clear()
    model.looks = np.zeros((PRIME, 2000), np.float32)
    translate(model, [[5] * 2000] * 4)
    assert model.encoded == [(2, 2000)] * 2


def test_no_texts_have_no_translations() -> None:
    assert translate(HashModel(), []) == []


def test_a_source_without_ids_is_an_error() -> None:
    with pytest.raises(OptionError, match="without ids"):
        translate(HashModel(), [[4], []])


@pytest.mark.parametrize("damage", [np.nan, np.inf])
def test_a_network_that_gives_no_numbers_is_an_error(damage: float) -> None:
    model = HashModel()
    model.table[:, 5] = damage
    for options in ({}, {"temperature": 1.0}):
        with pytest.raises(BundleError, match="not a number"):
            translate(model, [[4, 5]], **options)


def test_a_text_ends_where_the_model_allows_nothing_else() -> None:
    model = HashModel()
    model.table[:] = -np.inf
    model.table[:, UNKNOWN] = 0
    for options in ({}, {"temperature": 1.0}, {"min_length": 2}):
        (answer,) = translate(model, [[4, 5]], **options)[0]
        assert (answer.ids, answer.ended) == ((), "end mark")


def test_draws_follow_the_probabilities() -> None:
    model = HashModel(8, seed=2)
    (answers,) = translate(model, [[4, 9]], temperature=0.7, n_best=4000, maximum_length=1, seed=11)
    logits, _ = model.step(
        np.array([BEGIN], np.int32), model.encode(np.array([[4, 9]], np.int32), np.array([2], "i4"))
    )
    ordinary = np.array([END, 4, 5, 6, 7])
    expected = np.exp(log_softmax(logits[:, ordinary] / 0.7))[0]
    counts = np.array(
        [sum(whole(answer) == (number,) for answer in answers) for number in ordinary]
    )
    np.testing.assert_allclose(counts / 4000, expected, atol=0.03)


def test_draws_come_from_the_seed() -> None:
    model = HashModel(9, seed=1)
    sources = some_sources(3)
    one, again, other = (
        translate(model, sources, temperature=1.5, seed=seed) for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
    assert translate(model, sources, temperature=1.5) != translate(model, sources, temperature=1.5)


def test_every_text_and_every_draw_has_random_numbers_of_its_own() -> None:
    model = HashModel(40)
    model.table[:] = 0
    found = translate(
        model, [[4, 5], [4, 6], [4, 5]], temperature=1.0, n_best=2, min_length=20, seed=3
    )
    assert found[0] == found[2]  # the same text is the same question
    assert len({whole(answer) for answers in found for answer in answers}) == 4


@pytest.mark.parametrize("options", [{"temperature": 0}, {"temperature": 3.0, "top_k": 1}])
def test_a_draw_without_choice_is_greedy(options: dict[str, Any]) -> None:
    model = HashModel(9, seed=8)
    drawn = translate(model, some_sources(5), **options)
    greedy = translate(model, some_sources(5), beam=1)
    assert [whole(answers[0]) for answers in drawn] == [whole(answers[0]) for answers in greedy]


def test_an_ensemble_averages_probabilities_and_attention() -> None:
    models = [HashModel(8, seed=seed) for seed in (1, 2, 3)]
    ensemble = EnsembleEncoderDecoder(models)
    ids, lengths = np.array([[4, 5, 0], [6, 7, 8]], np.int32), np.array([2, 3], np.int32)
    states, own = ensemble.encode(ids, lengths), [model.encode(ids, lengths) for model in models]
    last = np.array([BEGIN, BEGIN], np.int32)
    for _ in range(4):
        logits, states = ensemble.step(last, states)
        found = [model.step(last, each) for model, each in zip(models, own, strict=True)]
        own = [each for _, each in found]
        mean = np.mean([np.exp(log_softmax(each)) for each, _ in found], axis=0)
        np.testing.assert_allclose(np.exp(logits), mean, rtol=1e-4)
        attention = np.mean([each["attention"] for each in own], axis=0)
        np.testing.assert_allclose(states["attention"], attention, rtol=1e-5)
        last = logits.argmax(axis=1).astype(np.int32)


@pytest.mark.parametrize("options", [{"beam": 4, "n_best": 2}, {"temperature": 1.0, "seed": 1}])
def test_an_ensemble_of_one_model_twice_is_that_model(options: dict[str, Any]) -> None:
    sources = some_sources(6)
    model = HashModel(9, seed=6)
    alone = translate(model, sources, **options)
    twice = translate(EnsembleEncoderDecoder([model, model]), sources, **options)
    assert [[whole(answer) for answer in answers] for answers in twice] == [
        [whole(answer) for answer in answers] for answers in alone
    ]


def test_models_of_an_ensemble_need_one_vocabulary() -> None:
    with pytest.raises(OptionError, match="7, 8"):
        EnsembleEncoderDecoder([HashModel(7), HashModel(8)])
    with pytest.raises(OptionError, match="at least one"):
        EnsembleEncoderDecoder([])
