"""Trains, measures and writes the models that ship in pretrained/.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.pretrained sentiment-en
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.pretrained sentiment-en --model saved_models/imdb

Recipes and data: benchmarks/pretrained_recipes.py. With --model a model directory that the same
settings trained before is measured and written, in place of a new training. The bundle is ONNX
with int8 weights; its score on the test data, which is read only then, its card, its entry in
pretrained/catalogue.json and benchmarks/results/pretrained-NAME.json are written together. A
training that was killed goes on with --resume.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from benchmarks.pretrained_card import card
from benchmarks.pretrained_recipes import RECIPES, AnyRecipe, data_folder
from rnn_toolkit import load
from rnn_toolkit.bundle.catalogue import (
    CATALOGUE_NAME,
    LARGEST_BUNDLE,
    LARGEST_FOLDER,
    CatalogueEntry,
    MeasuredQuality,
    read_catalogue,
)
from rnn_toolkit.bundle.files import sha256, total_bytes, write_text_whole, written_whole
from rnn_toolkit.bundle.manifest import MANIFEST_NAME, Manifest, write_manifest
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.runtime.bundle import check_bundle
from rnn_toolkit.tasks.pretrained_weights import write_weights
from rnn_toolkit.training.checkpoint import checkpoint_beside, discard_checkpoint

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
FOLDER = ROOT / "pretrained"
FORMAT, QUANTIZE = "onnx", "int8"
CARD_NAME, USAGE_NAME = "README.md", "USAGE.md"


def trained(name: str, model: Path | None, *, resume: bool) -> Any:
    """The model of a recipe: one trained before, or a new one, which is saved."""
    recipe = RECIPES[name]
    if model is not None:
        return recipe.open(model)
    target = Path("saved_models") / f"pretrained-{name}"
    found = recipe.train(checkpoint_beside(target), resume=resume)
    found.save(target)
    discard_checkpoint(checkpoint_beside(target))
    return found


def build(name: str, model: Any) -> CatalogueEntry:
    """Exports a model, measures the bundle, and writes it with all that tells of it."""
    recipe = RECIPES[name]
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / name
        model.export(
            bundle, format=FORMAT, quantize=QUANTIZE, progress=lambda text: print(text, flush=True)
        )
        manifest = read_manifest(bundle)
        _compact(bundle)
        write_weights(bundle, manifest, model.trained.model)
        quality, more = recipe.measure(model, load(bundle))
        print(quality.sentence(), flush=True)
        (bundle / CARD_NAME).rename(bundle / USAGE_NAME)
        facts = _facts(model)
        text = card(name, recipe, manifest, quality, facts, size=total_bytes(bundle))
        (bundle / CARD_NAME).write_text(text, encoding="utf-8")
        write_manifest(bundle, manifest)
        _check(bundle)
        with written_whole(FOLDER / name, marker=MANIFEST_NAME) as target:
            shutil.copytree(bundle, target, dirs_exist_ok=True)
    entry = _entry(name, recipe, manifest, quality)
    catalogue = read_catalogue(FOLDER).with_entry(entry)
    write_text_whole(FOLDER / CATALOGUE_NAME, catalogue.model_dump_json(indent=2) + "\n")
    write_result(name, model, facts, {"quality": quality.model_dump(), **more}, entry)
    everything = total_bytes(FOLDER)
    if everything > LARGEST_FOLDER:
        sys.exit(f"{FOLDER} takes {everything:,} bytes, more than {LARGEST_FOLDER:,}.")
    return entry


def _compact(bundle: Path) -> None:
    """Takes the line breaks and indentation out of the tokenizers, half of their size."""
    for path in bundle.glob("*tokenizer.json"):
        values = json.loads(path.read_text("utf-8"))
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        path.write_text(text, encoding="utf-8")


def _check(bundle: Path) -> None:
    """Ends the program unless the bundle is right and small enough."""
    report = check_bundle(bundle)
    if not report.passed:
        sys.exit("\n".join(report.problems))
    size = total_bytes(bundle)
    if size > LARGEST_BUNDLE:
        sys.exit(
            f"The bundle takes {size:,} bytes, more than {LARGEST_BUNDLE:,}: choose fewer units, "
            "a smaller vocabulary or fewer word pairs."
        )


def _entry(
    name: str, recipe: AnyRecipe, manifest: Manifest, quality: MeasuredQuality
) -> CatalogueEntry:
    directory = FOLDER / name
    return CatalogueEntry(
        name=name,
        task=manifest.task,
        languages=recipe.languages,
        summary=recipe.summary,
        directory=name,
        size=total_bytes(directory),
        manifest_sha256=sha256(directory / MANIFEST_NAME),
        quality=quality,
        training_data=recipe.data,
        license=recipe.license,
        recipe=f"python -m benchmarks.pretrained {name}",
    )


def _facts(model: Any) -> dict[str, Any]:
    """What training found, without where the data lay on the machine."""
    text = json.dumps(model.trained.facts, ensure_ascii=False)
    facts: dict[str, Any] = json.loads(text.replace(f"{data_folder()}/", ""))
    return facts


def write_result(
    name: str,
    model: Any,
    facts: dict[str, Any],
    test: dict[str, Any],
    entry: CatalogueEntry,
) -> None:
    """Writes benchmarks/results/pretrained-NAME.json."""
    manifest = read_manifest(FOLDER / name)
    report = {
        "command": entry.recipe,
        "machine": machine_facts(),
        "training": facts,
        "settings": model.config.model_dump(mode="json"),
        "history": [asdict(record) for record in model.trained.history],
        "test": test,
        "export": None if manifest.measured is None else manifest.measured.model_dump(),
        "size": entry.size,
        "manifest_sha256": entry.manifest_sha256,
    }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    text = text.replace(f"{data_folder()}/", "")
    (RESULTS / f"pretrained-{name}.json").write_text(f"{text}\n", "utf-8")


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--model", type=Path, help="a model directory, in place of a training")
    parser.add_argument("--resume", action="store_true")
    chosen = parser.parse_args()
    if "RNN_TOOLKIT_DATA" not in os.environ:
        sys.exit("RNN_TOOLKIT_DATA must name the folder of data sets.")
    entry = build(chosen.name, trained(chosen.name, chosen.model, resume=chosen.resume))
    print(f"{FOLDER / entry.directory}: {entry.size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
