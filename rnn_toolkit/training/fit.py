"""Fits a classifier: epochs, early stopping, checkpoints, time limit, Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from rnn_toolkit.config import TrainingConfig
from rnn_toolkit.data.batching import (
    EncodedTexts,
    batches_per_epoch,
    epoch_batches,
    pad_rows,
)
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.classifier import batches_by_length
from rnn_toolkit.training.checkpoint import (
    Arrays,
    Checkpoint,
    FitResult,
    assign,
    open_checkpoint,
    values,
    write_checkpoint,
)
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.observer import BatchRecord, EpochRecord, TrainingObserver
from rnn_toolkit.training.schedules import WarmUpThenLinear


class ClassifierFit:
    """One training of one model.

    Args:
        model: from ids [batch, time] to probabilities [batch, classes].
        training: rows to learn from.
        validation: rows that choose the best epoch.
        config: epochs, batch size, learning rate and so on.
        observer: is told about progress.
        checkpoint_path: where to keep the state after each epoch, if anywhere.
        identity: what a checkpoint must agree with to be continued.
        before_epoch: is called with the number of each epoch, from 0, before it begins.
    """

    def __init__(
        self,
        model: keras.Model,
        training: EncodedTexts,
        validation: EncodedTexts,
        config: TrainingConfig,
        *,
        observer: TrainingObserver,
        checkpoint_path: Path | None,
        identity: dict[str, str],
        before_epoch: Callable[[int], None] = lambda epoch: None,
    ) -> None:
        self.model = model
        self.training = training
        self.validation = validation
        self.config = config.for_rows(len(training))
        self.epochs, self.batch_size = self.config.epochs or 1, self.config.batch_size or 1
        self.observer = observer
        self.checkpoint_path = checkpoint_path
        self.identity = identity
        self.before_epoch = before_epoch
        self.history: list[EpochRecord] = []
        self.best_epoch = 0
        self.best: Arrays = []
        self.earlier_seconds = 0.0
        self._run = keras_runner(model)
        self._compile()

    def _compile(self) -> None:
        steps = batches_per_epoch(len(self.training), self.batch_size)
        total = steps * self.epochs
        schedule = WarmUpThenLinear(
            self.config.learning_rate, warmup=int(self.config.warmup * total), total=total
        )
        self.model.compile(
            optimizer=keras.optimizers.Adam(schedule, global_clipnorm=self.config.gradient_clip),
            loss="categorical_crossentropy",
            metrics=["accuracy"],
            weighted_metrics=[],
            jit_compile=False,  # XLA makes recurrent layers on a CPU slower: DESIGN 6
        )
        self.model.optimizer.build(self.model.trainable_variables)

    def run(self, *, resume: bool) -> FitResult[EpochRecord]:
        """Trains to the end, and leaves the best weights in the model.

        Args:
            resume: whether to continue from the checkpoint, if there is one.

        Raises:
            OptionError: the checkpoint belongs to other settings or data.
        """
        found = open_checkpoint(
            self.checkpoint_path,
            EpochRecord,
            identity=self.identity,
            resume=resume,
            note=self.observer.note,
        )
        if found is not None:
            self._restore(found)
        began = time.perf_counter()
        ended = "all epochs done"
        with InterruptOnce() as interrupt:
            for epoch in range(len(self.history), self.epochs):
                if self._exhausted_patience():
                    ended = f"no improvement for {self.config.patience} epochs"
                    break
                self.before_epoch(epoch)
                stop = self._run_epoch(epoch, began, interrupt)
                if stop:
                    ended = stop
                    break
        assign(self.model.variables, self.best)
        return FitResult(self.history, self.best_epoch, self._seconds_since(began), ended)

    def _seconds_since(self, began: float) -> float:
        return self.earlier_seconds + time.perf_counter() - began

    def _restore(self, found: Checkpoint[EpochRecord]) -> None:
        assign(self.model.variables, found.model)
        assign(self.model.optimizer.variables, found.optimizer)
        self.history = found.history
        self.best_epoch, self.best = found.best_epoch, found.best
        self.earlier_seconds = found.elapsed_seconds

    def _exhausted_patience(self) -> bool:
        return len(self.history) - self.best_epoch >= self.config.patience

    def _run_epoch(self, epoch: int, began: float, interrupt: InterruptOnce) -> str:
        """Trains and validates one epoch; a non-empty answer says why to stop."""
        deadline = (
            None
            if self.config.max_minutes is None
            else began - self.earlier_seconds + 60 * self.config.max_minutes
        )
        watch = _Watch(self, epoch, interrupt, deadline)
        start = time.perf_counter()
        learning_rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.model.fit(
            self._dataset(epoch),
            epochs=epoch + 1,
            initial_epoch=epoch,
            verbose=0,
            shuffle=False,
            callbacks=[watch],
        )
        seconds = time.perf_counter() - start
        validation_loss, validation_accuracy = self._validate()
        record = EpochRecord(
            epoch=epoch + 1,
            loss=watch.loss,
            accuracy=watch.accuracy,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            learning_rate=learning_rate,
            seconds=round(seconds, 3),
            rows_per_second=round(watch.rows / max(seconds, 1e-9), 1),
            complete=watch.stopped == "",
        )
        self._keep(record, began)
        return watch.stopped

    def _keep(self, record: EpochRecord, began: float) -> None:
        before = self.history[self.best_epoch - 1] if self.best_epoch else None
        best = before is None or record.validation_loss < before.validation_loss
        self.history.append(record)
        if best:
            self.best_epoch = len(self.history)
            self.best = values(self.model.variables)
        self.observer.epoch_ended(record, best=best)
        if self.checkpoint_path is not None and record.complete:
            checkpoint = Checkpoint(
                identity=self.identity,
                history=self.history,
                best_epoch=self.best_epoch,
                elapsed_seconds=self._seconds_since(began),
                model=values(self.model.variables),
                optimizer=values(self.model.optimizer.variables),
                best=self.best,
            )
            write_checkpoint(self.checkpoint_path, checkpoint)

    def _dataset(self, epoch: int) -> tf.data.Dataset:
        classes = int(self.model.output_shape[-1])
        smoothing = self.config.label_smoothing
        targets = np.eye(classes, dtype=np.float32) * (1 - smoothing) + smoothing / classes

        def batches() -> Iterator[tuple[Any, ...]]:
            for ids, labels, weights in epoch_batches(
                self.training, batch_size=self.batch_size, seed=self.config.seed, epoch=epoch
            ):
                yield ids, targets[labels], weights

        signature = (
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None, classes], tf.float32),
            tf.TensorSpec([None], tf.float32),
        )
        steps = batches_per_epoch(len(self.training), self.batch_size)
        dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
        return dataset.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(8)

    def _validate(self) -> tuple[float, float]:
        ids, labels = self.validation.ids, self.validation.labels
        classes = int(self.model.output_shape[-1])
        probabilities = np.zeros((len(ids), classes), np.float32)
        for chosen in batches_by_length([len(row) for row in ids]):
            probabilities[chosen] = self._run(pad_rows(ids, np.asarray(chosen)))
        accuracy = float((probabilities.argmax(1) == labels).mean())
        of_label = probabilities[np.arange(len(labels)), labels]
        return float(-np.log(np.clip(of_label, 1e-7, 1.0)).mean()), accuracy


class _Watch(keras.callbacks.Callback):
    """Reports batches, and stops at Ctrl-C or at the time limit."""

    def __init__(
        self, fit: ClassifierFit, epoch: int, interrupt: InterruptOnce, deadline: float | None
    ) -> None:
        super().__init__()
        self.fit = fit
        self.epoch = epoch
        self.interrupt = interrupt
        self.deadline = deadline
        self.batches = batches_per_epoch(len(fit.training), fit.batch_size)
        self.rows = 0
        self.loss = float("nan")
        self.accuracy = float("nan")
        self.stopped = ""
        self.began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Keras' hook after each batch; the logs are means over the epoch so far."""
        logs = logs or {}
        self.rows = min(self.rows + self.fit.batch_size, len(self.fit.training))
        self.loss, self.accuracy = float(logs["loss"]), float(logs["accuracy"])
        self.fit.observer.batch_ended(
            BatchRecord(
                epoch=self.epoch + 1,
                epochs=self.fit.epochs,
                batch=batch + 1,
                batches=self.batches,
                rows=self.rows,
                loss=self.loss,
                accuracy=self.accuracy,
                seconds=time.perf_counter() - self.began,
            )
        )
        if batch + 1 < self.batches:
            if self.interrupt.requested:
                self.stopped = "stopped by Ctrl-C"
            elif self.deadline is not None and time.perf_counter() > self.deadline:
                self.stopped = "the time limit was reached"
            if self.stopped:
                self.model.stop_training = True
