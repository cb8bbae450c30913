"""Judges a sentiment model on labelled rows, beside its baselines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit._version import __version__
from rnn_toolkit.data.checks import duplicates_inside, rows_also_in
from rnn_toolkit.data.labelled import LabelledTexts, label_ids
from rnn_toolkit.evaluation.baselines import (
    MAJORITY_NAME,
    TFIDF_NAME,
    TfidfBaseline,
    majority_probabilities,
)
from rnn_toolkit.evaluation.classification import BaselineScores, Evaluation
from rnn_toolkit.evaluation.explain import explain
from rnn_toolkit.evaluation.metrics import Scores, score
from rnn_toolkit.report.page import (
    ClassLine,
    EvaluationSection,
    ExplainedText,
    Piece,
    ScoreLine,
)
from rnn_toolkit.runtime.classifier import ClassifierPredictor

_MISTAKES = 8
_EXAMPLES = 4
_SHOWN_PIECES = 160


@dataclass(frozen=True)
class Judgement:
    """An evaluation and the section of the report that shows it."""

    evaluation: Evaluation
    section: EvaluationSection


@dataclass(frozen=True)
class Judge:
    """What does not change from one data set to the next."""

    model: keras.Model
    predictor: ClassifierPredictor
    baseline: TfidfBaseline
    training_fingerprints: set[str]
    label_counts: NDArray[np.int64]
    seed: int

    def judge(self, data: LabelledTexts, *, split: str) -> Judgement:
        """Scores the model and both baselines on the same rows.

        Args:
            data: labelled texts; every label must be known to the model.
            split: what the rows are: "validation" or "test".
        """
        labels = label_ids(data.labels, self.predictor.labels, source=data.source)
        began = time.perf_counter()
        tokenizer = self.predictor.tokenizer
        lengths, rows = [], []
        for ids in tokenizer.whole(data.texts):
            lengths.append(len(ids))
            rows.append(np.asarray(tokenizer.truncate(ids), np.int32))
        probabilities = self.predictor.probabilities_of_ids(rows)
        seconds = time.perf_counter() - began
        names = self.predictor.labels
        evaluation = Evaluation(
            data=data.source,
            data_sha256=data.checksum(),
            split=split,
            rows=len(data),
            problems=len(data.problems),
            duplicate_rows=duplicates_inside(data).extra_rows,
            rows_also_in_training=rows_also_in(data, self.training_fingerprints),
            seed=self.seed,
            toolkit_version=__version__,
            seconds=round(seconds, 3),
            model=score(probabilities, labels, names),
            baseline=BaselineScores(
                name=TFIDF_NAME,
                scores=score(self.baseline.probabilities(data.texts), labels, names),
            ),
            majority=BaselineScores(
                name=MAJORITY_NAME,
                scores=score(
                    majority_probabilities(self.label_counts, rows=len(data)), labels, names
                ),
            ),
        )
        section = self._section(data, labels, probabilities, evaluation, tuple(lengths))
        return Judgement(evaluation, section)

    def _section(
        self,
        data: LabelledTexts,
        labels: NDArray[np.int32],
        probabilities: NDArray[np.float32],
        evaluation: Evaluation,
        lengths: tuple[int, ...],
    ) -> EvaluationSection:
        predicted = probabilities.argmax(1)
        confidence = probabilities.max(1)
        by_confidence = np.argsort(-confidence, kind="stable")
        mistakes = [index for index in by_confidence if predicted[index] != labels[index]]
        right = [index for index in by_confidence if predicted[index] == labels[index]]
        examples = right[:: max(1, len(right) // _EXAMPLES)][:_EXAMPLES]
        model = evaluation.model

        def shown(chosen: Sequence[int]) -> tuple[ExplainedText, ...]:
            return tuple(
                self._explained(data, int(i), int(predicted[i]), probabilities) for i in chosen
            )

        return EvaluationSection(
            title=f"{evaluation.split.capitalize()}: {data.source}",
            facts=_facts(evaluation),
            verdict=evaluation.verdict(),
            loses=evaluation.loses_to_baseline,
            scores=(
                _score_line("this model", model),
                _score_line(evaluation.baseline.name, evaluation.baseline.scores),
                _score_line(evaluation.majority.name, evaluation.majority.scores),
            ),
            classes=tuple(
                ClassLine(
                    label=entry.label,
                    precision=entry.precision,
                    recall=entry.recall,
                    f1=entry.f1,
                    rows=entry.rows,
                )
                for entry in model.classes
            ),
            labels=self.predictor.labels,
            confusion=model.confusion,
            calibration=tuple((b.confidence, b.accuracy, b.rows) for b in model.calibration),
            lengths=lengths,
            maximum_length=self.predictor.tokenizer.maximum_length,
            mistakes=shown(mistakes[:_MISTAKES]),
            examples=shown(examples),
        )

    def _explained(
        self, data: LabelledTexts, index: int, label: int, probabilities: NDArray[np.float32]
    ) -> ExplainedText:
        weights = explain(self.model, self.predictor.tokenizer, data.texts[index], label)
        shown = weights[:_SHOWN_PIECES]
        return ExplainedText(
            row=data.rows[index],
            true_label=data.labels[index],
            predicted_label=self.predictor.labels[label],
            probability=float(probabilities[index, label]),
            pieces=tuple(Piece(text=word.piece, weight=word.weight) for word in shown),
            left_out=len(weights) - len(shown),
        )


def _score_line(name: str, scores: Scores) -> ScoreLine:
    return ScoreLine(
        name=name,
        accuracy=scores.accuracy,
        macro_f1=scores.macro_f1,
        log_loss=scores.log_loss,
        calibration_error=scores.calibration_error,
    )


def _facts(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    return (
        ("rows", f"{evaluation.rows:,} ({evaluation.problems:,} left out as unusable)"),
        ("texts that repeat another one", f"{evaluation.duplicate_rows:,}"),
        ("rows whose text is also in training", f"{evaluation.rows_also_in_training:,}"),
        ("sha256 of texts and labels", evaluation.data_sha256),
        ("seed", str(evaluation.seed)),
        ("rnn-toolkit", evaluation.toolkit_version),
    )
