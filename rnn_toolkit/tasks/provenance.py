"""What a model was made with, to stand in metrics.json."""

from __future__ import annotations

import platform
from typing import Any

import keras
import tensorflow as tf

from rnn_toolkit._version import __version__


def provenance() -> dict[str, Any]:
    """Versions and machine."""
    return {
        "versions": {
            "rnn-toolkit": __version__,
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
            "python": platform.python_version(),
        },
        "machine": f"{platform.system()} {platform.machine()}",
    }
