"""docs/tuning.md: its figures are those of the results, its table that of the code."""

from __future__ import annotations

import re

from benchmarks.tuning import BEGIN, END, PAGE, figures
from rnn_toolkit.tasks.tuning_space import SEARCH_SPACE, Choice

TEXT = PAGE.read_text("utf-8")


def test_the_figures_are_those_of_the_results() -> None:
    assert TEXT.split(BEGIN)[1].split(END)[0].strip() == figures()


def test_the_table_names_everything_that_varies() -> None:
    rows = dict(re.findall(r"^\| (`.+`) \| (.+) \|$", TEXT, re.MULTILINE))
    named = {name for cell in rows for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(SEARCH_SPACE)
    for name, each in SEARCH_SPACE.items():
        if isinstance(each, Choice):
            assert rows[f"`{name}`"] == ", ".join(each.values)
