"""`rnn-toolkit recipes`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from rnn_toolkit_cli.console import table


def recipes(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the recipes for `train sentiment --recipe`: what they do, cost and score."""
    from rnn_toolkit import read_recipe, recipe_names

    found = {name: read_recipe(name) for name in recipe_names()}
    if as_json:
        print(json.dumps({name: recipe.model_dump() for name, recipe in found.items()}))
        return
    rows = []
    for name, recipe in found.items():
        measured = recipe.measured
        score = "" if measured is None else f"{100 * measured.test_accuracy:.2f} %"
        cost = "" if measured is None else f"{measured.minutes:.0f} min"
        needs = f"--{recipe.needs}" if recipe.needs else ""
        rows.append([name, recipe.summary, needs, score, cost])
    columns = ["recipe", "what it does", "needs", "IMDB test", "on 2 cores"]
    table("Recipes of train sentiment", columns, rows, words=3)
