"""Opens a bundle and checks it against its golden vectors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnn_toolkit.bundle.golden import GOLDEN_NAME, read_golden
from rnn_toolkit.bundle.manifest import MANIFEST_NAME, Manifest, damaged_files, read_manifest
from rnn_toolkit.errors import BundleError
from rnn_toolkit.runtime.classifier import ClassifierPredictor, RunClassifier
from rnn_toolkit.text.tokenizer import Tokenizer

GOLDEN_TOLERANCE = 1e-5


def _litert(path: Path) -> RunClassifier:
    from rnn_toolkit.runtime.litert import LiteRTClassifier

    return LiteRTClassifier(path)


def _onnx(path: Path) -> RunClassifier:
    from rnn_toolkit.runtime.onnx import OnnxClassifier

    return OnnxClassifier(path)


RUNTIMES: dict[str, Callable[[Path], RunClassifier]] = {"tflite": _litert, "onnx": _onnx}


def is_bundle(path: Path) -> bool:
    """Whether a directory holds a manifest."""
    return (path / MANIFEST_NAME).is_file()


def load_bundle(
    directory: Path, runtimes: dict[str, Callable[[Path], RunClassifier]] | None = None
) -> ClassifierPredictor:
    """Opens a bundle for prediction.

    Args:
        directory: what `export` wrote.
        runtimes: how to run each format; those that need no TensorFlow by default.

    Raises:
        BundleError: the bundle is damaged, too new, or of a format without a runtime here.
    """
    manifest = read_manifest(directory)
    known = RUNTIMES if runtimes is None else runtimes
    if manifest.format not in known:
        raise BundleError(
            f"{directory} is a {manifest.format} bundle, which this runtime does not run.",
            "Open it with rnn_toolkit.load, which may import TensorFlow.",
        )
    model_path = directory / manifest.model_file
    if not model_path.exists():
        raise BundleError(f"{model_path} is missing.", "Export the model again.")
    return ClassifierPredictor(
        read_tokenizer(directory, manifest), manifest.labels, known[manifest.format](model_path)
    )


def read_tokenizer(directory: Path, manifest: Manifest) -> Tokenizer:
    """The tokenizer of a bundle."""
    return Tokenizer.from_file(
        directory / manifest.tokenizer.file,
        maximum_length=manifest.tokenizer.maximum_length,
        head_length=manifest.tokenizer.head_length,
    )


@dataclass(frozen=True)
class GoldenReport:
    """What a check against the golden vectors found."""

    rows: int
    wrong_ids: tuple[int, ...]
    wrong_answers: tuple[int, ...]
    largest_difference: float
    milliseconds_per_text: float
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing at all was wrong."""
        return not self.problems


def check_bundle(
    directory: Path,
    runtimes: dict[str, Callable[[Path], RunClassifier]] | None = None,
    *,
    tolerance: float = GOLDEN_TOLERANCE,
) -> GoldenReport:
    """Checks every checksum and re-runs every golden row in the bundle's own runtime.

    Args:
        directory: what `export` wrote.
        runtimes: see `load_bundle`.
        tolerance: the largest allowed difference of a probability.

    Returns:
        The findings, each problem as a sentence.
    """
    manifest = read_manifest(directory)
    damaged = damaged_files(directory, manifest)
    if damaged:
        return GoldenReport(0, (), (), float("nan"), float("nan"), tuple(damaged))
    predictor = load_bundle(directory, runtimes)
    rows = read_golden(directory / GOLDEN_NAME)
    wrong_ids: list[int] = []
    wrong_answers: list[int] = []
    largest = 0.0
    elapsed = 0.0
    for number, row in enumerate(rows, start=1):
        ids = predictor.tokenizer.encode(row.text)
        if tuple(ids) != row.ids:
            wrong_ids.append(number)
        began = time.perf_counter()
        found = predictor.probabilities_of_ids([row.ids])[0]
        elapsed += time.perf_counter() - began
        difference = float(np.abs(found - np.asarray(row.probabilities)).max())
        largest = max(largest, difference)
        if not difference <= tolerance:  # NaN counts as wrong
            wrong_answers.append(number)
    problems = [f"golden row {number}: the tokenizer gives other ids" for number in wrong_ids]
    problems += [f"golden row {number}: other probabilities" for number in wrong_answers]
    return GoldenReport(
        len(rows),
        tuple(wrong_ids),
        tuple(wrong_answers),
        largest,
        1000 * elapsed / max(len(rows), 1),
        tuple(problems),
    )
