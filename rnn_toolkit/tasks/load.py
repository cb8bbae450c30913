"""Opens what `train` or `export` wrote, importing no more than it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_toolkit.config import FORMAT_VERSION
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.runtime.bundle import RUNTIMES, is_bundle, load_bundle
from rnn_toolkit.runtime.classifier import ClassifierPredictor, RunClassifier

if TYPE_CHECKING:
    from rnn_toolkit.tasks.sentiment import SentimentClassifier


def _saved_model(path: Path) -> RunClassifier:
    from rnn_toolkit.export.saved_model import SavedModelClassifier

    return SavedModelClassifier(path)


ALL_RUNTIMES: dict[str, Callable[[Path], RunClassifier]] = {**RUNTIMES, "savedmodel": _saved_model}


def load(path: str | Path) -> SentimentClassifier | ClassifierPredictor:
    """Opens a model directory or a bundle for prediction.

    A TFLite or ONNX bundle imports neither tensorflow nor keras.

    Args:
        path: what `train` or `export` wrote.

    Returns:
        An object with `predict`; for a model directory also with `evaluate` and `export`.

    Raises:
        ModelDirectoryError: there is neither a model nor a bundle.
        BundleError: the bundle is damaged.
    """
    directory = Path(path)
    if is_bundle(directory):
        return load_bundle(directory, ALL_RUNTIMES)
    check_model_directory(directory)
    from rnn_toolkit.tasks.table import task

    return task(directory)


def check_model_directory(directory: Path) -> None:
    """Raises ModelDirectoryError, saying what is there instead, unless it is a model."""
    if not directory.exists():
        raise ModelDirectoryError(
            f"There is no {directory}.", "Train a model with: rnn-toolkit train sentiment"
        )
    if not (directory / "config.json").is_file():
        raise ModelDirectoryError(
            f"{directory} is neither a model directory (no config.json) nor a bundle (no "
            f"manifest.json), format version {FORMAT_VERSION}.",
            "Give what rnn-toolkit train or export wrote.",
        )
