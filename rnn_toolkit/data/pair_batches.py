"""Pairs of texts as padded batches, bucketed on both lengths under a budget of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.text.description import BEGIN_ID, END_ID

_BATCHES_PER_POOL = 50


@dataclass(frozen=True)
class EncodedPairs:
    """Both sides as ids; the targets without begin and end."""

    sources: Sequence[NDArray[np.int32]]
    targets: Sequence[NDArray[np.int32]]

    def __len__(self) -> int:
        return len(self.sources)


@dataclass(frozen=True)
class PairBatch:
    """Pairs padded on the right with 0.

    Args:
        source_ids: [batch, time].
        decoder_inputs: begin and the target, [batch, target_time].
        decoder_targets: the target and end, [batch, target_time].
    """

    source_ids: NDArray[np.int32]
    decoder_inputs: NDArray[np.int32]
    decoder_targets: NDArray[np.int32]


def pair_batches(
    pairs: EncodedPairs, *, batch_tokens: int, seed: int, epoch: int
) -> Iterator[PairBatch]:
    """One epoch of shuffled batches in which both sides have similar lengths.

    Rows are shuffled, sorted by both lengths within pools of about 50 batches, cut where a
    side would exceed the budget, and the batches shuffled again. The order depends only on
    seed and epoch, so that a resumed training sees the same batches.

    Args:
        pairs: the rows.
        batch_tokens: most tokens of either side of a batch, padding included; a single longer
            row is a batch of its own.
        seed: seed of the order.
        epoch: number of the epoch, from 0.

    Yields:
        Every pair exactly once.
    """
    generator = np.random.default_rng([seed, epoch])
    lengths = _lengths(pairs)
    order = generator.permutation(len(pairs))
    longer_sides = int(lengths.max(axis=1).sum())
    pool = max(1, _BATCHES_PER_POOL * batch_tokens * len(pairs) // max(1, longer_sides))
    groups: list[NDArray[np.intp]] = []
    for start in range(0, len(order), pool):
        groups += _cut(order[start : start + pool], lengths, batch_tokens)
    for place in generator.permutation(len(groups)):
        yield _batch(pairs, groups[place])


def ordered_batches(pairs: EncodedPairs, *, batch_tokens: int) -> Iterator[PairBatch]:
    """All pairs by length, without shuffling; see `pair_batches`."""
    for group in _cut(np.arange(len(pairs)), _lengths(pairs), batch_tokens):
        yield _batch(pairs, group)


def count_batches(pairs: EncodedPairs, *, batch_tokens: int) -> int:
    """About how many batches an epoch has."""
    return max(1, len(_cut(np.arange(len(pairs)), _lengths(pairs), batch_tokens)))


def _lengths(pairs: EncodedPairs) -> NDArray[np.int64]:
    """Tokens of both sides with the end mark, [pairs, 2]."""
    sides = zip(pairs.sources, pairs.targets, strict=True)
    return np.asarray(
        [(len(source), len(target) + 1) for source, target in sides], np.int64
    ).reshape(-1, 2)


def _cut(
    members: NDArray[np.intp], lengths: NDArray[np.int64], batch_tokens: int
) -> list[NDArray[np.intp]]:
    """Groups of similar lengths within the budget."""
    of = lengths[members]
    # By the longer side first: it decides how many rows fit.
    members = members[np.lexsort((of[:, 1], of[:, 0], of.max(axis=1)))]
    groups, first, longest = [], 0, 0
    for place, member in enumerate(members):
        longest = max(longest, int(lengths[member].max()))
        if place > first and (place - first + 1) * longest > batch_tokens:
            groups.append(members[first:place])
            first, longest = place, int(lengths[member].max())
    if first < len(members):
        groups.append(members[first:])
    return groups


def _batch(pairs: EncodedPairs, group: NDArray[np.intp]) -> PairBatch:
    sources = [pairs.sources[row] for row in group]
    targets = [pairs.targets[row] for row in group]
    # Sources without tokens still make a column of padding: no layer reads a width of 0.
    source_ids = np.zeros((len(group), max(1, *map(len, sources))), np.int32)
    inputs = np.zeros((len(group), max(map(len, targets)) + 1), np.int32)
    wanted = np.zeros_like(inputs)
    inputs[:, 0] = BEGIN_ID
    for row, (source, target) in enumerate(zip(sources, targets, strict=True)):
        source_ids[row, : len(source)] = source
        inputs[row, 1 : len(target) + 1] = target
        wanted[row, : len(target)] = target
        wanted[row, len(target)] = END_ID
    return PairBatch(source_ids, inputs, wanted)
