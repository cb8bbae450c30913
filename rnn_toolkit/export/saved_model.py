"""Export to a TensorFlow SavedModel that takes ids or strings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.bundle.manifest import Signature, TensorSpec
from rnn_toolkit.errors import BundleError, VerificationError
from rnn_toolkit.export.base import ClassifierExporter, ClassifierToExport, predict_signature
from rnn_toolkit.export.faces import Face
from rnn_toolkit.export.tf_text import TextToIds, import_tensorflow_text
from rnn_toolkit.export.verify import TOLERANCE
from rnn_toolkit.runtime.classifier import ClassifierPredictor, RunClassifier


class SavedModelClassifier:
    """A SavedModel in TensorFlow; importing tensorflow_text makes its operators known."""

    def __init__(self, path: Path) -> None:
        import_tensorflow_text()
        try:
            self._loaded = tf.saved_model.load(str(path))
            self._predict = self._loaded.signatures["predict"]
            self._predict_text = self._loaded.signatures["predict_text"]
        except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
            raise BundleError(
                f"{path} cannot be loaded by TensorFlow: {str(error).splitlines()[0]}",
                "Export the model again.",
            ) from None

    def __call__(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Probabilities [batch, classes] for ids [batch, time], padded on the right with 0."""
        return np.asarray(self._predict(ids=tf.constant(ids))["probabilities"])

    def of_texts(self, texts: list[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Ids [batch, time] and probabilities [batch, classes] for strings."""
        found = self._predict_text(text=tf.constant(texts))
        return np.asarray(found["ids"]), np.asarray(found["probabilities"])


class _Served(tf.Module):
    """The two signatures and what they need."""


def save_faces(model: keras.Model, faces: Sequence[Face], target: Path) -> None:
    """Writes a SavedModel with one signature per face; they share the weights."""
    _save(_Served(), model, {face.name: (face.function, face.inputs) for face in faces}, target)


def _save(
    served: _Served,
    model: keras.Model,
    signatures: dict[str, tuple[Callable[..., Any], Sequence[tf.TensorSpec]]],
    target: Path,
) -> None:
    served.values = [variable.value for variable in model.variables]
    traced = {
        name: tf.function(function, input_signature=list(inputs))
        for name, (function, inputs) in signatures.items()
    }
    served.functions = traced
    tf.saved_model.save(served, str(target), signatures=traced)


class SavedModelExporter(ClassifierExporter):
    """Writes saved_model/ with the signatures `predict` (ids) and `predict_text` (strings)."""

    format = "savedmodel"
    model_file = "saved_model"

    def convert(self, subject: ClassifierToExport, target: Path) -> None:
        """Traces both signatures; Keras' own loop over time is the fastest here."""
        served, face = _Served(), subject.face()
        served.text_to_ids = TextToIds(subject.tokenizer, subject.tokenizer_kind)

        def predict_text(text: tf.Tensor) -> dict[str, tf.Tensor]:
            ids = served.text_to_ids(text)
            return {"ids": ids, **face.function(ids)}

        text = tf.TensorSpec([None], tf.string, name="text")
        signatures = {
            "predict": (face.function, face.inputs),
            "predict_text": (predict_text, [text]),
        }
        _save(served, subject.model, signatures, target)

    def signatures(self) -> dict[str, Signature]:
        """`predict` for ids and `predict_text` for raw strings."""
        text = TensorSpec(name="text", dtype="string", shape=(None,), meaning="raw texts, UTF-8")
        ids = TensorSpec(
            name="ids", dtype="int32", shape=(None, None), meaning="the ids of the texts"
        )
        predict = predict_signature()
        return {
            "predict": predict,
            "predict_text": Signature(inputs=(text,), outputs=(ids, *predict.outputs)),
        }

    def check(self, subject: ClassifierToExport, target: Path) -> None:
        """The string signature tokenizes like the tokenizer, on golden and on real texts."""
        texts = [*GOLDEN_TEXTS, *subject.texts]
        classifier = SavedModelClassifier(target)
        found, probabilities = classifier.of_texts(texts)
        for text, row in zip(texts, found, strict=True):
            expected = subject.tokenizer.encode(text)
            if list(row[: len(expected)]) != expected or row[len(expected) :].any():
                raise VerificationError(
                    f"TensorFlow Text cuts this text otherwise than the tokenizer: {text[:80]!r}.",
                    "No bundle was written.",
                )
        alone = ClassifierPredictor(subject.tokenizer, subject.labels, classifier)
        if np.abs(alone.probabilities(texts) - probabilities).max() > TOLERANCE:
            raise VerificationError(
                "The signatures for ids and for strings disagree.", "No bundle was written."
            )

    def runner(self, target: Path) -> RunClassifier:
        """TensorFlow."""
        return SavedModelClassifier(target)
