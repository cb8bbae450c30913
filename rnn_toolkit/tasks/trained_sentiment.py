"""A trained classifier with all that its directory holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.data.labelled import LabelledTexts
from rnn_toolkit.evaluation.baselines import TfidfBaseline
from rnn_toolkit.evaluation.classification import Evaluation
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.report.page import Report
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.tasks.judging import Judge, Judgement
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.training.observer import EpochRecord


@dataclass
class TrainedSentiment:
    """A trained model with all that its directory holds."""

    config: SentimentConfig
    model: keras.Model
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    baseline: TfidfBaseline
    history: list[EpochRecord]
    fingerprints: set[str]
    verification: list[list[int]]
    verification_labels: list[int]
    label_counts: NDArray[np.int64]
    facts: dict[str, Any]
    evaluations: list[Evaluation]
    report: Report
    chief: bool = True  # of a training by several processes only one writes and reports
    predictor: ClassifierPredictor | None = field(default=None)

    def answering(self) -> ClassifierPredictor:
        """The object that answers, traced once."""
        if self.predictor is None:
            run = keras_runner(self.model)
            self.predictor = ClassifierPredictor(self.tokenizer, self.labels, run)
        return self.predictor

    def evaluate(self, data: LabelledTexts, *, split: str) -> Evaluation:
        """Judges the model on labelled texts and takes the result up."""
        judge = Judge(
            self.model,
            self.answering(),
            self.baseline,
            self.fingerprints,
            self.label_counts,
            self.config.training.seed,
        )
        judgement = judge.judge(data, split=split)
        self.add(judgement)
        return judgement.evaluation

    def add(self, judgement: Judgement) -> None:
        """Takes up an evaluation; it replaces an earlier one of the same rows."""
        new = judgement.evaluation
        others = [
            old
            for old in self.evaluations
            if (old.split, old.data_sha256, old.data) != (new.split, new.data_sha256, new.data)
        ]
        self.evaluations = [*others, new]
        self.report = self.report.with_section(judgement.section)
