"""Export to TensorFlow Lite with built-in operators only."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import keras
import tensorflow as tf

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.errors import ExportError
from rnn_toolkit.export.base import Exporter
from rnn_toolkit.export.tflite_loop import tflite_loop
from rnn_toolkit.layers.loop import recurrent_loop
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.litert import open_litert
from rnn_toolkit.runtime.signatures import SignatureModel

TFLITE_FILE = "model.tflite"


class _Traced(tf.Module):
    """The traced functions; the converter finds the variables it freezes here."""


def tflite_content(model: keras.Model, faces: Sequence[Face]) -> bytes:
    """Converts faces of one model into one file; they share the weights.

    Args:
        model: whose variables the faces use.
        faces: each becomes a signature with dynamic batch and time.

    Raises:
        ExportError: the model needs what the built-in operators do not have.
    """
    traced = _Traced()
    traced.values = [variable.value for variable in model.variables]
    functions = {}
    with recurrent_loop(tflite_loop):
        for face in faces:
            functions[face.name] = tf.function(
                face.function, input_signature=list(face.inputs)
            ).get_concrete_function()
    with tempfile.TemporaryDirectory() as directory:
        tf.saved_model.save(traced, directory, signatures=functions)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            directory, signature_keys=list(functions)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            content: bytes = converter.convert()
        except Exception as error:  # the converter raises many kinds
            raise ExportError(
                f"TensorFlow Lite cannot express this model: {str(error).splitlines()[0]}"
            ) from error
    _check_operators(content)
    return content


class TFLiteExporter(Exporter):
    """Writes model.tflite: dynamic batch and time, a signature per face over the same weights."""

    format: ClassVar[str] = "tflite"

    def write(self, model: keras.Model, faces: Sequence[Face], directory: Path) -> dict[str, str]:
        """Traces the faces with the TFLite loop and converts them; see Exporter."""
        (directory / TFLITE_FILE).write_bytes(tflite_content(model, faces))
        return {face.name: TFLITE_FILE for face in faces}

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """LiteRT."""
        return open_litert(directory, signatures)


def _check_operators(content: bytes) -> None:
    """No Flex operator, no custom operator, no variable that outlives a call."""
    foreign, variables = inspect_tflite(content)
    if foreign:
        raise ExportError(f"The TFLite file needs operators that are not built in: {foreign}.")
    if variables:
        raise ExportError("The TFLite file keeps state between calls.")


def inspect_tflite(content: bytes) -> tuple[list[str], int]:
    """Names of custom (Flex included) operators, and the number of variable tensors."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    custom = sorted(
        code.customCode.decode() for code in model.operatorCodes if code.customCode is not None
    )
    variables = sum(
        bool(tensor.isVariable) for graph in model.subgraphs for tensor in graph.tensors
    )
    return custom, variables
