"""What generated texts copy, against brute force over tuples and strings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.evaluation import novelty, sample_trie
from rnn_toolkit.evaluation.novelty import copied_lines, novelty_report

SIZES = (1, 2, 3, 5, 8)


def ngrams(row: Sequence[int], size: int) -> list[tuple[int, ...]]:
    return [tuple(row[place : place + size]) for place in range(len(row) - size + 1)]


def longest_common(rows: Sequence[Sequence[int]], training: Sequence[int]) -> int:
    for length in range(max(map(len, rows)), 0, -1):
        known = set(ngrams(training, length))
        if any(gram in known for row in rows for gram in ngrams(row, length)):
            return length
    return 0


def arrays(rows: Sequence[Sequence[int]]) -> list[np.ndarray]:
    return [np.array(row, np.int32) for row in rows]


# Small alphabets give many and long matches; ids differ widely, so that none is a position.
ids = st.sampled_from([0, 3, 17, 40_000])
rows_of_ids = st.lists(st.lists(ids, max_size=30), min_size=1, max_size=4).filter(any)


@settings(max_examples=300, deadline=None)
@given(
    rows=rows_of_ids,
    training=st.lists(ids, max_size=80),
    block=st.integers(1, 90),
    sizes=st.sampled_from([SIZES, (1,), (2, 1)]),
)
def test_agrees_with_brute_force(
    rows: list[list[int]], training: list[int], block: int, sizes: tuple[int, ...]
) -> None:
    """The deepest level of the trie is that of the sizes: most copies are longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_trie, "_BLOCK", block)
        patch.setattr(sample_trie, "_LEAST_DEPTH", 1)
        found = novelty_report(arrays(rows), np.array(training, np.int32), sizes=sizes).samples
    for share in found.in_training:
        known = set(ngrams(training, share.size))
        every = [gram for row in rows for gram in ngrams(row, share.size)]
        assert share.ngrams == len(every)
        assert share.share == pytest.approx(sum(gram in known for gram in every) / len(every))
    assert [s.size for s in found.in_training] == [s for s in sizes if s <= max(map(len, rows))]
    copy = found.longest_copy
    assert (0 if copy is None else copy.length) == longest_common(rows, training)
    if copy is not None:
        there = training[copy.training_start : copy.training_start + copy.length]
        assert rows[copy.sample][copy.start : copy.start + copy.length] == there
    fours = [gram for row in rows for gram in ngrams(row, 4)]
    fresh = sum(len(set(ngrams(row, 4))) for row in rows)
    assert found.repeated == pytest.approx((len(fours) - fresh) / max(len(fours), 1))
    for share in found.distinct:
        every = [gram for row in rows for gram in ngrams(row, share.size)]
        assert share.share == pytest.approx(len(set(every)) / len(every))


@pytest.mark.parametrize("vocabulary", [5, 3000])
def test_finds_one_planted_copy(vocabulary: int) -> None:
    """Far longer than the trie is deep; both ways of looking a node up are used."""
    generator = np.random.default_rng(vocabulary)
    training = generator.integers(0, vocabulary, 20_000)
    samples = [generator.integers(0, vocabulary, 2000) for _ in range(3)]
    samples[1][700:1000] = training[12_345:12_645]
    samples[1][[699, 1000]] = vocabulary  # never in training, so that the copy ends there
    copy = novelty_report(samples, training).samples.longest_copy
    assert copy is not None
    assert copy.model_dump() == {
        "length": 300, "sample": 1, "start": 700, "training_start": 12_345,
    }  # fmt: skip


def test_samples_that_are_training_text_from_end_to_end() -> None:
    training = np.tile(np.arange(7), 300)
    found = novelty_report([training[3:1000], training[-30:]], training).samples
    assert found.longest_copy is not None
    assert found.longest_copy.length == 997
    assert all(share.share == 1 for share in found.in_training)
    assert found.repeated > 0.9


@pytest.mark.parametrize(
    ("rows", "training"),
    [
        ([[9, 1, 2, 3]], [1, 2, 3, 5, 9]),  # begins where the training text begins
        ([[7, 9], [1, 2, 3]], [5, 9, 1, 2, 3, 5]),  # begins where a sample begins
    ],
)
def test_copies_that_begin_at_an_edge(
    rows: list[list[int]], training: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands beyond the edge is no left neighbour, though it is the same id."""
    monkeypatch.setattr(sample_trie, "_LEAST_DEPTH", 1)
    copy = novelty_report(arrays(rows), np.array(training), sizes=(1,)).samples.longest_copy
    assert copy is not None
    assert copy.length == 3


def test_held_out_text_is_cut_as_the_samples_are() -> None:
    """So that real text has no longer copies merely because there is more of it."""
    generator = np.random.default_rng(0)
    training, held_out = generator.integers(0, 4, 5000), generator.integers(0, 4, 3000)
    held_out[1500:2500] = training[:1000]
    samples = [generator.integers(0, 4, length) for length in (200, 50)]
    beside = novelty_report(samples, training, held_out=held_out).held_out
    assert beside is not None
    assert (beside.texts, beside.tokens) == (2, 250)
    pieces = novelty._pieces(np.arange(3000), [200, 50])
    assert [len(piece) for piece in pieces] == [200, 50]
    assert pieces[1][0] >= 200
    assert [int(piece[0]) for piece in novelty._pieces(np.arange(260), [200, 50])] == [0, 205]
    short = novelty_report(samples, training, held_out=held_out[:60]).held_out
    assert short is not None
    assert short.texts == 1
    assert novelty_report(samples, training, held_out=held_out[:20]).held_out is None


def test_table_puts_samples_beside_held_out_text() -> None:
    training = np.arange(1000)
    report = novelty_report([training[:100]], training, held_out=np.arange(5000, 6000))
    rows = {what: (ours, theirs) for what, ours, theirs in report.table()}
    assert rows["8-grams found in training"] == ("100.0 %", "0.0 %")
    assert rows["longest copy, tokens"] == ("100", "0")
    assert rows["distinct 1-grams"] == ("100.0 %", "100.0 %")
    alone = novelty_report([training[:100]], training).table()
    assert all(theirs == "" for _, _, theirs in alone)


def test_lines_are_compared_whole() -> None:
    training = ["To be, or not to be", "  春眠不觉晓 ", "", "x"]
    lines = ["To be, or not", "春眠不觉晓", "", "   ", "x ", "x"]
    found = copied_lines(lines, training)
    assert (found.lines, found.copied, found.share) == (4, 3, 0.75)
    assert found.examples == ("春眠不觉晓", "x")
    assert copied_lines([], training).share == 0


def test_wrong_arguments_are_named() -> None:
    ids = np.arange(5)
    with pytest.raises(OptionError, match="at least 1"):
        novelty_report([ids], ids, sizes=(0, 3))
    with pytest.raises(DataError, match="no token"):
        novelty_report([ids[:0]], ids)
    nothing = novelty_report([ids], ids[:0]).samples
    assert nothing.longest_copy is None
    assert {share.share for share in nothing.in_training} == {0.0}
