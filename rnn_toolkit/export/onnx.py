"""Export to ONNX with native recurrent operators; the only file that uses tf2onnx."""

from __future__ import annotations

import logging
from pathlib import Path

import tensorflow as tf

from rnn_toolkit.errors import ExportError, RnnToolkitError
from rnn_toolkit.export.base import ClassifierExporter, ClassifierToExport
from rnn_toolkit.export.onnx_loop import MARKER_OPERATOR, onnx_loop, replace_marker
from rnn_toolkit.layers.recurrent import recurrent_loop
from rnn_toolkit.runtime.classifier import RunClassifier
from rnn_toolkit.runtime.onnx import OnnxClassifier

OPSET = 17
IR_VERSION = 8  # read by ONNX Runtime 1.12 (2022) and later


class OnnxExporter(ClassifierExporter):
    """Writes model.onnx: dynamic batch and time, LSTM, GRU and RNN operators."""

    format = "onnx"
    model_file = "model.onnx"

    def convert(self, subject: ClassifierToExport, target: Path) -> None:
        """Traces the model with markers and converts it."""
        import onnx
        import tf2onnx

        model = subject.model
        signature = [tf.TensorSpec([None, None], tf.int32, name="ids")]
        logging.getLogger("tf2onnx").setLevel(logging.ERROR)
        with recurrent_loop(onnx_loop):
            function = tf.function(
                lambda ids: {"probabilities": model(ids, training=False)},
                input_signature=signature,
            )
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
        for value in [*converted.graph.input, *converted.graph.output]:
            names = ("batch", "time" if value.name == "ids" else "classes")
            for dimension, name in zip(value.type.tensor_type.shape.dim, names, strict=True):
                if not dimension.HasField("dim_value"):
                    dimension.dim_param = name
        onnx.checker.check_model(converted, full_check=True)
        target.write_bytes(converted.SerializeToString())

    def check(self, subject: ClassifierToExport, target: Path) -> None:
        """As many native operators as recurrent layers, and no Loop."""
        import onnx

        operators = [node.op_type for node in onnx.load(str(target)).graph.node]
        native = sum(name in {"LSTM", "GRU", "RNN"} for name in operators)
        directions = 2 if subject.network.bidirectional else 1
        if native != subject.network.layers * directions or "Loop" in operators:
            raise ExportError("The ONNX file does not run its layers as native operators.")

    def runner(self, target: Path) -> RunClassifier:
        """ONNX Runtime."""
        return OnnxClassifier(target)
