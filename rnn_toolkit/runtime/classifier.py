"""The predictor of classification tasks: texts in, labels with probabilities out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.data.batching import pad_rows
from rnn_toolkit.errors import OptionError
from rnn_toolkit.text.tokenizer import Tokenizer

RunClassifier = Callable[[NDArray[np.int32]], NDArray[np.float32]]
"""Ids [batch, time], padded on the right with 0, to probabilities [batch, classes]."""

TOKENS_PER_BATCH = 16_384


@dataclass(frozen=True)
class Prediction:
    """The answer for one text."""

    text: str
    label: str
    probability: float
    probabilities: dict[str, float]


class ClassifierPredictor:
    """Tokenizer, network and labels put together.

    Args:
        tokenizer: text to ids.
        labels: the class names in the order of the network's outputs.
        run: the network, whatever runs it.
    """

    def __init__(self, tokenizer: Tokenizer, labels: Sequence[str], run: RunClassifier) -> None:
        self.tokenizer = tokenizer
        self.labels = tuple(labels)
        self.run = run

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Class probabilities.

        Args:
            texts: any strings, empty ones included.

        Returns:
            Array [texts, classes] in the order of `labels`.
        """
        return self.probabilities_of_ids(self.tokenizer.encode_rows(texts))

    def probabilities_of_ids(
        self, rows: Sequence[Sequence[int] | NDArray[np.int32]]
    ) -> NDArray[np.float32]:
        """Class probabilities [rows, classes] of unpadded ids."""
        results = np.zeros((len(rows), len(self.labels)), np.float32)
        for indices in batches_by_length([len(row) for row in rows]):
            results[indices] = self.run(pad_rows(rows, indices))
        return results

    @overload
    def predict(self, texts: str) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, texts: Sequence[str]) -> list[Prediction]: ...
    def predict(self, texts: str | Sequence[str]) -> Prediction | list[Prediction]:
        """Labels with their probabilities.

        Args:
            texts: one string, or several.

        Returns:
            One prediction for one string, a list for several.

        Raises:
            OptionError: something other than strings was given.
        """
        rows = [texts] if isinstance(texts, str) else list(texts)
        for position, row in enumerate(rows, start=1):
            if not isinstance(row, str):
                raise OptionError(f"Text {position} is {type(row).__name__}, not a string.")
        found = [
            self._prediction(text, row)
            for text, row in zip(rows, self.probabilities(rows), strict=True)
        ]
        return found[0] if isinstance(texts, str) else found

    def _prediction(self, text: str, row: NDArray[np.float32]) -> Prediction:
        best = int(row.argmax())
        by_label = {label: float(value) for label, value in zip(self.labels, row, strict=True)}
        return Prediction(text, self.labels[best], float(row[best]), by_label)


def batches_by_length(
    lengths: Sequence[int], *, tokens_per_batch: int = TOKENS_PER_BATCH
) -> Iterator[list[int]]:
    """Groups rows of similar length so that little of a batch is padding.

    Args:
        lengths: ids per row.
        tokens_per_batch: the most ids a batch may have, padding included; a single longer
            row is a batch of its own.

    Yields:
        Row indices; each row comes exactly once.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    batch: list[int] = []
    for index in order:
        if batch and (len(batch) + 1) * lengths[index] > tokens_per_batch:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
