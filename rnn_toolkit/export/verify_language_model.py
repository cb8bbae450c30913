"""Compares an exported language model with the model it came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.decoding.step import Logits, States, StepModel, log_softmax, take
from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.tolerance import NO_BUNDLE, TOLERANCE

PREFILL_TOKENS = 128
_LONGEST_ROW = 128
_ROWS_AT_ONCE = 8
_ROWS_ALONE = 3
_TIMED_PREFILLS = 7


@dataclass(frozen=True)
class StepComparison:
    """How an exported language model answers beside the original."""

    texts: int
    tokens: int
    largest_difference: float
    milliseconds_per_token: float
    prefill_milliseconds: float


def compare_steps(
    model: keras.Model,
    exported: StepModel,
    rows: Sequence[Sequence[int]],
    *,
    tolerance: float = TOLERANCE,
) -> StepComparison:
    """Runs both along the same texts: in ragged batches, alone, and a second time.

    The original reads whole texts at once, as in training, and the exported model is compared
    with it at every id, by `step` from zero states and by `step` after `prefill`. What counts is
    the difference of log-probabilities; where a logit of that id is larger than 1, as a share
    of the largest, because float32 has no more than seven digits.

    Args:
        model: the original, from ids [batch, time] to logits.
        exported: the exported one.
        rows: ids of the texts, at least one each; long ones are cut.
        tolerance: the largest allowed difference.

    Raises:
        VerificationError: an answer differs by more, or changes on repetition.
    """
    whole = tf.function(
        lambda ids: model(ids, training=False),
        input_signature=[tf.TensorSpec([None, None], tf.int32)],
    )
    cut = [list(row)[:_LONGEST_ROW] for row in rows if len(row)]
    watch = _Watch(tolerance)
    for batch in _batches(cut, _ROWS_AT_ONCE):
        expected = whole(tf.constant(batch.ids)).numpy()
        watch.along(exported, batch, expected, first=np.ones_like(batch.lengths))
        watch.along(exported, batch, expected, first=(batch.lengths + 1) // 2)
        watch.along(exported, batch, expected, first=batch.lengths)
    times: list[float] = []
    longest = sorted(cut, key=len)[-_ROWS_ALONE:]
    for batch in _batches(longest, 1):
        expected = whole(tf.constant(batch.ids)).numpy()
        timed = _Timed(exported, times)
        watch.along(timed, batch, expected, first=np.ones_like(batch.lengths))
        _check_repetition(exported, batch)
    prompt = np.resize(np.asarray(longest[-1], np.int32), (1, PREFILL_TOKENS))
    lengths = np.asarray([PREFILL_TOKENS], np.int32)
    return StepComparison(
        texts=len(cut),
        tokens=sum(map(len, cut)),
        largest_difference=watch.largest,
        milliseconds_per_token=1000 * float(np.median(times)) if times else float("nan"),
        prefill_milliseconds=_milliseconds(lambda: exported.prefill(prompt, lengths)),
    )


@dataclass(frozen=True)
class _Batch:
    ids: NDArray[np.int32]  # [batch, time], padded on the right with 0
    lengths: NDArray[np.int32]  # [batch]


def _batches(rows: Sequence[Sequence[int]], size: int) -> Iterator[_Batch]:
    for start in range(0, len(rows), size):
        chosen = rows[start : start + size]
        lengths = np.asarray([len(row) for row in chosen], np.int32)
        ids = np.zeros((len(chosen), int(lengths.max())), np.int32)
        for number, row in enumerate(chosen):
            ids[number, : len(row)] = row
        yield _Batch(ids, lengths)


@dataclass
class _Watch:
    """Keeps the largest difference, and refuses one that is too large."""

    tolerance: float
    largest: float = 0.0

    def along(
        self,
        exported: StepModel,
        batch: _Batch,
        expected: NDArray[np.float32],
        *,
        first: NDArray[np.int32],
    ) -> None:
        """Reads the first ids of each row by `prefill` and the others by `step`.

        Args:
            exported: the exported model.
            batch: the rows.
            expected: logits [batch, time, vocabulary] of the original after each id.
            first: [batch], how many ids of each row `prefill` reads.
        """
        logits, states = exported.prefill(batch.ids[:, : first.max()], first)
        rows = np.arange(len(first))
        position = first - 1
        while True:
            self._compare(logits, expected[rows, position])
            going_on = position + 1 < batch.lengths[rows]
            if not going_on.any():
                return
            rows, position = rows[going_on], position[going_on] + 1
            states = take(states, np.flatnonzero(going_on))
            logits, states = exported.step(batch.ids[rows, position], states)

    def _compare(self, found: Logits, expected: Logits) -> None:
        scale = np.maximum(1.0, np.abs(expected).max(axis=-1))
        apart = np.abs(log_softmax(found) - log_softmax(expected)).max(axis=-1) / scale
        largest = float(apart.max())
        if not largest <= self.tolerance:  # NaN counts as a mismatch
            raise VerificationError(
                f"The exported model's log-probabilities differ by {largest:.2g} from the "
                f"model's (at most {self.tolerance:g} is allowed).",
                NO_BUNDLE,
            )
        self.largest = max(self.largest, largest)


@dataclass(frozen=True)
class _Timed:
    """A step model whose steps are timed."""

    model: StepModel
    seconds: list[float]

    @property
    def vocabulary_size(self) -> int:
        return self.model.vocabulary_size

    def prefill(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> tuple[Logits, States]:
        return self.model.prefill(ids, lengths)

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        began = time.perf_counter()
        answer = self.model.step(ids, states)
        self.seconds.append(time.perf_counter() - began)
        return answer


def _check_repetition(exported: StepModel, batch: _Batch) -> None:
    """The same question, asked before and after others, has the same answer."""
    logits, states = exported.prefill(batch.ids, batch.lengths)
    following = batch.ids[:, 0]
    after, _ = exported.step(following, states)
    exported.step(batch.ids[:, -1], states)
    exported.prefill(batch.ids[:, ::-1], batch.lengths)
    logits_again, _ = exported.prefill(batch.ids, batch.lengths)
    after_again, _ = exported.step(following, states)
    if not (np.array_equal(logits, logits_again) and np.array_equal(after, after_again)):
        raise VerificationError(
            "The exported model gives another answer when the same text is repeated.", NO_BUNDLE
        )


def _milliseconds(call: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMED_PREFILLS):
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times))
