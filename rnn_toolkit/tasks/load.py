"""Opens what `train` or `export` wrote, importing no more than it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import FORMAT_VERSION
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.export.table import EXPORTERS, exporter
from rnn_toolkit.runtime.bundle import RUNTIMES, is_bundle, load_bundle
from rnn_toolkit.runtime.signatures import OpenModel, SignatureModel

if TYPE_CHECKING:
    from rnn_toolkit.runtime.bundle import Predictor
    from rnn_toolkit.tasks.table import Task


def _as_exported(format_name: str) -> OpenModel:
    """Opens a bundle the way its exporter does, which may import TensorFlow."""

    def open_model(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        return exporter(format_name).open(directory, signatures)

    return open_model


ALL_RUNTIMES: dict[str, OpenModel] = {
    **{format_name: _as_exported(format_name) for format_name in EXPORTERS},
    **RUNTIMES,
}


def load(path: str | Path) -> Task | Predictor:
    """Opens a model directory or a bundle for prediction.

    A TFLite or ONNX bundle imports neither tensorflow nor keras.

    Args:
        path: what `train` or `export` wrote.

    Returns:
        For classification an object with `predict`, for generation one with `generate`; for a
        model directory also with `evaluate` and `export`.

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
            f"There is no {directory}.", "Train a model with: rnn-toolkit train TASK"
        )
    if not (directory / "config.json").is_file():
        raise ModelDirectoryError(
            f"{directory} is neither a model directory (no config.json) nor a bundle (no "
            f"manifest.json), format version {FORMAT_VERSION}.",
            "Give what rnn-toolkit train or export wrote.",
        )
