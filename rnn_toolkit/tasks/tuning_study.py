"""The trials of a search on disk: proposed, continued, judged and pruned by Optuna."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.pruners import SuccessiveHalvingPruner
from optuna.samplers import TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import FrozenTrial, Trial, TrialState
from pydantic import Field

from rnn_toolkit.config import Settings
from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.tasks.tuning_space import SearchSpace
from rnn_toolkit.training.checkpoint import differences

Ending = Literal[
    "complete", "pruned", "too slow", "out of time", "interrupted", "failed", "repeated", "running"
]

JOURNAL_NAME = "study.log"
_CHECKPOINT_NAME = "checkpoint.npz"
_NAME = "sentiment"
_IDENTITY, _LINE = "identity", "line"
_RANDOM_TRIALS = 8  # before proposals follow from results; the search is short
_HALVING = 2  # of the trials that reach epoch 1, 2, 4, ... the better half goes on


class TrialLine(Settings):
    """One trial: what it was and what it came to.

    `predicted_bytes` and `exported_bytes` are of a bundle's files that an app needs; the latter
    is known of the models that were exported.
    """

    number: int
    ended: Ending
    log_loss: float | None = None
    accuracy: float | None = None
    epochs: int = 0
    minutes: float = 0.0
    predicted_bytes: int = 0
    exported_bytes: int | None = None
    chosen: bool = False
    options: dict[str, Any] = Field(default_factory=dict)

    def identity(self) -> str:
        """A name for the options."""
        text = json.dumps(self.options, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def usable(self) -> bool:
        """Whether it was trained to its end, so that its state holds the model it came to."""
        return self.ended == "complete" and self.log_loss is not None

    def numbers(self) -> str:
        """Scores, size and time."""
        scores = "no epoch finished"
        if self.log_loss is not None and self.accuracy is not None:
            scores = f"validation {self.log_loss:.4f}, {self.accuracy:.4f}"
        size = f"{self.predicted_bytes / 1e6:.2f} MB"
        return f"{scores} | {size}, {self.epochs} epochs, {self.minutes:.1f} min"


class Study:
    """A search that can be left at any time and continued.

    The sampler (TPE, Bergstra et al. 2011) is seeded for each trial from the seed and the number
    of trials before it, so that a continued search proposes what an uninterrupted one would.
    Trials are pruned by asynchronous successive halving (Li et al. 2020), epochs being the rungs.

    Args:
        folder: where the journal and the states of trainings are.
        identity: what a search must agree with to be continued.
        seed: of the proposals.
        resume: whether to continue what stands in `folder`.
        note: is told what was found.

    Raises:
        OptionError: the search in `folder` was another one.
        ModelDirectoryError: its journal is damaged.
    """

    def __init__(
        self,
        folder: Path,
        *,
        identity: dict[str, str],
        seed: int,
        resume: bool,
        note: Callable[[str], None],
    ) -> None:
        self.folder = folder
        self._seed = seed
        journal = folder / JOURNAL_NAME
        found = journal.exists()
        if found and not resume:
            note(
                "An interrupted search stands at this place; it is being replaced (--resume "
                "would continue it)."
            )
            shutil.rmtree(folder)
        if resume and not found:
            note("No interrupted search was found; starting from the beginning.")
        folder.mkdir(parents=True, exist_ok=True)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = _opened(journal)
        if found and resume:
            self._check(identity)
            done = sum(line.ended not in ("running", "interrupted") for line in self.lines())
            note(f"Continuing after {done} trials.")
        self._study.set_user_attr(_IDENTITY, identity)

    def _check(self, identity: dict[str, str]) -> None:
        changed = differences(self._study.user_attrs.get(_IDENTITY, {}), identity)
        if changed:
            raise OptionError(
                f"The interrupted search had another {', another '.join(changed)}.",
                "Repeat its command exactly, or search again without --resume.",
            )

    def next(self, space: SearchSpace) -> RunningTrial:
        """The trial that was left running, else a new one.

        Args:
            space: proposes the options.
        """
        trials = self._study.get_trials(deepcopy=False)
        told = sum(trial.state.is_finished() for trial in trials)
        self._study.sampler = TPESampler(
            seed=self._seed + told, n_startup_trials=_RANDOM_TRIALS, multivariate=False
        )
        left = [trial for trial in trials if trial.state == TrialState.RUNNING]
        if left:
            trial = Trial(self._study, left[0]._trial_id)
        else:
            if not trials:
                self._study.enqueue_trial(space.beginning())
            trial = self._study.ask()
        line = TrialLine(number=trial.number, ended="running", options=space.propose(trial))
        before = trial.user_attrs.get(_LINE)
        if before is not None:
            line = TrialLine.model_validate(before).model_copy(update={"ended": "running"})
        return RunningTrial(trial, line, self)

    def lines(self) -> list[TrialLine]:
        """Every trial that has begun, in order."""
        trials = self._study.get_trials(deepcopy=False)
        written = [trial.user_attrs.get(_LINE) for trial in trials]
        return [TrialLine.model_validate(line) for line in written if line is not None]

    def checkpoint(self, line: TrialLine) -> Path:
        """Where a trial keeps its state; trials with the same options have the same place."""
        return self.folder / line.identity() / _CHECKPOINT_NAME

    def keep_only(self, lines: list[TrialLine]) -> None:
        """Removes the states of all other trials."""
        kept = {self.checkpoint(line).parent for line in lines}
        for folder in self.folder.iterdir():
            if folder.is_dir() and folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def told(self, trial: Trial, line: TrialLine) -> None:
        """Writes down how a trial ended; an interrupted one stays open."""
        trial.set_user_attr(_LINE, line.model_dump(mode="json"))
        if line.ended in ("running", "interrupted"):
            return
        if line.ended in ("complete", "repeated") and line.log_loss is not None:
            self._study.tell(trial, line.log_loss)
        elif line.ended == "failed":
            self._study.tell(trial, state=TrialState.FAIL)
        else:  # pruned, too slow, out of time: the sampler learns from the epochs there are
            self._study.tell(trial, state=TrialState.PRUNED)

    def reported(self, trial: Trial) -> FrozenTrial:
        """A trial as the journal has it."""
        return self._study.get_trials(deepcopy=False)[trial.number]


class RunningTrial:
    """A trial that is being trained."""

    def __init__(self, trial: Trial, line: TrialLine, study: Study) -> None:
        self._trial, self._study = trial, study
        self.line = line

    @property
    def checkpoint(self) -> Path:
        """Where its training keeps its state."""
        return self._study.checkpoint(self.line)

    def update(self, **changes: Any) -> None:
        """Writes what is known by now.

        Args:
            **changes: fields of the line; `ended` closes the trial unless it can be continued.
        """
        self.line = self.line.model_copy(update=changes)
        self._study.told(self._trial, self.line)

    def hopeless(self, epoch: int, log_loss: float) -> bool:
        """Whether successive halving ends this trial.

        Args:
            epoch: from 1.
            log_loss: the lowest on the validation rows so far, in nats.
        """
        # An epoch that was told just before the process was killed is trained a second time.
        if epoch not in self._study.reported(self._trial).intermediate_values:
            self._trial.report(log_loss, epoch)
        return self._trial.should_prune()


def _opened(journal: Path) -> optuna.Study:
    # Links, the default lock, need a privilege on Windows.
    lock = JournalFileOpenLock(str(journal)) if os.name == "nt" else None
    try:
        storage = JournalStorage(JournalFileBackend(str(journal), lock_obj=lock))
        return optuna.create_study(
            storage=storage,
            study_name=_NAME,
            load_if_exists=True,
            direction="minimize",
            pruner=SuccessiveHalvingPruner(min_resource=1, reduction_factor=_HALVING),
        )
    except (ValueError, KeyError, TypeError):
        raise ModelDirectoryError(
            f"{journal} is damaged.", "Delete it and search again without --resume."
        ) from None
