"""What every exporter shares: assets, golden rows, verification, manifest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import tensorflow as tf

from rnn_toolkit.bundle.files import total_bytes, written_whole
from rnn_toolkit.bundle.golden import GOLDEN_NAME, write_golden
from rnn_toolkit.bundle.manifest import (
    MANIFEST_NAME,
    Signature,
    TensorSpec,
    write_manifest,
)
from rnn_toolkit.export.subject import ManifestType, Subject
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.signatures import SignatureModel


class Exporter(ABC):
    """Writes bundles in one format, of whatever task."""

    format: ClassVar[str]
    takes_strings: ClassVar[bool] = False
    """Whether a file of this format can tokenize."""

    @abstractmethod
    def write(self, model: keras.Model, faces: Sequence[Face], directory: Path) -> dict[str, str]:
        """Converts a model.

        Args:
            model: whose variables the faces use.
            faces: the functions to write, each a signature.
            directory: where to write.

        Returns:
            The file or folder, within `directory`, of each signature.

        Raises:
            ExportError: the format cannot express the model.
        """

    @abstractmethod
    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """Opens in the format's own runtime what `write` wrote."""

    def export(
        self,
        subject: Subject[Any, ManifestType],
        directory: Path,
        *,
        progress: Callable[[str], None] = lambda text: None,
    ) -> ManifestType:
        """Converts, verifies in the format's own runtime, and writes the whole bundle.

        Args:
            subject: the trained model.
            directory: the bundle to write; it appears only if verification passes.
            progress: is told what is being done.

        Returns:
            The manifest, with what was measured.

        Raises:
            ExportError: the conversion failed.
            VerificationError: the written file answers otherwise than the model.
        """
        with written_whole(directory, marker=MANIFEST_NAME) as temporary:
            progress(f"Converting to {self.format}")
            faces = subject.faces() + (subject.string_faces() if self.takes_strings else [])
            files = self.write(subject.model, faces, temporary)
            size = total_bytes(temporary)
            signatures = {face.name: signature_of(face, files[face.name]) for face in faces}
            progress("Comparing with the model in the format's own runtime")
            verified = subject.verify(self.open(temporary, signatures), signatures, size)
            subject.write_assets(temporary)
            write_golden(temporary / GOLDEN_NAME, verified.golden)
            manifest = subject.manifest(self.format, signatures, verified.measured)
            (temporary / "README.md").write_text(subject.readme(manifest), encoding="utf-8")
            write_manifest(temporary, manifest)
        return manifest


def signature_of(face: Face, file: str) -> Signature:
    """The description of a face that stands in a file.

    Args:
        face: what was exported.
        file: where it is, within the bundle.
    """

    def described(spec: tf.TensorSpec) -> TensorSpec:
        return TensorSpec(
            name=spec.name,
            dtype=spec.dtype.name,
            shape=tuple(spec.shape),
            meaning=face.meanings.get(spec.name, ""),
        )

    return Signature(
        file=file,
        inputs=tuple(described(spec) for spec in face.inputs),
        outputs=tuple(described(spec) for spec in face.outputs),
    )
