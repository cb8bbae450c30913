"""Streams cut into lanes and windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_toolkit.data.lanes import windows
from rnn_toolkit.errors import DataError, OptionError


@pytest.mark.parametrize("kind", ["array", "memmap", "chunks"])
def test_windows_give_each_step_once_and_in_order(kind: str, tmp_path: Path) -> None:
    stream = np.arange(1, 62, dtype=np.int32)
    source: Any = stream
    if kind == "memmap":
        source = np.memmap(tmp_path / "stream", np.int32, "w+", shape=stream.shape)
        source[:] = stream
    elif kind == "chunks":
        source = (stream[at : at + 7] for at in range(0, 61, 7))
    pieces = list(windows(source, 3, 8))
    inputs = np.concatenate([piece.inputs for piece in pieces], axis=1)
    targets = np.concatenate([piece.targets for piece in pieces], axis=1)
    np.testing.assert_array_equal(inputs, stream[:60].reshape(3, 20))
    np.testing.assert_array_equal(targets, stream[1:61].reshape(3, 20))
    assert [piece.inputs.shape[1] for piece in pieces] == [8, 8, 4]
    assert [piece.restarts.tolist() for piece in pieces] == [[True] * 3, [False] * 3, [False] * 3]


def test_chunks_are_read_as_they_are_needed() -> None:
    read = 0

    def endless() -> Iterator[np.ndarray[Any, Any]]:
        nonlocal read
        while True:
            read += 10
            yield np.arange(read - 10, read)

    pieces = windows(endless(), 2, 5, block=30)
    blocks = [next(pieces) for _ in range(6)]
    assert read <= 70
    starts = [bool(piece.restarts.all()) for piece in blocks]
    assert starts == [True, False, False, True, False, False]
    # The step on which one block ends is the first input of the next.
    np.testing.assert_array_equal(blocks[3].inputs[0], np.arange(29, 34))
    np.testing.assert_array_equal(blocks[3].targets[0], np.arange(30, 35))


def test_random_lengths_scale_the_learning_rate() -> None:
    stream = np.zeros(70_001, np.int32)
    pieces = list(windows(stream, 2, 70, random_lengths=True, seed=1))[:-1]
    lengths = np.asarray([piece.inputs.shape[1] for piece in pieces])
    assert len(set(lengths.tolist())) > 10
    assert 65 < np.median(lengths) < 72
    assert 0.01 < (lengths < 50).mean() < 0.12  # one window of twenty is about halved
    for piece, length in zip(pieces, lengths, strict=True):
        assert piece.learning_rate_scale == pytest.approx(length / 70)
    again = windows(stream, 2, 70, random_lengths=True, seed=1)
    assert next(again).inputs.shape[1] == lengths[0]


def test_bad_sizes_are_one_sentence() -> None:
    stream = np.arange(5)
    with pytest.raises(OptionError, match="length must be at least 1"):
        next(windows(stream, 1, 0))
    with pytest.raises(DataError, match="too short for 9 lanes"):
        next(windows(stream, 9, 2))
    with pytest.raises(OptionError, match="5 steps but 3 targets"):
        next(windows(stream, 1, 2, targets=stream[:3]))
