"""Pretrains a classifier's recurrent layers on texts without labels."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import NetworkConfig, PretrainingConfig
from rnn_toolkit.data.batching import batches_per_epoch, epoch_groups, pad_rows
from rnn_toolkit.errors import DataError
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER
from rnn_toolkit.networks.encoder_language_model import build_encoder_language_model
from rnn_toolkit.training.checkpoint import Arrays, FitResult, assign, values
from rnn_toolkit.training.epoch_fit import EpochFit
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.neighbour_prediction import NeighbourPrediction
from rnn_toolkit.training.observer import LanguageModelEpoch, TrainingObserver, WindowRecord
from rnn_toolkit.training.one_cycle import one_cycle

_WARMUP = 0.1
_BATCH = 64
_JUDGED_ROWS = 256
_JUDGED_AT_ONCE = 8
_ORDER = 2  # sets the order of rows apart from that of the training that follows


@dataclass(frozen=True)
class _Plan:
    epochs: int
    patience: int
    max_minutes: float | None


def pretrain_encoder(
    classifier: keras.Model,
    network: NetworkConfig,
    config: PretrainingConfig,
    rows: Sequence[NDArray[np.int32]],
    held_out: Sequence[NDArray[np.int32]],
    *,
    gradient_clip: float,
    max_minutes: float | None,
    seed: int,
    observer: TrainingObserver,
    checkpoint_path: Path | None,
    identity: dict[str, str],
    resume: bool,
) -> FitResult[LanguageModelEpoch]:
    """Trains embedding and recurrent layers to predict neighbouring words.

    Dai and Le 2015, Semi-supervised sequence learning.

    Args:
        classifier: what `build_classifier` made; its weights change.
        network: its shape.
        config: epochs, learning rate, samples.
        rows: ids of all texts.
        held_out: ids of texts that judge each epoch.
        gradient_clip: largest global norm of a gradient.
        max_minutes: the time limit.
        seed: of order and samples.
        observer: is told about progress.
        checkpoint_path: where to keep the state after each epoch, if anywhere.
        identity: what a checkpoint must agree with to be continued.
        resume: whether to continue from it.
    """
    vocabulary = int(classifier.get_layer(EMBEDDING_LAYER).input_dim)
    counts = np.bincount(np.concatenate(rows), minlength=vocabulary).astype(np.int64)
    model = build_encoder_language_model(classifier, network)
    optimizer = keras.optimizers.Adam(config.learning_rate)
    task = NeighbourPrediction(
        model,
        classifier,
        optimizer,
        counts=counts,
        samples=config.samples,
        gradient_clip=gradient_clip,
        seed=seed,
    )
    fit = EncoderPretraining(
        model,
        task,
        optimizer,
        config,
        rows,
        held_out[:_JUDGED_ROWS],
        max_minutes=max_minutes,
        seed=seed,
        observer=observer,
        checkpoint_path=checkpoint_path,
        identity=identity,
    )
    return fit.run(resume=resume)


class EncoderPretraining(EpochFit[LanguageModelEpoch]):
    """One pretraining; see `pretrain_encoder`."""

    def __init__(
        self,
        model: keras.Model,
        task: NeighbourPrediction,
        optimizer: keras.optimizers.Optimizer,
        config: PretrainingConfig,
        rows: Sequence[NDArray[np.int32]],
        held_out: Sequence[NDArray[np.int32]],
        *,
        max_minutes: float | None,
        seed: int,
        observer: TrainingObserver,
        checkpoint_path: Path | None,
        identity: dict[str, str],
    ) -> None:
        super().__init__(
            model,
            optimizer,
            _Plan(config.epochs, config.epochs, max_minutes),
            record=LanguageModelEpoch,
            observer=observer,
            checkpoint_path=checkpoint_path,
            identity=identity,
        )
        self.task, self.config, self.seed = task, config, seed
        self.rows, self.held_out = rows, held_out
        self.batches = batches_per_epoch(len(rows), _BATCH)

    def run_epoch(self, epoch: int, interrupt: InterruptOnce) -> str:
        """See EpochFit."""
        began, stopped = time.perf_counter(), ""
        total = largest = rate = 0.0
        words = 0
        groups = epoch_groups(self.rows, batch_size=_BATCH, seed=(self.seed, _ORDER, epoch))
        for number, chosen in enumerate(groups):
            progress = self.share_done(epoch + number / self.batches)
            rate = one_cycle(progress, highest=self.config.learning_rate, warmup=_WARMUP)
            self.optimizer.learning_rate = rate
            loss, count, norm = self.task.update(pad_rows(self.rows, chosen))
            if not math.isfinite(norm):
                raise DataError(
                    f"Pretraining, batch {number + 1}: loss {loss:.4g}, gradient norm {norm:.4g}.",
                    "Lower pretraining_learning_rate.",
                )
            total, words, largest = total + loss * count, words + count, max(largest, norm)
            self.observer.batch_ended(
                WindowRecord(
                    epoch=epoch + 1,
                    epochs=self.epochs,
                    batch=number + 1,
                    batches=self.batches,
                    tokens=words,
                    loss=total / max(words, 1),
                    seconds=time.perf_counter() - began,
                )
            )
            stopped = self.reason_to_stop(interrupt)
            if stopped:
                break
        seconds = time.perf_counter() - began
        record = LanguageModelEpoch(
            epoch=epoch + 1,
            loss=total / max(words, 1),
            validation_loss=self._judge(),
            averaged_loss=None,
            learning_rate=rate,
            seconds=round(seconds, 3),
            tokens_per_second=round(words / max(seconds, 1e-9), 1),
            largest_gradient_norm=largest,
            complete=stopped == "",
        )
        best = record.validation_loss < min(
            (past.validation_loss for past in self.history), default=math.inf
        )
        self.history.append(record)
        if best or not self.best:
            self.best_epoch, self.best = len(self.history), values(self.model.variables)
        self.observer.epoch_ended(record, best=best)
        if record.complete:
            self.write_state()
        return stopped

    def _judge(self) -> float:
        """Cross-entropy per word of the held-out texts, in nats."""
        total, words = 0.0, 0
        for start in range(0, len(self.held_out), _JUDGED_AT_ONCE):
            chosen = np.arange(start, min(start + _JUDGED_AT_ONCE, len(self.held_out)))
            summed, count = self.task.judge(pad_rows(self.held_out, chosen))
            total, words = total + summed, words + count
        return total / max(words, 1)

    def extra(self) -> Arrays:
        """See EpochFit."""
        return values([self.task.bias, self.task.noise.state])

    def restore_extra(self, extra: Arrays) -> None:
        """See EpochFit."""
        assign([self.task.bias, self.task.noise.state], extra)
