"""Shows the evaluation of a language model as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_toolkit_cli.console import table

if TYPE_CHECKING:
    from rnn_toolkit import LanguageModelEvaluation


def print_language_scores(evaluation: LanguageModelEvaluation) -> None:
    """The model and models that only count in one table, then the verdict."""
    table(
        f"{evaluation.split}: {evaluation.data}, {evaluation.model.tokens:,} tokens, "
        f"{evaluation.model.characters:,} characters",
        ["", "nats per token", "perplexity", "bits per character"],
        [
            [
                row.name,
                f"{row.scores.nats_per_token:.4f}",
                f"{row.scores.perplexity:,.2f}",
                f"{row.scores.bits_per_character:.4f}",
            ]
            for row in evaluation.rows()
        ],
    )
    print(evaluation.verdict())
