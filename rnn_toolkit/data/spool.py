"""Texts and rows of ids in a temporary file, for tables that are larger than memory should be."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.text.tokenizer import Tokenizer

Ids = NDArray[np.int32]


class _Records:
    """Strings of bytes one after the other in a file that is gone with its last user."""

    def __init__(self, contents: Iterable[bytes]) -> None:
        self._file = tempfile.TemporaryFile(prefix="rnn-toolkit-")
        weakref.finalize(self, self._file.close)
        ends = array("q", [0])
        for content in contents:
            self._file.write(content)
            ends.append(ends[-1] + len(content))
        self.ends = np.frombuffer(ends, np.int64)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def read(self, record: int) -> bytes:
        start, end = self.ends[record : record + 2].tolist()
        self._file.seek(start)
        return self._file.read(end - start)


class SpooledTexts(Sequence[str]):
    """Texts that are read from a temporary file whenever they are asked for.

    Args:
        texts: are written there, one after the other.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._records = _Records(text.encode("utf-8", "surrogatepass") for text in texts)
        self._places = np.arange(len(self._records))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._at(place) for place in self._places[index].tolist()]
        return self._at(int(self._places[index]))

    def __iter__(self) -> Iterator[str]:
        return (self._at(int(place)) for place in self._places)

    def chosen(self, indices: Sequence[int]) -> SpooledTexts:
        """The texts at these positions; they stay where they are."""
        part = object.__new__(SpooledTexts)
        part._records, part._places = self._records, self._places[np.asarray(indices, np.int64)]
        return part

    def some(self, size: int, *, seed: int) -> NDArray[np.intp]:
        """Positions of texts, at random, that have about so many bytes together; ascending."""
        order = np.random.default_rng(seed).permutation(len(self))
        places = self._places[order]
        sizes = self._records.ends[places + 1] - self._records.ends[places]
        return np.sort(order[: int(np.searchsorted(np.cumsum(sizes), size))])

    def _at(self, place: int) -> str:
        return self._records.read(place).decode("utf-8", "surrogatepass")


class SpooledIds(Sequence[Ids]):
    """Rows of ids that are read from a temporary file whenever they are asked for.

    Args:
        rows: are written there, one after the other.
    """

    def __init__(self, rows: Iterable[Ids]) -> None:
        self._records = _Records(row.tobytes() for row in rows)

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, index: int) -> Ids: ...
    @overload
    def __getitem__(self, index: slice) -> list[Ids]: ...
    def __getitem__(self, index: int | slice) -> Ids | list[Ids]:
        if isinstance(index, slice):
            return [self._at(place) for place in range(*index.indices(len(self)))]
        return self._at(range(len(self))[index])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Ids per row."""
        return np.diff(self._records.ends) // np.dtype(np.int32).itemsize

    def _at(self, row: int) -> Ids:
        return np.frombuffer(self._records.read(row), np.int32)


def encode_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> Sequence[Ids]:
    """The ids of texts, which lie where the texts lie: in memory or in a temporary file."""
    rows = tokenizer.rows(texts)
    return SpooledIds(rows) if isinstance(texts, SpooledTexts) else list(rows)


def row_lengths(rows: Sequence[Ids]) -> NDArray[np.int64]:
    """Ids per row, without reading rows that lie in a file."""
    if isinstance(rows, SpooledIds):
        return rows.lengths
    return np.fromiter((len(row) for row in rows), np.int64, len(rows))
