"""The n-gram baseline against a reference written with dictionaries, and as a probability."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.errors import DataError, ModelDirectoryError, OptionError
from rnn_toolkit.evaluation.kneser_ney import KneserNey, default_order
from rnn_toolkit.evaluation.ngrams import modified_discounts

BOUNDARY = -1
Gram = tuple[int, ...]


class Reference:
    """Chen and Goodman's equations, word for word, over documents."""

    def __init__(self, documents: Sequence[Sequence[int]], order: int, vocabulary: int) -> None:
        self.order, self.vocabulary = order, vocabulary
        bounded = [(BOUNDARY, *document) for document in documents]
        occurrences: Counter[Gram] = Counter(
            document[place : place + length]
            for document in bounded
            for length in range(1, order + 1)
            for place in range(len(document) - length + 1)
        )
        neighbours: defaultdict[Gram, set[int]] = defaultdict(set)
        for document in bounded:
            for length in range(1, order + 1):
                for place in range(1, len(document) - length + 1):
                    neighbours[document[place : place + length]].add(document[place - 1])
        self.highest = max(map(len, occurrences))
        self.counts = {
            gram: number if len(gram) == self.highest or gram[0] == BOUNDARY else
            len(neighbours[gram])
            for gram, number in occurrences.items()
            if gram != (BOUNDARY,)
        }  # fmt: skip
        self.discounts = {
            length: self._discounts(Counter(c for g, c in self.counts.items() if len(g) == length))
            for length in range(1, self.highest + 1)
        }

    @staticmethod
    def _discounts(n: Counter[int]) -> list[float]:
        if not (n[1] and n[2] and n[3] and n[4]):
            return [0.5, 1.0, 1.5]
        y = n[1] / (n[1] + 2 * n[2])
        found = [1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]
        return found if min(found) > 0 else [0.5, 1.0, 1.5]

    def probability(self, word: int, context: Gram) -> float:
        """P(word | context), interpolated down to the uniform distribution."""
        below = self.probability(word, context[1:]) if context else 1 / self.vocabulary
        length = len(context) + 1
        following = {
            w: self.counts[(*context, w)]
            for w in range(self.vocabulary)
            if (*context, w) in self.counts
        }
        if length > self.highest or not following:
            return below
        discounts = self.discounts[length]
        total = sum(following.values())
        given_back = sum(discounts[min(count, 3) - 1] for count in following.values())
        count = following.get(word, 0)
        own = count - discounts[min(count, 3) - 1] if count else 0.0
        return own / total + given_back / total * below


