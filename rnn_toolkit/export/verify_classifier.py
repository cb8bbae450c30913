"""Compares an exported classifier with the model it came from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.tolerance import NO_BUNDLE, TOLERANCE
from rnn_toolkit.runtime.classifier import ClassifierPredictor, RunClassifier
from rnn_toolkit.runtime.classifier_bundle import classifier_run
from rnn_toolkit.runtime.signatures import SignatureModel

_TIMED_TEXTS = 50


@dataclass(frozen=True)
class Comparison:
    """How an exported model answers beside the original."""

    texts: int
    largest_difference: float
    label_agreement: float
    milliseconds_per_text: float


def compare(
    reference: ClassifierPredictor,
    run: RunClassifier,
    rows: Sequence[Sequence[int]],
    *,
    tolerance: float = TOLERANCE,
) -> Comparison:
    """Runs both on the same rows: in padded batches, alone, and a second time.

    Args:
        reference: the original model.
        run: the exported one.
        rows: ids of the texts to compare on, unpadded.
        tolerance: largest allowed difference of a probability.

    Returns:
        What was found.

    Raises:
        VerificationError: a probability differs by more, or an answer changes on repetition.
    """
    exported = ClassifierPredictor(reference.tokenizer, reference.labels, run)
    expected = reference.probabilities_of_ids(rows)
    batched = exported.probabilities_of_ids(rows)
    largest = _largest(expected, batched)
    agreement = float((expected.argmax(1) == batched.argmax(1)).mean())
    longest_first = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
    alone = longest_first[:: max(1, len(rows) // _TIMED_TEXTS)][:_TIMED_TEXTS]
    milliseconds = []
    for index in alone:
        ids = np.asarray([rows[index]], np.int32)
        first = run(ids)
        began = time.perf_counter()
        again = run(ids)
        milliseconds.append(1000 * (time.perf_counter() - began))
        largest = max(largest, _largest(expected[index], first[0]))
        if not np.array_equal(first, again, equal_nan=True):  # NaN is said below
            raise VerificationError(
                "The exported model gives another answer when the same text is repeated.",
                NO_BUNDLE,
            )
    if not largest <= tolerance:  # NaN counts as a mismatch
        worst = int(np.abs(expected - batched).max(axis=1).argmax())
        raise VerificationError(
            f"The exported model's probabilities differ by {largest:.2g} from the model's "
            f"(at most {tolerance:g} is allowed; worst on a text of {len(rows[worst])} tokens).",
            NO_BUNDLE,
        )
    return Comparison(len(rows), largest, agreement, float(np.median(milliseconds)))


def check_strings(
    reference: ClassifierPredictor, exported: SignatureModel, signature: str, texts: Sequence[str]
) -> None:
    """The signature that takes strings tokenizes and answers as it should.

    Args:
        reference: the original model.
        exported: the exported one.
        signature: from `text` to `ids` and `probabilities`.
        texts: what to compare on.

    Raises:
        VerificationError: a text gets other ids, or the signatures disagree.
    """
    found = exported.run(signature, {"text": np.asarray(texts, object)})
    for text, row in zip(texts, found["ids"], strict=True):
        expected = reference.tokenizer.encode(text)
        if list(row[: len(expected)]) != expected or row[len(expected) :].any():
            raise VerificationError(
                f"The exported file cuts this text otherwise than the tokenizer: {text[:80]!r}.",
                NO_BUNDLE,
            )
    of_ids = ClassifierPredictor(reference.tokenizer, reference.labels, classifier_run(exported))
    if not _largest(of_ids.probabilities(texts), found["probabilities"]) <= TOLERANCE:
        raise VerificationError("The signatures for ids and for strings disagree.", NO_BUNDLE)


def _largest(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    return float(np.abs(expected.astype(np.float64) - found).max())
