"""Trains on a text of 200 MB and reports the most memory that it took.

    python -m benchmarks.large_text

The text is made up: sentences of 5,000 invented words with Zipf frequencies. Training stops after
two minutes. Writes benchmarks/results/large-text.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.machine import machine_facts

RESULTS = Path(__file__).parent / "results"
_WORDS = 5000
_AT_ONCE = 100_000


def write_text(path: Path, megabytes: int) -> None:
    """A text of invented words, a sentence per line."""
    random = np.random.default_rng(1)
    letters = np.asarray(list("aaeeiioounnrrsstlmdk"))
    words = ["".join(random.choice(letters, random.integers(1, 9))) for _ in range(_WORDS)]
    chances = 1 / np.arange(1, _WORDS + 1)
    chances /= chances.sum()
    with path.open("w") as file:
        while file.tell() < megabytes * 1_000_000:
            drawn = [words[n] for n in random.choice(_WORDS, _AT_ONCE, p=chances)]
            ends = range(0, _AT_ONCE, 12)
            file.writelines(" ".join(drawn[end : end + 12]) + ".\n" for end in ends)


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=2)
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        text = Path(folder) / "large.txt"
        write_text(text, chosen.megabytes)
        command = [sys.executable, "-m", "rnn_toolkit_cli.main", "train", "generation"]
        command += ["--data", str(text), "--units", "128", "--max-minutes", str(chosen.minutes)]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--out", str(Path(folder) / "model")], capture_output=True, text=True
        )
        print(done.stdout, done.stderr, flush=True)
        done.check_returncode()
        report = {
            "machine": machine_facts(),
            "megabytes": chosen.megabytes,
            "training_minutes": chosen.minutes,
            "whole_command_seconds": round(time.perf_counter() - began, 1),
            "peak_gigabytes": round(
                resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9, 2
            ),
        }
    path = RESULTS / "large-text.json"
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
