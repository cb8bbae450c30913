"""Rows of ids as padded batches of similar length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.data.spool import row_lengths

Batch = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]
"""ids [batch, time], labels [batch], sample weights [batch]"""

_BATCHES_PER_POOL = 50


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as ids, with a label and a weight each.

    `targets` [rows, classes] are probabilities to learn in place of the labels.
    """

    ids: Sequence[NDArray[np.int32]]
    labels: NDArray[np.int32]
    weights: NDArray[np.float32]
    targets: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.ids)


def batches_per_epoch(rows: int, batch_size: int) -> int:
    """How many batches `epoch_batches` yields."""
    return -(-rows // batch_size)


def epoch_batches(data: EncodedTexts, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
    """One epoch of shuffled batches in which texts have similar lengths.

    Args:
        data: the rows.
        batch_size: texts per batch; the last one may be smaller.
        seed: seed of the order.
        epoch: number of the epoch, from 0.

    Yields:
        Batches padded on the right with 0; every row comes exactly once.
    """
    for chosen in epoch_groups(data.ids, batch_size=batch_size, seed=(seed, epoch)):
        yield pad_rows(data.ids, chosen), data.labels[chosen], data.weights[chosen]


def epoch_groups(
    rows: Sequence[NDArray[np.int32]], *, batch_size: int, seed: tuple[int, ...]
) -> Iterator[NDArray[np.intp]]:
    """The rows of each batch of one epoch.

    The order depends only on the seed, so that a resumed training sees the same batches. Rows
    are shuffled, sorted by length within pools of 50 batches, and the batches shuffled again.

    Args:
        rows: ids of each row.
        batch_size: rows per batch.
        seed: for example the training's and the number of the epoch.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(rows))
    lengths = row_lengths(rows)
    pool = batch_size * _BATCHES_PER_POOL
    groups: list[NDArray[np.intp]] = []
    for start in range(0, len(order), pool):
        members = order[start : start + pool]
        members = members[np.argsort(lengths[members], kind="stable")]
        groups += [members[at : at + batch_size] for at in range(0, len(members), batch_size)]
    for position in generator.permutation(len(groups)):
        yield groups[position]


def endless_batches(
    rows: Sequence[NDArray[np.int32]], *, batch_size: int, seed: tuple[int, ...]
) -> Iterator[NDArray[np.int32]]:
    """Batches of rows without labels, pass after pass in another order each.

    Args:
        rows: ids of each row.
        batch_size: rows per batch.
        seed: of the orders.

    Yields:
        [batch, longest], padded on the right with 0.
    """
    for passes in count():
        for chosen in epoch_groups(rows, batch_size=batch_size, seed=(*seed, passes)):
            yield pad_rows(rows, chosen)


def pad_rows(
    rows: Sequence[Sequence[int] | NDArray[np.int32]], chosen: Iterable[int]
) -> NDArray[np.int32]:
    """The chosen rows as one array [rows, longest], padded on the right with 0."""
    found = [rows[index] for index in chosen]
    padded = np.zeros((len(found), max(map(len, found))), np.int32)
    for position, row in enumerate(found):
        padded[position, : len(row)] = row
    return padded


def with_every_class(chosen: NDArray[np.intp], labels: NDArray[np.int32]) -> NDArray[np.intp]:
    """Some rows, and the first one of each class that they might lack; ascending."""
    return np.union1d(chosen, np.unique(labels, return_index=True)[1])


def balanced_weights(labels: NDArray[np.int32], classes: int) -> NDArray[np.float32]:
    """Weights under which each class counts equally: rows / (classes * rows of the class)."""
    counts = np.bincount(labels, minlength=classes)
    return (len(labels) / (classes * np.maximum(counts, 1)))[labels].astype(np.float32)


def smoothed_targets(
    labels: NDArray[np.int32], classes: int, *, smoothing: float
) -> NDArray[np.float32]:
    """What each row shall be answered with, [rows, classes] (Szegedy et al. 2016).

    1 - smoothing goes to the label, and the rest to all classes alike.
    """
    of_label = np.eye(classes, dtype=np.float32) * (1 - smoothing) + smoothing / classes
    return of_label[labels].astype(np.float32)
