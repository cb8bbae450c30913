"""The export matrix as a page of documentation."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import ai_edge_litert
import keras
import onnxruntime
import tensorflow as tf

from rnn_toolkit._version import __version__
from rnn_toolkit.bundle.files import write_text_whole
from rnn_toolkit.export.matrix import FORMATS, MatrixEntry
from rnn_toolkit.export.tolerance import TOLERANCE

_TITLES = {"savedmodel": "SavedModel", "tflite": "TFLite", "onnx": "ONNX"}
COLUMNS = [(name, face) for name in FORMATS for face in ("sequence", "step")]


def matrix_table(entries: Iterable[MatrixEntry]) -> tuple[list[str], list[list[str]]]:
    """The matrix as columns and rows of text, one row per cell and arrangement."""
    titles = [f"{_TITLES.get(name, name)} {face}" for name, face in COLUMNS]
    columns = ["cell", "arrangement", *titles]
    rows = []
    for (cell, arrangement), group in groupby(entries, lambda e: (e.cell, e.arrangement)):
        found: dict[tuple[str, str], MatrixEntry] = {(e.format, e.face): e for e in group}
        rows.append([cell, arrangement, *(field_text(found.get(column)) for column in COLUMNS)])
    return columns, rows


def field_text(entry: MatrixEntry | None) -> str:
    """Largest difference, time and size of one field, or what is wrong."""
    if entry is None:
        return "-"
    if not entry.passed:
        return f"FAILED: {entry.problem}"
    difference = f"{entry.largest_difference:.0e}" if entry.largest_difference else "0"
    text = f"{difference}, {entry.milliseconds:.2f} ms, {(entry.file_bytes or 0) / 1000:.0f} kB"
    return f"{text}, native" if entry.native else text


def write_matrix_page(
    path: Path, entries: Sequence[MatrixEntry], *, command: str, units: int, features: int
) -> None:
    """Writes the matrix as Markdown.

    Args:
        path: the file.
        entries: what `export_matrix` found.
        command: what makes this page.
        units: width of the hidden states.
        features: width of the inputs.
    """
    columns, rows = matrix_table(entries)
    passed = sum(entry.passed for entry in entries)
    versions = (
        f"rnn-toolkit {__version__}, Python {platform.python_version()}, TensorFlow "
        f"{tf.__version__}, Keras {keras.__version__}, LiteRT {ai_edge_litert.__version__}, ONNX "
        f"Runtime {onnxruntime.__version__}, {platform.system()} {platform.machine()}"
    )
    lines = [
        "# Export matrix",
        "",
        f"{passed} of {len(entries)} combinations answer like Keras in their own runtime: at most "
        f"{TOLERANCE:g} apart, as a share of the largest value where a cell's values exceed 1, on "
        "a ragged batch, row by row, and when asked again. No file uses a Flex or custom operator. "
        "Each field: largest difference, milliseconds of one row (64 steps for a sequence, one for "
        "a step), size of the file; `native` stands where ONNX runs its own LSTM, GRU or RNN "
        "operator. TFLite and SavedModel hold both faces in one file. A bidirectional network has "
        "no step face.",
        "",
        f"Made by `{command}`: {units} units, {features} features, batch 1. {versions}.",
        "",
        f"| {' | '.join(columns)} |",
        "|---|---|" + "---|" * len(COLUMNS),
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    write_text_whole(path, "\n".join(lines) + "\n")
