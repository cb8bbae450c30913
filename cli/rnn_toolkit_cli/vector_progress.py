"""Shows a training of word vectors: a bar on a terminal, lines when piped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnn_toolkit import VectorProgress

_SECONDS_BETWEEN_LINES = 20


class VectorConsole:
    """Writes to standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._progress: Any = None
        self._task: Any = None
        self._last_line = time.monotonic()

    def note(self, text: str) -> None:
        """A line of its own."""
        self.close()
        self._console.print(text, markup=False, soft_wrap=True)

    def advanced(self, progress: VectorProgress) -> None:
        """Moves the bar; when piped, a line every 20 seconds."""
        if self._console.is_terminal:
            self._bar()
            self._progress.update(
                self._task,
                description=progress.stage,
                completed=progress.done,
                total=progress.total,
            )
        elif time.monotonic() - self._last_line > _SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            share = 100 * progress.done / max(progress.total, 1e-9)
            self._console.print(f"{progress.stage}: {share:.0f} %", markup=False)

    def close(self) -> None:
        """Takes the bar away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _bar(self) -> None:
        if self._progress is not None:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task("", total=1)
        self._progress.start()
