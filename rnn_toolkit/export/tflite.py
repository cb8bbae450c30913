"""Export to TensorFlow Lite with built-in operators only."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tensorflow as tf

from rnn_toolkit.errors import ExportError
from rnn_toolkit.export.base import ClassifierExporter, ClassifierToExport
from rnn_toolkit.export.tflite_loop import tflite_loop
from rnn_toolkit.layers.recurrent import recurrent_loop
from rnn_toolkit.runtime.classifier import RunClassifier
from rnn_toolkit.runtime.litert import LiteRTClassifier


class _Traced(tf.Module):
    """The traced model; the converter finds the variables it freezes here."""


class TFLiteExporter(ClassifierExporter):
    """Writes model.tflite: dynamic batch and time, one `predict` signature."""

    format = "tflite"
    model_file = "model.tflite"

    def convert(self, subject: ClassifierToExport, target: Path) -> None:
        """Traces the model with the TFLite loop and converts it."""
        model = subject.model
        traced = _Traced()
        traced.values = [variable.value for variable in model.variables]
        with recurrent_loop(tflite_loop):
            traced.predict = tf.function(
                lambda ids: {"probabilities": model(ids, training=False)},
                input_signature=[tf.TensorSpec([None, None], tf.int32, name="ids")],
            )
            function = traced.predict.get_concrete_function()
        with tempfile.TemporaryDirectory() as directory:
            tf.saved_model.save(traced, directory, signatures={"predict": function})
            converter = tf.lite.TFLiteConverter.from_saved_model(
                directory, signature_keys=["predict"]
            )
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
            try:
                content = converter.convert()
            except Exception as error:  # the converter raises many kinds
                raise ExportError(
                    f"TensorFlow Lite cannot express this model: {str(error).splitlines()[0]}"
                ) from error
        target.write_bytes(content)

    def check(self, subject: ClassifierToExport, target: Path) -> None:
        """No Flex operator, no custom operator, no variable that outlives a call."""
        foreign, variables = inspect_tflite(target.read_bytes())
        if foreign:
            raise ExportError(f"The TFLite file needs operators that are not built in: {foreign}.")
        if variables:
            raise ExportError("The TFLite file keeps state between calls.")

    def runner(self, target: Path) -> RunClassifier:
        """LiteRT."""
        return LiteRTClassifier(target)


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
