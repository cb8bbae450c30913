"""Recipes: named settings in readable files, each with what it costs and what it gives."""

from __future__ import annotations

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from rnn_toolkit.config.settings import Settings, parse_settings
from rnn_toolkit.errors import OptionError

DEFAULT_RECIPE = "fast"
_SUFFIX = ".toml"


class MeasuredRecipe(Settings):
    """What a recipe was measured to cost and to give."""

    data: str
    test_accuracy: float = Field(ge=0, le=1, description="mean over the seeds")
    seeds: int = Field(ge=1)
    minutes: float = Field(gt=0, description="mean, two cores")


class Recipe(Settings):
    """Settings under a name.

    Args:
        summary: what it does, in a sentence.
        source: paper and year of the idea.
        needs: files beside the labelled rows.
        chosen_by: the validation figures that fixed the settings.
        measured: cost and score on real data.
        settings: for each part of a task's settings, the values that differ from the defaults.
    """

    summary: str
    source: str = ""
    needs: Literal["", "unlabelled", "teacher"] = ""
    chosen_by: str = ""
    measured: MeasuredRecipe | None = None
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)


def recipe_names() -> list[str]:
    """Names of the recipes that come with the toolkit, the default first, then by cost."""
    found = {name: read_recipe(name) for name in _shipped()}

    def cost(name: str) -> tuple[bool, float, str]:
        measured = found[name].measured
        return name != DEFAULT_RECIPE, 1e9 if measured is None else measured.minutes, name

    return sorted(found, key=cost)


def read_recipe(name: str) -> Recipe:
    """Reads a recipe.

    Args:
        name: of a recipe of the toolkit, or the path of a file of the same form.

    Raises:
        OptionError: there is no such recipe, or the file is not one.
    """
    shipped = _shipped()
    if name in shipped:
        text = shipped[name].read_text("utf-8")
    elif Path(name).suffix == _SUFFIX and Path(name).is_file():
        text = Path(name).read_text("utf-8")
    else:
        raise OptionError(
            f"There is no recipe {name!r}.",
            f"Choose from: {', '.join(sorted(shipped))}; or give a {_SUFFIX} file.",
        )
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{name}: {error}.", "Correct the file.") from None
    return parse_settings(Recipe, values)


def _shipped() -> dict[str, Traversable]:
    folder = resources.files("rnn_toolkit.config") / "recipes"
    return {
        file.name.removesuffix(_SUFFIX): file
        for file in folder.iterdir()
        if file.name.endswith(_SUFFIX)
    }
