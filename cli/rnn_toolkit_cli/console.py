"""What the console shows: tables, progress on a terminal, plain lines when piped."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnn_toolkit import EpochSummary, Progress


_PIPED_WIDTH = 400
_SECONDS_BETWEEN_LINES = 20


class StatusLine:
    """Progress on standard error: a bar on a terminal, a line every 20 seconds elsewhere."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._progress: Any = None
        self._task: Any = None
        self._last_line = time.monotonic()

    def note(self, text: str) -> None:
        """A line of its own; the bar goes."""
        self.close()
        self._console.print(text, markup=False, soft_wrap=True)

    def update(self, title: str, done: float, total: float, numbers: str, line: str) -> None:
        """Moves on.

        Args:
            title: before the bar.
            done: how much is done.
            total: of how much.
            numbers: behind the bar.
            line: all of it in words, where there is no bar.
        """
        if self._console.is_terminal:
            self._show()
            self._progress.update(
                self._task, description=title, completed=done, total=total, numbers=numbers
            )
        elif time.monotonic() - self._last_line > _SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            self._console.print(line, markup=False)

    def close(self) -> None:
        """Takes the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _show(self) -> None:
        if self._progress is not None:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=1, numbers="")
        self._progress.start()


class ConsoleObserver:
    """Shows the training of a model on standard error."""

    def __init__(self) -> None:
        self._status = StatusLine()

    def note(self, text: str) -> None:
        """A line of its own."""
        self._status.note(text)

    def batch_ended(self, record: Progress) -> None:
        """Moves the bar."""
        left = record.seconds / record.batch * (record.batches - record.batch)
        numbers = record.numbers()
        title = f"epoch {record.epoch}/{record.epochs}"
        share = f"{100 * record.batch / record.batches:.0f} %"
        line = f"{title} {share}  {numbers}  {left:.0f} s left"
        self._status.update(title, record.batch, record.batches, numbers, line)

    def epoch_ended(self, record: EpochSummary, *, best: bool) -> None:
        """One line per epoch that stays."""
        self._status.note(f"{record.sentence()}{' | best' if best else ''}")


@contextmanager
def _spinner(text: str) -> Iterator[None]:
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def busy(text: str) -> AbstractContextManager[None]:
    """Shows on a terminal that something is going on."""
    return _spinner(text) if sys.stderr.isatty() else nullcontext()


def silence_native_code() -> None:
    """Keeps what C++ libraries print off the screen; Python's own standard error stays.

    TensorFlow and LiteRT write start-up notices straight to the file descriptor.
    """
    try:
        kept = os.dup(2)
    except OSError:  # started without a standard error
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    sys.stderr = os.fdopen(kept, "w", buffering=1, encoding="utf-8", errors="replace")


def table(title: str, columns: list[str], rows: list[list[str]], *, words: int = 1) -> None:
    """Prints a table on standard output; the first `words` columns are text, the others numbers."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        shown.add_column(
            column,
            justify="left" if index < words else "right",
            overflow="fold",
            no_wrap=index == 0,  # a name broken in two can be neither copied nor searched for
        )
    for row in rows:
        shown.add_row(*(_plain(cell) for cell in row))
    # In a pipe there is no screen to fit: a row stays a line.
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(highlight=False, width=width).print(shown)


def facts(pairs: list[tuple[str, str]]) -> None:
    """Prints names with their values, aligned, on standard output."""
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        print(f"{name:<{width}}  {value}")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
