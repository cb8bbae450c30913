"""The pretrained models that ship with the toolkit, and how a name finds one."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from rnn_toolkit.config import Settings
from rnn_toolkit.errors import BundleError

CATALOGUE_NAME = "catalogue.json"
CATALOGUE_VERSION = 1
LARGEST_BUNDLE, LARGEST_FOLDER = 5_000_000, 25_000_000
"""Bytes that one pretrained model, and all of them with their catalogue, may take."""


class MeasuredQuality(Settings):
    """A score of the shipped bundle on texts that it was not trained on.

    Args:
        score: what was measured: "accuracy", "perplexity" or "BLEU".
        value: percent for accuracy, points for BLEU.
        baseline: what the simpler method is called.
        baseline_value: its score on the same texts.
        data: the texts.
        rows: how many texts, pairs or tokens.
    """

    score: str
    value: float
    baseline: str
    baseline_value: float
    data: str
    rows: int

    def sentence(self) -> str:
        """The score beside its baseline."""
        unit = " %" if self.score == "accuracy" else ""
        return (
            f"{self.score} {self.value:.2f}{unit} ({self.baseline} "
            f"{self.baseline_value:.2f}{unit}), {self.rows:,} {self.data}"
        )


class CatalogueEntry(Settings):
    """One pretrained model.

    Args:
        name: what load and the console program call it.
        task: "sentiment", "generation" or "translation".
        languages: ISO 639-1 codes; of a translation the source first.
        summary: one line that says what it does.
        directory: of the bundle, beside the catalogue.
        size: bytes of all its files.
        manifest_sha256: of its manifest.json, which has the checksums of the other files.
        quality: measured on the bundle itself.
        training_data: what it learnt from.
        license: of that data, as its source states it.
        recipe: the command that trains, measures and writes it.
    """

    name: str
    task: str
    languages: tuple[str, ...]
    summary: str
    directory: str
    size: int = Field(gt=0)
    manifest_sha256: str
    quality: MeasuredQuality
    training_data: str
    license: str
    recipe: str


class Catalogue(Settings):
    """catalogue.json."""

    format_version: int = CATALOGUE_VERSION
    models: tuple[CatalogueEntry, ...] = ()

    def with_entry(self, entry: CatalogueEntry) -> Catalogue:
        """The catalogue with an entry in place of an earlier one of its name."""
        others = [model for model in self.models if model.name != entry.name]
        models = tuple(sorted([*others, entry], key=lambda model: model.name))
        return self.model_copy(update={"models": models})


def pretrained_folder() -> Path:
    """Where the pretrained models lie: in the installed package, else in the repository."""
    package = Path(__file__).parents[1]
    installed = package / "pretrained_models"
    return installed if installed.is_dir() else package.parent / "pretrained"


def read_catalogue(folder: Path | None = None) -> Catalogue:
    """Reads the catalogue.

    Args:
        folder: where it lies; by default that of this installation.

    Returns:
        The catalogue; an empty one where no pretrained models are installed.

    Raises:
        BundleError: it is damaged.
    """
    path = (folder or pretrained_folder()) / CATALOGUE_NAME
    try:
        return Catalogue.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Catalogue()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleError(
            f"{path} is damaged: {where}: {first['msg']}.", "Install rnn-toolkit again."
        ) from None


def pretrained_models() -> tuple[CatalogueEntry, ...]:
    """The pretrained models of this installation, by name."""
    return read_catalogue().models


def model_path(path: str | Path) -> Path:
    """Where a model lies that was given by its directory or by the name of a pretrained one.

    Args:
        path: a directory, which comes first, or a name.

    Returns:
        The directory of the pretrained model where there is no directory of this name and one
        is called so; else `path`, whether or not there is anything.
    """
    given = Path(path)
    if given.is_dir() or given.name != str(path):
        return given
    folder = pretrained_folder()
    for entry in read_catalogue(folder).models:
        if entry.name == given.name:
            return folder / entry.directory
    return given


def known_names() -> str:
    """A sentence that lists the pretrained models, to end an error with; empty without any."""
    names = ", ".join(entry.name for entry in pretrained_models())
    return f"Pretrained models: {names}." if names else ""
