"""Runs a step of a benchmark in a process of its own, and tells its time and memory.

A process passes its largest resident size on to the processes it starts, so what imports this
should import no array library before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time


class ProcessFailed(Exception):
    """A process ended with an error; the text is what it wrote."""


def fresh_process(module: str, *arguments: str) -> tuple[str, float, float]:
    """Runs a module in a new process.

    Args:
        module: as after `python -m`.
        *arguments: of its command line.

    Returns:
        What it printed, its seconds, and its peak resident size in MiB.

    Raises:
        ProcessFailed: it ended with an error.
    """
    command = [sys.executable, "-m", module, *arguments]
    with tempfile.TemporaryFile("w+") as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True)
        with process.stdout as output:  # type: ignore[union-attr]
            printed = output.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            complaints.seek(0)
            raise ProcessFailed(f"{' '.join(command)} failed:\n{complaints.read()}")
    size = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return printed.strip(), seconds, size
