"""`rnn-toolkit compare`, in fresh processes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "rnn_toolkit" / "data" / "sample" / "reviews.csv"


def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", "compare", "sentiment", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


def test_a_comparison_is_whole_and_continues_where_it_stopped(tmp_path: Path) -> None:
    out = tmp_path / "comparison"
    wanted = ("--data", str(SAMPLE), "--cells", "gru,min_gru", "--epochs", "1", "--units", "8",
              "--out", str(out))  # fmt: skip
    first = compare(*wanted, "--seeds", "1", "--no-yardsticks")
    assert first.returncode == 0, first.stderr
    before = json.loads((out / "runs.json").read_text())
    assert [(run["candidate"], run["seed"]) for run in before] == [("gru", 1), ("min_gru", 1)]

    second = compare(*wanted, "--seeds", "1,2")
    assert second.returncode == 0, second.stderr
    runs = json.loads((out / "runs.json").read_text())
    assert runs[:2] == before  # not trained again
    assert len(runs) == 2 * 5
    with (out / "comparison.csv").open() as file:
        rows = {row["candidate"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"gru", "min_gru", "bag", "cnn", "self_attention"}
    of_gru = [run["accuracy"] for run in runs if run["candidate"] == "gru"]
    assert abs(float(rows["gru"]["accuracy"]) - sum(of_gru) / 2) < 1e-9
    sizes = [int(rows[name]["parameters"]) for name in ("gru", "bag", "cnn")]
    assert max(sizes) < 1.15 * min(sizes)
    assert "| gru |" in (out / "comparison.md").read_text()
    assert (out / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "comparison.svg").read_text().rstrip().endswith("</svg>")


def test_bad_options_are_one_line(tmp_path: Path) -> None:
    cases = {
        ("--cells", "lstn"): "There is no cell 'lstn'. Choose from: simple_rnn, lstm, gru",
        ("--seeds", "1,x"): "--seeds must be whole numbers",
        ("--seeds", "1,1"): "Seeds must differ",
        ("--rows", "481"): "--rows must be between 1 and 480",
    }
    for options, message in cases.items():
        found = compare("--data", str(SAMPLE), "--out", str(tmp_path / "c"), *options)
        assert found.returncode == 2
        assert message in found.stderr
        assert len(found.stderr.strip().splitlines()) == 1, found.stderr
    assert not (tmp_path / "c").exists()
