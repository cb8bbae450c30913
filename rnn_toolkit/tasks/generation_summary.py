"""What metrics.json and the report say of the training of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from rnn_toolkit.config import GenerationConfig
from rnn_toolkit.data.generation_texts import GenerationTexts, TextCount
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.decoding.step import log_softmax
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.evaluation.novelty import NoveltyReport, copied_lines, novelty_report
from rnn_toolkit.report.generation_page import (
    GenerationReport,
    LanguageModelLine,
    LanguageModelSection,
    Sample,
)
from rnn_toolkit.report.surprise import SurprisingToken
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.tasks.provenance import provenance
from rnn_toolkit.training.checkpoint import FitResult
from rnn_toolkit.training.observer import LanguageModelEpoch

SAMPLES, DOCUMENT_SAMPLES = 8, 200
_SAMPLE_LENGTH, _SHOWN_SAMPLES = 400, 6
_SURPRISE_TOKENS = 400
TEMPERATURE = 0.8


@dataclass(frozen=True)
class GenerationSummary:
    """One training: settings, texts, how it went, and how large the network is."""

    config: GenerationConfig
    texts: GenerationTexts
    count: TextCount
    training: TokenStream
    held_out: TokenStream
    result: FitResult[LanguageModelEpoch]
    model: keras.Model

    def facts(self) -> dict[str, Any]:
        """The part `training` of metrics.json."""
        result = self.result
        return {
            "data": self.texts.source,
            "data_sha256": self.count.sha256,
            "characters": self.count.characters,
            "documents": self.count.pieces if self.texts.documents else None,
            "training_tokens": len(self.training),
            "validation_tokens": len(self.held_out),
            "vocabulary": int(self.model.output_shape[-1]),
            "seed": self.config.training.seed,
            "epochs": len(result.history),
            "best_epoch": result.best_epoch,
            "ended": result.ended,
            "seconds": round(result.seconds, 1),
            "parameters": int(self.model.count_params()),
            **provenance(),
        }

    def report(self) -> GenerationReport:
        """The report before any evaluation."""
        config, result = self.config, self.result
        what = f"{self.count.pieces:,} documents" if self.texts.documents else "one stream"
        return GenerationReport(
            title=f"Generation: {Path(self.texts.source).name}",
            facts=(
                ("data", self.texts.source),
                ("text", f"{self.count.characters:,} characters, {what}"),
                ("tokens", f"{len(self.training):,} training, {len(self.held_out):,} held out"),
                ("network", config.network.sentence()),
                ("parameters", f"{self.model.count_params():,}"),
                ("tokenizer", f"{config.tokenizer.kind}, {self.model.output_shape[-1]:,} tokens"),
                ("training", result.sentence()),
                ("seed", str(config.training.seed)),
            ),
            training_loss=tuple(record.loss for record in result.history),
            validation_loss=tuple(record.best_loss for record in result.history),
            best_epoch=result.best_epoch,
            epoch_samples=tuple(
                Sample(prompt="", text=text, how=f"after epoch {epoch}")
                for epoch, text in enumerate(result.samples, start=1)
            ),
        )

    def with_samples(
        self, report: GenerationReport, predictor: GeneratorPredictor, known: TokenStream
    ) -> GenerationReport:
        """The report with samples of the finished model, what they copy, and a surprise plot.

        Args:
            report: what is known so far.
            predictor: the finished model.
            known: the training text, or as much of it as is searched for copies.
        """
        seed = self.config.training.seed
        count = DOCUMENT_SAMPLES if self.texts.documents else SAMPLES
        found = predictor.write(
            "", samples=count, length=_SAMPLE_LENGTH, seed=seed, temperature=TEMPERATURE
        )
        novelty = self._novelty(predictor, [text.ids for text in found], known)
        longest = novelty.samples.longest_copy
        copy = ""
        if longest is not None:
            ids = found[longest.sample].ids[longest.start : longest.start + longest.length]
            copy = predictor.tokenizer.decode(ids)
        return report.model_copy(
            update={
                "samples": tuple(
                    Sample(prompt="", text=text.text, how=f"temperature {TEMPERATURE}, seed {seed}")
                    for text in found[:_SHOWN_SAMPLES]
                ),
                "novelty": novelty.table(),
                "longest_copy": copy,
                "copied_lines": novelty.lines.examples if novelty.lines else (),
                "surprise": self._surprise(predictor),
            }
        )

    def _novelty(
        self,
        predictor: GeneratorPredictor,
        samples: list[tuple[int, ...]],
        training: TokenStream,
    ) -> NoveltyReport:
        decode = predictor.tokenizer.decode
        kept = [np.asarray(ids, np.int64) for ids in samples if ids]
        held_out = np.asarray(self.held_out.ids, np.int64)
        found = novelty_report(kept, np.asarray(training.ids), held_out=held_out)
        known = self._lines(training, decode)
        written = [line for ids in kept for line in decode(ids.tolist()).splitlines()]
        real = self._lines(self.held_out, decode)
        return found.model_copy(
            update={
                "lines": copied_lines(written, known),
                "held_out_lines": copied_lines(real, known),
            }
        )

    @staticmethod
    def _lines(stream: TokenStream, decode: Any) -> list[str]:
        texts = stream.texts(decode)
        return [line for text in texts for line in text.splitlines()]

    def _surprise(self, predictor: GeneratorPredictor) -> tuple[SurprisingToken, ...]:
        """Each token of the beginning of the held-out text, and what was expected instead."""
        rows = self.held_out.rows(1, _SURPRISE_TOKENS)[0]
        model, texts = predictor.model, predictor.token_texts
        vocabulary = predictor.tokenizer.vocabulary()
        logits, states = model.prefill(np.asarray([rows[:1]], np.int32), np.ones(1, np.int32))
        found = []
        for number in rows[1:]:
            if number < self.held_out.ordinary:
                log_probabilities = log_softmax(logits)[0]
                best = int(log_probabilities.argmax())
                found.append(
                    SurprisingToken(
                        text=texts[number] or vocabulary[number],
                        bits=float(-log_probabilities[number] / np.log(2)),
                        alternative=texts[best] or vocabulary[best],
                        alternative_probability=float(np.exp(log_probabilities[best])),
                    )
                )
            logits, states = model.step(np.asarray([number], np.int32), states)
        return tuple(found)


def with_evaluation(
    report: GenerationReport, evaluation: LanguageModelEvaluation
) -> GenerationReport:
    """The report with a section for an evaluation."""
    scores = evaluation.model
    section = LanguageModelSection(
        title=f"{evaluation.split}: {evaluation.data}",
        facts=(
            ("tokens", f"{scores.tokens:,}"),
            ("characters", f"{scores.characters:,}"),
            ("unknown tokens", f"{100 * scores.unknown:.2f} %"),
            ("seconds", f"{evaluation.seconds:.1f}"),
        ),
        verdict=evaluation.verdict(),
        loses=evaluation.loses_to_baseline,
        scores=tuple(
            LanguageModelLine(
                name=row.name,
                nats_per_token=row.scores.nats_per_token,
                perplexity=row.scores.perplexity,
                bits_per_character=row.scores.bits_per_character,
            )
            for row in evaluation.rows()
        ),
    )
    found = report.with_section(section)
    if evaluation.split == "validation" and report.baseline is None:
        baseline = (evaluation.baseline.name, evaluation.baseline.scores.nats_per_token)
        found = found.model_copy(update={"baseline": baseline})
    return found
