"""Export to TensorFlow Lite with built-in operators only."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import keras
import tensorflow as tf

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import ExportOptions, Quantization, TokenizerKind
from rnn_toolkit.errors import ExportError, OptionError
from rnn_toolkit.export.base import PLAIN, Exporter
from rnn_toolkit.export.mediapipe import why_not, with_metadata
from rnn_toolkit.export.subject import Subject
from rnn_toolkit.export.tflite_conversion import Conversion, convert, convert_apart
from rnn_toolkit.export.tflite_loop import tflite_loop
from rnn_toolkit.export.tflite_unrolled import unrolled_loop
from rnn_toolkit.layers.loop import recurrent_loop
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.litert import open_litert
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.text.tokenizer import Tokenizer

TFLITE_FILE = "model.tflite"


def tflite_content(
    model: keras.Model, faces: Sequence[Face], options: ExportOptions = PLAIN
) -> bytes:
    """Converts faces of one model into one file; they share the weights.

    Args:
        model: whose variables the faces use.
        faces: each becomes a signature.
        options: the variant.

    Raises:
        ExportError: the model needs what the built-in operators do not have, or the converter
            cannot make this variant of it.
    """
    with tempfile.TemporaryDirectory() as directory:
        _trace(model, faces, Path(directory), unrolled=options.static is not None)
        job = Conversion(Path(directory), tuple(face.name for face in faces), options.quantize)
        if options.quantize == "int8":
            content = convert_apart(job, _samples(faces))
        else:
            content = convert(job)
    _check_operators(content)
    return content


class _Traced(tf.Module):
    """The traced functions; the converter finds the variables it freezes here."""


def _trace(model: keras.Model, faces: Sequence[Face], directory: Path, *, unrolled: bool) -> None:
    """Writes a SavedModel whose loops are those of TensorFlow Lite, or that has none."""
    traced = _Traced()
    traced.values = [variable.value for variable in model.variables]
    functions = {}
    with recurrent_loop(unrolled_loop if unrolled else tflite_loop):
        for face in faces:
            functions[face.name] = tf.function(
                face.function, input_signature=list(face.inputs)
            ).get_concrete_function()
    tf.saved_model.save(traced, str(directory), signatures=functions)


def _samples(faces: Sequence[Face]) -> dict[str, list[Mapping[str, Any]]]:
    """Inputs of each face as they come in use."""
    found = {}
    for face in faces:
        if face.samples is None:
            raise OptionError(
                "int8 needs sample inputs, which only classifiers have: steps take states.",
                "Choose --quantize dynamic or float16.",
            )
        found[face.name] = list(face.samples())
    return found


@runtime_checkable
class ReadByMediaPipe(Protocol):
    """A subject that MediaPipe may be able to read: a classifier."""

    tokenizer: Tokenizer
    tokenizer_kind: TokenizerKind
    labels: tuple[str, ...]


class TFLiteExporter(Exporter):
    """Writes model.tflite: a signature per face over the same weights.

    Batch and time are dynamic; in the static variant they are fixed and nothing loops.
    """

    format: ClassVar[str] = "tflite"
    quantizations: ClassVar[tuple[Quantization, ...]] = ("none", "float16", "dynamic", "int8")
    int8_arithmetic: ClassVar[tuple[Quantization, ...]] = ("dynamic", "int8")
    has_static: ClassVar[bool] = True

    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        """Traces the faces with the TFLite loop and converts them; see Exporter."""
        content = tflite_content(model, faces, options)
        if options.static is not None and subgraphs(content) != 1:
            raise ExportError("The static TFLite file still has a loop in it.")
        (directory / TFLITE_FILE).write_bytes(content)
        return {face.name: TFLITE_FILE for face in faces}

    def finish(
        self, subject: Subject[Any, Any], directory: Path, options: ExportOptions
    ) -> list[str]:
        """Adds MediaPipe's metadata to a static file, where its tokenizer allows it.

        Raises:
            OptionError: it was asked for, and MediaPipe cannot cut texts in this way.
        """
        if options.static is None or not isinstance(subject, ReadByMediaPipe):
            return []
        reason = why_not(subject.tokenizer_kind)
        if reason is None:
            path = directory / TFLITE_FILE
            content = with_metadata(path.read_bytes(), subject.tokenizer, subject.labels)
            path.write_bytes(content)
            return ["MediaPipe's Text Classifier loads this file as it is"]
        if options.mediapipe:
            raise OptionError(reason)
        return [f"Without MediaPipe's metadata: {reason}"]

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """LiteRT."""
        return open_litert(directory, signatures)


def subgraphs(content: bytes) -> int:
    """How many graphs a file has; a loop needs two more."""
    from ai_edge_litert import schema_py_generated as schema

    return int(schema.Model.GetRootAsModel(content, 0).SubgraphsLength())


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
