"""Measures the n-gram baseline: perplexity by order, and the time to count and to score.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.ngram ptb

Penn Treebank: words between spaces, each line feed one token. Modified Kneser-Ney smoothing,
fitted on the training file. Writes benchmarks/results/ngram-ptb.json and prints the table.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import machine_facts
from rnn_toolkit.evaluation.kneser_ney import KneserNey

RESULTS = Path(__file__).parent / "results"
SETS = {"ptb": {name: f"ptb/ptb.{name}.txt" for name in ("train", "valid", "test")}}
ORDERS = range(1, 8)


def read(folder: Path, files: dict[str, str]) -> tuple[dict[str, NDArray[np.int64]], int]:
    """The ids of each file, numbered by the training file, and how many there are."""
    words = {
        name: (folder / path).read_text(encoding="utf-8").replace("\n", " \n ").split(" ")
        for name, path in files.items()
    }
    tokens = {name: [word for word in of if word] for name, of in words.items()}
    numbers = {word: number for number, word in enumerate(dict.fromkeys(tokens["train"]))}
    return (
        {name: np.array([numbers[word] for word in of]) for name, of in tokens.items()},
        len(numbers),
    )


def measure(ids: dict[str, NDArray[np.int64]], order: int, size: int) -> dict[str, float]:
    """Perplexities and seconds of one order."""
    began = time.perf_counter()
    model = KneserNey.fit(ids["train"], order=order, vocabulary_size=size)
    fitted = time.perf_counter()
    valid, test = (-float(model.log_probabilities(ids[name]).mean()) for name in ("valid", "test"))
    return {
        "order": order,
        "valid_perplexity": round(math.exp(valid), 2),
        "test_perplexity": round(math.exp(test), 2),
        "ngrams": model.ngrams,
        "seconds_to_fit": round(fitted - began, 2),
        "seconds_to_score": round(time.perf_counter() - fitted, 2),
    }


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=sorted(SETS))
    name = parser.parse_args().data
    folder = Path(os.environ["RNN_TOOLKIT_DATA"])
    ids, size = read(folder, SETS[name])
    rows = [measure(ids, order, size) for order in ORDERS]
    record = {
        "command": f"python -m benchmarks.ngram {name}",
        "files": {
            path: hashlib.sha256((folder / path).read_bytes()).hexdigest()
            for path in SETS[name].values()
        },
        "tokens": {part: len(of) for part, of in ids.items()},
        "vocabulary": size,
        **machine_facts(),
        "rows": rows,
    }
    (RESULTS / f"ngram-{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    print("| order | valid | test | n-grams | fit | score both |")
    print("|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row['order']} | {row['valid_perplexity']:.2f} | {row['test_perplexity']:.2f} | "
            f"{row['ngrams']:,} | {row['seconds_to_fit']} s | {row['seconds_to_score']} s |"
        )


if __name__ == "__main__":
    main()
