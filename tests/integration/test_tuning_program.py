"""`rnn-toolkit train sentiment --tune` in fresh processes."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnn_toolkit import load

Program = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow
LIMIT = 150_000
SEARCH = (
    "train", "sentiment", "--tune", "--max-size", "150KB", "--cell", "gru", "--layers", "1",
    "--no-bidirectional", "--tokenizer", "word", "--epochs", "2",
)  # fmt: skip


def trials(model: Path) -> list[dict[str, str]]:
    with (model / "tuning.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_ctrl_c_keeps_the_best_and_resume_goes_on(program: Program, tmp_path: Path) -> None:
    model, study = tmp_path / "model", tmp_path / ".model.tuning"
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", *SEARCH, "--out", str(model)]
    process = subprocess.Popen(
        [*command, "--trials", "500"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("trial 2"):
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "repeat the command with --resume" in errors
    facts = json.loads((model / "metrics.json").read_text("utf-8"))["training"]["tuning"]
    assert facts["ended"] == "stopped by Ctrl-C"
    assert facts["exported_bytes"] <= min(LIMIT, facts["predicted_bytes"])
    assert load(model).predict("fine").label in {"positive", "negative"}
    before = [row for row in trials(model) if row["ended"] != "interrupted"]
    assert len(before) >= 2
    assert study.is_dir()

    goal = len(before) + 1
    result = program(*SEARCH, "--trials", goal, "--resume", "--out", model)
    assert result.returncode == 0, result.stderr
    assert f"Continuing after {len(before)} trials" in result.stderr
    after = trials(model)
    kept = ("ended", "validation_log_loss", "predicted_bytes", "units", "learning_rate")
    assert [[row[name] for name in kept] for row in after[: len(before)]] == [
        [row[name] for name in kept] for row in before
    ]
    assert len(after) == goal
    assert {row["cell"] for row in after} == {"gru"}
    assert all(int(row["predicted_bytes"]) <= LIMIT for row in after)
    (chosen,) = [row for row in after if row["chosen"]]
    complete = [float(row["validation_log_loss"]) for row in after if row["ended"] == "complete"]
    assert float(chosen["validation_log_loss"]) == min(complete)
    metrics = json.loads((model / "metrics.json").read_text("utf-8"))
    (judged,) = metrics["evaluations"]
    assert judged["model"]["log_loss"] == pytest.approx(min(complete), abs=1e-4)
    assert "tuning.csv" in (model / "report.html").read_text("utf-8")
    assert "<svg" in (model / "tuning.svg").read_text("utf-8")
    assert not study.exists()


def test_limits_that_cannot_be_kept_say_so(program: Program, tmp_path: Path) -> None:
    cases = {
        ("--tune", "--trials", "2", "--max-size", "9KB"): "Give at least 0.",
        ("--tune", "--max-size", "2 megabytes", "--trials", "2"): "such as 2MB, 500 KB",
        ("--max-size", "2MB"): "Add --tune.",
    }
    for arguments, message in cases.items():
        result = program("train", "sentiment", *arguments, "--out", tmp_path / "model")
        assert result.returncode == 2, (arguments, result.stderr)
        last = result.stderr.strip().splitlines()[-1]
        assert last.startswith("error: ")
        assert message in last
    assert not (tmp_path / "model").exists()
