"""Texts as one long array of ids, on disk where it is long."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.data.generation_texts import Part
from rnn_toolkit.data.lanes import Window, documents, windows
from rnn_toolkit.errors import DataError

EncodePiece = Callable[[str, str | None], NDArray[np.int32]]
"""A piece of text and its condition to ids, with begin and end where they belong."""


@dataclass(frozen=True)
class TokenStream:
    """All ids of a part, one after the other.

    Args:
        ids: [steps], mapped from disk.
        starts: where each document begins; None for a stream.
        characters: how many characters the ids stand for.
        ordinary: ids from this one on are labels of a condition, which nobody has to predict.
    """

    ids: NDArray[Any]
    starts: NDArray[np.int64] | None
    characters: int
    ordinary: int

    def __len__(self) -> int:
        return len(self.ids)

    def begins(self) -> NDArray[np.bool_]:
        """True at the first id of each document, or of the stream."""
        found = np.zeros(len(self.ids), np.bool_)
        found[self._bounds()[:-1]] = True
        return found

    def predicted(self) -> NDArray[np.bool_]:
        """True at ids that a model has to predict: no first ones, no labels."""
        return ~self.begins() & (np.asarray(self.ids) < self.ordinary)

    def head(self, ids: int) -> TokenStream:
        """The beginning, up to so many ids, as it stands in memory; documents stay whole."""
        if len(self) <= ids:
            return TokenStream(np.asarray(self.ids), self.starts, self.characters, self.ordinary)
        starts = self.starts
        if starts is not None:
            kept = max(1, int(np.searchsorted(starts, ids, "right")) - 1)
            ids, starts = int(self._bounds()[kept]), starts[:kept]
        share = round(self.characters * ids / len(self))
        return TokenStream(np.asarray(self.ids[:ids]), starts, share, self.ordinary)

    def rows(self, count: int, longest: int) -> list[list[int]]:
        """Some pieces from all over: beginnings of documents, or cuts of the stream."""
        if self.starts is None:
            places = np.linspace(0, max(len(self) - longest, 0), count).astype(int)
            bounds = [(place, place + longest) for place in dict.fromkeys(places.tolist())]
        else:
            ends = self._bounds()
            chosen = dict.fromkeys(np.linspace(0, len(ends) - 2, count).astype(int).tolist())
            bounds = [(ends[row], min(ends[row + 1], ends[row] + longest)) for row in chosen]
        return [np.asarray(self.ids[first:last], np.int32).tolist() for first, last in bounds]

    def texts(self, decode: Callable[[list[int]], str]) -> Iterator[str]:
        """Each document as text again, or the stream as one."""
        bounds = self._bounds()
        for first, last in pairwise(bounds.tolist()):
            yield decode(np.asarray(self.ids[first:last]).tolist())

    def longest(self) -> int:
        """Ids of the longest document."""
        return int(np.diff(self._bounds()).max())

    def windows(
        self,
        lanes: int,
        length: int,
        *,
        random_lengths: bool = False,
        seed: int = 0,
        shuffle: bool = False,
    ) -> Iterator[Window]:
        """Windows over everything once, for truncated back-propagation.

        Args:
            lanes: read side by side.
            length: steps of a window.
            random_lengths: see `rnn_toolkit.data.lanes.windows`.
            seed: of random lengths and of the order.
            shuffle: whether documents come in a random order.
        """
        if self.starts is None:
            found = windows(self.ids, lanes, length, random_lengths=random_lengths, seed=seed)
        else:
            bounds = self._bounds()
            order = np.arange(len(self.starts))
            if shuffle:
                np.random.default_rng(seed).shuffle(order)
            rows = (self.ids[bounds[row] : bounds[row + 1]] for row in order)
            found = documents(rows, min(lanes, len(order)), length)
        for window in found:
            yield Window(
                window.inputs.astype(np.int32),
                window.targets.astype(np.int32),
                window.weights * (window.targets < self.ordinary),
                window.restarts,
                window.learning_rate_scale,
            )

    def _bounds(self) -> NDArray[np.int64]:
        starts = np.zeros(1, np.int64) if self.starts is None else self.starts
        return np.append(starts, len(self.ids))


def encode_part(
    part: Part, encode: EncodePiece, *, documents: bool, vocabulary: int, labels: int = 0
) -> TokenStream:
    """Encodes a part of the texts into a temporary file, which goes when it is let go.

    Args:
        part: reads the pieces.
        encode: turns a piece into ids.
        documents: whether pieces are documents.
        vocabulary: number of ids, which decides how many bytes one takes.
        labels: how many of them, the last ones, are labels of a condition.

    Raises:
        DataError: there are fewer than two ids.
    """
    dtype = np.uint16 if vocabulary <= 2**16 else np.int32
    starts, total, characters = [], 0, 0
    with tempfile.TemporaryFile() as file:
        for text, condition in part():
            ids = encode(text, condition)
            starts.append(total)
            total += len(ids)
            characters += len(text)
            file.write(ids.astype(dtype).tobytes())
        if total < 2:
            raise DataError("The text is too short to learn from.", "Give more text.")
        file.flush()
        # The mapping keeps the file alive after it is closed.
        ids = np.memmap(file, dtype, mode="r", shape=(total,))
    places = np.asarray(starts, np.int64) if documents else None
    return TokenStream(ids, places, characters, vocabulary - labels)
