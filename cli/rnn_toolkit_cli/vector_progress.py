"""Shows a training of word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_toolkit_cli.console import StatusLine

if TYPE_CHECKING:
    from rnn_toolkit import VectorProgress


class VectorConsole:
    """Writes to standard error."""

    def __init__(self) -> None:
        self._status = StatusLine()

    def note(self, text: str) -> None:
        """A line of its own."""
        self._status.note(text)

    def advanced(self, progress: VectorProgress) -> None:
        """Moves the bar."""
        share = 100 * progress.done / max(progress.total, 1e-9)
        line = f"{progress.stage}: {share:.0f} %"
        self._status.update(progress.stage, progress.done, progress.total, "", line)

    def close(self) -> None:
        """Takes the bar away."""
        self._status.close()
