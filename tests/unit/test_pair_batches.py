"""Batches of pairs: nothing lost, both sides within the budget, little padding."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_toolkit.data.pair_batches import (
    EncodedPairs,
    PairBatch,
    count_batches,
    ordered_batches,
    pair_batches,
)
from rnn_toolkit.text.description import BEGIN_ID, END_ID, PAD_ID

Pair = tuple[tuple[int, ...], tuple[int, ...]]
sides = st.lists(st.integers(4, 99), max_size=12).map(tuple)
several = st.lists(st.tuples(sides, sides), max_size=40)


def encoded(pairs: Iterable[Pair]) -> EncodedPairs:
    listed = list(pairs)
    return EncodedPairs(
        [np.asarray(source, np.int32) for source, _ in listed],
        [np.asarray(target, np.int32) for _, target in listed],
    )


def of_lengths(lengths: Iterable[tuple[int, int]]) -> EncodedPairs:
    return encoded(((7,) * source, (7,) * target) for source, target in lengths)


def pairs_in(batch: PairBatch) -> list[Pair]:
    """The pairs of a batch, read back from its arrays alone."""
    assert batch.decoder_inputs.shape == batch.decoder_targets.shape
    assert {array.dtype for array in vars(batch).values()} == {np.dtype(np.int32)}
    found = []
    rows = zip(batch.source_ids, batch.decoder_inputs, batch.decoder_targets, strict=True)
    for source, inputs, targets in rows:
        words = unpadded(inputs)
        assert words[0] == BEGIN_ID
        assert unpadded(targets) == (*words[1:], END_ID)
        found.append((unpadded(source), words[1:]))
    return found


def unpadded(row: NDArray[np.int32]) -> tuple[int, ...]:
    length = int((row != PAD_ID).sum())
    assert (row[length:] == PAD_ID).all()
    return tuple(row[:length].tolist())


@given(several, st.integers(1, 60), st.integers(0, 3))
def test_every_pair_comes_once_and_within_the_budget(
    pairs: list[Pair], budget: int, epoch: int
) -> None:
    data = encoded(pairs)
    for batches in (
        list(pair_batches(data, batch_tokens=budget, seed=3, epoch=epoch)),
        list(ordered_batches(data, batch_tokens=budget)),
    ):
        assert sorted(pair for batch in batches for pair in pairs_in(batch)) == sorted(pairs)
        for batch in batches:
            if len(batch.source_ids) > 1:
                assert max(batch.source_ids.size, batch.decoder_targets.size) <= budget
        # A source without tokens is one column of padding: no layer reads a width of 0.
        assert all(batch.source_ids.shape[1] >= 1 for batch in batches)


def drawn_lengths(count: int, seed: int) -> list[tuple[int, int]]:
    """Lengths like those of sentences and their translations."""
    generator = np.random.default_rng(seed)
    sources = np.clip(generator.lognormal(2.3, 0.5, count).astype(int), 1, 60)
    targets = np.clip(np.round(sources * generator.normal(1.1, 0.2, count)).astype(int), 1, 80)
    return list(zip(sources.tolist(), targets.tolist(), strict=True))


def padding(batches: Iterable[PairBatch]) -> float:
    sides = [side for b in batches for side in (b.source_ids, b.decoder_targets)]
    return 1 - sum(int((side != PAD_ID).sum()) for side in sides) / sum(s.size for s in sides)


def test_similar_lengths_stand_together() -> None:
    lengths = drawn_lengths(6000, 1)
    bucketed = list(pair_batches(of_lengths(lengths), batch_tokens=1500, seed=1, epoch=0))
    rows = len(lengths) // len(bucketed)
    shuffled = [lengths[at : at + rows] for at in range(0, len(lengths), rows)]
    without = [
        batch
        for part in shuffled
        for batch in ordered_batches(of_lengths(part), batch_tokens=10**9)
    ]
    by_source = sorted(lengths)
    one_side = [
        batch
        for at in range(0, len(by_source), rows)
        for batch in ordered_batches(of_lengths(by_source[at : at + rows]), batch_tokens=10**9)
    ]
    assert padding(bucketed) < 0.12
    assert padding(without) > 0.5
    assert padding(bucketed) < padding(one_side)
    # The budget is used, not merely kept.
    sizes = [max(batch.source_ids.size, batch.decoder_targets.size) for batch in bucketed]
    assert np.median(sizes) > 0.9 * 1500


def test_the_order_depends_on_seed_and_epoch_only() -> None:
    data = of_lengths(drawn_lengths(900, 2))

    def shapes(seed: int, epoch: int) -> list[tuple[int, ...]]:
        batches = pair_batches(data, batch_tokens=300, seed=seed, epoch=epoch)
        return [batch.source_ids.shape + batch.decoder_targets.shape for batch in batches]

    assert shapes(1, 0) == shapes(1, 0)
    assert shapes(1, 0) != shapes(1, 1)
    assert shapes(1, 0) != shapes(2, 0)
    # Not from short to long: a model must not end its epoch on long sentences.
    widths = np.asarray([shape[1] for shape in shapes(1, 0)])
    assert abs(np.corrcoef(np.arange(len(widths)), widths)[0, 1]) < 0.4


def test_ordered_batches_begin_with_the_shortest() -> None:
    batches = ordered_batches(of_lengths(drawn_lengths(500, 3)), batch_tokens=200)
    longest = [max(b.source_ids.shape[1], b.decoder_targets.shape[1]) for b in batches]
    assert longest == sorted(longest)


def test_the_count_of_batches_is_near_what_comes() -> None:
    data = of_lengths(drawn_lengths(5000, 4))
    came = sum(1 for _ in pair_batches(data, batch_tokens=1000, seed=1, epoch=0))
    assert abs(count_batches(data, batch_tokens=1000) - came) <= 0.05 * came
    assert count_batches(of_lengths([(900, 3)]), batch_tokens=10) == 1
