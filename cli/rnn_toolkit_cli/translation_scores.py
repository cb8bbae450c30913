"""Shows the evaluation of a translation model as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_toolkit_cli.console import table

if TYPE_CHECKING:
    from rnn_toolkit import TranslationEvaluation


def print_translation_scores(evaluation: TranslationEvaluation) -> None:
    """The model and its baselines in one table, then the verdict and the signatures."""
    table(
        f"{evaluation.split}: {evaluation.data}, {evaluation.model.sentences:,} pairs",
        ["", "BLEU", "BLEU, lower-cased", "chrF", "exact", "length ratio"],
        [
            [
                row.name,
                f"{row.scores.bleu:.2f}",
                f"{row.scores.bleu_lowercased:.2f}",
                f"{row.scores.chrf:.2f}",
                f"{100 * row.scores.exact:.1f} %",
                f"{row.scores.length_ratio:.3f}",
            ]
            for row in evaluation.rows
        ],
    )
    print(evaluation.verdict())
    print(f"BLEU {evaluation.model.bleu_signature}")
    print(f"chrF {evaluation.model.chrf_signature}")
