"""What a training tells whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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


class TrainingObserver(Protocol):
    """Receives progress; a console or a notebook implements it."""

    def note(self, text: str) -> None:
        """Something a person should know."""

    def batch_ended(self, record: BatchRecord) -> None:
        """After every batch."""

    def epoch_ended(self, record: EpochRecord, *, best: bool) -> None:
        """After every epoch; `best` when validation improved."""


class SilentObserver:
    """Says nothing."""

    def note(self, text: str) -> None:
        """Says nothing."""

    def batch_ended(self, record: BatchRecord) -> None:
        """Says nothing."""

    def epoch_ended(self, record: EpochRecord, *, best: bool) -> None:
        """Says nothing."""
