"""What a measurement was made on."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("tensorflow", "keras", "onnxruntime", "ai-edge-litert", "tokenizers", "scikit-learn")


def processor() -> str:
    """The processor's name as the system tells it, and the number of cores."""
    name = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    return f"{name}, {os.cpu_count()} cores"


def machine_facts() -> dict[str, object]:
    """Date, processor and versions, to stand beside every figure."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }
