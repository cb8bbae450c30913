"""Runs .onnx files with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import BundleError, MissingDependencyError

Tensors = dict[str, NDArray[Any]]


class OnnxModel:
    """The graph of an ONNX file, its tensors addressed by name.

    Args:
        model_path: the .onnx file.
        threads: processor threads; one is fastest for single texts.
    """

    def __init__(self, model_path: Path, *, threads: int = 1) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingDependencyError(
                "Running an ONNX bundle needs the package onnxruntime.",
                "Install it with: pip install onnxruntime",
            ) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(model_path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions share no base but Exception
            raise BundleError(
                f"{model_path} cannot be loaded by ONNX Runtime: {str(error).splitlines()[0]}",
                "Export the model again.",
            ) from None
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Tensors:
        """Inputs and outputs by name."""
        values = self._session.run(self._outputs, dict(inputs))
        return dict(zip(self._outputs, values, strict=True))


class OnnxClassifier:
    """A graph from `ids` to `probabilities`; see OnnxModel for the arguments."""

    def __init__(self, model_path: Path, *, threads: int = 1) -> None:
        self._model = OnnxModel(model_path, threads=threads)

    def __call__(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Probabilities [batch, classes] for ids [batch, time], padded on the right with 0."""
        return np.asarray(self._model.run({"ids": ids})["probabilities"], dtype=np.float32)
