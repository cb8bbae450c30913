"""One trial of a search: a training that is watched, and ended when it leads nowhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from rnn_toolkit.tasks.training_run import BASELINE_NOTE
from rnn_toolkit.tasks.tuning_study import Ending, RunningTrial, TrialLine
from rnn_toolkit.training.naive_bayes_pairs import Mixture
from rnn_toolkit.training.observer import EpochRecord, EpochSummary, Progress, TrainingObserver

# Noticing that a trial is too slow: after so many batches and seconds, the first ones not
# counted, because tracing and the first long batch are no measure.
_UNCOUNTED_BATCHES = 5
_BATCHES, _SECONDS = 15, 4.0


class TrialEnded(Exception):
    """Leaves a training from within its observer."""

    def __init__(self, ended: Ending) -> None:
        super().__init__(ended)
        self.ended = ended


class ToldOnce:
    """Passes on to another observer; a note that was told before is left out."""

    def __init__(self, observer: TrainingObserver) -> None:
        self._observer = observer
        self._told: set[str] = set()

    def note(self, text: str) -> None:
        """The first time only."""
        if text not in self._told:
            self._told.add(text)
            self._observer.note(text)

    def batch_ended(self, record: Progress) -> None:
        """Passes it on."""
        self._observer.batch_ended(record)

    def epoch_ended(self, record: EpochSummary, *, best: bool) -> None:
        """Passes it on."""
        self._observer.epoch_ended(record, best=best)


@dataclass(frozen=True)
class TrialProgress:
    """Where a search stands after a batch of one of its trials."""

    trial: int
    best: float | None
    inner: Progress

    @property
    def epoch(self) -> int:
        """Of the trial."""
        return self.inner.epoch

    @property
    def epochs(self) -> int:
        """Of the trial."""
        return self.inner.epochs

    @property
    def batch(self) -> int:
        """Of the epoch."""
        return self.inner.batch

    @property
    def batches(self) -> int:
        """Of the epoch."""
        return self.inner.batches

    @property
    def seconds(self) -> float:
        """Since the beginning of the epoch."""
        return self.inner.seconds

    def numbers(self) -> str:
        """Which trial, the best so far, and the training's numbers."""
        best = "" if self.best is None else f", best {self.best:.4f}"
        return f"trial {self.trial}{best}  {self.inner.numbers()}"


@dataclass(frozen=True)
class TrialLimits:
    """What a trial is measured against.

    `best` is the lowest validation loss of the trials before, None for the first; `deadline` and
    `seconds` are the end of the search and the most that a trial may take, None without a limit.
    """

    best: float | None
    deadline: float | None
    seconds: float | None


class TrialObserver:
    """Watches a training for the search.

    Leaves it by TrialEnded: when it is pruned or too slow, when the search is interrupted, and
    after its last epoch, because the baseline and the report are for the winner alone. Only a
    training that was cut short and is still the best is let through to its end: its weights are
    nowhere but in memory, and `cut_short` is what they came to.

    Args:
        trial: is told about every epoch.
        limits: of time and loss.
        observer: is told about batches, and notes where `says`.
        says: whether notes are passed on.
        interrupted: whether Ctrl-C came while nothing was training.
        clock: seconds.
    """

    def __init__(
        self,
        trial: RunningTrial,
        limits: TrialLimits,
        observer: TrainingObserver,
        *,
        says: bool,
        interrupted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._trial, self._limits, self._observer = trial, limits, observer
        self._says, self._interrupted, self._clock = says, interrupted, clock
        self._began = self._last_batch = clock()
        self._stopped = float("inf")
        self._earlier_minutes = trial.line.minutes
        self._counted_from = 0.0
        self._epochs = 0
        self.cut_short: TrialLine | None = None

    @property
    def minutes(self) -> float:
        """That the trial took to the end of its training, an interrupted beginning included."""
        return self._earlier_minutes + (min(self._clock(), self._stopped) - self._began) / 60

    @property
    def ended(self) -> Ending:
        """How a training that was let through came to its end."""
        if self.cut_short is None:
            return "complete"
        # A training stops itself at its time limit, which begins a little after the search's.
        deadline = self._limits.deadline
        late = deadline is not None and self._last_batch >= deadline
        return "out of time" if late else "interrupted"

    def note(self, text: str) -> None:
        """Passes notes on; ends the trial after its training."""
        if text == BASELINE_NOTE:
            self._stopped = self._clock()
            if not self._leads_cut_short():
                raise TrialEnded(self.ended)
        else:
            self._stop_if_interrupted()
        if self._says:
            self._observer.note(text)

    def batch_ended(self, record: Progress) -> None:
        """Shows progress; ends the trial when it is going to take too long."""
        self._stop_if_interrupted()
        self._epochs, self._last_batch = record.epochs, self._clock()
        self._observer.batch_ended(
            TrialProgress(self._trial.line.number + 1, self._limits.best, record)
        )
        if record.epoch > 1 or self._limits.seconds is None:
            return
        if record.batch <= _UNCOUNTED_BATCHES:
            self._counted_from = record.seconds
        elif self._limits.best is not None and record.batch >= _BATCHES:
            seconds = record.seconds - self._counted_from
            whole = seconds / (record.batch - _UNCOUNTED_BATCHES) * record.batches * record.epochs
            if seconds >= _SECONDS and whole > self._limits.seconds:
                raise TrialEnded("too slow")

    def epoch_ended(self, record: EpochSummary, *, best: bool) -> None:
        """Reports to the study; ends the trial when successive halving says so."""
        if isinstance(record, Mixture):
            self._take(record)
            return
        if not isinstance(record, EpochRecord):
            return
        line = self._trial.line
        known: dict[str, float] = {"minutes": round(self.minutes, 3)}
        if line.log_loss is None or record.validation_loss < line.log_loss:
            known["log_loss"] = record.validation_loss
            known["accuracy"] = record.validation_accuracy
        if not record.complete:
            # Not written down: an interrupted trial is continued from its last whole epoch.
            self.cut_short = line.model_copy(update=known)
            return
        self._trial.update(**known, epochs=record.epoch)
        lowest = self._trial.line.log_loss or record.validation_loss
        if self._trial.hopeless(record.epoch, lowest) and record.epoch < self._epochs:
            raise TrialEnded("pruned")

    def _take(self, mixture: Mixture) -> None:
        """What the trial comes to with the part that was fitted after its network."""
        known = {"log_loss": mixture.validation_loss, "accuracy": mixture.validation_accuracy}
        if self.cut_short is not None:
            self.cut_short = self.cut_short.model_copy(update=known)
        else:
            self._trial.update(**known)

    def _leads_cut_short(self) -> bool:
        loss = None if self.cut_short is None else self.cut_short.log_loss
        return loss is not None and (self._limits.best is None or loss < self._limits.best)

    def _stop_if_interrupted(self) -> None:
        if self._interrupted():
            raise TrialEnded("interrupted")
