"""The rows that a decoder is working on: hypotheses of many source texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.step import Logits


class DecoderRows:
    """Reads a batch of sources; then every row is a hypothesis about one of them.

    What a model passes on from step to step as the same array (what the encoder made of a
    source) is equal in all rows of a source. It is copied only when the sources of the rows
    change, whereas states follow their hypotheses at every step.

    Args:
        model: whatever runs it.
        sources: the ids of each source, at least one.
    """

    def __init__(self, model: EncoderDecoder, sources: Sequence[Sequence[int]]) -> None:
        lengths = np.array([len(source) for source in sources], np.int32)
        ids = np.zeros((len(sources), int(lengths.max())), np.int32)
        for row, source in zip(ids, sources, strict=True):
            row[: len(source)] = source
        self._model = model
        self._states = model.encode(ids, lengths)
        self._unchanged = set(self._states)
        self._sources = np.arange(len(sources))

    def step(self, ids: NDArray[np.int32]) -> tuple[Logits, NDArray[Any]]:
        """Reads one more id per row.

        Args:
            ids: [rows].

        Returns:
            Logits [rows, vocabulary] of the next id, and attention [rows, source time].
        """
        before = self._states
        logits, after = self._model.step(ids, before)
        self._states = {name: array for name, array in after.items() if name != "attention"}
        self._unchanged = {name for name in self._unchanged if after.get(name) is before[name]}
        return logits, after["attention"]

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Goes on with chosen rows, in that order; a row may be chosen more than once."""
        sources = self._sources[rows]
        if np.array_equal(sources, self._sources):
            moved = {name for name in self._states if name not in self._unchanged}
        else:
            moved = set(self._states)
        self._states = {
            name: array[rows] if name in moved else array for name, array in self._states.items()
        }
        self._sources = sources
