"""What the console program does when it searches for settings, as a plain function."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import check_replaceable, write_text_whole
from rnn_toolkit.data.labelled import LabelledTexts, read_labelled
from rnn_toolkit.errors import OptionError
from rnn_toolkit.tasks.commands import sample_path
from rnn_toolkit.tasks.directory import CONFIG_NAME
from rnn_toolkit.tasks.tuning import Tuned, tune_sentiment
from rnn_toolkit.tasks.tuning_report import PICTURE_NAME, TABLE_NAME, picture, table
from rnn_toolkit.training.observer import TrainingObserver


def study_beside(out: Path) -> Path:
    """Where the search for a model directory is kept until it is done."""
    return out.parent / f".{out.name}.tuning"


def tune_to_directory(
    data: str | None,
    out: Path,
    *,
    observer: TrainingObserver,
    max_minutes: float | None = None,
    max_size: str | int | None = None,
    trials: int | None = None,
    seed: int | None = None,
    validation: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    resume: bool = False,
    **options: Any,
) -> Tuned:
    """Searches for the best sentiment model and saves it; an ended search can be resumed.

    Args:
        data: file or folder; None is the shipped sample.
        out: the model directory; tuning.csv and tuning.svg are written into it too.
        observer: is told about progress.
        max_minutes: see tune_sentiment.
        max_size: see tune_sentiment.
        trials: see tune_sentiment.
        seed: see tune_sentiment.
        validation: a file to judge by.
        text_column: overrides detection.
        label_column: overrides detection.
        encoding: overrides detection.
        header: overrides detection.
        resume: continue the search beside `out`, which a kill or Ctrl-C left.
        **options: settings that every trial has.
    """
    if options.get("distribute") == "multi-worker":
        raise OptionError("A search runs on one machine.", "Leave multi-worker out.")
    check_replaceable(out, marker=CONFIG_NAME)

    def read(path: str) -> LabelledTexts:
        return read_labelled(
            path,
            text_column=text_column,
            label_column=label_column,
            encoding=encoding,
            header=header,
        )

    if data is None:
        observer.note("No --data given: searching on the small sample that ships with rnn-toolkit.")
    folder = study_beside(out)
    tuned = tune_sentiment(
        read(data if data is not None else str(sample_path())),
        max_minutes=max_minutes,
        max_size=max_size,
        trials=trials,
        seed=seed,
        validation=None if validation is None else read(validation),
        folder=folder,
        resume=resume,
        observer=observer,
        **options,
    )
    tuned.classifier.save(out)
    limit = tuned.trained.facts["tuning"]["max_size"]
    write_text_whole(out / TABLE_NAME, table(tuned.trials))
    write_text_whole(out / PICTURE_NAME, picture(tuned.trials, max_size=limit))
    if tuned.interrupted:
        observer.note("The search can go on: repeat the command with --resume.")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return tuned
