"""What metrics.json and the report say of the training of a translation model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from rnn_toolkit.config import TranslationConfig
from rnn_toolkit.data.pair_batches import EncodedPairs
from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.evaluation.translation import ShownTranslation, TranslationEvaluation
from rnn_toolkit.report.attention_map import HeatMap
from rnn_toolkit.report.translation_page import (
    SideBySide,
    TranslationLine,
    TranslationReport,
    TranslationSection,
)
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.tasks.provenance import provenance
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.training.checkpoint import FitResult
from rnn_toolkit.training.observer import TranslationEpoch

_HEAT_MAPS, _LONGEST_SHOWN = 4, 120  # characters of a text whose heat map fits a page


@dataclass(frozen=True)
class TranslationSummary:
    """One training: settings, pairs, how it went, and how large the network is."""

    config: TranslationConfig
    pairs: ParallelText
    findings: tuple[str, ...]
    training: EncodedPairs
    held_out: EncodedPairs
    result: FitResult[TranslationEpoch]
    model: keras.Model

    def facts(self) -> dict[str, Any]:
        """The part `training` of metrics.json."""
        result = self.result
        return {
            "data": self.pairs.name,
            "data_sha256": self.pairs.sha256(),
            "pairs_read": len(self.pairs),
            "training_pairs": len(self.training),
            "validation_pairs": len(self.held_out),
            "training_target_tokens": sum(map(len, self.training.targets)),
            "findings": list(self.findings),
            "seed": self.config.training.seed,
            "epochs": len(result.history),
            "best_epoch": result.best_epoch,
            "ended": result.ended,
            "seconds": round(result.seconds, 1),
            "parameters": int(self.model.count_params()),
            **provenance(),
        }

    def report(self, tokenizers: SideTokenizers) -> TranslationReport:
        """The report before any evaluation."""
        config, result = self.config, self.result
        kinds = config.tokenizer
        vocabulary = (
            f"{kinds.target}, {tokenizers.target_size:,} tokens for both sides"
            if kinds.shared
            else f"{kinds.source}, {tokenizers.source_size:,} tokens to {kinds.target}, "
            f"{tokenizers.target_size:,} tokens"
        )
        bleu = [record.validation_bleu for record in result.history]
        return TranslationReport(
            title=f"Translation: {self.pairs.source_name} to {self.pairs.target_name}",
            facts=(
                ("data", self.pairs.name),
                ("pairs", f"{len(self.training):,} training, {len(self.held_out):,} held out"),
                ("network", config.network.sentence()),
                ("parameters", f"{self.model.count_params():,}"),
                ("tokenizers", vocabulary),
                ("training", result.sentence()),
                ("seed", str(config.training.seed)),
            ),
            findings=self.findings,
            training_loss=tuple(record.loss for record in result.history),
            validation_loss=tuple(record.best_loss for record in result.history),
            validation_bleu=tuple(score for score in bleu if score is not None),
            best_epoch=result.best_epoch,
            epoch_samples=tuple(result.samples),
        )


def with_attention(
    report: TranslationReport, predictor: TranslatorPredictor, sources: Sequence[str]
) -> TranslationReport:
    """The report with heat maps of some held-out texts.

    Args:
        report: what is known so far.
        predictor: the finished model.
        sources: held-out texts.
    """
    fitting = [source for source in sources if len(source) <= _LONGEST_SHOWN][:_HEAT_MAPS]
    maps = tuple(HeatMap.of(found) for found in predictor.translate(fitting))
    return report.model_copy(update={"attention": maps})


def lines_of(evaluation: TranslationEvaluation) -> tuple[TranslationLine, ...]:
    """The score table of an evaluation."""
    return tuple(
        TranslationLine(
            name=row.name,
            bleu=row.scores.bleu,
            bleu_lowercased=row.scores.bleu_lowercased,
            chrf=row.scores.chrf,
            exact=row.scores.exact,
            length_ratio=row.scores.length_ratio,
        )
        for row in evaluation.rows
    )


def with_evaluation(
    report: TranslationReport, evaluation: TranslationEvaluation
) -> TranslationReport:
    """The report with a section for an evaluation."""
    scores = evaluation.model
    ended = ", ".join(f"{count:,} by {end}" for end, count in evaluation.ended.items())
    return report.with_section(
        TranslationSection(
            title=f"{evaluation.split}: {evaluation.data}",
            facts=(
                ("pairs", f"{scores.sentences:,}"),
                ("decoding", evaluation.decoding),
                ("ended", ended),
                (
                    "seconds",
                    f"{evaluation.seconds:.1f} ({scores.sentences / evaluation.seconds:.0f} "
                    "texts/s)",
                ),
                ("BLEU", scores.bleu_signature),
                ("chrF", scores.chrf_signature),
            ),
            verdict=evaluation.verdict(),
            loses=evaluation.loses_to_baseline,
            scores=lines_of(evaluation),
            by_length=tuple(
                (entry.words, entry.sentences, entry.bleu) for entry in evaluation.by_length
            ),
            best=_beside(evaluation.best),
            worst=_beside(evaluation.worst),
        )
    )


def _beside(shown: Sequence[ShownTranslation]) -> tuple[SideBySide, ...]:
    return tuple(SideBySide(**entry.model_dump()) for entry in shown)
