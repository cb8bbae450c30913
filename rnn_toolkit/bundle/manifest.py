"""manifest.json: what a bundle holds and how to call it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from rnn_toolkit.bundle.files import checksums
from rnn_toolkit.config import NetworkConfig, Settings, TokenizerKind
from rnn_toolkit.errors import BundleError

MANIFEST_NAME = "manifest.json"
BUNDLE_FORMAT_VERSION = 1

FormatName = Literal["savedmodel", "tflite", "onnx"]


class TensorSpec(Settings):
    """One tensor of a signature; `None` in the shape is a dynamic size."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    meaning: str = ""


class Signature(Settings):
    """A function of the model file, its tensors addressed by name."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class TokenizerSpec(Settings):
    """What a device needs to know beside tokenizer.json."""

    file: str = "tokenizer.json"
    kind: TokenizerKind
    lowercase: bool
    pad_id: int = 0
    unknown_id: int = 1
    padding_side: Literal["right"] = "right"
    maximum_length: int
    head_length: int
    empty_text: Literal["one unknown id"] = "one unknown id"


class Measured(Settings):
    """What verification found when the bundle was made."""

    texts: int
    largest_difference: float
    tolerance: float
    label_agreement: float
    milliseconds_per_text: float
    model_bytes: int


class Manifest(Settings):
    """The description of a bundle."""

    format_version: int = BUNDLE_FORMAT_VERSION
    toolkit_version: str
    task: str
    format: FormatName
    variant: str = "float32"
    model_file: str
    network: NetworkConfig
    vocabulary_size: int
    labels: tuple[str, ...]
    output: Literal["probabilities"] = "probabilities"
    tokenizer: TokenizerSpec
    signatures: dict[str, Signature]
    measured: Measured | None = None
    sha256: dict[str, str] = Field(default_factory=dict)


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Writes manifest.json with the checksums of every other file in the directory."""
    sums = checksums(directory, without=frozenset({MANIFEST_NAME}))
    complete = manifest.model_copy(update={"sha256": sums})
    text = complete.model_dump_json(indent=2) + "\n"
    (directory / MANIFEST_NAME).write_text(text, encoding="utf-8")


def read_manifest(directory: Path) -> Manifest:
    """Reads the manifest of a bundle.

    Raises:
        BundleError: there is none, it is damaged, or a newer version wrote it.
    """
    path = directory / MANIFEST_NAME
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BundleError(
            f"{directory} is not a bundle: it has no {MANIFEST_NAME}.",
            "Make one with: rnn-toolkit export MODEL --format tflite",
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleError(
            f"{path} is damaged or of another version: {where}: {first['msg']}.",
            "Export the model again with this version.",
        ) from None
    if manifest.format_version > BUNDLE_FORMAT_VERSION:
        raise BundleError(
            f"{path} has format version {manifest.format_version}; this program reads up to "
            f"{BUNDLE_FORMAT_VERSION}.",
            "Upgrade rnn-toolkit.",
        )
    return manifest


def damaged_files(directory: Path, manifest: Manifest) -> list[str]:
    """One sentence for each file that is missing or differs from its checksum."""
    found = checksums(directory, without=frozenset({MANIFEST_NAME}))
    missing = [f"{name} is missing" for name in manifest.sha256 if name not in found]
    changed = [
        f"{name} differs from its checksum"
        for name, digest in manifest.sha256.items()
        if name in found and found[name] != digest
    ]
    return missing + changed
