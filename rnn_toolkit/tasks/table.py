"""The tasks by name; a new task is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_toolkit.errors import OptionError
from rnn_toolkit.tasks.directory import read_config

if TYPE_CHECKING:
    from rnn_toolkit.tasks.sentiment import SentimentClassifier


def _sentiment(directory: Path) -> SentimentClassifier:
    from rnn_toolkit.tasks.sentiment import SentimentClassifier

    return SentimentClassifier.load(directory)


TASKS: dict[str, Callable[[Path], SentimentClassifier]] = {"sentiment": _sentiment}


def task(directory: Path) -> SentimentClassifier:
    """Opens a model directory with the task that wrote it."""
    return TASKS[read_config(directory).task](directory)


def check_task_name(name: str) -> None:
    """Raises OptionError, listing the choices, unless `name` is a task."""
    if name not in TASKS:
        raise OptionError(f"There is no task {name!r}.", f"Choose from: {', '.join(TASKS)}.")
