"""Fits a language model: windows, one cycle, early stopping, checkpoints, time limit, Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np

from rnn_toolkit.config import GenerationTrainingConfig
from rnn_toolkit.data.lanes import Window
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.training.checkpoint import Arrays, assign, values
from rnn_toolkit.training.epoch_fit import EpochFit
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.language_model_objective import LanguageModelObjective
from rnn_toolkit.training.learning_rate_finder import find_learning_rate
from rnn_toolkit.training.observer import LanguageModelEpoch, TrainingObserver, WindowRecord
from rnn_toolkit.training.one_cycle import one_cycle
from rnn_toolkit.training.truncated import TruncatedBackpropagation, WindowsResult
from rnn_toolkit.training.weight_average import WeightAverage


class LanguageModelFit(EpochFit[LanguageModelEpoch]):
    """One training of one language model.

    Args:
        model: what `build_language_model` made.
        training: ids to learn from.
        validation: ids that choose the best epoch.
        config: lanes, windows, epochs, schedule and so on, all chosen (`for_steps`).
        observer: is told about progress.
        write_sample: writes something with the model as it is after each epoch.
        checkpoint_path: where to keep the state after each epoch, if anywhere.
        identity: what a checkpoint must agree with to be continued.
    """

    def __init__(
        self,
        model: keras.Model,
        training: TokenStream,
        validation: TokenStream,
        config: GenerationTrainingConfig,
        *,
        observer: TrainingObserver,
        write_sample: Callable[[], str],
        checkpoint_path: Path | None,
        identity: dict[str, str],
    ) -> None:
        self.highest_rate = 0.0 if config.learning_rate == "auto" else config.learning_rate
        super().__init__(
            model,
            keras.optimizers.Adam(self.highest_rate, weight_decay=config.weight_decay or None),
            config,
            record=LanguageModelEpoch,
            observer=observer,
            checkpoint_path=checkpoint_path,
            identity=identity,
        )
        self.training, self.validation, self.config = training, validation, config
        self.lanes = config.batch_size or 1
        self.write_sample = write_sample
        self.average = WeightAverage(model.trainable_variables)
        self.windows_per_epoch = self._count_windows()
        sampled = config.softmax_samples if config.softmax == "sampled" else 0
        self.objectives = [self._objective(samples) for samples in dict.fromkeys([sampled, 0])]
        self.trainers = [
            TruncatedBackpropagation(
                model,
                objective=objective,
                optimizer=self.optimizer,
                gradient_clip=config.gradient_clip,
            )
            for objective in self.objectives
        ]

    def _objective(self, samples: int) -> LanguageModelObjective:
        return LanguageModelObjective(
            self.model,
            samples=samples,
            activation_penalty=self.config.activation_penalty,
            slowness_penalty=self.config.slowness_penalty,
            seed=self.config.seed,
        )

    def _count_windows(self) -> int:
        config = self.config
        if self.training.starts is None:
            return max(1, -(-(len(self.training) // self.lanes) // config.window))
        return sum(1 for _ in self.training.windows(self.lanes, config.window))

    def begin(self) -> None:
        """Searches a learning rate where none is known."""
        if not self.highest_rate:
            self._search_rate()

    def progress(self, epoch: int, window: int) -> float:
        """Share of the training that is done."""
        return self.share_done(epoch + window / self.windows_per_epoch)

    def learning_rate(self, progress: float) -> float:
        """At a share of the training."""
        if self.config.schedule == "constant":
            return self.highest_rate
        return one_cycle(progress, highest=self.highest_rate, warmup=self.config.warmup)

    def _search_rate(self) -> None:
        config = self.config
        trial = find_learning_rate(
            self.model,
            self.objectives[-1],
            self.training.windows(self.lanes, config.window, seed=config.seed),
            gradient_clip=config.gradient_clip,
        )
        self.highest_rate = trial.chosen
        self.observer.note(
            f"Learning rate {trial.chosen:g}, found by {len(trial.rates)} trials from "
            f"{trial.rates[0]:g} to {trial.rates[-1]:.2g}"
        )

    def _trainer(self, epoch: int) -> TruncatedBackpropagation:
        late = self.progress(epoch, 0) >= self.config.full_softmax_from
        return self.trainers[-1] if late else self.trainers[0]

    def run_epoch(self, epoch: int, interrupt: InterruptOnce) -> str:
        """See EpochFit."""
        trainer = self._trainer(epoch)
        watch = _Watch(self, trainer, epoch, interrupt)
        began = time.perf_counter()
        result = trainer.train(watch.windows())
        seconds = time.perf_counter() - began
        validation, averaged = self.validate(), None
        if self.average.count:
            with self.average.applied():
                averaged = self.validate().loss
        record = LanguageModelEpoch(
            epoch=epoch + 1,
            loss=result.loss,
            validation_loss=validation.loss,
            averaged_loss=averaged,
            learning_rate=watch.learning_rate,
            seconds=round(seconds, 3),
            tokens_per_second=round(result.steps / max(seconds, 1e-9), 1),
            largest_gradient_norm=result.largest_gradient_norm,
            complete=watch.stopped == "",
        )
        self._keep(record)
        return watch.stopped

    def validate(self) -> WindowsResult:
        """The loss on the validation ids, with the full softmax."""
        lanes = max(1, min(self.lanes, len(self.validation) // 1000))
        return self.trainers[-1].evaluate(self.validation.windows(lanes, self.config.window))

    def _keep(self, record: LanguageModelEpoch) -> None:
        lowest = min((past.best_loss for past in self.history), default=float("inf"))
        best = record.best_loss < lowest or not self.best
        self.history.append(record)
        use_mean = record.averaged_loss is not None and record.best_loss < record.validation_loss
        if best:
            self.best_epoch = len(self.history)
            if use_mean:
                with self.average.applied():
                    self.best = values(self.model.variables)
            else:
                self.best = values(self.model.variables)
        self.observer.epoch_ended(record, best=best)
        self.samples.append(self.write_sample())
        if record.complete:
            self.write_state()

    def extra(self) -> Arrays:
        """See EpochFit."""
        # A rate that was searched for must not be searched for again.
        rate = np.asarray(self.highest_rate)
        return [rate, *values(self._noise()), *self.average.state()]

    def _noise(self) -> list[keras.Variable]:
        return [variable for objective in self.objectives for variable in objective.variables]

    def restore_extra(self, extra: Arrays) -> None:
        """See EpochFit."""
        rate, *others = extra
        self.highest_rate = float(rate)
        noise = self._noise()
        assign(noise, others[: len(noise)])
        self.average.restore(others[len(noise) :])


class _Watch:
    """Hands windows to the trainer one by one: sets the rate, reports, and stops in time."""

    def __init__(
        self,
        fit: LanguageModelFit,
        trainer: TruncatedBackpropagation,
        epoch: int,
        interrupt: InterruptOnce,
    ) -> None:
        self._fit = fit
        self._trainer = trainer
        self._epoch = epoch
        self._interrupt = interrupt
        self.stopped = ""
        self.learning_rate = fit.learning_rate(fit.progress(epoch, 0))

    def windows(self) -> Iterator[Window]:
        """The windows of the epoch."""
        fit, config = self._fit, self._fit.config
        began, tokens = time.perf_counter(), 0
        found = fit.training.windows(
            fit.lanes,
            config.window,
            random_lengths=config.random_windows,
            seed=config.seed + self._epoch,
            shuffle=True,
        )
        for number, window in enumerate(found):
            progress = fit.progress(self._epoch, number)
            self.learning_rate = fit.learning_rate(progress)
            fit.optimizer.learning_rate = self.learning_rate
            yield window
            tokens += int(window.weights.sum())
            if config.average_from is not None and progress >= config.average_from:
                fit.average.update()
            fit.observer.batch_ended(
                WindowRecord(
                    epoch=self._epoch + 1,
                    epochs=fit.epochs,
                    batch=number + 1,
                    batches=max(fit.windows_per_epoch, number + 1),
                    tokens=tokens,
                    loss=self._trainer.last_loss,
                    seconds=time.perf_counter() - began,
                )
            )
            self.stopped = fit.reason_to_stop(self._interrupt)
            if self.stopped:
                return
