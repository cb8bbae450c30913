"""What every exporter shares: assets, golden rows, verification, manifest."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import keras
import tensorflow as tf

from rnn_toolkit.bundle.files import total_bytes, written_whole
from rnn_toolkit.bundle.golden import GOLDEN_NAME, write_golden
from rnn_toolkit.bundle.manifest import (
    MANIFEST_NAME,
    ExactFile,
    Measured,
    Quality,
    Signature,
    TensorSpec,
    write_manifest,
)
from rnn_toolkit.config import ExportOptions, Quantization
from rnn_toolkit.errors import OptionError
from rnn_toolkit.export.subject import ManifestType, Subject, Verified
from rnn_toolkit.export.tolerance import expectation
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.signatures import SignatureModel

PLAIN = ExportOptions()


class Exporter(ABC):
    """Writes bundles in one format, of whatever task."""

    format: ClassVar[str]
    takes_strings: ClassVar[bool] = False
    """Whether a file of this format can tokenize."""

    quantizations: ClassVar[tuple[Quantization, ...]] = ("none",)
    """What `quantize` may be."""
    int8_arithmetic: ClassVar[tuple[Quantization, ...]] = ()
    """Those that round activations too, rather than weights alone."""
    has_static: ClassVar[bool] = False
    """Whether `static` is possible."""

    @abstractmethod
    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        """Converts a model.

        Args:
            model: whose variables the faces use.
            faces: the functions to write, each a signature.
            directory: where to write.
            options: the variant, which `check` allows.

        Returns:
            The file or folder, within `directory`, of each signature.

        Raises:
            ExportError: the format cannot express the model.
        """

    @abstractmethod
    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """Opens in the format's own runtime what `write` wrote."""

    def finish(
        self, subject: Subject[Any, Any], directory: Path, options: ExportOptions
    ) -> list[str]:
        """Adds what else a variant needs, before the bundle is verified; returns notices."""
        return []

    def check(self, options: ExportOptions) -> None:
        """Raises OptionError unless the format has this variant."""
        if options.quantize not in self.quantizations:
            raise OptionError(
                f"The format {self.format} has no --quantize {options.quantize}.",
                f"Choose from: {', '.join(self.quantizations)}.",
            )
        if options.static is not None and not self.has_static:
            raise OptionError(f"The format {self.format} has no --static.", "Leave it out.")
        if options.mediapipe and options.static is None:
            raise OptionError(
                "MediaPipe takes texts of one length only.", "Give --static LENGTH too."
            )

    def export(
        self,
        subject: Subject[Any, ManifestType],
        directory: Path,
        *,
        options: ExportOptions = PLAIN,
        progress: Callable[[str], None] = lambda text: None,
    ) -> ManifestType:
        """Converts, verifies in the format's own runtime, and writes the whole bundle.

        A variant that is not exact is measured beside the exact file, which is converted and
        verified too.

        Args:
            subject: the trained model.
            directory: the bundle to write; it appears only if verification passes.
            options: the variant.
            progress: is told what is being done.

        Returns:
            The manifest, with what was measured.

        Raises:
            OptionError: the format has no such variant.
            ExportError: the conversion failed.
            VerificationError: the written file answers otherwise than the model.
        """
        self.check(options)
        chosen = subject if options.static is None else subject.static(options.static)
        with written_whole(directory, marker=MANIFEST_NAME) as temporary:
            done = self._converted(chosen, temporary, options, progress)
            measured = done.verified.measured
            if not options.plain:
                measured = self._beside_exact(subject, chosen, done, progress)
            chosen.write_assets(temporary)
            write_golden(temporary / GOLDEN_NAME, done.verified.golden)
            manifest = chosen.manifest(self.format, options, done.signatures, measured)
            (temporary / "README.md").write_text(chosen.readme(manifest), encoding="utf-8")
            write_manifest(temporary, manifest)
        return manifest

    def _converted(
        self,
        subject: Subject[Any, Any],
        directory: Path,
        options: ExportOptions,
        progress: Callable[[str], None],
    ) -> _Converted:
        progress(f"Converting to {self.format}, {options.variant}")
        faces = subject.faces() + (subject.string_faces() if self.takes_strings else [])
        files = self.write(subject.model, faces, directory, options)
        for notice in self.finish(subject, directory, options):
            progress(notice)
        size = total_bytes(directory)
        signatures = {face.name: signature_of(face, files[face.name]) for face in faces}
        progress("Comparing with the model in the format's own runtime")
        exported = self.open(directory, signatures)
        rounds = options.quantize in self.int8_arithmetic
        expected = expectation(options, rounds_activations=rounds)
        verified = subject.verify(exported, signatures, size, expected)
        return _Converted(exported, signatures, verified)

    def _beside_exact(
        self,
        subject: Subject[Any, Any],
        chosen: Subject[Any, Any],
        done: _Converted,
        progress: Callable[[str], None],
    ) -> Measured:
        """What was measured, with what the variant loses and gains beside the exact file."""
        with tempfile.TemporaryDirectory() as scratch:
            exact = self._converted(subject, Path(scratch), PLAIN, progress)
            quality = None
            if subject.judge is None:
                progress("Not scored: there are no validation rows with answers; train again")
            else:
                progress(f"Scoring both files ({subject.judge.name})")
                quality = Quality(
                    name=subject.judge.name,
                    exact=subject.judge.score(exact.predictor(subject)),
                    variant=subject.judge.score(done.predictor(chosen)),
                    rows=subject.judge.rows,
                )
        of_exact = exact.verified.measured
        exact_file = ExactFile(model_bytes=of_exact.model_bytes, milliseconds=of_exact.milliseconds)
        update = {"quality": quality, "exact_file": exact_file}
        measured: Measured = done.verified.measured.model_copy(update=update)
        return measured


@dataclass(frozen=True)
class _Converted:
    """A file that was written, opened and verified."""

    exported: SignatureModel
    signatures: dict[str, Signature]
    verified: Verified[Any]

    def predictor(self, subject: Subject[Any, Any]) -> Any:
        return subject.predictor(self.exported, self.signatures)


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
