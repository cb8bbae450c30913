"""Shows an evaluation as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_toolkit_cli.console import table

if TYPE_CHECKING:
    from rnn_toolkit import Evaluation


def print_scores(evaluation: Evaluation) -> None:
    """Model and baselines in one table, then the classes, the verdict and the warnings."""
    lines = [
        ("this model", evaluation.model),
        (evaluation.baseline.name, evaluation.baseline.scores),
        (evaluation.majority.name, evaluation.majority.scores),
    ]
    table(
        f"{evaluation.split}: {evaluation.data}, {evaluation.rows:,} rows",
        ["", "accuracy", "macro F1", "log loss", "calibration error"],
        [
            [
                name,
                f"{100 * scores.accuracy:.2f} %",
                f"{scores.macro_f1:.4f}",
                f"{scores.log_loss:.4f}",
                f"{scores.calibration_error:.3f}",
            ]
            for name, scores in lines
        ],
    )
    table(
        "",
        ["class", "precision", "recall", "F1", "rows"],
        [
            [
                entry.label,
                f"{entry.precision:.3f}",
                f"{entry.recall:.3f}",
                f"{entry.f1:.3f}",
                f"{entry.rows:,}",
            ]
            for entry in evaluation.model.classes
        ],
    )
    print(evaluation.verdict())
    if evaluation.rows_also_in_training:
        print(
            f"{evaluation.rows_also_in_training:,} of these rows have a text that was also in "
            "training, which flatters every score above."
        )
    if evaluation.duplicate_rows:
        print(f"{evaluation.duplicate_rows:,} of these rows repeat another row's text.")
