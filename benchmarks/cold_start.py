"""Measures whole processes: `--help`, and answers of the pretrained models by their names.

    python -m benchmarks.cold_start [MODEL] [--runs 10] [--drop-caches]

Each command runs in fresh processes, the first of which is not counted; medians are printed and
written to benchmarks/results/cold-start.json. MODEL is a model directory, of which a TFLite and an
ONNX bundle are measured too. With --drop-caches (Linux, as root) every command runs also with the
system's page cache emptied before each process, as after starting the machine: all of Python, the
libraries and the model are then read from the disk. Each process lists what it imported; the
program ends if a pretrained model brought TensorFlow in.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts

RESULTS = Path(__file__).parent / "results"
PRETRAINED = {
    "predict sentiment-en": ("predict", "sentiment-en", "a wonderful film"),
    "predict sentiment-zh": ("predict", "sentiment-zh", "房间很干净，服务也好"),
    "generate poems-zh": ("generate", "poems-zh", "--seed", "1"),
    "generate shakespeare": ("generate", "shakespeare", "--seed", "1"),
    "translate english-french": ("translate", "english-french", "We often watch TV."),
}
HEAVY = ("tensorflow", "keras", "pandas", "gensim", "sklearn")
CACHES = Path("/proc/sys/vm/drop_caches")


def command(*arguments: str) -> list[str]:
    """The program with these arguments, as its console script runs it."""
    return [sys.executable, "-m", "rnn_toolkit_cli.main", *arguments]


def seconds(arguments: tuple[str, ...], runs: int, *, emptied: bool = False) -> list[float]:
    """Wall seconds of each counted process.

    Args:
        arguments: of the program.
        runs: counted processes.
        emptied: whether the page cache is emptied before each.
    """
    found = []
    for _ in range(runs + 1):
        if emptied:
            os.sync()
            CACHES.write_text("3")
        began = time.perf_counter()
        subprocess.run(command(*arguments), check=True, capture_output=True)
        found.append(round(time.perf_counter() - began, 3))
    return found[1:]


def heavy_imports(arguments: tuple[str, ...]) -> list[str]:
    """Those of HEAVY that the program imports for these arguments."""
    code = (
        "import sys\nfrom rnn_toolkit_cli.main import main\n"
        "sys.argv = ['rnn-toolkit', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n', *sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    modules = set(run.stdout.splitlines()[-1].split())
    return [name for name in HEAVY if name in modules]


def bundles(model: Path, folder: Path) -> dict[str, tuple[str, ...]]:
    """Commands that predict with a TFLite and with an ONNX bundle of a model."""
    found = {}
    for name in ("tflite", "onnx"):
        bundle = str(folder / name)
        export = command("export", str(model), "--format", name, "--out", bundle)
        subprocess.run(export, check=True, capture_output=True)
        found[f"predict {name}"] = ("predict", bundle, "a wonderful film")
    return found


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--drop-caches", action="store_true")
    chosen = parser.parse_args()
    for name, arguments in PRETRAINED.items():
        if heavy := heavy_imports(arguments):
            sys.exit(f"{name} imports {', '.join(heavy)}.")
    record: dict[str, Any] = {**machine_facts(), "runs": chosen.runs, "seconds": {}}
    with tempfile.TemporaryDirectory() as folder:
        commands = {"--help": ("--help",), **PRETRAINED}
        if chosen.model is not None:
            commands |= bundles(chosen.model, Path(folder))
        for kind, emptied in (("seconds", False), ("seconds_page_cache_emptied", True)):
            if emptied and not chosen.drop_caches:
                continue
            record[kind] = {
                name: seconds(arguments, chosen.runs, emptied=emptied)
                for name, arguments in commands.items()
            }
            for name, values in record[kind].items():
                print(f"{kind}: {name}: median {statistics.median(values):.2f} of {values}")
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (RESULTS / "cold-start.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
