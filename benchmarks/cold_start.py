"""Measures whole processes: `--help`, and `predict` on a TFLite and an ONNX bundle, cold.

    python -m benchmarks.cold_start MODEL

MODEL is a model directory. Five runs of each after one that is not counted; the median is
printed and written to benchmarks/results/cold-start.json.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import processor
from benchmarks.sentiment import RESULTS

RUNS = 5


def seconds(*arguments: str) -> list[float]:
    """Wall seconds of each counted run of the program."""
    found = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        command = [sys.executable, "-m", "rnn_toolkit_cli.main", *arguments]
        subprocess.run(command, check=True, capture_output=True)
        found.append(round(time.perf_counter() - began, 3))
    return found[1:]


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    model = parser.parse_args().model
    runs = {"--help": seconds("--help")}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tflite", "onnx"):
            bundle = str(Path(folder) / name)
            options = ["--format", name, "--out", bundle]
            command = [sys.executable, "-m", "rnn_toolkit_cli.main", "export", str(model), *options]
            subprocess.run(command, check=True, capture_output=True)
            runs[f"predict {name}"] = seconds("predict", bundle, "a wonderful film")
    record = {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "seconds": runs,
    }
    (RESULTS / "cold-start.json").write_text(json.dumps(record, indent=2) + "\n")
    for name, values in runs.items():
        print(f"{name}: median {statistics.median(values):.2f} s of {values}")


if __name__ == "__main__":
    main()
