"""Fits a classifier: epochs, early stopping, checkpoints, time limit, Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import ObjectiveConfig, TrainingConfig
from rnn_toolkit.data.batching import (
    EncodedTexts,
    batches_per_epoch,
    endless_batches,
    epoch_groups,
    pad_rows,
    smoothed_targets,
)
from rnn_toolkit.data.spool import row_lengths
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.classifier import batches_by_length
from rnn_toolkit.training.checkpoint import Arrays, assign, values
from rnn_toolkit.training.classifier_step import ClassifierStep
from rnn_toolkit.training.distribution import Distribution
from rnn_toolkit.training.epoch_fit import EpochFit
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.observer import BatchRecord, EpochRecord, TrainingObserver
from rnn_toolkit.training.schedules import WarmUpThenLinear

_UNLABELLED = 1  # sets the order of unlabelled rows apart from that of labelled ones


class ClassifierFit(EpochFit[EpochRecord]):
    """One training of one model.

    Args:
        model: from ids [batch, time] to probabilities [batch, classes].
        training: rows to learn from.
        validation: rows that choose the best epoch.
        config: epochs, batch size, learning rate and so on.
        objective: what the loss has beside cross-entropy.
        unlabelled: ids of rows without labels, where the objective uses them.
        observer: is told about progress.
        checkpoint_path: where to keep the state after each epoch, if anywhere.
        identity: what a checkpoint must agree with to be continued.
        before_batch: is called before each batch with the epochs done so far, as a fraction.
        distribution: where the replicas of the model are; it was made in its scope.
    """

    def __init__(
        self,
        model: keras.Model,
        training: EncodedTexts,
        validation: EncodedTexts,
        config: TrainingConfig,
        *,
        objective: ObjectiveConfig,
        unlabelled: Sequence[NDArray[np.int32]] = (),
        observer: TrainingObserver,
        checkpoint_path: Path | None,
        identity: dict[str, str],
        before_batch: Callable[[float], None] = lambda epochs: None,
        distribution: Distribution | None = None,
    ) -> None:
        self.distribution = distribution or Distribution()
        self.config = config.for_rows(len(training))
        self.batch_size = self.config.batch_size or 1
        self.batches = batches_per_epoch(len(training), self.batch_size)
        total = self.batches * (self.config.epochs or 1)
        schedule = WarmUpThenLinear(
            self.config.learning_rate, warmup=int(self.config.warmup * total), total=total
        )
        super().__init__(
            model,
            keras.optimizers.Adam(schedule),
            self.config,
            record=EpochRecord,
            observer=observer,
            checkpoint_path=checkpoint_path,
            identity=identity,
            keeps_state=self.distribution.chief,
        )
        self.training, self.validation = training, validation
        self.unlabelled = unlabelled if objective.uses_unlabelled else ()
        self.unlabelled_batch = max(1, round(self.batch_size * objective.unlabelled_rows))
        self.before_batch = before_batch
        self.step = ClassifierStep(
            model,
            self.optimizer,
            objective=objective,
            gradient_clip=self.config.gradient_clip,
            seed=self.config.seed,
            distribution=self.distribution,
        )
        self.targets = self._targets()
        self._run = keras_runner(model)

    def _targets(self) -> NDArray[np.float32]:
        """What each training row shall be answered with, [rows, classes]."""
        if self.training.targets is not None:
            return self.training.targets
        classes = int(self.model.output_shape[-1])
        smoothing = self.config.label_smoothing
        return smoothed_targets(self.training.labels, classes, smoothing=smoothing)

    def begin(self) -> None:
        """See EpochFit."""
        self.distribution.part_noise(self.step.noise)

    def run_epoch(self, epoch: int, interrupt: InterruptOnce) -> str:
        """See EpochFit."""
        began = time.perf_counter()
        learning_rate = float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))
        stopped, rows, summed, right = "", 0, 0.0, 0.0
        groups = epoch_groups(
            self.training.ids, batch_size=self.batch_size, seed=(self.config.seed, epoch)
        )
        pairs = zip(groups, self._others(epoch), strict=False)
        for number, (chosen, others) in enumerate(pairs):
            self.before_batch(epoch + number / self.batches)
            loss, share = self.step.update(
                pad_rows(self.training.ids, chosen),
                self.targets[chosen],
                self.training.weights[chosen],
                others,
            )
            rows += len(chosen)
            summed, right = summed + loss * len(chosen), right + share * len(chosen)
            self.observer.batch_ended(
                BatchRecord(
                    epoch=epoch + 1,
                    epochs=self.epochs,
                    batch=number + 1,
                    batches=self.batches,
                    rows=rows,
                    loss=summed / rows,
                    accuracy=right / rows,
                    seconds=time.perf_counter() - began,
                )
            )
            if number + 1 < self.batches:
                stopped = self.distribution.agreed(self.reason_to_stop(interrupt))
                if stopped:
                    break
        seconds = time.perf_counter() - began
        validation_loss, validation_accuracy = self._validate()
        self._keep(
            EpochRecord(
                epoch=epoch + 1,
                loss=summed / rows,
                accuracy=right / rows,
                validation_loss=validation_loss,
                validation_accuracy=validation_accuracy,
                learning_rate=learning_rate,
                seconds=round(seconds, 3),
                rows_per_second=round(rows / max(seconds, 1e-9), 1),
                complete=stopped == "",
            )
        )
        return stopped

    def _others(self, epoch: int) -> Iterator[NDArray[np.int32] | None]:
        """A batch of unlabelled rows for each batch of labelled ones."""
        if not len(self.unlabelled):
            return repeat(None)
        seed = (self.config.seed, _UNLABELLED, epoch)
        return endless_batches(self.unlabelled, batch_size=self.unlabelled_batch, seed=seed)

    def _keep(self, record: EpochRecord) -> None:
        before = self.history[self.best_epoch - 1] if self.best_epoch else None
        best = before is None or record.validation_loss < before.validation_loss
        self.history.append(record)
        if best:
            self.best_epoch = len(self.history)
            self.best = values(self.model.variables)
        self.observer.epoch_ended(record, best=best)
        if record.complete:
            self.write_state()

    def extra(self) -> Arrays:
        """See EpochFit."""
        return values([self.step.directions.state])

    def restore_extra(self, extra: Arrays) -> None:
        """See EpochFit."""
        assign([self.step.directions.state], extra)

    def _validate(self) -> tuple[float, float]:
        """Cross-entropy in nats and accuracy on the validation rows.

        Each worker judges its share of the batches; all get the same two numbers.
        """
        ids, labels = self.validation.ids, self.validation.labels
        worker, workers = self.distribution.worker, self.distribution.workers
        loss, hits = 0.0, 0
        batches = batches_by_length(row_lengths(ids).tolist())
        for chosen in islice(batches, worker, None, workers):
            probabilities, right = self._run(pad_rows(ids, np.asarray(chosen))), labels[chosen]
            hits += int((probabilities.argmax(1) == right).sum())
            of_label = probabilities[np.arange(len(right)), right]
            loss -= float(np.log(np.clip(of_label, 1e-7, 1.0)).sum(dtype=np.float64))
        loss, found = self.distribution.total([loss, hits])
        return loss / len(ids), found / len(ids)
