"""Opens a bundle, of whatever task and format, and checks it against its golden rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rnn_toolkit.bundle.manifest import MANIFEST_NAME, Manifest, Signature, damaged_files
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.errors import BundleError
from rnn_toolkit.runtime.findings import GoldenReport
from rnn_toolkit.runtime.signatures import OpenModel, SignatureModel

if TYPE_CHECKING:
    from rnn_toolkit.bundle.classifier import ClassifierManifest
    from rnn_toolkit.bundle.language_model import LanguageModelManifest
    from rnn_toolkit.bundle.translation import TranslationManifest
    from rnn_toolkit.runtime.classifier import ClassifierPredictor
    from rnn_toolkit.runtime.generator import GeneratorPredictor
    from rnn_toolkit.runtime.translator import TranslatorPredictor

    Predictor = ClassifierPredictor | GeneratorPredictor | TranslatorPredictor

GOLDEN_TOLERANCE = 1e-5

ManifestType = TypeVar("ManifestType", bound=Manifest)


@dataclass(frozen=True)
class BundleTask(Generic[ManifestType]):
    """What a task does with an opened bundle."""

    predictor: Callable[[Path, ManifestType, SignatureModel], Predictor]
    check: Callable[[Path, ManifestType, SignatureModel, float], GoldenReport]


def _classifier() -> BundleTask[ClassifierManifest]:
    from rnn_toolkit.runtime.classifier_bundle import check_classifier, classifier_predictor

    return BundleTask(classifier_predictor, check_classifier)


def _language_model() -> BundleTask[LanguageModelManifest]:
    from rnn_toolkit.runtime.generator_bundle import check_generator, generator_predictor

    return BundleTask(generator_predictor, check_generator)


def _translation() -> BundleTask[TranslationManifest]:
    from rnn_toolkit.runtime.translator_bundle import check_translator, translator_predictor

    return BundleTask(translator_predictor, check_translator)


BUNDLE_TASKS: dict[str, Callable[[], BundleTask[Any]]] = {
    "sentiment": _classifier,
    "generation": _language_model,
    "translation": _translation,
}
"""By task; a new task is one line here and one in bundle/table.py."""


def _litert(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
    from rnn_toolkit.runtime.litert import open_litert

    return open_litert(directory, signatures)


def _onnx(directory: Path, signatures: Mapping[str, Signature]) -> SignatureModel:
    from rnn_toolkit.runtime.onnx import open_onnx

    return open_onnx(directory, signatures)


RUNTIMES: dict[str, OpenModel] = {"tflite": _litert, "onnx": _onnx}
"""By format; those that need no TensorFlow."""


def is_bundle(path: Path) -> bool:
    """Whether a directory holds a manifest."""
    return (path / MANIFEST_NAME).is_file()


def load_bundle(directory: Path, runtimes: Mapping[str, OpenModel] = RUNTIMES) -> Predictor:
    """Opens a bundle for prediction.

    Args:
        directory: what `export` wrote.
        runtimes: how to run each format; those that need no TensorFlow by default.

    Raises:
        BundleError: the bundle is damaged, too new, or of a format without a runtime here.
    """
    manifest = read_manifest(directory)
    model = _open(directory, manifest, runtimes)
    return BUNDLE_TASKS[manifest.task]().predictor(directory, manifest, model)


def check_bundle(
    directory: Path,
    runtimes: Mapping[str, OpenModel] = RUNTIMES,
    *,
    tolerance: float | None = None,
) -> GoldenReport:
    """Checks every checksum and re-runs every golden row in the bundle's own runtime.

    Args:
        directory: what `export` wrote.
        runtimes: see `load_bundle`.
        tolerance: the largest allowed difference of an answer; by default what the manifest
            says, which is more for variants that round activations.

    Returns:
        The findings, each problem as a sentence.
    """
    manifest = read_manifest(directory)
    damaged = damaged_files(directory, manifest)
    if damaged:
        return GoldenReport(0, float("nan"), float("nan"), "text", tuple(damaged))
    if tolerance is None:
        measured = manifest.measured
        tolerance = GOLDEN_TOLERANCE if measured is None else measured.tolerance
    model = _open(directory, manifest, runtimes)
    return BUNDLE_TASKS[manifest.task]().check(directory, manifest, model, tolerance)


def _open(directory: Path, manifest: Manifest, runtimes: Mapping[str, OpenModel]) -> SignatureModel:
    if manifest.format not in runtimes:
        raise BundleError(
            f"{directory} is a {manifest.format} bundle, which this runtime does not run.",
            "Open it with rnn_toolkit.load, which may import TensorFlow.",
        )
    for file in manifest.model_files:
        if not (directory / file).exists():
            raise BundleError(f"{directory / file} is missing.", "Export the model again.")
    return runtimes[manifest.format](directory, manifest.signatures)
