"""Searches for the settings of the best sentiment model under limits of time and size."""

from __future__ import annotations

import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnn_toolkit.config import parse_settings
from rnn_toolkit.config.tuning import TuningConfig
from rnn_toolkit.data.labelled import LabelledTexts, from_pairs, read_labelled
from rnn_toolkit.evaluation.classification import Evaluation
from rnn_toolkit.tasks.sentiment import Data, SentimentClassifier
from rnn_toolkit.tasks.trained_sentiment import TrainedSentiment
from rnn_toolkit.tasks.tuning_search import Search
from rnn_toolkit.tasks.tuning_study import TrialLine
from rnn_toolkit.training.observer import SilentObserver, TrainingObserver


@dataclass(frozen=True)
class Tuned:
    """The winner of a search, and every trial.

    `interrupted` tells that Ctrl-C ended the search, which can then be continued.
    """

    classifier: SentimentClassifier
    trials: tuple[TrialLine, ...]
    ended: str
    interrupted: bool

    @property
    def chosen(self) -> TrialLine:
        """The trial whose model won."""
        return next(line for line in self.trials if line.chosen)

    @property
    def trained(self) -> TrainedSentiment:
        """All that the winner's training made."""
        return self.classifier.trained

    @property
    def evaluations(self) -> list[Evaluation]:
        """Scores of the winner, on the validation rows first."""
        return self.trained.evaluations


def tune_sentiment(
    data: Data,
    *,
    max_minutes: float | None = None,
    max_size: int | str | None = None,
    trials: int | None = None,
    seed: int | None = None,
    validation: Data | None = None,
    folder: Path | None = None,
    resume: bool = False,
    observer: TrainingObserver | None = None,
    **options: Any,
) -> Tuned:
    """Tries settings one after another and keeps the model with the lowest validation log loss.

    The first trial has the default settings, made smaller where they do not fit the size. All
    trials have the same rows to learn from and to be judged by; test rows are never seen.

    Args:
        data: a file or folder, or a pair of texts and labels.
        max_minutes: for everything, from reading to the judged winner.
        max_size: bytes, or text such as "2MB", of what an app needs of the bundle that
            `export --format tflite --quantize dynamic` writes: model.tflite, tokenizer.json,
            labels.txt and manifest.json.
        trials: the most settings to try; a search needs this or `max_minutes`.
        seed: of proposals, split and trainings [1].
        validation: rows to judge by; by default a stratified part of `data`.
        folder: keeps the search, so that it can be continued; None for a temporary one.
        resume: whether to continue the search in `folder`.
        observer: is told about progress.
        **options: settings by name that every trial has; the others of SEARCH_SPACE vary.

    Returns:
        The winner, trained and judged, and the trials.

    Raises:
        OptionError: an option cannot be used, or no model can be as small as `max_size`.
        DataError: the data cannot be used.
        KeyboardInterrupt: Ctrl-C came before there was any model.
    """
    began = time.monotonic()
    limits = {"max_minutes": max_minutes, "max_size": max_size, "trials": trials, "seed": seed}
    settings = parse_settings(TuningConfig, {k: v for k, v in limits.items() if v is not None})
    rows = _labelled(data)
    judged = None if validation is None else _labelled(validation)
    temporary = tempfile.TemporaryDirectory() if folder is None else nullcontext(str(folder))
    with temporary as place:
        search = Search(
            rows,
            judged,
            settings,
            {name: value for name, value in options.items() if value is not None},
            folder=Path(place),
            resume=resume,
            observer=observer or SilentObserver(),
            began=began,
        )
        classifier, lines = search.run()
    return Tuned(classifier, tuple(lines), search.ended, search.interrupted)


def _labelled(data: Data) -> LabelledTexts:
    if isinstance(data, LabelledTexts):
        return data
    if isinstance(data, (str, Path)):
        return read_labelled(data)
    return from_pairs(data[0], data[1], "Python data")
