"""rnn-toolkit: train small recurrent text models, judge them honestly, ship them anywhere.

Public names are imported when first used, so that `import rnn_toolkit` imports no TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnn_toolkit._version import __version__

if TYPE_CHECKING:
    from rnn_toolkit.errors import RnnToolkitError
    from rnn_toolkit.evaluation.classification import Evaluation
    from rnn_toolkit.runtime.classifier import Prediction
    from rnn_toolkit.tasks.commands import (
        evaluate_directory,
        export_directory,
        train_to_directory,
    )
    from rnn_toolkit.tasks.describe import describe, verify_bundle
    from rnn_toolkit.tasks.load import load
    from rnn_toolkit.tasks.sentiment import SentimentClassifier
    from rnn_toolkit.training.observer import BatchRecord, EpochRecord

__all__ = [
    "BatchRecord",
    "EpochRecord",
    "Evaluation",
    "Prediction",
    "RnnToolkitError",
    "SentimentClassifier",
    "__version__",
    "describe",
    "evaluate_directory",
    "export_directory",
    "load",
    "train_to_directory",
    "verify_bundle",
]

_HOMES = {
    "BatchRecord": "rnn_toolkit.training.observer",
    "EpochRecord": "rnn_toolkit.training.observer",
    "Evaluation": "rnn_toolkit.evaluation.classification",
    "Prediction": "rnn_toolkit.runtime.classifier",
    "RnnToolkitError": "rnn_toolkit.errors",
    "SentimentClassifier": "rnn_toolkit.tasks.sentiment",
    "describe": "rnn_toolkit.tasks.describe",
    "evaluate_directory": "rnn_toolkit.tasks.commands",
    "export_directory": "rnn_toolkit.tasks.commands",
    "load": "rnn_toolkit.tasks.load",
    "train_to_directory": "rnn_toolkit.tasks.commands",
    "verify_bundle": "rnn_toolkit.tasks.describe",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rnn_toolkit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
