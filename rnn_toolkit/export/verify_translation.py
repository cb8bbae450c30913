"""Compares an exported translation model with the model it came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.step import log_softmax
from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.tolerance import NO_BUNDLE, TOLERANCE
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.runtime.translator_bundle import greedy_path, source_ids
from rnn_toolkit.text.description import BEGIN_ID

_ROWS_AT_ONCE, _ROWS_ALONE, _STEPS, _LONGEST = 8, 3, 40, 128
_TIMED = 15
_SAME_SCORE = 1e-4


@dataclass(frozen=True)
class DecoderComparison:
    """How an exported encoder and decoder answers beside the original."""

    steps: int
    largest_difference: float
    encode_milliseconds: float
    milliseconds_per_step: float


def compare_decoders(
    model: EncoderDecoder,
    exported: EncoderDecoder,
    rows: Sequence[Sequence[int]],
    *,
    tolerance: float = TOLERANCE,
) -> DecoderComparison:
    """Runs both along the original's likeliest translations: in ragged batches and alone.

    What counts is the difference of log-probabilities (where a logit of that step is larger
    than 1, as a share of the largest) and of attention weights.

    Args:
        model: the original.
        exported: the exported one.
        rows: source ids, at least one each; long ones are cut.
        tolerance: the largest allowed difference.

    Raises:
        VerificationError: an answer differs by more, or changes on repetition.
    """
    cut = [list(row)[:_LONGEST] for row in rows]
    watch = _Watch(tolerance)
    for start in range(0, len(cut), _ROWS_AT_ONCE):
        watch.along(model, exported, cut[start : start + _ROWS_AT_ONCE])
    longest = sorted(cut, key=len)[-_ROWS_ALONE:]
    for row in longest:
        watch.along(model, exported, [row])
        _check_repetition(exported, row)
    middle = sorted(cut, key=len)[len(cut) // 2]
    ids, lengths = _padded([middle])
    states = exported.encode(ids, lengths)
    begin = np.asarray([BEGIN_ID], np.int32)
    return DecoderComparison(
        steps=watch.steps,
        largest_difference=watch.largest,
        encode_milliseconds=_milliseconds(lambda: exported.encode(ids, lengths)),
        milliseconds_per_step=_milliseconds(lambda: exported.step(begin, states)),
    )


def _padded(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    lengths = np.asarray([len(row) for row in rows], np.int32)
    ids = np.zeros((len(rows), int(lengths.max())), np.int32)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
    return ids, lengths


@dataclass
class _Watch:
    """Keeps the largest difference, and refuses one that is too large."""

    tolerance: float
    largest: float = 0.0
    steps: int = 0

    def along(
        self, model: EncoderDecoder, exported: EncoderDecoder, rows: Sequence[Sequence[int]]
    ) -> None:
        ids, lengths = _padded(rows)
        expected, found = model.encode(ids, lengths), exported.encode(ids, lengths)
        last = np.full(len(rows), BEGIN_ID, np.int32)
        for _ in range(min(_STEPS, 2 * ids.shape[1] + 2)):
            wanted, expected = model.step(last, expected)
            given, found = exported.step(last, found)
            self._compare(given, wanted, found["attention"] - expected["attention"])
            self.steps += len(rows)
            last = wanted.argmax(axis=1).astype(np.int32)

    def _compare(
        self,
        given: NDArray[np.float32],
        wanted: NDArray[np.float32],
        attention: NDArray[np.float32],
    ) -> None:
        scale = np.maximum(1.0, np.abs(wanted).max(axis=1, keepdims=True))
        logits = np.abs(log_softmax(given) - log_softmax(wanted)) / scale
        difference = float(max(logits.max(), np.abs(attention).max()))
        if not difference <= self.tolerance:  # NaN counts as wrong
            raise VerificationError(
                f"The exported decoder differs from the model by {difference:.2g} (at most "
                f"{self.tolerance:g} is allowed).",
                NO_BUNDLE,
            )
        self.largest = max(self.largest, difference)


def _check_repetition(exported: EncoderDecoder, row: Sequence[int]) -> None:
    """The same text gives the same answer again after another one."""
    begin = np.asarray([BEGIN_ID], np.int32)
    answers = []
    for ids in (row, row[:1], row):
        states = exported.encode(*_padded([ids]))
        answers.append(exported.step(begin, states)[0])
    if not np.array_equal(answers[0], answers[2]):
        raise VerificationError("The exported model keeps state between calls.", NO_BUNDLE)


def compare_translations(
    reference: TranslatorPredictor,
    exported: TranslatorPredictor,
    texts: Sequence[str],
    *,
    exact: bool = True,
) -> tuple[int, int]:
    """How many best translations are the same, and how many others are ties.

    Args:
        reference: the original.
        exported: the exported model.
        texts: sources.
        exact: whether every translation must be the same but for rounding.

    Raises:
        VerificationError: a translation is another, and not by rounding.
    """
    same = ties = 0
    pairs = zip(reference.translate(texts), exported.translate(texts), strict=True)
    for wanted, given in pairs:
        if wanted.text == given.text:
            same += 1
        elif abs(wanted.candidates[0].score - given.candidates[0].score) < _SAME_SCORE:
            ties += 1
        elif exact:
            raise VerificationError(
                f"The exported model translates {wanted.source[:60]!r} as {given.text[:60]!r}, "
                f"the model as {wanted.text[:60]!r}.",
                NO_BUNDLE,
            )
    return same, ties


def check_strings(
    reference: TranslatorPredictor, exported: SignatureModel, signature: str, texts: Sequence[str]
) -> None:
    """Strings in, strings out, as the original translates greedily.

    Args:
        reference: the original.
        exported: has the signature.
        signature: its name.
        texts: sources.

    Raises:
        VerificationError: a translation is another, and not by rounding.
    """
    wanted = reference.translate(texts, beam=1, replace_unknown=False)
    encoded = [text.encode("utf-8", "replace") for text in texts]
    found = exported.run(signature, {"text": np.asarray(encoded, object)})["translation"]
    for text, given, expected in zip(texts, found, wanted, strict=True):
        if given.decode("utf-8") != expected.text and not _close(reference, text):
            raise VerificationError(
                f"The signature {signature} translates {text[:60]!r} as "
                f"{given.decode('utf-8')[:60]!r}, the model as {expected.text[:60]!r}.",
                NO_BUNDLE,
            )


def _close(reference: TranslatorPredictor, text: str) -> bool:
    """Whether a greedy choice on the way is so close that rounding may turn it."""
    path = greedy_path(reference, source_ids(reference, text))
    return path.safe < len(path.ids) + path.ended


def _milliseconds(call: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times))
