"""From logits to the few ids that can matter, fast, for many rows at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.rules import block, ids_that_repeat
from rnn_toolkit.errors import BundleError, OptionError

_ALMOST_NEVER = np.float32(-1e30)


class TargetIds:
    """Which target ids mean something, and which may be written.

    Args:
        vocabulary_size: number of logits.
        begin_id: what a model reads before the first id.
        end_id: the end mark.
        never: ids that are never written, such as padding; the begin id is one anyway.

    Raises:
        OptionError: no id is left to write.
    """

    def __init__(
        self, vocabulary_size: int, *, begin_id: int, end_id: int, never: Collection[int] = ()
    ) -> None:
        self.begin_id = begin_id
        self.end_id = end_id
        self._never = np.array(sorted({*never, begin_id}), np.int64)
        if vocabulary_size <= len({*never, begin_id, end_id}):
            raise OptionError(
                f"All {vocabulary_size} ids of the target are special; none can be written.",
                "Train on texts with more words.",
            )

    def allowed(
        self,
        logits: NDArray[Any],
        *,
        may_end: bool,
        histories: Iterable[Sequence[int]] = (),
        no_repeat_ngram: int = 0,
    ) -> NDArray[np.float32]:
        """A copy of logits in which what must not come is impossible.

        Where nothing else is left the end mark may come after all.

        Args:
            logits: [rows, vocabulary].
            may_end: whether the end mark may come.
            histories: the ids of each row so far; read only for `no_repeat_ngram`.
            no_repeat_ngram: no sequence of so many ids comes twice; 0 for off.
        """
        scores = np.array(logits, np.float32)
        scores[:, self._never] = -np.inf
        if not may_end:
            scores[:, self.end_id] = -np.inf
        if no_repeat_ngram:
            for row, history in zip(scores, histories, strict=True):
                block(row, ids_that_repeat(history, no_repeat_ngram))
        stuck = ~np.isfinite(scores.max(axis=-1))
        if stuck.any():
            scores[stuck, self.end_id] = np.maximum(logits[stuck, self.end_id], _ALMOST_NEVER)
        return scores


def log_normalizers(logits: NDArray[Any]) -> NDArray[np.float64]:
    """What to subtract from logits to make them natural-log probabilities: [rows].

    In single precision, which is five times as fast as double and exact to about 1e-6.

    Args:
        logits: [rows, vocabulary].

    Raises:
        BundleError: they are not numbers.
    """
    largest = logits.max(axis=-1)
    if not np.isfinite(largest).all():
        raise BundleError(
            "The network answered with something that is not a number.",
            "Its weights are damaged; train again, with a smaller learning rate.",
        )
    sums = np.exp(logits - largest[:, None]).sum(axis=-1)
    return largest.astype(np.float64) + np.log(sums.astype(np.float64))


def best_ids(
    scores: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The best ids of each row, best first, of equals the lower ids.

    Taking the maximum again and again costs less than sorting for as few as a beam needs.

    Args:
        scores: [rows, vocabulary]; used up.
        count: how many, at most the vocabulary.

    Returns:
        Ids and their scores, both [rows, count].
    """
    rows = np.arange(len(scores))
    ids = np.empty((len(scores), count), np.int64)
    values = np.empty((len(scores), count), np.float32)
    for column in range(count):
        best = scores.argmax(axis=-1)
        ids[:, column] = best
        values[:, column] = scores[rows, best]
        scores[rows, best] = -np.inf
    return ids, values
