"""Measures how long word vectors take to load, and how much memory, beside gensim.

    python -m benchmarks.word_vectors

Makes a GloVe text file of 400,000 words in 100 dimensions and a vocabulary of 20,000 words,
nine in ten of which are in the file, in a temporary folder. Each way of loading runs in fresh
processes, in turns: gensim's whole file; a plain loop that reads the numbers of wanted rows
only, without checks; ours the first time, cache written; and ours from the cache. Time is that
of the load without imports; memory is the largest resident size of the process, whole and less
what it was after the imports. Writes benchmarks/results/word-vectors.json and prints the table.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

# A process passes its largest resident size on to the processes it starts, so this one must
# stay smaller than any it measures: numpy is imported, and the file made, in those alone.

RESULTS = Path(__file__).parent / "results" / "word-vectors.json"
ROWS, DIMENSIONS, VOCABULARY, KNOWN = 400_000, 100, 20_000, 18_000
NAMES = {
    "gensim": "gensim, whole file",
    "loop": "plain loop, no checks",
    "first": "rnn-toolkit, first time",
    "cached": "rnn-toolkit, from the cache",
}


def make_file(path: Path) -> None:
    """Writes random vectors with five digits, as the files of GloVe have them."""
    import numpy as np

    rng = np.random.default_rng(1)
    pool = [f"{number:.5g}".encode() for number in rng.normal(0, 0.4, 200_000)]
    with path.open("wb") as file:
        for first in range(0, ROWS, 1000):
            choices = rng.integers(0, len(pool), (1000, DIMENSIONS)).tolist()
            for row, chosen in enumerate(choices, start=first):
                numbers = b" ".join([pool[choice] for choice in chosen])
                file.write(word(row).encode() + b" " + numbers + b"\n")


def word(number: int) -> str:
    """A word of letters, longer for rarer ones."""
    letters = ""
    while number >= 0:
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
        number -= 1
    return letters


def make_vocabulary(path: Path) -> None:
    """Writes the vocabulary, one word a line."""
    import numpy as np

    rng = np.random.default_rng(2)
    known = [word(row) for row in rng.choice(ROWS, KNOWN, replace=False).tolist()]
    absent = [f"absent-{number}" for number in range(VOCABULARY - KNOWN - 1)]
    path.write_text("\n".join(["[PAD]", *known, *absent]))


def with_gensim(folder: Path) -> Callable[[], int]:
    """The whole file with gensim."""
    vectors = importlib.import_module("gensim.models").KeyedVectors
    path = str(folder / "vectors.txt")
    return lambda: len(vectors.load_word2vec_format(path, binary=False, no_header=True))


def with_loop(folder: Path) -> Callable[[], int]:
    """The wanted rows with ten lines of Python."""
    import numpy as np

    def load() -> int:
        vocabulary = (folder / "vocabulary.txt").read_text().split("\n")
        index = {word: row for row, word in enumerate(vocabulary)}
        matrix = np.zeros((len(vocabulary), DIMENSIONS), np.float32)
        found = 0
        with (folder / "vectors.txt").open(encoding="utf-8") as file:
            for line in file:
                word, _, numbers = line.partition(" ")
                if word in index:
                    matrix[index[word]] = np.array(numbers.split(), np.float32)
                    found += 1
        return found

    return load


def with_toolkit(folder: Path) -> Callable[[], int]:
    """The wanted rows with this toolkit, checks and coverage report included."""
    from rnn_toolkit.embeddings.aligned import load_vectors

    def load() -> int:
        vocabulary = (folder / "vocabulary.txt").read_text().split("\n")
        counts = {word: len(vocabulary) - rank for rank, word in enumerate(vocabulary)}
        cache = folder / "cache"
        path = folder / "vectors.txt"
        return load_vectors(path, vocabulary, counts=counts, cache=cache).coverage.found

    return load


LOADERS = {
    "gensim": with_gensim,
    "loop": with_loop,
    "first": with_toolkit,
    "cached": with_toolkit,
}


def largest_size() -> int:
    """The largest resident size of this process so far, in KiB."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size // 1024 if sys.platform == "darwin" else size


def measure(name: str, folder: Path) -> dict[str, float]:
    """Loads once in this process."""
    load = LOADERS[name](folder)
    before = largest_size()
    began = time.perf_counter()
    found = load()
    seconds = time.perf_counter() - began
    after = largest_size()
    return {
        "rows": found,
        "seconds": seconds,
        "peak_mib": after / 1024,
        "peak_beyond_imports_mib": (after - before) / 1024,
    }


def in_fresh_process(step: str, folder: Path) -> dict[str, float]:
    """Makes the files, or loads once, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.word_vectors", "--step", step, str(folder)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(result.stdout)
    return measured


def take_step(step: str, folder: Path) -> dict[str, float]:
    """What `in_fresh_process` asks for."""
    if step != "make":
        return measure(step, folder)
    make_file(folder / "vectors.txt")
    make_vocabulary(folder / "vocabulary.txt")
    return {}


def run_all(repeats: int) -> dict[str, dict[str, float]]:
    """The median of every figure of every way of loading."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in NAMES}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        in_fresh_process("make", folder)
        size = (folder / "vectors.txt").stat().st_size
        print(f"{ROWS:,} x {DIMENSIONS}, {size / 1e6:.0f} MB", file=sys.stderr)
        for _ in range(repeats):
            for entry in (folder / "cache").glob("*"):
                entry.unlink()
            for name in NAMES:
                runs[name].append(in_fresh_process(name, folder))
    figures = runs["gensim"][0].keys()
    return {
        name: {key: statistics.median(run[key] for run in measured) for key in figures}
        for name, measured in runs.items()
    }


def print_table(medians: dict[str, dict[str, float]]) -> None:
    """Prints the table of the docs."""
    gensim = medians["gensim"]
    print("| loading | seconds | times as fast | peak memory, MiB | beyond imports, MiB | share |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, figures in medians.items():
        beyond = figures["peak_beyond_imports_mib"]
        print(
            f"| {NAMES[name]} | {figures['seconds']:.3f} | "
            f"{gensim['seconds'] / figures['seconds']:.1f} | {figures['peak_mib']:.0f} | "
            f"{beyond:.1f} | {beyond / gensim['peak_beyond_imports_mib']:.1%} |"
        )


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        step, folder = arguments.step
        print(json.dumps(take_step(step, Path(folder))))
        return
    from benchmarks.machine import machine_facts

    medians = run_all(arguments.repeats)
    record = {
        "machine": machine_facts() | {"gensim": version("gensim"), "numpy": version("numpy")},
        "file": {"words": ROWS, "dimensions": DIMENSIONS, "vocabulary": VOCABULARY},
        "repeats": arguments.repeats,
        "medians": {
            name: {key: round(value, 3) for key, value in figures.items()}
            for name, figures in medians.items()
        },
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print_table(medians)


if __name__ == "__main__":
    main()
