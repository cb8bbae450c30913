"""Runs .tflite files with LiteRT."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.errors import BundleError, MissingDependencyError
from rnn_toolkit.runtime.signatures import SignatureModel, Tensors


class LiteRTModel:
    """A TFLite file, its tensors addressed by name.

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
            names = interpreter.get_signature_list()
            self._signatures = {name: interpreter.get_signature_runner(name) for name in names}
        except (ValueError, RuntimeError) as error:
            raise BundleError(
                f"{model_path} cannot be loaded by LiteRT: {str(error).splitlines()[0]}.",
                "Export the model again.",
            ) from None
        self._path = model_path

    def run(self, signature: str, inputs: Mapping[str, NDArray[Any]]) -> Tensors:
        """Calls a signature; inputs and outputs by name."""
        if signature not in self._signatures:
            raise BundleError(
                f"{self._path} has no signature {signature!r}.", "Export the model again."
            )
        outputs: Tensors = self._signatures[signature](**inputs)
        return outputs


def open_litert(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
    """Opens the TFLite file of a bundle; all its signatures are in one."""
    (file,) = {signature.file for signature in signatures.values()}
    return LiteRTModel(directory / file)
