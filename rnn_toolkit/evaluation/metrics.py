"""Scores of a classifier on labelled rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from rnn_toolkit.config import Settings

_CALIBRATION_BINS = 10


class ClassScore(Settings):
    """Precision, recall and F1 of one class."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


class CalibrationBin(Settings):
    """Rows whose highest probability lies in one tenth of 0 to 1."""

    confidence: float
    accuracy: float
    rows: int


class Scores(Settings):
    """The scores of one classifier; log_loss is mean cross-entropy in nats."""

    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[CalibrationBin, ...]


def log_loss(probabilities: NDArray[np.float32], labels: NDArray[np.int32]) -> float:
    """Mean of -ln p(true class), in nats, p clipped to at least 1e-7."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(of_label, 1e-7, 1.0)).mean())


def calibration(
    probabilities: NDArray[np.float32], labels: NDArray[np.int32]
) -> tuple[float, tuple[CalibrationBin, ...]]:
    """Expected calibration error (Naeini et al. 2015) over ten bins of equal width.

    ECE = sum_b rows_b / rows * |accuracy_b - confidence_b|

    Returns:
        The error, between 0 and 1, and the bins that hold rows.
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    bins = np.minimum((confidence * _CALIBRATION_BINS).astype(int), _CALIBRATION_BINS - 1)
    found = []
    error = 0.0
    for index in range(_CALIBRATION_BINS):
        inside = bins == index
        rows = int(inside.sum())
        if rows:
            mean_confidence, accuracy = (
                float(confidence[inside].mean()),
                float(right[inside].mean()),
            )
            error += rows / len(labels) * abs(accuracy - mean_confidence)
            found.append(CalibrationBin(confidence=mean_confidence, accuracy=accuracy, rows=rows))
    return error, tuple(found)


def score(
    probabilities: NDArray[np.float32], labels: NDArray[np.int32], names: Sequence[str]
) -> Scores:
    """All scores of one classifier.

    Args:
        probabilities: [rows, classes].
        labels: position of the true class of each row.
        names: the classes.

    Returns:
        The scores; a class that occurs neither in labels nor in predictions is left out of
        the macro F1.
    """
    predicted = probabilities.argmax(1)
    every = list(range(len(names)))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0
    )
    present = [index for index in every if support[index] or (predicted == index).any()]
    error, bins = calibration(probabilities, labels)
    return Scores(
        accuracy=float((predicted == labels).mean()),
        macro_f1=float(np.mean([f1[index] for index in present])),
        log_loss=log_loss(probabilities, labels),
        calibration_error=error,
        classes=tuple(
            ClassScore(
                label=names[index],
                precision=float(precision[index]),
                recall=float(recall[index]),
                f1=float(f1[index]),
                rows=int(support[index]),
            )
            for index in every
        ),
        confusion=tuple(
            tuple(int(count) for count in row)
            for row in confusion_matrix(labels, predicted, labels=every)
        ),
        calibration=bins,
    )
