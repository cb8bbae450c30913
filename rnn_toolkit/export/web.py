"""Export to a page: an ONNX bundle with all that a browser needs to run it, offline too."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras

from rnn_toolkit.bundle.files import written_whole
from rnn_toolkit.bundle.manifest import Signature
from rnn_toolkit.config import ExportOptions, Quantization
from rnn_toolkit.export.base import PLAIN, Exporter
from rnn_toolkit.export.onnx import OnnxExporter
from rnn_toolkit.export.subject import ManifestType, Subject
from rnn_toolkit.export.web_runtime import web_runtime
from rnn_toolkit.export.web_site import LISTING, assemble
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.signatures import SignatureModel


class WebExporter(Exporter):
    """Writes a site for any static host; the bundle inside is an ONNX bundle."""

    format: ClassVar[str] = "web"
    quantizations: ClassVar[tuple[Quantization, ...]] = OnnxExporter.quantizations

    def __init__(self) -> None:
        self._onnx = OnnxExporter()

    def write(
        self,
        model: keras.Model,
        faces: Sequence[Face],
        directory: Path,
        options: ExportOptions = PLAIN,
    ) -> dict[str, str]:
        """ONNX; see Exporter."""
        return self._onnx.write(model, faces, directory, options)

    def open(self, directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
        """ONNX Runtime, which in the page runs as WebAssembly."""
        return self._onnx.open(directory, signatures)

    def export(
        self,
        subject: Subject[Any, ManifestType],
        directory: Path,
        *,
        options: ExportOptions = PLAIN,
        progress: Callable[[str], None] = lambda text: None,
    ) -> ManifestType:
        """Exports to ONNX and puts the page around the bundle; see Exporter.

        Raises:
            MissingDependencyError: ONNX Runtime for browsers is not to be had.
        """
        self.check(options)
        runtime = web_runtime(options.web_runtime, progress)
        with written_whole(directory, marker=LISTING) as site:
            bundle = site.with_name(f"{site.name}.bundle") / "model"
            try:
                manifest = self._onnx.export(subject, bundle, options=options, progress=progress)
                progress("Putting the page around it")
                assemble(site, {manifest.task: bundle}, runtime=runtime)
            finally:
                shutil.rmtree(bundle.parent, ignore_errors=True)
        return manifest
