"""The catalogue of pretrained models, and how names find them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from rnn_toolkit.bundle.catalogue import (
    CATALOGUE_NAME,
    LARGEST_BUNDLE,
    LARGEST_FOLDER,
    Catalogue,
    CatalogueEntry,
    known_names,
    model_path,
    pretrained_folder,
    pretrained_models,
    read_catalogue,
)
from rnn_toolkit.bundle.files import sha256, total_bytes
from rnn_toolkit.bundle.manifest import MANIFEST_NAME, damaged_files
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.errors import BundleError, ModelDirectoryError
from rnn_toolkit.tasks.load import load

ROOT = Path(__file__).parents[2]
MODELS = {entry.name: entry for entry in pretrained_models()}


def test_what_the_issue_names_is_there() -> None:
    assert set(MODELS) >= {
        "sentiment-en",
        "sentiment-zh",
        "poems-zh",
        "shakespeare",
        "english-french",
    }


@pytest.mark.parametrize("name", MODELS)
def test_an_entry_is_true(name: str) -> None:
    entry = MODELS[name]
    directory = pretrained_folder() / entry.directory
    manifest = read_manifest(directory)
    assert manifest.task == entry.task
    assert sha256(directory / MANIFEST_NAME) == entry.manifest_sha256
    assert not damaged_files(directory, manifest)
    assert total_bytes(directory) == entry.size <= LARGEST_BUNDLE
    assert entry.recipe == f"python -m benchmarks.pretrained {name}"
    result = json.loads((ROOT / "benchmarks/results" / f"pretrained-{name}.json").read_text())
    assert result["test"]["quality"] == entry.quality.model_dump()
    assert result["manifest_sha256"] == entry.manifest_sha256


@pytest.mark.parametrize("name", MODELS)
def test_a_card_says_what_was_measured(name: str) -> None:
    entry = MODELS[name]
    card = (pretrained_folder() / entry.directory / "README.md").read_text("utf-8")
    for text in (
        f"{entry.quality.value:.2f}",
        f"{entry.quality.baseline_value:.2f}",
        f"{entry.quality.rows:,} {entry.quality.data}",
        entry.recipe,
        entry.license,
        entry.training_data,
        "## Limits",
    ):
        assert text in card


def test_the_folder_is_small_and_holds_nothing_else() -> None:
    folder = pretrained_folder()
    assert total_bytes(folder) < LARGEST_FOLDER
    found = {path.name for path in folder.iterdir()}
    assert found == {CATALOGUE_NAME, "README.md", *(entry.directory for entry in MODELS.values())}


def test_the_wheel_takes_the_folder_along() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included["pretrained"] == "rnn_toolkit/pretrained_models"


@pytest.mark.parametrize("name", ["sentiment-en", "sentiment-zh"])
def test_labels_are_words(name: str) -> None:
    labels = (pretrained_folder() / name / "labels.txt").read_text().split()
    assert labels == ["negative", "positive"]


def test_a_name_finds_its_model_and_a_directory_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = pretrained_folder() / "sentiment-en"
    assert model_path("sentiment-en") == shipped
    assert model_path(Path("sentiment-en")) == shipped
    assert model_path("./sentiment-en") == Path("sentiment-en")
    assert model_path("models/sentiment-en") == Path("models/sentiment-en")
    assert model_path("no-such-model") == Path("no-such-model")
    (tmp_path / "sentiment-en").mkdir()
    assert model_path("sentiment-en") == Path("sentiment-en")


def test_an_unknown_name_is_answered_with_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelDirectoryError, match=r"There is no sentiment-fr\.") as caught:
        load("sentiment-fr")
    assert known_names() in str(caught.value)
    assert all(name in known_names() for name in MODELS)


def test_a_catalogue_that_is_not_there_is_empty_and_a_damaged_one_an_error(
    tmp_path: Path,
) -> None:
    assert read_catalogue(tmp_path) == Catalogue()
    (tmp_path / CATALOGUE_NAME).write_text('{"models": [{"name": "x"}]}')
    with pytest.raises(BundleError, match=r"models\.0"):
        read_catalogue(tmp_path)


def test_an_entry_takes_the_place_of_its_forerunner() -> None:
    first: CatalogueEntry = next(iter(MODELS.values()))
    later = first.model_copy(update={"size": 7})
    other = first.model_copy(update={"name": "aaa"})
    found = Catalogue(models=(first,)).with_entry(later).with_entry(other)
    assert found.models == (other, later)
