"""manifest.json: what a bundle holds and how to call it, whatever its task."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Literal

from pydantic import Field

from rnn_toolkit.bundle.files import checksums
from rnn_toolkit.config import Settings, StackConfig

MANIFEST_NAME = "manifest.json"
BUNDLE_FORMAT_VERSION = 2

Facts = list[tuple[str, str]]
"""Names and values, to be shown to a person."""


class TensorSpec(Settings):
    """One tensor of a signature; `None` in the shape is a dynamic size."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    meaning: str = ""


class Signature(Settings):
    """A function of a model file, its tensors addressed by name."""

    file: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    @property
    def takes_strings(self) -> bool:
        """Whether an input holds text instead of numbers."""
        return any(tensor.dtype == "string" for tensor in self.inputs)


class TokenizerSpec(Settings):
    """What a device needs to know beside a tokenizer's file; each task adds its own."""

    file: str = "tokenizer.json"
    kind: str
    pad_id: int = 0
    unknown_id: int = 1
    padding_side: Literal["right"] = "right"


class Quality(Settings):
    """How good a variant is beside the exact file, on rows that were not trained on.

    Args:
        name: of the score: "accuracy", "perplexity" or "BLEU".
        exact: of the exact file (float32, any length).
        variant: of this one.
        rows: how many texts both were scored on.
    """

    name: str
    exact: float
    variant: float
    rows: int

    def sentence(self) -> str:
        """Both scores and their difference."""
        change = self.variant - self.exact
        return f"{self.exact:.2f} -> {self.variant:.2f} ({change:+.2f}), {self.rows:,} texts"


class ExactFile(Settings):
    """The exact file (float32, any length) that a variant was measured beside.

    Args:
        model_bytes: its size.
        milliseconds: its time for what `Measured.milliseconds` times.
    """

    model_bytes: int
    milliseconds: float


class Measured(Settings):
    """What verification found when the bundle was made; each task adds its own.

    Args:
        largest_difference: from the model in Keras.
        tolerance: how far a runtime may be from the golden rows of this bundle.
        model_bytes: size of the model files.
        quality: what a variant that is not exact loses; None for the exact one.
        exact_file: likewise.
    """

    largest_difference: float
    tolerance: float
    model_bytes: int
    quality: Quality | None = None
    exact_file: ExactFile | None = None

    @property
    @abstractmethod
    def milliseconds(self) -> float:
        """The time of one text or of one step, median, one thread."""

    def facts(self) -> Facts:
        """The findings in words."""
        difference = f"{self.largest_difference:.1e}"
        if self.exact_file is None:
            return [("largest difference", f"{difference} (at most {self.tolerance:g})")]
        found = [("largest difference", f"{difference} from the model in Keras")]
        if self.quality is not None:
            found.append((self.quality.name, self.quality.sentence()))
        exact = self.exact_file
        size = f"{self.model_bytes / 1e6:.2f} MB, {self.model_bytes / exact.model_bytes:.0%} of "
        return [
            *found,
            ("beside float32", f"{size}{exact.model_bytes / 1e6:.2f} MB"),
            ("its time", f"{exact.milliseconds:.3f} ms, this {self.milliseconds:.3f} ms"),
        ]


class Manifest(Settings):
    """The description of a bundle; each kind of task has a subclass."""

    format_version: int = BUNDLE_FORMAT_VERSION
    toolkit_version: str
    task: str
    format: str
    variant: str = "float32"
    network: StackConfig
    signatures: dict[str, Signature]
    measured: Measured | None = None
    sha256: dict[str, str] = Field(default_factory=dict)

    @property
    def model_files(self) -> tuple[str, ...]:
        """The files (or folders) of the signatures, each once."""
        return tuple(dict.fromkeys(signature.file for signature in self.signatures.values()))

    @abstractmethod
    def task_facts(self) -> Facts:
        """What only this kind of task has, in words."""

    def facts(self) -> Facts:
        """The bundle in words."""
        files = ", ".join(self.model_files)
        found = [
            ("task", f"{self.task} (rnn-toolkit {self.toolkit_version})"),
            ("format", f"{self.format}, {self.variant}, {files}"),
            *self.task_facts(),
        ]
        for name, signature in self.signatures.items():
            inputs = ", ".join(f"{tensor.name}: {tensor.dtype}" for tensor in signature.inputs)
            outputs = ", ".join(f"{tensor.name}: {tensor.dtype}" for tensor in signature.outputs)
            found.append(("signature", f"{name}({inputs}) -> {outputs}"))
        return found if self.measured is None else [*found, *self.measured.facts()]


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Writes manifest.json with the checksums of every other file in the directory."""
    sums = checksums(directory, without=frozenset({MANIFEST_NAME}))
    complete = manifest.model_copy(update={"sha256": sums})
    text = complete.model_dump_json(indent=2) + "\n"
    (directory / MANIFEST_NAME).write_text(text, encoding="utf-8")


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
