"""A classifier's bundle: its predictor, and the check of its golden rows."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.bundle.classifier import ClassifierGoldenRow, ClassifierManifest
from rnn_toolkit.bundle.golden import GOLDEN_NAME, read_golden
from rnn_toolkit.runtime.classifier import ClassifierPredictor, RunClassifier
from rnn_toolkit.runtime.findings import GoldenReport
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.text.description import PAD_ID
from rnn_toolkit.text.tokenizer import Tokenizer


def classifier_run(model: SignatureModel, static_length: int | None = None) -> RunClassifier:
    """The signature `predict` as a function from ids [batch, time] to probabilities.

    Args:
        model: has the signature.
        static_length: it takes one text of exactly so many ids; None for any batch and time.
    """

    def run(ids: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.asarray(model.run("predict", {"ids": ids})["probabilities"], np.float32)

    def one_by_one(ids: NDArray[np.int32]) -> NDArray[np.float32]:
        missing = max(0, (static_length or 0) - ids.shape[1])
        padded = np.pad(ids, [(0, 0), (0, missing)], constant_values=PAD_ID)[:, :static_length]
        return np.concatenate([run(row[None]) for row in padded])

    return run if static_length is None else one_by_one


def classifier_predictor(
    directory: Path, manifest: ClassifierManifest, model: SignatureModel
) -> ClassifierPredictor:
    """Tokenizer, labels and model of a bundle, put together."""
    tokenizer = Tokenizer.from_file(
        directory / manifest.tokenizer.file,
        maximum_length=manifest.tokenizer.maximum_length,
        head_length=manifest.tokenizer.head_length,
    )
    run = classifier_run(model, manifest.static_length)
    return ClassifierPredictor(tokenizer, manifest.labels, run)


def check_classifier(
    directory: Path, manifest: ClassifierManifest, model: SignatureModel, tolerance: float
) -> GoldenReport:
    """Tokenizes and classifies every golden text again.

    Args:
        directory: of the bundle.
        manifest: of the bundle.
        model: of the bundle.
        tolerance: the largest allowed difference of a probability.
    """
    predictor = classifier_predictor(directory, manifest, model)
    rows = read_golden(directory / GOLDEN_NAME, ClassifierGoldenRow)
    problems: list[str] = []
    largest = elapsed = 0.0
    for number, row in enumerate(rows, start=1):
        if tuple(predictor.tokenizer.encode(row.text)) != row.ids:
            problems.append(f"golden row {number}: the tokenizer gives other ids")
        began = time.perf_counter()
        found = predictor.probabilities_of_ids([row.ids])[0]
        elapsed += time.perf_counter() - began
        difference = float(np.abs(found - np.asarray(row.probabilities)).max())
        largest = max(largest, difference)
        if not difference <= tolerance:  # NaN counts as wrong
            problems.append(f"golden row {number}: other probabilities")
    milliseconds = 1000 * elapsed / max(len(rows), 1)
    return GoldenReport(len(rows), largest, milliseconds, "text", tuple(problems))