def stream_and_starts(documents: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    ids = np.array([word for document in documents for word in document])
    starts = np.zeros(len(ids), np.bool_)
    starts[np.cumsum([0, *(len(document) for document in documents[:-1])])] = True
    return ids, starts


texts = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=25), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(training=texts, scored=texts, order=st.integers(1, 5))
def test_agrees_with_the_equations(
    training: list[list[int]], scored: list[list[int]], order: int
) -> None:
    ids, starts = stream_and_starts(training)
    model = KneserNey.fit(ids, order=order, vocabulary_size=6, starts=starts)
    reference = Reference(training, order, 6)
    expected = []
    for document in scored:
        bounded = (BOUNDARY, *document)
        expected += [
            math.log(
                reference.probability(bounded[place], bounded[max(0, place - order + 1) : place])
            )
            for place in range(1, len(bounded))
        ]
    ids, starts = stream_and_starts(scored)
    np.testing.assert_allclose(model.log_probabilities(ids, starts=starts), expected, rtol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_estimated_discounts_on_a_longer_stream(order: int) -> None:
    """Long enough that all discounts come from counts of counts."""
    generator = np.random.default_rng(order)
    ids = np.minimum(generator.zipf(1.3, 4000) - 1, 199)
    model = KneserNey.fit(ids, order=order, vocabulary_size=200)
    reference = Reference([ids.tolist()], order, 200)
    assert any(found != [0.5, 1.0, 1.5] for found in reference.discounts.values())
    unseen = np.minimum(generator.zipf(1.3, 60) - 1, 199)
    expected = [
        math.log(
            reference.probability(int(word), tuple(unseen[max(0, i - order + 1) : i].tolist()))
        )
        for i, word in enumerate(unseen)
    ]
    np.testing.assert_allclose(model.log_probabilities(unseen), expected, rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(training=texts, context=st.lists(st.integers(0, 6), max_size=6), order=st.integers(1, 4))
def test_sums_to_one_in_any_context(
    training: list[list[int]], context: list[int], order: int
) -> None:
    ids, starts = stream_and_starts(training)
    model = KneserNey.fit(ids, order=order, vocabulary_size=7, starts=starts)
    for mask in (None, np.arange(len(context) + 1) == 0):
        last = [
            model.log_probabilities(np.array([*context, word]), starts=mask)[-1]
            for word in range(7)
        ]
        assert np.exp(last).sum() == pytest.approx(1.0, abs=1e-12)
        assert np.isfinite(last).all()


def test_no_context_crosses_the_start_of_a_document() -> None:
    ids = np.array([1, 2, 3, 1, 2, 4, 1, 2, 3])
    model = KneserNey.fit(ids, order=3, vocabulary_size=5)
    starts = np.array([True, False, False, True, False, False])
    together = model.log_probabilities(np.array([1, 2, 3, 1, 2, 3]), starts=starts)
    alone = model.log_probabilities(np.array([1, 2, 3]), starts=starts[:3])
    np.testing.assert_allclose(together, np.tile(alone, 2))
    carried = model.log_probabilities(np.array([1, 2, 3, 1, 2, 3]))
    assert abs(carried[3] - alone[0]) > 0.01


def test_wide_vocabulary_and_long_ngrams_do_not_overflow() -> None:
    """Sixteen ids of a vocabulary of 2**20 would need 320 bits as one number."""
    generator = np.random.default_rng(0)
    phrase = generator.integers(0, 2**20, 16)
    ids = np.concatenate([phrase, generator.integers(0, 2**20, 50), phrase])
    model = KneserNey.fit(ids, order=16, vocabulary_size=2**20)
    known, other = model.log_probabilities(phrase), model.log_probabilities(phrase[::-1].copy())
    assert known[1:].min() > other[1:].max()


def test_discounts_of_a_known_example() -> None:
    counts = np.repeat([1, 2, 3, 4, 9], [40, 10, 5, 2, 3])
    y = 40 / 60
    expected = (1 - 2 * y * 10 / 40, 2 - 3 * y * 5 / 10, 3 - 4 * y * 2 / 5)
    assert modified_discounts(counts) == pytest.approx(expected)
    assert modified_discounts(np.array([1, 2, 3])) == (0.5, 1.0, 1.5)


def test_saved_model_answers_the_same(tmp_path: Path) -> None:
    ids = np.random.default_rng(3).integers(0, 300, 2000)
    model = KneserNey.fit(ids, order=4, vocabulary_size=300)
    model.save(tmp_path / "baseline.npz")
    loaded = KneserNey.load(tmp_path / "baseline.npz")
    assert (loaded.order, loaded.ngrams, loaded.name) == (4, model.ngrams, "Kneser-Ney 4-gram")
    np.testing.assert_array_equal(loaded.log_probabilities(ids), model.log_probabilities(ids))
    (tmp_path / "baseline.npz").write_bytes(b"broken")
    with pytest.raises(ModelDirectoryError, match="damaged"):
        KneserNey.load(tmp_path / "baseline.npz")


def test_wrong_arguments_are_named() -> None:
    ids = np.array([0, 1, 2])
    with pytest.raises(OptionError, match="order"):
        KneserNey.fit(ids, order=0, vocabulary_size=3)
    with pytest.raises(OptionError, match="between 0 and 1; found 0 to 2"):
        KneserNey.fit(ids, order=2, vocabulary_size=2)
    with pytest.raises(OptionError, match="one value per id"):
        KneserNey.fit(ids, order=2, vocabulary_size=3, starts=np.array([True]))
    with pytest.raises(OptionError, match="one-dimensional"):
        KneserNey.fit(ids[None], order=2, vocabulary_size=3)
    with pytest.raises(DataError, match="no ids"):
        KneserNey.fit(ids[:0], order=2, vocabulary_size=3)
    with pytest.raises(OptionError, match="char, subword"):
        default_order("syllable")
    model = KneserNey.fit(ids, order=5, vocabulary_size=3)
    assert model.log_probabilities(ids[:0]).shape == (0,)
    assert default_order("char") > default_order("word") > 1


def test_penn_treebank_has_the_published_perplexity(real_data: Path) -> None:
    """141.2 for a 5-gram with modified Kneser-Ney smoothing (Mikolov 2012, PhD thesis)."""
    words = {
        name: (real_data / "ptb" / f"ptb.{name}.txt").read_text("utf-8").replace("\n", " <eos> ")
        for name in ("train", "test")
    }
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words["train"].split()))}
    train, test = (np.array([numbers[word] for word in words[n].split()]) for n in words)
    model = KneserNey.fit(train, order=5, vocabulary_size=len(numbers))
    assert np.exp(-model.log_probabilities(test).mean()) == pytest.approx(141.2, abs=0.5)
