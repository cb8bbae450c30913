"""Export to ONNX with native recurrent operators; the only file that calls tf2onnx."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import tensorflow as tf

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.cells.base import HasNativeOperator
from rnn_toolkit.config import ExportOptions, Quantization
from rnn_toolkit.errors import ExportError, RnnToolkitError
from rnn_toolkit.export.base import PLAIN, Exporter
from rnn_toolkit.export.onnx_loop import MARKER_OPERATOR, onnx_loop, replace_marker
from rnn_toolkit.export.onnx_quantization import quantized
from rnn_toolkit.export.onnx_sharing import share_transposed
from rnn_toolkit.layers.find import each_recurrent_layer
from rnn_toolkit.layers.loop import recurrent_loop
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.onnx import open_onnx
from rnn_toolkit.runtime.signatures import SignatureModel

OPSET = 17
IR_VERSION = 8  # read by ONNX Runtime 1.12 (2022) and later


def onnx_content(face: Face) -> bytes:
    """Converts one face.

    Args:
        face: its tensors keep their names; dynamic axes are named as it says.

    Raises:
        ExportError: tf2onnx cannot express it, or it would need operators of its own.
    """
    import onnx
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    signature = list(face.inputs)
    with recurrent_loop(onnx_loop):
        function = tf.function(face.function, input_signature=signature)
        try:
            converted, _ = tf2onnx.convert.from_function(
                function,
                input_signature=signature,
                opset=OPSET,
                custom_op_handlers={MARKER_OPERATOR: (replace_marker, [])},
            )
        except RnnToolkitError:
            raise
        except Exception as error:  # tf2onnx raises many kinds
            raise ExportError(f"tf2onnx cannot convert this model: {error}") from error
    converted.ir_version = IR_VERSION
    foreign = sorted({node.op_type for node in converted.graph.node if node.domain})
    if foreign:
        raise ExportError(f"The ONNX file needs operators that are not standard: {foreign}.")
    share_transposed(converted.graph)
    _name_dynamic_axes(converted, face)
    onnx.checker.check_model(converted, full_check=True)
    content: bytes = converted.SerializeToString()
    return content


def _name_dynamic_axes(converted: Any, face: Face) -> None:
    for value in [*converted.graph.input, *converted.graph.output]:
        axes = face.axes[value.name]
        for dimension, name in zip(value.type.tensor_type.shape.dim, axes, strict=True):
            if not dimension.HasField("dim_value"):
                dimension.dim_param = name


def native_operators(content: bytes) -> int:
    """How many LSTM, GRU and RNN operators an ONNX file has."""
    import onnx

    graph = onnx.load_from_string(content).graph
    return sum(node.op_type in {"LSTM", "GRU", "RNN"} for node in graph.node)


def expected_native_operators(model: keras.Model) -> int:
    """How many of a model's recurrent layers ONNX has an operator for."""
    views = [found.layer.steps() for found in each_recurrent_layer(model)]
    return sum(
        isinstance(view, HasNativeOperator) and view.native_weights() is not None for view in views
    )


class OnnxExporter(Exporter):
    """Writes a graph per face: dynamic batch and time; LSTM, GRU and RNN operators.

    A single face is model.onnx; of several, each has a file of its own name.
    """

    format: ClassVar[str] = "onnx"
    quantizations: ClassVar[tuple[Quantization, ...]] = ("none", "float16", "dynamic", "int8")
    int8_arithmetic: ClassVar[tuple[Quantization, ...]] = ("dynamic",)

    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        """Traces the faces with markers and converts them; see Exporter."""
        files = {}
        for face in faces:
            content = onnx_content(face)
            expected = expected_native_operators(model) if face.over_time else 0
            if native_operators(content) != expected:
                raise ExportError("The ONNX file does not run its layers as native operators.")
            content = quantized(content, options.quantize)
            files[face.name] = "model.onnx" if len(faces) == 1 else f"{face.name}.onnx"
            (directory / files[face.name]).write_bytes(content)
        return files

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """ONNX Runtime."""
        return open_onnx(directory, signatures)
