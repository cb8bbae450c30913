"""The kinds of bundle by task; a new task is one line here."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from rnn_toolkit.bundle.classifier import ClassifierManifest
from rnn_toolkit.bundle.language_model import LanguageModelManifest
from rnn_toolkit.bundle.manifest import BUNDLE_FORMAT_VERSION, MANIFEST_NAME, Manifest
from rnn_toolkit.bundle.translation import TranslationManifest
from rnn_toolkit.errors import BundleError

MANIFESTS: dict[str, type[Manifest]] = {
    "sentiment": ClassifierManifest,
    "generation": LanguageModelManifest,
    "translation": TranslationManifest,
}


def read_manifest(directory: Path) -> Manifest:
    """Reads the manifest of a bundle, of whatever task.

    Raises:
        BundleError: there is none, it is damaged, or a newer version wrote it.
    """
    path = directory / MANIFEST_NAME
    try:
        values = json.loads(path.read_bytes())
        version, task = values["format_version"], values["task"]
    except FileNotFoundError:
        raise BundleError(
            f"{directory} is not a bundle: it has no {MANIFEST_NAME}.",
            "Make one with: rnn-toolkit export MODEL --format tflite",
        ) from None
    except (ValueError, TypeError, KeyError):
        raise BundleError(
            f"{path} is damaged: it names no format version and task.", "Export the model again."
        ) from None
    if not isinstance(version, int) or version > BUNDLE_FORMAT_VERSION or task not in MANIFESTS:
        raise BundleError(
            f"{path} has format version {version} and task {task!r}; this program reads up to "
            f"version {BUNDLE_FORMAT_VERSION} and the tasks {', '.join(MANIFESTS)}.",
            "Upgrade rnn-toolkit.",
        )
    try:
        return MANIFESTS[task].model_validate(values)
    except (ValidationError, KeyError, AttributeError, TypeError) as error:
        raise BundleError(
            f"{path} is damaged: {_first_problem(error)}.",
            "Export the model again with this version.",
        ) from None


def _first_problem(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"{error} is missing or of another kind"
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    return f"{where}: {first['msg']}"
