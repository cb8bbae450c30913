"""rnn-toolkit: train small recurrent text models, judge them honestly, ship them anywhere.

Public names are imported when first used, so that `import rnn_toolkit` imports no TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnn_toolkit._version import __version__

if TYPE_CHECKING:
    from rnn_toolkit.errors import RnnToolkitError
    from rnn_toolkit.runtime.classifier import Prediction
    from rnn_toolkit.tasks.load import load
    from rnn_toolkit.tasks.sentiment import SentimentClassifier

__all__ = ["Prediction", "RnnToolkitError", "SentimentClassifier", "__version__", "load"]


def __getattr__(name: str) -> Any:
    match name:
        case "load":
            from rnn_toolkit.tasks.load import load

            return load
        case "SentimentClassifier":
            from rnn_toolkit.tasks.sentiment import SentimentClassifier

            return SentimentClassifier
        case "Prediction":
            from rnn_toolkit.runtime.classifier import Prediction

            return Prediction
        case "RnnToolkitError":
            from rnn_toolkit.errors import RnnToolkitError

            return RnnToolkitError
    raise AttributeError(f"module 'rnn_toolkit' has no attribute {name!r}")
