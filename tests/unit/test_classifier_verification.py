"""A bundle's answers are compared with the model's: what counts as a mismatch."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from rnn_toolkit.config import TokenizerConfig
from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.verify_classifier import compare
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.text.train_tokenizer import train_tokenizer

Array = NDArray[np.float32]
ROWS = [[2, 3, 4, 5, 6], [7], [3, 3]]


def right(ids: NDArray[np.int32]) -> Array:
    """A model whose answer depends on the ids alone, not on padding."""
    positive = (ids.sum(axis=1) % 7 / 10 + 0.1).astype(np.float32)
    return np.stack([1 - positive, positive], axis=1)


@pytest.fixture(scope="module")
def reference() -> ClassifierPredictor:
    tokenizer = train_tokenizer(["one two three four five six"] * 3, TokenizerConfig())
    return ClassifierPredictor(tokenizer, ("no", "yes"), right)


def test_equal_answers_pass(reference: ClassifierPredictor) -> None:
    found = compare(reference, right, ROWS)
    assert (found.texts, found.largest_difference, found.label_agreement) == (3, 0.0, 1.0)


@pytest.mark.parametrize("shift", [2e-5, -2e-5, float("nan")])
def test_a_shift_above_the_tolerance_fails(reference: ClassifierPredictor, shift: float) -> None:
    with pytest.raises(VerificationError):
        compare(reference, lambda ids: right(ids) + np.float32(shift), ROWS)


def test_a_shift_of_one_row_alone_or_in_a_batch_fails(reference: ClassifierPredictor) -> None:
    def sees_padding(ids: NDArray[np.int32]) -> Array:
        return right(ids) + np.float32(1e-3) * (ids == 0).any(axis=1, keepdims=True)

    def fails_alone(ids: NDArray[np.int32]) -> Array:
        return right(ids) + np.float32(1e-3) * (len(ids) == 1)

    for run in (sees_padding, fails_alone):
        with pytest.raises(VerificationError, match="differ by"):
            compare(reference, run, ROWS)


def test_an_answer_that_changes_on_repetition_fails(reference: ClassifierPredictor) -> None:
    calls = iter(range(1000))

    def remembers(ids: NDArray[np.int32]) -> Array:
        return right(ids) + np.float32(1e-6) * next(calls)

    with pytest.raises(VerificationError, match="another answer"):
        compare(reference, remembers, ROWS, tolerance=1.0)
