"""Long streams cut into parallel lanes, and the lanes into windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import DataError, OptionError

Array = NDArray[Any]
Chunk = Array | tuple[Array, Array]
"""A piece of a stream [steps] or [steps, features], alone or with its targets [steps, ...]."""

_SHORTEST_RANDOM = 5
_RANDOM_DEVIATION = 5.0
_SHARE_OF_HALVED = 0.05


@dataclass(frozen=True)
class Window:
    """One piece of each lane; the next window goes on where this one ends.

    Args:
        inputs: [batch, length] ids or [batch, length, features].
        targets: [batch, length] or [batch, length, features].
        weights: [batch, length] float32, 0 at steps that count for nothing.
        restarts: [batch] bool, True for lanes that do not go on from the window before.
        learning_rate_scale: the share of the learning rate that suits the window's length.
    """

    inputs: Array
    targets: Array
    weights: NDArray[np.float32]
    restarts: NDArray[np.bool_]
    learning_rate_scale: float = 1.0


def windows(
    stream: Array | Iterable[Chunk],
    batch: int,
    length: int,
    *,
    targets: Array | None = None,
    random_lengths: bool = False,
    seed: int = 0,
    block: int = 1 << 20,
) -> Iterator[Window]:
    """Cuts a stream into `batch` parallel continuous lanes and yields window after window.

    Lane i of an array is its i-th part of equal length; up to `batch` steps at the end are
    left over. An iterator of chunks may be longer than memory: `block` steps of it are held
    at a time and cut into lanes, and the lanes begin anew with each block.

    Args:
        stream: ids [steps] or features [steps, features], as an array, a memory-mapped file
            or an iterable of chunks.
        batch: number of lanes.
        length: steps per window; the last window of a lane may be shorter.
        targets: [steps, ...], where they are not the next step of the stream itself; with an
            iterable of chunks, each chunk is then a pair.
        random_lengths: draws each length around `length`, which in one window of twenty is
            halved, with a standard deviation of 5, and scales the learning rate with it, so
            that windows do not always break in the same places (Merity et al. 2018,
            Regularizing and optimizing LSTM language models, section 5).
        seed: of the random lengths.
        block: steps held at a time, for an iterable of chunks.

    Yields:
        Windows in order.

    Raises:
        DataError: the stream is too short for the lanes.
        OptionError: a size is not above 0, or targets and stream differ in length.
    """
    for name, value in (("batch", batch), ("length", length), ("block", block)):
        if value < 1:
            raise OptionError(f"{name} must be at least 1, not {value}.")
    drawn = _lengths(length, random_lengths, np.random.default_rng(seed))
    if isinstance(stream, np.ndarray):
        blocks: Iterator[tuple[Array, Array]] = iter([_with_targets(stream, targets)])
    elif targets is not None:
        raise OptionError("With an iterable of chunks, targets come in the chunks, as pairs.")
    else:
        blocks = _blocks(stream, block)
    nothing = True
    for inputs, wanted in blocks:
        if len(inputs) >= batch:
            nothing = False
            yield from _windows_of_lanes(inputs, wanted, batch, drawn)
    if nothing:
        raise DataError(
            f"The stream is too short for {batch} lanes.", "Give more data or fewer lanes."
        )


def documents(
    rows: Iterable[Array], batch: int, length: int, *, targets: Iterable[Array] | None = None
) -> Iterator[Window]:
    """Windows over many documents: each lane reads one to its end, then restarts with another.

    Args:
        rows: documents, ids [steps] or features [steps, features]; read one by one.
        batch: number of lanes.
        length: steps per window; a document's last window is filled with zeros of weight 0.
        targets: [steps, ...] for each document, where they are not its next step.

    Yields:
        Windows in order; lanes with nothing left to read have weight 0.
    """
    pairs = (
        (_with_targets(row, None) for row in rows)
        if targets is None
        else (_with_targets(row, wanted) for row, wanted in zip(rows, targets, strict=True))
    )
    waiting = (pair for pair in pairs if len(pair[0]))
    lanes: list[tuple[Array, Array] | None] = [None] * batch
    places = [0] * batch
    while True:
        restarts = np.zeros(batch, np.bool_)
        for lane, current in enumerate(lanes):
            if current is None or places[lane] >= len(current[0]):
                lanes[lane], places[lane], restarts[lane] = next(waiting, None), 0, True
        reading = [
            (lane, current[0][place : place + length], current[1][place : place + length])
            for lane, (current, place) in enumerate(zip(lanes, places, strict=True))
            if current is not None
        ]
        if not reading:
            return
        yield _filled(reading, batch, length, restarts)
        places = [place + length for place in places]


def _filled(
    reading: list[tuple[int, Array, Array]], batch: int, length: int, restarts: NDArray[np.bool_]
) -> Window:
    _, first, wanted = reading[0]
    inputs = np.zeros((batch, length, *first.shape[1:]), first.dtype)
    targets = np.zeros((batch, length, *wanted.shape[1:]), wanted.dtype)
    weights = np.zeros((batch, length), np.float32)
    for lane, piece, wanted in reading:
        inputs[lane, : len(piece)], targets[lane, : len(piece)] = piece, wanted
        weights[lane, : len(piece)] = 1
    return Window(inputs, targets, weights, restarts)


def _with_targets(stream: Array, targets: Array | None) -> tuple[Array, Array]:
    """A stream and the target of each of its steps; by default the step that follows."""
    if targets is None:
        return stream[:-1], stream[1:]
    if len(targets) != len(stream):
        raise OptionError(f"There are {len(stream)} steps but {len(targets)} targets.")
    return stream, targets


def _blocks(chunks: Iterable[Chunk], block: int) -> Iterator[tuple[Array, Array]]:
    """Chunks put together to blocks of at least `block` steps, but for the last one."""
    inputs: list[Array] = []
    targets: list[Array] = []
    held = 0
    for chunk in chunks:
        piece, wanted = chunk if isinstance(chunk, tuple) else (chunk, None)
        if len(piece) == 0:
            continue
        inputs.append(np.asarray(piece))
        if wanted is not None:
            targets.append(np.asarray(wanted))
        held += len(piece)
        if held < block:
            continue
        yield _with_targets(np.concatenate(inputs), np.concatenate(targets) if targets else None)
        # The last step was only a target so far: it is the first input of the next block.
        inputs = [] if targets else [inputs[-1][-1:]]
        targets, held = [], 0 if targets else 1
    if inputs:
        yield _with_targets(np.concatenate(inputs), np.concatenate(targets) if targets else None)


def _windows_of_lanes(
    inputs: Array, targets: Array, batch: int, lengths: Iterator[tuple[int, float]]
) -> Iterator[Window]:
    steps = len(inputs) // batch
    starts = [lane * steps for lane in range(batch)]
    place = 0
    while place < steps:
        length, scale = next(lengths)
        length = min(length, steps - place)

        def cut(array: Array, place: int = place, length: int = length) -> Array:
            # Slice by slice: a memory-mapped file gives up no more than the window.
            return np.stack([array[start + place : start + place + length] for start in starts])

        weights = np.ones((batch, length), np.float32)
        yield Window(cut(inputs), cut(targets), weights, np.full(batch, place == 0), scale)
        place += length


def _lengths(
    length: int, random: bool, generator: np.random.Generator
) -> Iterator[tuple[int, float]]:
    while True:
        if not random:
            yield length, 1.0
            continue
        centre = length / 2 if generator.random() < _SHARE_OF_HALVED else length
        drawn = int(generator.normal(centre, _RANDOM_DEVIATION))
        drawn = max(drawn, min(_SHORTEST_RANDOM, length))
        yield drawn, drawn / length
