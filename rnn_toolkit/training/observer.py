"""What a training tells whoever watches it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Protocol


class Progress(Protocol):
    """Where a training stands."""

    @property
    def epoch(self) -> int:
        """From 1 on."""

    @property
    def epochs(self) -> int:
        """How many there will be at most."""

    @property
    def batch(self) -> int:
        """Batches of this epoch that are done."""

    @property
    def batches(self) -> int:
        """Batches of an epoch."""

    @property
    def seconds(self) -> float:
        """Since the beginning of the epoch."""

    def numbers(self) -> str:
        """Loss, rate and so on, in a few words."""


class EpochSummary(Protocol):
    """What an epoch came to, or a part that is fitted after the last one."""

    def sentence(self) -> str:
        """One line."""


@dataclass(frozen=True)
class EpochRecord:
    """One line of history.csv; a loss is mean cross-entropy in nats."""

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    rows_per_second: float
    complete: bool = True

    def sentence(self) -> str:
        """One line."""
        partial = "" if self.complete else " (not complete)"
        return (
            f"epoch {self.epoch}{partial}: loss {self.loss:.4f}, accuracy "
            f"{self.accuracy:.4f} | validation {self.validation_loss:.4f}, "
            f"{self.validation_accuracy:.4f} | {self.seconds:.0f} s, "
            f"{self.rows_per_second:,.0f} rows/s"
        )


@dataclass(frozen=True)
class BatchRecord:
    """Where a training stands after a batch."""

    epoch: int
    epochs: int
    batch: int
    batches: int
    rows: int
    loss: float
    accuracy: float
    seconds: float

    def numbers(self) -> str:
        """Loss, accuracy and rate."""
        rate = self.rows / max(self.seconds, 1e-9)
        return f"loss {self.loss:.4f}  accuracy {self.accuracy:.4f}  {rate:,.0f} rows/s"


@dataclass(frozen=True)
class LanguageModelEpoch:
    """One line of history.csv of a language model; losses are nats per token."""

    epoch: int
    loss: float
    validation_loss: float
    averaged_loss: float | None
    learning_rate: float
    seconds: float
    tokens_per_second: float
    largest_gradient_norm: float
    complete: bool = True

    @property
    def best_loss(self) -> float:
        """On validation, with the weights or with their mean, whichever is lower."""
        if self.averaged_loss is None:
            return self.validation_loss
        return min(self.validation_loss, self.averaged_loss)

    def sentence(self) -> str:
        """One line."""
        partial = "" if self.complete else " (not complete)"
        mean = "" if self.averaged_loss is None else f", of mean weights {self.averaged_loss:.4f}"
        return (
            f"epoch {self.epoch}{partial}: loss {self.loss:.4f} | validation "
            f"{self.validation_loss:.4f}{mean}, perplexity {math.exp(min(self.best_loss, 50)):,.2f}"
            f" | {self.seconds:.0f} s, {self.tokens_per_second:,.0f} tokens/s"
        )


@dataclass(frozen=True)
class TranslationEpoch:
    """One line of history.csv of a translation model; losses are nats per target token.

    `validation_bleu` is that of the weights, or of their mean where its loss is lower.
    """

    epoch: int
    loss: float
    validation_loss: float
    averaged_loss: float | None
    validation_bleu: float | None
    learning_rate: float
    seconds: float
    tokens_per_second: float
    largest_gradient_norm: float
    complete: bool = True

    @property
    def best_loss(self) -> float:
        """On validation, with the weights or with their mean, whichever is lower."""
        if self.averaged_loss is None:
            return self.validation_loss
        return min(self.validation_loss, self.averaged_loss)

    def score(self, choose_by: Literal["loss", "bleu"]) -> float:
        """What epochs are compared by; higher is better."""
        if choose_by == "bleu" and self.validation_bleu is not None:
            return self.validation_bleu
        return -self.best_loss

    def judged(
        self, *, validation_loss: float, averaged_loss: float | None, validation_bleu: float | None
    ) -> TranslationEpoch:
        """This epoch with what validation said."""
        return replace(
            self,
            validation_loss=validation_loss,
            averaged_loss=averaged_loss,
            validation_bleu=validation_bleu,
        )

    def sentence(self) -> str:
        """One line."""
        partial = "" if self.complete else " (not complete)"
        mean = "" if self.averaged_loss is None else f", of mean weights {self.averaged_loss:.4f}"
        bleu = "" if self.validation_bleu is None else f", BLEU {self.validation_bleu:.2f}"
        return (
            f"epoch {self.epoch}{partial}: loss {self.loss:.4f} | validation "
            f"{self.validation_loss:.4f}{mean}{bleu} | {self.seconds:.0f} s, "
            f"{self.tokens_per_second:,.0f} tokens/s"
        )


@dataclass(frozen=True)
class WindowRecord:
    """Where the training of a language model or a translation stands after a batch."""

    epoch: int
    epochs: int
    batch: int
    batches: int
    tokens: int
    loss: float
    seconds: float

    def numbers(self) -> str:
        """Loss and rate."""
        rate = self.tokens / max(self.seconds, 1e-9)
        return f"loss {self.loss:.4f} nats  {rate:,.0f} tokens/s"


class TrainingObserver(Protocol):
    """Receives progress; a console or a notebook implements it."""

    def note(self, text: str) -> None:
        """Something a person should know."""

    def batch_ended(self, record: Progress) -> None:
        """After every batch."""

    def epoch_ended(self, record: EpochSummary, *, best: bool) -> None:
        """After every epoch, and every part fitted after them; `best` when validation improved."""


class SilentObserver:
    """Says nothing."""

    def note(self, text: str) -> None:
        """Says nothing."""

    def batch_ended(self, record: Progress) -> None:
        """Says nothing."""

    def epoch_ended(self, record: EpochSummary, *, best: bool) -> None:
        """Says nothing."""
