"""The rows of the ladder: one split of IMDB's training file for every entry, and its test file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import TrainingConfig
from rnn_toolkit.data.labelled import LabelledTexts, label_ids, read_labelled, stratified_split

Labels = NDArray[np.int32]


def imdb(name: str) -> Path:
    """A file of the data set: train, test or unsup."""
    return Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / f"{name}.csv.gz"


@dataclass(frozen=True)
class Part:
    """Texts with the position of the class of each."""

    texts: list[str]
    labels: Labels


def _part(rows: LabelledTexts) -> Part:
    return Part(rows.texts, label_ids(rows.labels, ["0", "1"], source=rows.source))


def training_and_validation(seed: int) -> tuple[Part, Part]:
    """The split that the toolkit makes of the training file with this seed."""
    rows = read_labelled(imdb("train"))
    share = TrainingConfig().validation_split
    training, chosen = stratified_split(rows.labels, rows.texts, share=share, seed=seed)
    return _part(rows.subset(training)), _part(rows.subset(chosen))


def test_rows() -> Part:
    """The test file."""
    return _part(read_labelled(imdb("test")))


def accuracy(probabilities: Sequence[float] | NDArray[np.float32], labels: Labels) -> float:
    """Share of rows whose probability of the second class is on the right side of a half."""
    return float(((np.asarray(probabilities) >= 0.5) == labels).mean())
