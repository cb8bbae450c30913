"""Runs .onnx files with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.errors import BundleError, MissingDependencyError
from rnn_toolkit.runtime.signatures import SignatureModel, Tensors


class OnnxModel:
    """ONNX files, one graph each, their tensors addressed by name.

    Args:
        files: the file of each signature.
        threads: processor threads; one is fastest for single texts.
    """

    def __init__(self, files: Mapping[str, Path], *, threads: int = 1) -> None:
        self._graphs = {name: _Graph(path, threads) for name, path in files.items()}

    def run(self, signature: str, inputs: Mapping[str, NDArray[Any]]) -> Tensors:
        """Calls a signature; inputs and outputs by name."""
        if signature not in self._graphs:
            raise BundleError(
                f"There is no ONNX file for the signature {signature!r}.", "Export the model again."
            )
        return self._graphs[signature].run(inputs)


class _Graph:
    """One opened file."""

    def __init__(self, path: Path, threads: int) -> None:
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
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions share no base but Exception
            raise BundleError(
                f"{path} cannot be loaded by ONNX Runtime: {str(error).splitlines()[0]}",
                "Export the model again.",
            ) from None
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Tensors:
        values = self._session.run(self._outputs, dict(inputs))
        return dict(zip(self._outputs, values, strict=True))


def open_onnx(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
    """Opens the ONNX files of a bundle."""
    return OnnxModel({name: directory / each.file for name, each in signatures.items()})
