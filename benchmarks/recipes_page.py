"""Puts the measured tables into docs/recipes.md, and what recipes cost and give into their files.

python -m benchmarks.recipes_page
"""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path
from typing import Any

from benchmarks.ladder import by_entry, table
from benchmarks.page import filled
from benchmarks.pairing import RESULTS, read_result

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "recipes.md"
RECIPES = ROOT / "rnn_toolkit" / "config" / "recipes"
_PREFIX = "recipe "


def recipe_entries() -> dict[str, list[dict[str, Any]]]:
    """The measured runs of each recipe, by its name."""
    entries = by_entry(read_result("ladder")["entries"])
    return {
        name.removeprefix(_PREFIX): runs
        for name, runs in entries.items()
        if name.startswith(_PREFIX)
    }


def measured(runs: list[dict[str, Any]]) -> str:
    """The part `measured` of a recipe's file."""
    accuracy = statistics.mean(run["test_accuracy"] for run in runs)
    minutes = statistics.mean(run["minutes"] for run in runs)
    return (
        f'[measured]\ndata = "IMDB"\ntest_accuracy = {accuracy:.4f}\nseeds = {len(runs)}\n'
        f"minutes = {minutes:.1f}\n"
    )


def choices() -> str:
    """What the settings of the costly recipes were chosen by, as a Markdown table."""
    found = json.loads((RESULTS / "recipe-choices.json").read_text("utf-8"))
    lines = ["| what was tried | validation accuracy, % | validation log loss | epoch |"]
    lines.append("|---|---:|---:|---:|")
    for row in found["rows"]:
        lines.append(
            f"| {row['tried']} | {100 * row['validation_accuracy']:.2f} | "
            f"{row['validation_log_loss']:.4f} | {row['epoch']} |"
        )
    return "\n".join(lines)


def phases() -> str:
    """Where the default training spends processor time."""
    lines = ["| phase | processor seconds |", "|---|---:|"]
    for part in read_result("waste")["phases"]:
        if "seconds" in part:
            lines.append(f"| {part['phase']} | {part['seconds']:.2f} |")
    return "\n".join(lines)


def update() -> str:
    """Where an update spends it."""
    lines = ["| an update of 64 reviews | processor milliseconds |", "|---|---:|"]
    for part in read_result("waste")["update"]:
        lines.append(f"| {part['network']} | {part['milliseconds']:.1f} |")
    return "\n".join(lines)


def tables() -> dict[str, str]:
    """Every table by the name of its marker."""
    runs = [run for entry in recipe_entries().values() for run in entry]
    return {"ladder": table(runs), "choices": choices(), "phases": phases(), "update": update()}


def main() -> None:
    """Rewrites the page and the files of the recipes."""
    PAGE.write_text(filled(PAGE.read_text("utf-8"), tables()), "utf-8")
    for name, runs in recipe_entries().items():
        file = RECIPES / f"{name}.toml"
        text = re.sub(r"\[measured\]\n(?:.+\n)+\n?", "", file.read_text("utf-8"))
        head, mark, rest = text.partition("[settings")
        file.write_text(f"{head.rstrip()}\n\n{measured(runs)}\n{mark}{rest}", "utf-8")


if __name__ == "__main__":
    main()
