"""The manifest and the golden rows of a classifier's bundle."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from rnn_toolkit.bundle.manifest import Facts, Manifest, Measured, TokenizerSpec
from rnn_toolkit.config import NetworkConfig, Settings, TokenizerKind


class ClassifierTokenizerSpec(TokenizerSpec):
    """What a device needs to know beside tokenizer.json."""

    kind: TokenizerKind
    lowercase: bool
    maximum_length: int
    head_length: int
    empty_text: Literal["one unknown id"] = "one unknown id"


class ClassifierMeasured(Measured):
    """How the exported classifier answered beside the original."""

    texts: int
    label_agreement: float
    milliseconds_per_text: float

    @property
    def milliseconds(self) -> float:
        """See Measured."""
        return self.milliseconds_per_text

    def facts(self) -> Facts:
        """See Measured."""
        return [
            ("compared on", f"{self.texts:,} texts"),
            *super().facts(),
            ("same label", f"{100 * self.label_agreement:.1f} %"),
            ("one text", f"{self.milliseconds_per_text:.2f} ms, one thread, median"),
        ]


class ClassifierManifest(Manifest):
    """The description of a classifier's bundle: ids in, probabilities out.

    Args:
        static_length: every call takes one text, padded to exactly so many ids; None where
            batch and time are free.
    """

    network: NetworkConfig
    labels: tuple[str, ...]
    output: Literal["probabilities"] = "probabilities"
    vocabulary_size: int
    tokenizer: ClassifierTokenizerSpec
    static_length: int | None = None
    measured: ClassifierMeasured | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_version_1(cls, values: Any) -> Any:
        """Version 1 named one model file, not one for each signature."""
        if not isinstance(values, dict) or values.get("format_version") != 1:
            return values
        kept = {name: value for name, value in values.items() if name != "model_file"}
        signatures = {
            name: {**signature, "file": values["model_file"]}
            for name, signature in values["signatures"].items()
        }
        return {**kept, "format_version": 2, "signatures": signatures}

    def task_facts(self) -> Facts:
        """Labels, network and tokenizer."""
        return [
            ("labels", ", ".join(self.labels)),
            ("network", self.network.sentence()),
            (
                "tokenizer",
                f"{self.tokenizer.kind}, {self.vocabulary_size:,} tokens, at most "
                f"{self.tokenizer.maximum_length} a text",
            ),
        ]


class ClassifierGoldenRow(Settings):
    """One text with the answer expected for it."""

    text: str
    ids: tuple[int, ...]
    probabilities: tuple[float, ...]
