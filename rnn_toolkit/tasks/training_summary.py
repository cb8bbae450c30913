"""What metrics.json and the report say of a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.data.labelled import LabelledTexts
from rnn_toolkit.report.page import Report
from rnn_toolkit.tasks.provenance import provenance
from rnn_toolkit.training.checkpoint import FitResult
from rnn_toolkit.training.observer import EpochRecord


@dataclass(frozen=True)
class TrainingSummary:
    """One training: settings, data, how it went, and how large the network is.

    `vectors_sha256` is of the word vectors it began with, empty where they began at random;
    `pretraining` and `linear_part` are these in words, empty where there was none.
    """

    config: SentimentConfig
    data: LabelledTexts
    training_rows: int
    validation_rows: int
    result: FitResult[EpochRecord]
    parameters: int
    vectors_sha256: str = ""
    pretraining: str = ""
    linear_part: str = ""

    def facts(self) -> dict[str, Any]:
        """The part `training` of metrics.json."""
        result = self.result
        return {
            "data": self.data.source,
            "data_sha256": self.data.checksum(),
            "training_rows": self.training_rows,
            "validation_rows": self.validation_rows,
            "rows_left_out": len(self.data.problems),
            "seed": self.config.training.seed,
            "epochs": len(result.history),
            "best_epoch": result.best_epoch,
            "ended": result.ended,
            "seconds": round(result.seconds, 1),
            "parameters": self.parameters,
            "recipe": self.config.recipe,
            "word_vectors": self._vectors(),
            "pretraining": self.pretraining or None,
            "linear_part": self.linear_part or None,
            **provenance(),
        }

    def _vectors(self) -> dict[str, Any] | None:
        vectors = self.config.vectors
        if not vectors.given:
            return None
        return {
            "from": vectors.file or self.config.unlabelled.file or self.data.source,
            "trained_here": vectors.train,
            "sha256": self.vectors_sha256,
            "frozen": vectors.freeze,
            "thaw_after": vectors.thaw_after,
        }

    def _vectors_fact(self) -> tuple[tuple[str, str], ...]:
        vectors = self.config.vectors
        if not vectors.given:
            return ()
        source = f"of {vectors.file}"
        if vectors.train:
            more = self.config.unlabelled.file
            source = "trained on the training texts" + ("" if more is None else f" and {more}")
        then = ", kept as they are" if vectors.freeze else ", then trained further"
        if vectors.thaw_after:
            then = f", trained further after {vectors.thaw_after} epochs"
        return (("word vectors", f"{source}{then}"),)

    def report(self) -> Report:
        """The report before any evaluation."""
        config, result = self.config, self.result
        length = config.tokenizer.maximum_length
        rows = f"{self.training_rows:,} training, {self.validation_rows:,} validation"
        return Report(
            title=f"Sentiment: {Path(self.data.source).name}",
            facts=(
                ("data", self.data.source),
                ("rows", rows),
                ("network", config.network.sentence()),
                ("parameters", f"{self.parameters:,}"),
                ("tokenizer", f"{config.tokenizer.kind}, at most {length} tokens per text"),
                ("recipe", config.recipe),
                *self._vectors_fact(),
                *((("pretraining", self.pretraining),) if self.pretraining else ()),
                ("training", result.sentence()),
                *((("linear part", self.linear_part),) if self.linear_part else ()),
                ("seed", str(config.training.seed)),
            ),
            training_loss=tuple(record.loss for record in result.history),
            validation_loss=tuple(record.validation_loss for record in result.history),
            best_epoch=result.best_epoch,
            sections=(),
        )
