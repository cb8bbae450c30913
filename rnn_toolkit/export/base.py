"""What every exporter shares: assets, golden vectors, verification, manifest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from rnn_toolkit._version import __version__
from rnn_toolkit.bundle.files import total_bytes, written_whole
from rnn_toolkit.bundle.golden import GOLDEN_NAME, GOLDEN_TEXTS, GoldenRow, write_golden
from rnn_toolkit.bundle.manifest import (
    MANIFEST_NAME,
    FormatName,
    Manifest,
    Measured,
    Signature,
    TensorSpec,
    TokenizerSpec,
    write_manifest,
)
from rnn_toolkit.config import NetworkConfig, TokenizerKind
from rnn_toolkit.export.faces import Face, sequence_face
from rnn_toolkit.export.readme import bundle_readme
from rnn_toolkit.export.verify import TOLERANCE, compare
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.classifier import ClassifierPredictor, RunClassifier
from rnn_toolkit.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class ClassifierToExport:
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

    def face(self) -> Face:
        """`predict`: ids in, probabilities out."""
        return sequence_face(self.model, name="predict", output="probabilities")


def predict_signature() -> Signature:
    """`predict`: ids in, probabilities out."""
    return Signature(
        inputs=(
            TensorSpec(
                name="ids",
                dtype="int32",
                shape=(None, None),
                meaning="[batch, time], padded on the right with pad_id",
            ),
        ),
        outputs=(
            TensorSpec(
                name="probabilities",
                dtype="float32",
                shape=(None, None),
                meaning="[batch, classes] in the order of labels.txt",
            ),
        ),
    )


class ClassifierExporter(ABC):
    """Writes a bundle in one format."""

    format: FormatName
    model_file: str

    @abstractmethod
    def convert(self, subject: ClassifierToExport, target: Path) -> None:
        """Writes the model to `target`, the file or folder `model_file` of the bundle."""

    @abstractmethod
    def runner(self, target: Path) -> RunClassifier:
        """Opens the written model in its own runtime."""

    def check(self, subject: ClassifierToExport, target: Path) -> None:  # noqa: B027
        """Checks peculiar to the format; raises ExportError."""

    def signatures(self) -> dict[str, Signature]:
        """The functions of the model file."""
        return {"predict": predict_signature()}

    def export(
        self,
        subject: ClassifierToExport,
        directory: Path,
        *,
        progress: Callable[[str], None] = lambda text: None,
    ) -> Manifest:
        """Converts, verifies in the format's own runtime, and writes the whole bundle.

        Args:
            subject: the trained classifier.
            directory: the bundle to write; it appears only if verification passes.
            progress: is told what is being done.

        Returns:
            The manifest, with what was measured.

        Raises:
            ExportError: the conversion failed.
            VerificationError: the written file answers otherwise than the model.
        """
        with written_whole(directory, marker=MANIFEST_NAME) as temporary:
            target = temporary / self.model_file
            progress(f"Converting to {self.format}")
            self.convert(subject, target)
            self.check(subject, target)
            reference = ClassifierPredictor(
                subject.tokenizer, subject.labels, keras_runner(subject.model)
            )
            golden = _golden_rows(reference)
            progress("Comparing with the model in the format's own runtime")
            rows = [*subject.rows, *subject.tokenizer.encode_batch(subject.texts)]
            comparison = compare(
                reference, self.runner(target), [*(row.ids for row in golden), *rows]
            )
            self._write_assets(subject, temporary, golden)
            manifest = self._describe(subject).model_copy(
                update={
                    "measured": Measured(
                        texts=comparison.texts,
                        largest_difference=comparison.largest_difference,
                        tolerance=TOLERANCE,
                        label_agreement=comparison.label_agreement,
                        milliseconds_per_text=comparison.milliseconds_per_text,
                        model_bytes=_size(target),
                    )
                }
            )
            (temporary / "README.md").write_text(bundle_readme(manifest), encoding="utf-8")
            write_manifest(temporary, manifest)
        return manifest

    def _write_assets(
        self, subject: ClassifierToExport, directory: Path, golden: Sequence[GoldenRow]
    ) -> None:
        subject.tokenizer.save(directory / "tokenizer.json")
        subject.tokenizer.save_vocabulary(directory / "vocab.txt")
        labels = "".join(f"{label}\n" for label in subject.labels)
        (directory / "labels.txt").write_text(labels, encoding="utf-8")
        write_golden(directory / GOLDEN_NAME, golden)

    def _describe(self, subject: ClassifierToExport) -> Manifest:
        return Manifest(
            toolkit_version=__version__,
            task=subject.task,
            format=self.format,
            model_file=self.model_file,
            network=subject.network,
            vocabulary_size=subject.tokenizer.vocabulary_size,
            labels=subject.labels,
            tokenizer=TokenizerSpec(
                kind=subject.tokenizer_kind,
                lowercase=subject.tokenizer.lowercases,
                maximum_length=subject.tokenizer.maximum_length,
                head_length=subject.tokenizer.head_length,
            ),
            signatures=self.signatures(),
        )


def _size(target: Path) -> int:
    return target.stat().st_size if target.is_file() else total_bytes(target)


def _golden_rows(reference: ClassifierPredictor) -> list[GoldenRow]:
    rows = []
    for text in GOLDEN_TEXTS:
        ids = reference.tokenizer.encode(text)
        probabilities = reference.run(np.asarray([ids], np.int32))[0]
        rows.append(
            GoldenRow(
                text=text,
                ids=tuple(ids),
                probabilities=tuple(float(value) for value in probabilities),
            )
        )
    return rows
