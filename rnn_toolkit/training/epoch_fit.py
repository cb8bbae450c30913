"""What every training by epochs shares: resume, early stopping, a time limit, Ctrl-C."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, Protocol

import keras

from rnn_toolkit.training.checkpoint import (
    Arrays,
    Checkpoint,
    FitResult,
    RecordType,
    assign,
    open_checkpoint,
    values,
    write_checkpoint,
)
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.observer import TrainingObserver


class EpochSettings(Protocol):
    """As much of a task's training settings as the loop over epochs asks for."""

    @property
    def epochs(self) -> int | None:
        """Most epochs."""

    @property
    def patience(self) -> int:
        """Epochs without improvement."""

    @property
    def max_minutes(self) -> float | None:
        """The time limit."""


class EpochFit(ABC, Generic[RecordType]):
    """One training, epoch by epoch.

    Args:
        model: is trained.
        optimizer: trains it.
        settings: epochs, patience and time limit, all chosen.
        record: what a line of the history is.
        observer: is told about progress.
        checkpoint_path: where to keep the state after each epoch, if anywhere.
        identity: what a checkpoint must agree with to be continued.
        keeps_state: whether this process writes the checkpoint, or only begins with it.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        settings: EpochSettings,
        *,
        record: type[RecordType],
        observer: TrainingObserver,
        checkpoint_path: Path | None,
        identity: dict[str, str],
        keeps_state: bool = True,
    ) -> None:
        self.keeps_state = keeps_state
        self.model, self.optimizer, self.observer = model, optimizer, observer
        self.record: type[RecordType] = record
        self.epochs = settings.epochs or 1
        self.patience, self.max_minutes = settings.patience, settings.max_minutes
        self.checkpoint_path, self.identity = checkpoint_path, identity
        self.history: list[RecordType] = []
        self.samples: list[str] = []
        self.best_epoch = 0
        self.best: Arrays = []
        self.earlier_seconds = 0.0
        self.began = 0.0

    @abstractmethod
    def run_epoch(self, epoch: int, interrupt: InterruptOnce) -> str:
        """Trains and validates one epoch, and takes its record into the history.

        Returns:
            Why to stop; empty to go on.
        """

    @abstractmethod
    def extra(self) -> Arrays:
        """What a checkpoint keeps beside weights, optimizer and history."""

    @abstractmethod
    def restore_extra(self, extra: Arrays) -> None:
        """Takes over what `extra` gave."""

    def begin(self) -> None:
        """What is to be done before the first epoch of this run."""

    def run(self, *, resume: bool) -> FitResult[RecordType]:
        """Trains to the end, and leaves the best weights in the model.

        Args:
            resume: whether to continue from the checkpoint, if there is one.

        Raises:
            OptionError: the checkpoint belongs to other settings or data.
            DataError: the loss became infinite or not a number.
        """
        found = open_checkpoint(
            self.checkpoint_path,
            self.record,
            identity=self.identity,
            resume=resume,
            note=self.observer.note,
        )
        if found is not None:
            self.history, self.samples = found.history, found.samples
            self.best_epoch, self.best = found.best_epoch, found.best
            self.earlier_seconds = found.elapsed_seconds
            assign(self.model.variables, found.model)
            assign(self.optimizer.variables, found.optimizer)
            self.restore_extra(found.extra)
        self.began = time.perf_counter()
        self.begin()
        ended = "all epochs done"
        with InterruptOnce() as interrupt:
            for epoch in range(len(self.history), self.epochs):
                if len(self.history) - self.best_epoch >= self.patience:
                    ended = f"no improvement for {self.patience} epochs"
                    break
                stopped = self.run_epoch(epoch, interrupt)
                if stopped:
                    ended = stopped
                    break
        assign(self.model.variables, self.best)
        return FitResult(self.history, self.best_epoch, self.seconds(), ended, self.samples)

    def seconds(self) -> float:
        """Of training so far, an interrupted beginning included."""
        return self.earlier_seconds + time.perf_counter() - self.began

    def share_done(self, epochs: float) -> float:
        """Share of the training that is done, by epochs or by the time limit."""
        done = epochs / self.epochs
        if self.max_minutes is None:
            return done
        return max(done, self.seconds() / (60 * self.max_minutes))

    def reason_to_stop(self, interrupt: InterruptOnce) -> str:
        """Why to stop in the middle of an epoch; empty to go on."""
        if interrupt.requested:
            return "stopped by Ctrl-C"
        if self.max_minutes is not None and self.seconds() > 60 * self.max_minutes:
            return "the time limit was reached"
        return ""

    def write_state(self) -> None:
        """Writes the checkpoint, if there is a place for it."""
        if self.checkpoint_path is None or not self.keeps_state:
            return
        state: Checkpoint[RecordType] = Checkpoint(
            identity=self.identity,
            history=self.history,
            best_epoch=self.best_epoch,
            elapsed_seconds=self.seconds(),
            model=values(self.model.variables),
            optimizer=values(self.optimizer.variables),
            best=self.best,
            extra=self.extra(),
            samples=self.samples,
        )
        write_checkpoint(self.checkpoint_path, state)
