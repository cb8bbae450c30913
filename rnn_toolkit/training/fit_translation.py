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
from rnn_toolkit.training.checkpoint import Arrays, assign, values
from rnn_toolkit.training.epoch_fit import EpochFit
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.observer import TrainingObserver, TranslationEpoch, WindowRecord
from rnn_toolkit.training.one_cycle import one_cycle
from rnn_toolkit.training.translation_step import TranslationStep
from rnn_toolkit.training.weight_average import WeightAverage


class TranslationFit(EpochFit[TranslationEpoch]):
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
        super().__init__(
            model,
            keras.optimizers.Adam(config.learning_rate, weight_decay=config.weight_decay or None),
            config,
            record=TranslationEpoch,
            observer=observer,
            checkpoint_path=checkpoint_path,
            identity=identity,
        )
        self.training, self.validation, self.config = training, validation, config
        self.batch_tokens = config.batch_tokens or 1500
        self.bleu, self.sample = bleu, sample
        self.average = WeightAverage(model.trainable_variables)
        self.batches = count_batches(training, batch_tokens=self.batch_tokens)
        self.step = TranslationStep(
            model,
            self.optimizer,
            label_smoothing=config.label_smoothing,
            gradient_clip=config.gradient_clip,
            seed=config.seed,
        )

    def progress(self, epoch: int, batch: int) -> float:
        """Share of the training that is done."""
        return self.share_done(epoch + batch / self.batches)

    def run_epoch(self, epoch: int, interrupt: InterruptOnce) -> str:
        """See EpochFit."""
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
            stopped = self.reason_to_stop(interrupt)
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
        if record.complete:
            self.write_state()

    def extra(self) -> Arrays:
        """See EpochFit."""
        return [*values(self.step.variables), *self.average.state()]

    def restore_extra(self, extra: Arrays) -> None:
        """See EpochFit."""
        noise = self.step.variables
        assign(noise, extra[: len(noise)])
        self.average.restore(extra[len(noise) :])
