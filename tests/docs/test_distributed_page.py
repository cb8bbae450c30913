"""docs/distributed.md shows what was measured, and says what those figures say."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
try:
    from benchmarks import distribute, pairing, precision
    from benchmarks.distributed_page import PAGE, filled, tables
finally:
    sys.path.remove(str(ROOT))

TEXT = PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", [distribute.NAME, precision.NAME])
def test_a_result_says_when_where_and_how(name: str) -> None:
    result = pairing.read_result(name)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", result["date"])
    assert result["command"] == f"python -m benchmarks.{name}"
    assert {"tensorflow", "keras"} <= set(result["versions"])
    assert result["processor"]


def test_the_page_shows_the_results() -> None:
    assert filled(TEXT, tables()) == TEXT
    assert sorted(re.findall(r"<!-- (?!end)(.+?) -->", TEXT)) == sorted(tables())


def test_the_examples_of_two_machines_can_be_used() -> None:
    from rnn_toolkit.training.cluster import read_cluster

    values = re.findall(r"export TF_CONFIG='(.+?)'", TEXT, re.DOTALL)
    found = [read_cluster(value) for value in values]
    assert [cluster.index for cluster in found] == [0, 1]
    assert found[0].workers == found[1].workers
