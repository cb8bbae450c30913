"""What an exporter is told of a trained model: the side of the task."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import keras

from rnn_toolkit.bundle.manifest import Manifest, Measured, Signature
from rnn_toolkit.config import ExportOptions, Settings
from rnn_toolkit.errors import OptionError
from rnn_toolkit.export.tolerance import Expectation
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.runtime.signatures import SignatureModel

MeasuredType = TypeVar("MeasuredType", bound=Measured)
ManifestType = TypeVar("ManifestType", bound=Manifest)


@dataclass(frozen=True)
class Verified(Generic[MeasuredType]):
    """What a comparison of an exported model with the original gave."""

    golden: Sequence[Settings]
    """The rows of golden.jsonl, as the original answers them."""
    measured: MeasuredType


@dataclass(frozen=True)
class Judge:
    """Scores the predictor of an exported file on rows that were not trained on.

    Args:
        name: of the score: "accuracy", "perplexity" or "BLEU".
        rows: how many texts it is scored on.
        score: of a predictor.
    """

    name: str
    rows: int
    score: Callable[[Any], float]


class Subject(ABC, Generic[MeasuredType, ManifestType]):
    """A trained model with all that a bundle tells of it; exporters know no more of a task."""

    model: keras.Model
    judge: Judge | None

    def static(self, length: int) -> Subject[MeasuredType, ManifestType]:
        """The same model for one text of exactly `length` ids.

        Raises:
            OptionError: this kind of model cannot be exported so.
        """
        raise OptionError(
            "--static is for classifiers; this model takes one step after another.",
            "Leave it out.",
        )

    @abstractmethod
    def predictor(self, exported: SignatureModel, signatures: Mapping[str, Signature]) -> Any:
        """The object that answers with an exported file."""

    @abstractmethod
    def faces(self) -> list[Face]:
        """The functions of the exported file."""

    def string_faces(self) -> list[Face]:
        """More functions, for formats whose files can take text instead of ids."""
        return []

    @abstractmethod
    def write_assets(self, directory: Path) -> None:
        """Writes the files that stand beside the model."""

    @abstractmethod
    def verify(
        self,
        exported: SignatureModel,
        signatures: Mapping[str, Signature],
        model_bytes: int,
        expectation: Expectation,
    ) -> Verified[MeasuredType]:
        """Compares the exported model with the original.

        Args:
            exported: opened in the format's own runtime.
            signatures: what it offers.
            model_bytes: the size of its files.
            expectation: what is asked of it.

        Raises:
            VerificationError: it answers otherwise.
        """

    @abstractmethod
    def manifest(
        self,
        format_name: str,
        options: ExportOptions,
        signatures: dict[str, Signature],
        measured: MeasuredType,
    ) -> ManifestType:
        """The description of the bundle."""

    @abstractmethod
    def readme(self, manifest: ManifestType) -> str:
        """The README of the bundle, with code that works."""
