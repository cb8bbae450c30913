"""How the console shows a search for settings: a line per trial, a bar for the one at work."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rnn_toolkit_cli.console import ConsoleObserver

if TYPE_CHECKING:
    from rnn_toolkit import Progress


class TuningObserver(ConsoleObserver):
    """Shows a search on standard error, in the manner of a training."""

    def __init__(self) -> None:
        super().__init__()
        # Every trial is another network: that each is traced anew is no news.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)

    def batch_ended(self, record: Progress) -> None:
        """Moves the bar, which is that of the trial and not of an epoch."""
        done = (record.epoch - 1) * record.batches + record.batch
        total = record.epochs * record.batches
        title = f"epoch {record.epoch}/{record.epochs}"
        numbers = record.numbers()
        self._status.update(title, done, total, numbers, f"{title}  {numbers}")


def check_tuning(tune: bool, max_size: str | None, trials: int | None) -> None:
    """Raises OptionError where options of a search are given without one."""
    from rnn_toolkit import OptionError

    for name, value in (("--max-size", max_size), ("--trials", trials)):
        if value is not None and not tune:
            raise OptionError(f"{name} belongs to a search for settings.", "Add --tune.")
