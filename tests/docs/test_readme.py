"""What the README says works, and its Chinese twin keeps step."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh-CN.md")


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.slow
def test_the_python_example_runs(tmp_path: Path) -> None:
    (example,) = blocks("README.md", "python")
    command = [sys.executable, "-c", example]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "yes"


@pytest.mark.slow
def test_the_generation_example_runs(tmp_path: Path) -> None:
    (example,) = blocks("docs/generation.md", "python")
    command = [sys.executable, "-c", example]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "the" in result.stdout


@pytest.mark.slow
def test_the_translation_example_runs(tmp_path: Path) -> None:
    (example,) = blocks("docs/translation.md", "python")
    command = [sys.executable, "-c", example]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("eight one three [[")


def test_the_twin_has_the_same_commands_and_figures() -> None:
    english, chinese = (blocks(page, "sh") for page in PAGES)
    strip = re.compile(r"\s*#.*")
    assert [strip.sub("", block) for block in english] == [
        strip.sub("", block) for block in chinese
    ]
    numbers = re.compile(r"\d+\.\d+ %")
    found = [numbers.findall((ROOT / page).read_text("utf-8")) for page in PAGES]
    assert found[0] == found[1]


def test_options_named_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", "train", "sentiment", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=None).stdout
    ours = {"--text-column", "--label-column", "--encoding", "--no-header", "--resume", "--out"}
    for option in ours:
        assert option in text
        assert option[:18] in shown
