"""What a bundle tells of a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit._version import __version__
from rnn_toolkit.bundle.classifier import (
    ClassifierGoldenRow,
    ClassifierManifest,
    ClassifierMeasured,
    ClassifierTokenizerSpec,
)
from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import ExportOptions, NetworkConfig, TokenizerKind
from rnn_toolkit.export.classifier_readme import classifier_readme
from rnn_toolkit.export.subject import Judge, Subject, Verified
from rnn_toolkit.export.tolerance import Expectation
from rnn_toolkit.export.verify_classifier import check_strings, compare
from rnn_toolkit.networks.faces import Face, sequence_face
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.runtime.classifier_bundle import classifier_run
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.text.description import PAD_ID, UNKNOWN_ID
from rnn_toolkit.text.tokenizer import Tokenizer

PREDICT, PREDICT_TEXT = "predict", "predict_text"
_SAMPLES = 128  # for the ranges of activations in an int8 file
_MEANINGS = {
    "ids": "[batch, time], padded on the right with pad_id",
    "probabilities": "[batch, classes] in the order of labels.txt",
}


@dataclass(frozen=True)
class ClassifierToExport(Subject[ClassifierMeasured, ClassifierManifest]):
    """A trained classifier with all that a bundle tells of it."""

    task: str
    model: keras.Model
    tokenizer: Tokenizer
    tokenizer_kind: TokenizerKind
    labels: tuple[str, ...]
    network: NetworkConfig
    rows: Sequence[Sequence[int]]
    """Ids of real texts, on which the exported file is compared with the model."""
    texts: Sequence[str] = ()
    """Real texts, compared as well where given."""
    judge: Judge | None = None
    static_length: int | None = None
    """Every call takes one text of exactly so many ids."""

    def static(self, length: int) -> ClassifierToExport:
        """The same model for one text a call; of longer ones the beginning is read."""
        tokenizer = Tokenizer(
            self.tokenizer.fast_tokenizer, maximum_length=length, head_length=length
        )
        rows = [list(row)[:length] for row in self.rows]
        return replace(self, tokenizer=tokenizer, rows=rows, static_length=length)

    def predictor(
        self, exported: SignatureModel, signatures: Mapping[str, Signature]
    ) -> ClassifierPredictor:
        """Tokenizer, labels and an exported file."""
        run = classifier_run(exported, self.static_length)
        return ClassifierPredictor(self.tokenizer, self.labels, run)

    def faces(self) -> list[Face]:
        """`predict`: ids in, probabilities out."""
        face = sequence_face(self.model, name=PREDICT, output="probabilities", meanings=_MEANINGS)
        if self.static_length is None:
            return [replace(face, samples=self._samples)]
        (ids,), (probabilities,) = face.inputs, face.outputs
        return [
            replace(
                face,
                inputs=(tf.TensorSpec([1, self.static_length], ids.dtype, name=ids.name),),
                outputs=(
                    tf.TensorSpec(
                        [1, len(self.labels)], probabilities.dtype, name=probabilities.name
                    ),
                ),
                function=lambda given: face.function(_never_empty(given)),
                samples=self._samples,
            )
        ]

    def _samples(self) -> list[dict[str, NDArray[np.int32]]]:
        """Inputs of `predict` as they come in use, one text each."""
        rows = [row for row in self.rows[:_SAMPLES] if len(row)]
        length = self.static_length
        padded = (
            rows if length is None else [[*row, *[PAD_ID] * (length - len(row))] for row in rows]
        )
        return [{"ids": np.asarray([row], np.int32)} for row in padded]

    def string_faces(self) -> list[Face]:
        """`predict_text`: raw strings in, their ids and the probabilities out."""
        from rnn_toolkit.export.tf_text import TextToIds

        text_to_ids = TextToIds(self.tokenizer, self.tokenizer_kind)
        (predict,) = self.faces()

        def predict_text(text: tf.Tensor) -> dict[str, Any]:
            ids = text_to_ids(text)
            return {"ids": ids, **predict.function(ids)}

        return [
            Face(
                PREDICT_TEXT,
                (tf.TensorSpec([None], tf.string, name="text"),),
                (tf.TensorSpec([None, None], tf.int32, name="ids"), *predict.outputs),
                predict_text,
                meanings={**_MEANINGS, "text": "raw texts, UTF-8", "ids": "the ids of the texts"},
                needs=(text_to_ids,),
            )
        ]

    def write_assets(self, directory: Path) -> None:
        """Tokenizer, vocabulary and labels."""
        self.tokenizer.save(directory / "tokenizer.json")
        self.tokenizer.save_vocabulary(directory / "vocab.txt")
        labels = "".join(f"{label}\n" for label in self.labels)
        (directory / "labels.txt").write_text(labels, encoding="utf-8")

    def verify(
        self,
        exported: SignatureModel,
        signatures: Mapping[str, Signature],
        model_bytes: int,
        expectation: Expectation,
    ) -> Verified[ClassifierMeasured]:
        """Probabilities of golden and of real texts; ids of strings, where it takes them."""
        reference = ClassifierPredictor(self.tokenizer, self.labels, keras_runner(self.model))
        predictor = self.predictor(exported, signatures)
        golden = _golden_rows(reference if expectation.exact else predictor)
        rows = [*(row.ids for row in golden), *self.rows, *self.tokenizer.encode_batch(self.texts)]
        found = compare(reference, predictor.run, rows, tolerance=expectation.of_model)
        if PREDICT_TEXT in signatures:
            check_strings(reference, exported, PREDICT_TEXT, [*GOLDEN_TEXTS, *self.texts])
        measured = ClassifierMeasured(
            texts=found.texts,
            largest_difference=found.largest_difference,
            tolerance=expectation.of_golden,
            label_agreement=found.label_agreement,
            milliseconds_per_text=found.milliseconds_per_text,
            model_bytes=model_bytes,
        )
        return Verified(golden, measured)

    def manifest(
        self,
        format_name: str,
        options: ExportOptions,
        signatures: dict[str, Signature],
        measured: ClassifierMeasured,
    ) -> ClassifierManifest:
        """Labels, tokenizer, signatures."""
        return ClassifierManifest(
            toolkit_version=__version__,
            task=self.task,
            format=format_name,
            variant=options.variant,
            static_length=self.static_length,
            network=self.network,
            vocabulary_size=self.tokenizer.vocabulary_size,
            labels=self.labels,
            tokenizer=ClassifierTokenizerSpec(
                kind=self.tokenizer_kind,
                lowercase=self.tokenizer.lowercases,
                maximum_length=self.tokenizer.maximum_length,
                head_length=self.tokenizer.head_length,
            ),
            signatures=signatures,
            measured=measured,
        )

    def readme(self, manifest: ClassifierManifest) -> str:
        """Code for one text, and how text becomes ids."""
        return classifier_readme(manifest)


def _never_empty(ids: tf.Tensor) -> tf.Tensor:
    """A text without any token is one unknown id, even where a client pads only."""
    first = tf.where(ids[:, :1] == PAD_ID, UNKNOWN_ID, ids[:, :1])
    return tf.concat([first, ids[:, 1:]], axis=1)


def _golden_rows(reference: ClassifierPredictor) -> list[ClassifierGoldenRow]:
    rows = []
    for text in GOLDEN_TEXTS:
        ids = reference.tokenizer.encode(text)
        probabilities = reference.run(np.asarray([ids], np.int32))[0]
        rows.append(
            ClassifierGoldenRow(
                text=text,
                ids=tuple(ids),
                probabilities=tuple(float(value) for value in probabilities),
            )
        )
    return rows
