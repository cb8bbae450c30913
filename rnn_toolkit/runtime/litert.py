"""Runs model.tflite with LiteRT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import BundleError, MissingDependencyError


class LiteRTClassifier:
    """The `predict` signature of a TFLite file.

    Args:
        model_path: the .tflite file.
        threads: processor threads; one is fastest for single texts.
    """

    def __init__(self, model_path: Path, *, threads: int = 1) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            raise MissingDependencyError(
                "Running a TFLite bundle needs the package ai-edge-litert.",
                "Install it with: pip install ai-edge-litert",
            ) from None
        try:
            interpreter = Interpreter(model_path=str(model_path), num_threads=threads)
            self._predict = interpreter.get_signature_runner("predict")
        except (ValueError, RuntimeError) as error:
            raise BundleError(
                f"{model_path} cannot be loaded by LiteRT: {str(error).splitlines()[0]}.",
                "Export the model again.",
            ) from None

    def __call__(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Probabilities [batch, classes] for ids [batch, time], padded on the right with 0."""
        outputs: dict[str, NDArray[np.float32]] = self._predict(ids=ids)
        return outputs["probabilities"]
