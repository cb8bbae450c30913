"""One search: proposes, trains, judges and chooses, within its limits."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from rnn_toolkit._version import __version__
from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.config.tuning import TuningConfig
from rnn_toolkit.data.labelled import LabelledTexts, check_class_count, label_names
from rnn_toolkit.embeddings.read import read_vectors
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.tasks.sentiment import SentimentClassifier
from rnn_toolkit.tasks.tuning_report import summary, trial_sentence, tuning_facts
from rnn_toolkit.tasks.tuning_size import (
    EXPORT_FORMAT,
    EXPORT_QUANTIZE,
    PredictedSize,
    bundle_bytes,
)
from rnn_toolkit.tasks.tuning_space import SEARCH_SPACE, SearchSpace
from rnn_toolkit.tasks.tuning_study import Ending, RunningTrial, Study, TrialLine
from rnn_toolkit.tasks.tuning_trial import ToldOnce, TrialEnded, TrialLimits, TrialObserver
from rnn_toolkit.training.checkpoint import read_checkpoint
from rnn_toolkit.training.interrupt import InterruptOnce
from rnn_toolkit.training.observer import EpochRecord, TrainingObserver

_KEPT = 3  # trained models that may still become the winner
_MOST_REPEATS = 50  # proposals that were all tried before, in a row
_SHARE_OF_A_TRIAL = 0.25  # of the time; a trial may be slower only if an earlier one was

# Seconds to keep for the winner's baseline, report and export, by the seconds that a tokenizer
# took on the same texts; at most a third of the limit.
_RESERVE, _RESERVE_BY_TOKENIZER, _RESERVE_FOR_EXPORT = 5.0, 14.0, 15.0
_LARGEST_RESERVE = 1 / 3

Fitted = tuple[TrialLine, SentimentClassifier]


class Search:
    """One search.

    Args:
        data: rows to learn from.
        validation: rows to judge by; None splits them from `data`.
        settings: limits and seed.
        fixed: options that every trial has.
        folder: of the study.
        resume: whether to continue what stands there.
        observer: is told about progress.
        began: when, by time.monotonic.
    """

    def __init__(
        self,
        data: LabelledTexts,
        validation: LabelledTexts | None,
        settings: TuningConfig,
        fixed: Mapping[str, Any],
        *,
        folder: Path,
        resume: bool,
        observer: TrainingObserver,
        began: float,
    ) -> None:
        self._data, self._validation, self._settings = data, validation, settings
        self._observer = ToldOnce(observer)
        fixed = {name: str(v) if isinstance(v, Path) else v for name, v in fixed.items()}
        fixed["seed"] = settings.seed
        defaults = sentiment_config(fixed)
        _check_recipe(defaults)
        names = label_names(data.labels)
        check_class_count(names, len(data))
        if defaults.vectors.file is not None:
            vectors = read_vectors(Path(defaults.vectors.file))
            fixed["embedding_size"] = int(vectors.matrix.shape[1])
        self._size = PredictedSize(data.texts, names, fixed)
        self._space = SearchSpace(fixed, defaults, size=self._size, max_size=settings.max_size)
        self._study = Study(
            folder,
            identity=self._identity(fixed),
            seed=settings.seed,
            resume=resume,
            note=observer.note,
        )
        self._size(self._space.smallest())  # trains a tokenizer, which tells how fast this is
        self._deadline = self._end(began)
        self._in_memory: Fitted | None = None
        self.ended, self.interrupted = "", False

    def _identity(self, fixed: Mapping[str, Any]) -> dict[str, str]:
        judged = "" if self._validation is None else self._validation.checksum()
        return {
            "training data": self._data.checksum(),
            "validation data": judged,
            "set of options": str(sorted(fixed.items())),
            "size limit": str(self._settings.max_size),
            "version of rnn-toolkit": __version__,
            "version of Keras": keras.__version__,
        }

    def _end(self, began: float) -> float | None:
        """When the last trial must end, so that the winner can be finished in time."""
        if self._settings.max_minutes is None:
            return None
        whole = 60 * self._settings.max_minutes
        reserve = _RESERVE + _RESERVE_BY_TOKENIZER * self._size.slowest_tokenizer
        if self._settings.max_size is not None:
            reserve += _RESERVE_FOR_EXPORT
        spent = 60 * sum(line.minutes for line in self._study.lines())
        return began + whole - spent - min(reserve, _LARGEST_RESERVE * whole)

    def run(self) -> tuple[SentimentClassifier, list[TrialLine]]:
        """Tries, chooses, finishes the winner.

        Returns:
            The winner, trained and judged, and all trials.
        """
        with InterruptOnce() as interrupt:
            while not self._over(lambda: interrupt.requested):
                self._try(self._study.next(self._space), lambda: interrupt.requested)
        self._observer.note(f"The search ended: {self.ended}")
        line, classifier = self._winner()
        lines = [line if each.number == line.number else each for each in self._study.lines()]
        trained = classifier.trained
        trained.facts["tuning"] = tuning_facts(lines, self._settings, self.ended)
        fact = ("tuning", summary(lines, self.ended))
        report = trained.report
        trained.report = report.model_copy(update={"facts": (*report.facts, fact)})
        return classifier, lines

    def _over(self, interrupted: Callable[[], bool]) -> bool:
        """Whether there is to be no further trial, and why."""
        lines = self._study.lines()
        done = [each for each in lines if each.ended not in ("running", "interrupted", "repeated")]
        shortest = min((60 * each.minutes for each in done if each.usable), default=0.0)
        if self.interrupted or interrupted():
            self.ended, self.interrupted = "stopped by Ctrl-C", True
        elif self._settings.trials is not None and len(done) >= self._settings.trials:
            self.ended = f"{len(done)} trials done"
        elif self._deadline is not None and time.monotonic() + shortest > self._deadline and done:
            self.ended = "the time limit was reached"
        elif len(lines) >= _MOST_REPEATS and all(
            each.ended == "repeated" for each in lines[-_MOST_REPEATS:]
        ):
            self.ended = "nothing new was left to try"
        return self.ended != ""

    def _try(self, trial: RunningTrial, interrupted: Callable[[], bool]) -> None:
        """Trains one proposal, as far as it is worth it."""
        lines = self._study.lines()
        finished = [each for each in lines if each.usable]
        trial.update(predicted_bytes=self._size(trial.line.options))
        for each in lines:
            if each.number < trial.line.number and each.options == trial.line.options:
                trial.update(ended="repeated", log_loss=each.log_loss, accuracy=each.accuracy)
                return
        limits = self._limits(finished)
        watch = TrialObserver(
            trial,
            limits,
            self._observer,
            says=not lines,
            interrupted=interrupted,
        )
        keras.backend.clear_session()
        try:
            fitted = self._fit(trial.line, watch, limits.deadline)
            ended = watch.ended
            line = watch.cut_short or trial.line
            self._in_memory = (line.model_copy(update={"ended": ended}), fitted)
        except TrialEnded as end:
            ended = end.ended
        except (DataError, MemoryError, tf.errors.ResourceExhaustedError) as error:
            # What is wrong with the data itself has shown in the first trial.
            if not finished:
                raise
            self._observer.note(f"Trial {trial.line.number + 1} failed: {error}")
            ended = "failed"
        self._close(trial, ended, watch, limits.best)

    def _close(
        self, trial: RunningTrial, ended: Ending, watch: TrialObserver, best: float | None
    ) -> None:
        shown: dict[str, Any] = {"ended": ended, "minutes": round(watch.minutes, 3)}
        cut = watch.cut_short
        if ended == "out of time" and cut is not None:
            shown.update(log_loss=cut.log_loss, accuracy=cut.accuracy)
        trial.update(**shown)
        line = trial.line
        leads = line.usable and line.log_loss is not None and (best is None or line.log_loss < best)
        self._observer.note(trial_sentence(line, SEARCH_SPACE, best=leads))
        self.interrupted = ended == "interrupted"
        if ended != "interrupted":
            self._study.keep_only(self._candidates()[:_KEPT])

    def _limits(self, finished: list[TrialLine]) -> TrialLimits:
        best = min((each.log_loss for each in finished if each.log_loss is not None), default=None)
        if self._deadline is None or self._settings.max_minutes is None:
            return TrialLimits(best, None, None)
        longest = max((60 * each.minutes for each in finished), default=0.0)
        share = max(_SHARE_OF_A_TRIAL * 60 * self._settings.max_minutes, longest)
        return TrialLimits(best, self._deadline, min(share, self._deadline - time.monotonic()))

    def _fit(
        self, line: TrialLine, observer: TrainingObserver, deadline: float | None
    ) -> SentimentClassifier:
        """Trains, or only reads the weights of a trial that was trained to its end."""
        checkpoint = self._study.checkpoint(line)
        minutes = None
        if deadline is not None:
            minutes = max((deadline - time.monotonic()) / 60, 1e-3)
            if checkpoint.exists():  # a training counts its time from its first beginning on
                minutes += read_checkpoint(checkpoint, EpochRecord).elapsed_seconds / 60
        classifier = SentimentClassifier(**line.options, max_minutes=minutes)
        return classifier.fit(
            self._data,
            validation=self._validation,
            observer=observer,
            checkpoint=checkpoint,
            resume=checkpoint.exists(),
        )

    def _candidates(self) -> list[TrialLine]:
        """Usable trials, the best first."""
        usable = [line for line in self._study.lines() if line.usable]
        return sorted(usable, key=lambda line: (line.log_loss, line.number))

    def _winner(self) -> Fitted:
        """The best model that is small enough, judged."""
        smallest: int | None = None
        for line, classifier in self._models():
            if self._settings.max_size is None:
                return line.model_copy(update={"chosen": True}), classifier
            size = self._exported(classifier)
            if size <= self._settings.max_size:
                update = {"chosen": True, "exported_bytes": size}
                return line.model_copy(update=update), classifier
            self._observer.note(
                f"Trial {line.number + 1} has {size:,} bytes when exported: too large"
            )
            smallest = size if smallest is None else min(size, smallest)
        if smallest is None and self.interrupted:
            raise KeyboardInterrupt
        if smallest is None:
            raise OptionError("No trial came to its end.", "Give more --max-minutes or --trials.")
        raise OptionError(
            f"No trained model is small enough: the smallest has {smallest:,} bytes.",
            "Give a larger --max-size, or more time.",
        )

    def _models(self) -> Iterator[Fitted]:
        """Candidates with their models, the best first."""
        kept, waiting = self._in_memory, self._candidates()
        if kept is not None:
            others = [line for line in waiting if line.number != kept[0].number]
            waiting = sorted([kept[0], *others], key=lambda line: (line.log_loss, line.number))
        for line in waiting:
            if kept is not None and line.number == kept[0].number:
                yield kept
            elif self._study.checkpoint(line).exists():
                keras.backend.clear_session()
                yield line, self._fit(line, self._observer, None)

    def _exported(self, classifier: SentimentClassifier) -> int:
        """Bytes of the bundle, as an app needs it."""
        self._observer.note("Exporting the model to see its true size")
        with tempfile.TemporaryDirectory() as scratch:
            bundle = Path(scratch) / "bundle"
            classifier.export(bundle, format=EXPORT_FORMAT, quantize=EXPORT_QUANTIZE)
            return bundle_bytes(bundle)


def _check_recipe(config: SentimentConfig) -> None:
    """Raises OptionError where each trial would begin with a long training of something else."""
    if config.vectors.train or config.pretraining.epochs:
        raise OptionError(
            f"A search cannot train word vectors or a language model before each trial (recipe "
            f"{config.recipe}).",
            "Train vectors once with rnn-toolkit embeddings train, and give them as --embeddings.",
        )
