"""The tasks by name; a new task is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.tasks.directory import read_task

if TYPE_CHECKING:
    from rnn_toolkit.tasks.generation import TextGenerator
    from rnn_toolkit.tasks.sentiment import SentimentClassifier
    from rnn_toolkit.tasks.translation import Translator

    Task: TypeAlias = SentimentClassifier | TextGenerator | Translator


def _sentiment(directory: Path) -> SentimentClassifier:
    from rnn_toolkit.tasks.sentiment import SentimentClassifier

    return SentimentClassifier.load(directory)


def _generation(directory: Path) -> TextGenerator:
    from rnn_toolkit.tasks.generation import TextGenerator

    return TextGenerator.load(directory)


def _translation(directory: Path) -> Translator:
    from rnn_toolkit.tasks.translation import Translator

    return Translator.load(directory)


TASKS: dict[str, Callable[[Path], Task]] = {
    "sentiment": _sentiment,
    "generation": _generation,
    "translation": _translation,
}


def task(directory: Path) -> Task:
    """Opens a model directory with the task that wrote it.

    Raises:
        ModelDirectoryError: no task of this version wrote it.
    """
    name = read_task(directory)
    if name not in TASKS:
        raise ModelDirectoryError(
            f"{directory} is of an unknown task {name!r}.", "Upgrade rnn-toolkit, or train again."
        )
    return TASKS[name](directory)


def check_task_name(name: str) -> None:
    """Raises OptionError, listing the choices, unless `name` is a task."""
    if name not in TASKS:
        raise OptionError(f"There is no task {name!r}.", f"Choose from: {', '.join(TASKS)}.")
