"""A model, its baselines and its data in one record."""

from __future__ import annotations

from typing import Any

from rnn_toolkit.config import Settings
from rnn_toolkit.evaluation.metrics import Scores


class BaselineScores(Settings):
    """The scores of one baseline."""

    name: str
    scores: Scores


class Evaluation(Settings):
    """Scores on one set of rows, with all that is needed to judge them."""

    data: str
    data_sha256: str
    split: str
    rows: int
    problems: int
    duplicate_rows: int
    rows_also_in_training: int
    seed: int
    toolkit_version: str
    seconds: float
    model: Scores
    baseline: BaselineScores
    majority: BaselineScores

    @property
    def loses_to_baseline(self) -> bool:
        """Whether the baseline is more often right."""
        return self.model.accuracy < self.baseline.scores.accuracy

    def verdict(self) -> str:
        """One sentence that compares the model with its baseline."""
        points = 100 * (self.model.accuracy - self.baseline.scores.accuracy)
        if self.loses_to_baseline:
            return (
                f"This model loses to its baseline: {self.baseline.name} is right on "
                f"{-points:.1f} points more of the rows."
            )
        if points == 0:
            return f"This model is as often right as its baseline, {self.baseline.name}."
        return f"This model beats its baseline, {self.baseline.name}, by {points:.1f} points."

    def summary(self) -> dict[str, Any]:
        """Plain values for --json: scores, baseline, data and seed."""
        return {
            "accuracy": self.model.accuracy,
            "macro_f1": self.model.macro_f1,
            "log_loss": self.model.log_loss,
            "calibration_error": self.model.calibration_error,
            "classes": {
                entry.label: {
                    "precision": entry.precision,
                    "recall": entry.recall,
                    "f1": entry.f1,
                    "rows": entry.rows,
                }
                for entry in self.model.classes
            },
            "baseline": _brief(self.baseline),
            "majority": _brief(self.majority),
            "loses_to_baseline": self.loses_to_baseline,
            "rows": self.rows,
            "rows_left_out": self.problems,
            "duplicate_rows": self.duplicate_rows,
            "rows_also_in_training": self.rows_also_in_training,
            "data": self.data,
            "data_sha256": self.data_sha256,
            "seed": self.seed,
            "seconds": self.seconds,
        }


def _brief(baseline: BaselineScores) -> dict[str, Any]:
    return {
        "name": baseline.name,
        "accuracy": baseline.scores.accuracy,
        "macro_f1": baseline.scores.macro_f1,
        "log_loss": baseline.scores.log_loss,
    }
