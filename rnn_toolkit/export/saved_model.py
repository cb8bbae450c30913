"""Export to a TensorFlow SavedModel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import ExportOptions
from rnn_toolkit.errors import BundleError
from rnn_toolkit.export.base import PLAIN, Exporter
from rnn_toolkit.export.tf_text import import_tensorflow_text
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.signatures import SignatureModel, Tensors

SAVED_MODEL_FOLDER = "saved_model"


class SavedModelModel:
    """A SavedModel in TensorFlow, its tensors addressed by name.

    Args:
        path: the folder.
        signatures: the names of those that will be called.
    """

    def __init__(self, path: Path, signatures: Sequence[str]) -> None:
        try:
            self._loaded = tf.saved_model.load(str(path))
            self._signatures = {name: self._loaded.signatures[name] for name in signatures}
        except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
            raise BundleError(
                f"{path} cannot be loaded by TensorFlow: {str(error).splitlines()[0]}",
                "Export the model again.",
            ) from None

    def run(self, signature: str, inputs: Mapping[str, NDArray[Any]]) -> Tensors:
        """Calls a signature; inputs and outputs by name."""
        tensors = {name: tf.constant(value) for name, value in inputs.items()}
        outputs = self._signatures[signature](**tensors)
        return {name: np.asarray(value) for name, value in outputs.items()}


def open_saved_model(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
    """Opens the SavedModel of a bundle; importing tensorflow_text makes its operators known."""
    if any(signature.takes_strings for signature in signatures.values()):
        import_tensorflow_text()
    (file,) = {signature.file for signature in signatures.values()}
    return SavedModelModel(directory / file, list(signatures))


class _Served(tf.Module):
    """The signatures and what they need."""


def save_faces(model: keras.Model, faces: Sequence[Face], target: Path) -> None:
    """Writes a SavedModel with one signature per face; they share the weights."""
    served = _Served()
    served.values = [variable.value for variable in model.variables]
    served.needs = [need for face in faces for need in face.needs]
    served.functions = {
        face.name: tf.function(face.function, input_signature=list(face.inputs)) for face in faces
    }
    tf.saved_model.save(served, str(target), signatures=served.functions)


class SavedModelExporter(Exporter):
    """Writes saved_model/; Keras' own loop over time is the fastest here."""

    format: ClassVar[str] = "savedmodel"
    takes_strings: ClassVar[bool] = True

    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        """Traces the faces; see Exporter."""
        save_faces(model, faces, directory / SAVED_MODEL_FOLDER)
        return {face.name: SAVED_MODEL_FOLDER for face in faces}

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """TensorFlow."""
        return open_saved_model(directory, signatures)
