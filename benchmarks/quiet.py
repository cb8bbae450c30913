"""Tells whether other programs use the processors; on Linux, elsewhere it trusts the user."""

from __future__ import annotations

import os
import time
from pathlib import Path

_COUNTERS = Path("/proc/stat")
PATIENCE = 120.0
_LOOK_SECONDS = 0.25
_BUSY_SHARE = 0.15
_IDLE, _WAITING = 3, 4
"""Positions of idle time, and of time that waits for a disk, in the line `cpu` of /proc/stat."""


class Quiet:
    """Patience with what else runs on the machine.

    Args:
        patience: seconds to wait in all.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._ends = time.perf_counter() + patience

    @property
    def patient(self) -> bool:
        """Whether there is time left to wait, and a way to look."""
        return _COUNTERS.exists() and time.perf_counter() < self._ends

    def quiet(self) -> bool:
        """Whether the processors are idle but for 15 % of one, while this program sleeps."""
        idle, began = _idle_seconds(), time.perf_counter()
        time.sleep(_LOOK_SECONDS)
        passed = time.perf_counter() - began
        busy = (os.cpu_count() or 1) * passed - (_idle_seconds() - idle)
        return busy < _BUSY_SHARE * passed

    def wait(self) -> None:
        """Returns once it is quiet, or when patience has run out."""
        while self.patient and not self.quiet():
            continue


def _idle_seconds() -> float:
    """Of all processors since the machine was started."""
    counters = _COUNTERS.read_text().split("\n", 1)[0].split()[1:]
    return (int(counters[_IDLE]) + int(counters[_WAITING])) / os.sysconf("SC_CLK_TCK")
