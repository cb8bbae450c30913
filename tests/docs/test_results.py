"""The published figures: consistent in themselves, and the same in README and results."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
DATA = {"sentiment-imdb": "IMDB", "sentiment-chnsenticorp": "ChnSentiCorp"}
README = (ROOT / "README.md").read_text("utf-8")


def runs(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))["runs"]
    return found


@pytest.mark.parametrize("name", [*DATA, "sentiment-imdb-vectors"])
def test_a_verdict_fits_its_scores(name: str) -> None:
    for run in runs(name):
        test = run["test"]
        loses = test["accuracy"] < test["baseline"]["accuracy"]
        assert test["loses_to_baseline"] == loses, (run["cell"], run["seed"])


@pytest.mark.parametrize("name", DATA)
def test_the_readme_shows_every_run(name: str) -> None:
    for run in runs(name):
        test = run["test"]
        cell = run["cell"] if run["seed"] == 1 else f"{run['cell']}, seed {run['seed']}"
        line = (
            f"| {DATA[name]} | {cell} | {100 * test['accuracy']:.2f} % | "
            f"{100 * test['baseline']['accuracy']:.2f} % | {test['log_loss']:.3f} | "
            f"{run['minutes']:.1f} min |"
        )
        assert line in README


def test_the_readme_shows_every_export() -> None:
    for run in runs("sentiment-imdb"):
        if run["seed"] != 1:
            continue
        for name, export in run["exports"].items():
            line = (
                f"| {run['cell']}, {name} | {export['largest_difference']:.0e} | "
                f"{100 * export['label_agreement']:.1f} % | "
                f"{export['milliseconds_per_text']:.2f} ms | {export['model_bytes'] / 1e6:.1f} MB |"
            )
            assert line in README
            assert export["texts"] >= 1000


def test_the_readme_shows_what_vectors_bring() -> None:
    mean = statistics.mean(run["test"]["accuracy"] for run in runs("sentiment-imdb-vectors"))
    assert f"mean of three seeds\n{100 * mean:.2f} %" in README


def test_the_page_on_word_vectors_shows_the_benchmark() -> None:
    page = (ROOT / "docs" / "word-vectors.md").read_text("utf-8")
    medians = json.loads((RESULTS / "word-vectors.json").read_text("utf-8"))["medians"]
    for figures in medians.values():
        ratio = medians["gensim"]["seconds"] / figures["seconds"]
        line = (
            f"| {figures['seconds']:.3f} | {ratio:.1f} | {figures['peak_mib']:.0f} | "
            f"{figures['peak_beyond_imports_mib']:.1f} |"
        )
        assert line in page


def test_the_quickstart_finds_its_sample_without_tensorflow() -> None:
    script = (ROOT / "examples" / "quickstart.sh").read_text("utf-8")
    (code,) = re.findall(r"python -c '(.*?)'", script)
    watched = f"{code}\nimport sys\nassert 'tensorflow' not in sys.modules, 'tensorflow'"
    command = [sys.executable, "-c", watched]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.strip()).read_text("utf-8").startswith("text,label")


def test_the_page_on_generation_shows_its_results() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.generation_figures import PAGE, figures
    finally:
        sys.path.remove(str(ROOT))
    assert PAGE.read_text("utf-8").endswith(figures())


def test_the_page_on_translation_shows_its_results() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.translation_figures import PAGE, figures, measured
    finally:
        sys.path.remove(str(ROOT))
    assert PAGE.read_text("utf-8").endswith(figures())
    run = measured()["multi30k-de-en"]
    (test,) = [entry for entry in run["evaluations"] if entry["split"] == "test"]
    model, _, dictionary = (row["scores"]["bleu"] for row in test["rows"])
    assert f"{model:.2f} BLEU; the dictionary has {dictionary:.2f}" in README
    assert f"{run['training']['seconds'] / 60:.0f}\nminutes of training" in README


def test_the_table_of_variants_is_that_of_the_results() -> None:
    from benchmarks.variants import BEGIN, END, PAGE, table

    results = json.loads((RESULTS / "variants.json").read_text("utf-8"))
    page = PAGE.read_text("utf-8")
    assert page.split(BEGIN)[1].split(END)[0].strip() == table(results).strip()
    imdb = {
        row["variant"]: row
        for row in results["rows"]
        if row["model"] == "imdb" and row["format"] == "tflite"
    }
    dynamic, exact = imdb["dynamic"], imdb["float32"]
    assert dynamic["bytes"] <= 0.3 * exact["bytes"]
    assert abs(dynamic["test_accuracy"] - exact["test_accuracy"]) <= 0.3


def test_the_page_of_recipes_shows_what_was_measured() -> None:
    from benchmarks.page import filled
    from benchmarks.recipes_page import PAGE, measured, recipe_entries, tables

    page = PAGE.read_text("utf-8")
    assert filled(page, tables()) == page
    for name, entries in recipe_entries().items():
        recipe = ROOT / "rnn_toolkit" / "config" / "recipes" / f"{name}.toml"
        assert measured(entries) in recipe.read_text("utf-8"), name
