"""The page on pretrained models shows what was measured, and its commands work."""

from __future__ import annotations

import json
import re
import shlex
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.pretrained_page import PAGE, TABLES, shown
from rnn_toolkit.bundle.catalogue import pretrained_models

Program = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]


def result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "benchmarks/results" / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_that_of_the_results(name: str) -> None:
    assert shown(name, PAGE.read_text("utf-8")) == TABLES[name]()


def test_every_name_answers_within_a_second_and_a_half() -> None:
    found = result("cold-start")
    for entry in pretrained_models():
        (command,) = [name for name in found["seconds"] if name.endswith(f" {entry.name}")]
        assert len(found["seconds"][command]) >= 5
        assert statistics.median(found["seconds"][command]) < 1.5
    assert statistics.median(found["seconds_page_cache_emptied"]["predict sentiment-en"]) < 1.5


def test_a_pretrained_beginning_is_worth_it_with_few_rows() -> None:
    few = [run for run in result("pretrained-start")["runs"] if run["rows"] == 100]
    gains = [run["from_pretrained"]["accuracy"] - run["anew"]["accuracy"] for run in few]
    assert len(gains) == 3
    assert statistics.mean(gains) > 5


@pytest.mark.slow
def test_the_first_commands_of_the_page_work(program: Program, tmp_path: Path) -> None:
    first = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    lines = [shlex.split(line, comments=True) for line in first.splitlines()]
    assert {words[1] for words in lines} == {"pretrained", "predict", "generate", "translate"}
    for words in lines:
        found = program(*words[1:], cwd=tmp_path)
        assert found.returncode == 0, found.stderr
        assert found.stdout.strip()


def test_the_first_example_of_the_page_runs(tmp_path: Path) -> None:
    example = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    (expected,) = re.findall(r"# (.*)", example)
    run = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == expected
