"""The export matrix: every cell, in every arrangement, in every format, by both faces."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.bundle.files import total_bytes
from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.cells.table import CELLS, check_cell_name
from rnn_toolkit.config import Settings, StackConfig
from rnn_toolkit.errors import RnnToolkitError, VerificationError
from rnn_toolkit.export.base import signature_of
from rnn_toolkit.export.onnx import expected_native_operators
from rnn_toolkit.export.table import EXPORTERS, exporter
from rnn_toolkit.export.tolerance import TOLERANCE
from rnn_toolkit.networks.faces import Face, sequence_face, state_specs, step_face
from rnn_toolkit.networks.stack import recurrent_stack
from rnn_toolkit.runtime.signatures import SignatureModel

FaceLabel = Literal["sequence", "step"]
Array = NDArray[Any]
Run = Callable[[Mapping[str, Array]], dict[str, Array]]
"""One signature of an exported file: inputs and outputs by name."""

ARRANGEMENTS: dict[str, dict[str, Any]] = {
    "one layer": {"layers": 1, "bidirectional": False},
    "two layers": {"layers": 2, "bidirectional": False},
    "bidirectional": {"layers": 1, "bidirectional": True},
}
FORMATS = tuple(EXPORTERS)
_VOCABULARY = 40
_LENGTHS = (33, 9, 1)
_TIMED_STEPS = 64


class MatrixEntry(Settings):
    """One field of the matrix."""

    cell: str
    arrangement: str
    format: str
    face: FaceLabel
    largest_difference: float | None = None
    file_bytes: int | None
    milliseconds: float | None = None
    """Per sequence of 64 steps, or per step; one row."""
    native: bool
    """Whether ONNX's own LSTM, GRU or RNN operators run it."""
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether it answers like Keras."""
        return not self.problem


def export_matrix(
    cells: Sequence[str] | None = None,
    *,
    units: int = 64,
    features: int = 32,
    seed: int = 1,
    progress: Callable[[str], None] = lambda text: None,
) -> Iterator[MatrixEntry]:
    """Exports and checks every combination.

    Bidirectional networks have no step face, since their second half reads from the end.

    Args:
        cells: names of the cell table; all when None.
        units: width of the hidden state.
        features: width of the embedding before it.
        seed: of weights and inputs.
        progress: is told what is being done.
    """
    chosen = list(CELLS) if cells is None else cells
    for cell in chosen:
        check_cell_name(cell)
    for cell in chosen:
        for arrangement, options in ARRANGEMENTS.items():
            progress(f"{cell}, {arrangement}")
            stack = StackConfig(cell=cell, units=units, **options)
            model = matrix_model(stack, features=features, seed=seed)
            yield from _entries(cell, arrangement, model, stack, seed)


def matrix_model(stack: StackConfig, *, features: int, seed: int) -> keras.Model:
    """Embedding and recurrent stack, [batch, time] ids to [batch, time, width]; no weight is 0."""
    keras.utils.set_random_seed(seed)
    ids = keras.Input((None,), dtype="int32", name="ids")
    hidden = keras.layers.Embedding(_VOCABULARY, features, mask_zero=True, name="embedding")(ids)
    model = keras.Model(ids, recurrent_stack(hidden, stack, return_sequences=True))
    generator = np.random.default_rng(seed)
    for weight in model.trainable_variables:
        noise = generator.normal(scale=0.1, size=weight.shape)
        weight.assign(weight.numpy() + noise.astype(np.float32))
    return model


def _entries(
    cell: str, arrangement: str, model: keras.Model, stack: StackConfig, seed: int
) -> Iterator[MatrixEntry]:
    faces: dict[FaceLabel, Face] = {
        "sequence": sequence_face(model, name="sequence", output="outputs")
    }
    if not stack.bidirectional:
        faces["step"] = step_face(model, name="step", output="output")
    ids = _ragged_ids(seed)
    expected = np.asarray(model(tf.constant(ids), training=False))
    native = expected_native_operators(model) > 0
    for format_label in FORMATS:
        exported, files, problem = exporter(format_label), {}, ""
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            try:
                files = exported.write(model, list(faces.values()), directory)
                signatures: dict[str, Signature] = {
                    each: signature_of(face, files[each]) for each, face in faces.items()
                }
                opened = exported.open(directory, signatures)
            except RnnToolkitError as error:
                problem = error.message
            for face in faces:
                entry = MatrixEntry(
                    cell=cell,
                    arrangement=arrangement,
                    format=format_label,
                    face=face,
                    file_bytes=_size(directory / files[face]) if not problem else None,
                    native=format_label == "onnx" and face == "sequence" and native,
                    problem=problem,
                )
                check = _check_sequence if face == "sequence" else _check_step
                yield entry if problem else _checked(entry, check, opened, model, ids, expected)


def _checked(
    entry: MatrixEntry,
    check: Callable[[Run, keras.Model, Array, Array], tuple[float, float]],
    opened: SignatureModel,
    model: keras.Model,
    ids: Array,
    expected: Array,
) -> MatrixEntry:
    try:
        largest, milliseconds = check(partial(opened.run, entry.face), model, ids, expected)
    except VerificationError as error:
        return entry.model_copy(update={"problem": error.message})
    return entry.model_copy(update={"largest_difference": largest, "milliseconds": milliseconds})


def _size(path: Path) -> int:
    return total_bytes(path) if path.is_dir() else path.stat().st_size


def _ragged_ids(seed: int) -> Array:
    generator = np.random.default_rng(seed)
    ids = generator.integers(1, _VOCABULARY, (len(_LENGTHS) + 1, max(_LENGTHS) + 4))
    for row, length in enumerate((*_LENGTHS, 0)):  # the last row is all padding
        ids[row, length:] = 0
    return ids.astype(np.int32)


def _check_sequence(
    run: Run, model: keras.Model, ids: Array, expected: Array
) -> tuple[float, float]:
    """Equal to Keras on a ragged batch and row by row; the same when it is asked again."""
    batch = run({"ids": ids})["outputs"]
    real = (ids > 0)[:, :, None]
    largest = _difference(batch * real, expected * real)
    for row, length in enumerate(_LENGTHS):
        alone = run({"ids": ids[row : row + 1, :length]})["outputs"]
        largest = max(largest, _difference(alone[0], expected[row, :length]))
    if not np.array_equal(batch, run({"ids": ids})["outputs"]):
        raise VerificationError("gives another answer when it is asked again")
    timed = {"ids": np.resize(ids[:1, : _LENGTHS[0]], (1, _TIMED_STEPS))}
    return _within_tolerance(largest), _milliseconds(lambda: run(timed))


def _check_step(run: Run, model: keras.Model, ids: Array, expected: Array) -> tuple[float, float]:
    """Step after step, carrying the states, gives what Keras gives for the whole sequence."""
    specs = [spec for layer in state_specs(model).values() for spec in layer]
    initial = {spec.name: np.zeros((len(ids), spec.shape[-1]), np.float32) for spec in specs}
    states, outputs = initial, np.zeros_like(expected)
    for position in range(ids.shape[1]):
        inputs = {"ids": ids[:, position], **states}
        answer = run(inputs)
        outputs[:, position] = answer["output"]
        if position == 0 and not np.array_equal(run(inputs)["output"], answer["output"]):
            raise VerificationError("keeps a state of its own between calls")
        states = {name: answer[f"{name}_out"] for name in states}
    real = (ids > 0)[:, :, None]
    largest = _difference(outputs * real, expected * real)
    one = {"ids": ids[:1, 0], **{name: state[:1] for name, state in initial.items()}}
    return _within_tolerance(largest), _milliseconds(lambda: run(one))


def _difference(found: Array, expected: Array) -> float:
    """Largest difference; of values above 1 (a cell may be unbounded) as a share of the largest."""
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(found.astype(np.float64) - expected).max()) / scale


def _within_tolerance(largest: float) -> float:
    if not largest <= TOLERANCE:  # NaN counts as a mismatch
        raise VerificationError(f"differs from Keras by {largest:.1e}")
    return largest


def _milliseconds(call: Callable[[], object], repeats: int = 15) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    return float(np.median(times))
