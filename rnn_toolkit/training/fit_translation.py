"""Fits an encoder and decoder: one cycle, early stopping, averaged weights, resume, Ctrl-C."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import keras

from rnn_toolkit.config import TranslationTrainingConfig
from rnn_toolkit.data.pair_batches import (
    EncodedPairs,
    count_batches,
    ordered_batches,
    pair_batches,
)
from rnn_toolkit.errors import DataError
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
from rnn_toolkit.training.observer import TrainingObserver, TranslationEpoch, WindowRecord
from rnn_toolkit.training.one_cycle import one_cycle
from rnn_toolkit.training.translation_step import TranslationStep
from rnn_toolkit.training.weight_average import WeightAverage


class TranslationFit:
    """One training of one encoder and decoder.

    Args:
        model: what `build_seq2seq` made.
        training: pairs to learn from.
        validation: pairs that choose the best epoch.
        config: batches, epochs, schedule and so on, all chosen (`for_rows`).
        observer: is told about progress.
        bleu: translates validation texts with the model as it is and scores them; None for
            losses alone.
        sample: a translation to show after each epoch.
        checkpoint_path: where to keep the state after each epoch, if anywhere.
        identity: what a checkpoint must agree with to be continued.
    """

    def __init__(
        self,
        model: keras.Model,
        training: EncodedPairs,
        validation: EncodedPairs,
        config: TranslationTrainingConfig,
        *,
        observer: TrainingObserver,
        bleu: Callable[[], float] | None,
        sample: Callable[[], str],
        checkpoint_path: Path | None,
        identity: dict[str, str],
    ) -> None:
        self.model, self.training, self.validation = model, training, validation
        self.config, self.observer, self.identity = config, observer, identity
        self.epochs, self.batch_tokens = config.epochs or 1, config.batch_tokens or 1500
        self.bleu, self.sample, self.checkpoint_path = bleu, sample, checkpoint_path
        self.history: list[TranslationEpoch] = []
        self.samples: list[str] = []
        self.best_epoch = 0
        self.best: Arrays = []
        self.earlier_seconds = 0.0
        self.began = 0.0
        self.average = WeightAverage(model.trainable_variables)
        self.batches = count_batches(training, batch_tokens=self.batch_tokens)
        self.optimizer = keras.optimizers.Adam(
            config.learning_rate, weight_decay=config.weight_decay or None
        )
        self.step = TranslationStep(
            model,
            self.optimizer,
            label_smoothing=config.label_smoothing,
            gradient_clip=config.gradient_clip,
            seed=config.seed,
        )

    def run(self, *, resume: bool) -> FitResult[TranslationEpoch]:
        """Trains to the end, and leaves the best weights in the model.

        Args:
            resume: whether to continue from the checkpoint, if there is one.

        Raises:
            OptionError: the checkpoint belongs to other settings or data.
            DataError: the loss became infinite or not a number.
        """
        found = open_checkpoint(
            self.checkpoint_path,
            TranslationEpoch,
            identity=self.identity,
            resume=resume,
            note=self.observer.note,
        )
        if found is not None:
            self._restore(found)
        self.began = time.perf_counter()
        ended = "all epochs done"
        with InterruptOnce() as interrupt:
            for epoch in range(len(self.history), self.epochs):
                if len(self.history) - self.best_epoch >= self.config.patience:
                    ended = f"no improvement for {self.config.patience} epochs"
                    break
                stopped = self._run_epoch(epoch, interrupt)
                if stopped:
                    ended = stopped
                    break
        assign(self.model.variables, self.best)
        return FitResult(self.history, self.best_epoch, self.seconds(), ended, self.samples)

    def seconds(self) -> float:
        """Of training so far, an interrupted beginning included."""
        return self.earlier_seconds + time.perf_counter() - self.began

    def progress(self, epoch: int, batch: int) -> float:
        """Share of the training that is done, by batches or by the time limit."""
        done = (epoch + batch / self.batches) / self.epochs
        if self.config.max_minutes is None:
            return done
        return max(done, self.seconds() / (60 * self.config.max_minutes))

    def _run_epoch(self, epoch: int, interrupt: InterruptOnce) -> str:
        """Trains and validates one epoch; a non-empty answer says why to stop."""
        config, stopped = self.config, ""
        total = tokens = largest = rate = 0.0
        began = time.perf_counter()
        batches = pair_batches(
            self.training, batch_tokens=self.batch_tokens, seed=config.seed, epoch=epoch
        )
        for number, batch in enumerate(batches):
            progress = self.progress(epoch, number)
            rate = one_cycle(progress, highest=config.learning_rate, warmup=config.warmup)
            self.optimizer.learning_rate = rate
            own_share = config.scheduled_sampling * min(progress, 1.0)
            summed, count, norm = self.step.update(batch, own_share=own_share)
            total, tokens, largest = total + summed, tokens + count, max(largest, norm)
            if not math.isfinite(norm):
                raise DataError(
                    f"Epoch {epoch + 1}, batch {number + 1}: loss {summed / count:.4g}, gradient "
                    f"norm {norm:.4g}.",
                    "Lower the learning rate, or clip the gradient (gradient_clip).",
                )
            if config.average_from is not None and progress >= config.average_from:
                self.average.update()
            self.observer.batch_ended(
                WindowRecord(
                    epoch=epoch + 1,
                    epochs=self.epochs,
                    batch=number + 1,
                    batches=max(self.batches, number + 1),
                    tokens=round(tokens),
                    loss=total / tokens,
                    seconds=time.perf_counter() - began,
                )
            )
            stopped = self._reason_to_stop(interrupt)
            if stopped:
                break
        seconds = time.perf_counter() - began
        self._validate_and_keep(
            TranslationEpoch(
                epoch=epoch + 1,
                loss=total / max(tokens, 1.0),
                validation_loss=0.0,
                averaged_loss=None,
                validation_bleu=None,
                learning_rate=rate,
                seconds=round(seconds, 3),
                tokens_per_second=round(tokens / max(seconds, 1e-9), 1),
                largest_gradient_norm=largest,
                complete=stopped == "",
            )
        )
        return stopped

    def _reason_to_stop(self, interrupt: InterruptOnce) -> str:
        if interrupt.requested:
            return "stopped by Ctrl-C"
        limit = self.config.max_minutes
        if limit is not None and self.seconds() > 60 * limit:
            return "the time limit was reached"
        return ""

    def validation_loss(self) -> float:
        """Cross-entropy per target token of the validation pairs, in nats."""
        return self.step.evaluate(ordered_batches(self.validation, batch_tokens=self.batch_tokens))

    def _validate_and_keep(self, record: TranslationEpoch) -> None:
        """Judges the weights and their mean, and keeps the better of the two if it is best."""
        own = values(self.model.trainable_variables)
        loss, averaged = self.validation_loss(), None
        if self.average.count:
            with self.average.applied():
                averaged = self.validation_loss()
            if averaged < loss:
                self.average.apply()
        record = record.judged(
            validation_loss=loss,
            averaged_loss=averaged,
            validation_bleu=None if self.bleu is None else self.bleu(),
        )
        earlier = [past.score(self.config.choose_by) for past in self.history]
        best = record.score(self.config.choose_by) > max(earlier, default=-math.inf)
        self.history.append(record)
        if best or not self.best:
            self.best_epoch, self.best = len(self.history), values(self.model.variables)
        self.observer.epoch_ended(record, best=best)
        self.samples.append(self.sample())
        assign(self.model.trainable_variables, own)
        if self.checkpoint_path is not None and record.complete:
            write_checkpoint(self.checkpoint_path, self._checkpoint())

    def _checkpoint(self) -> Checkpoint[TranslationEpoch]:
        return Checkpoint(
            identity=self.identity,
            history=self.history,
            best_epoch=self.best_epoch,
            elapsed_seconds=self.seconds(),
            model=values(self.model.variables),
            optimizer=values(self.optimizer.variables),
            best=self.best,
            extra=[*values(self.step.variables), *self.average.state()],
            samples=self.samples,
        )

    def _restore(self, found: Checkpoint[TranslationEpoch]) -> None:
        assign(self.model.variables, found.model)
        assign(self.optimizer.variables, found.optimizer)
        noise = self.step.variables
        assign(noise, found.extra[: len(noise)])
        self.average.restore(found.extra[len(noise) :])
        self.history, self.samples = found.history, found.samples
        self.best_epoch, self.best = found.best_epoch, found.best
        self.earlier_seconds = found.elapsed_seconds
