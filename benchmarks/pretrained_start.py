"""What beginning with a pretrained classifier brings when there are few labelled rows.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.pretrained_start

Trains on the first rows of a seeded shuffle of the SST-2 training sentences (film reviews, one
sentence each; the pretrained sentiment-en knows whole reviews), anew and from sentiment-en, with
default settings, and scores the 1,821 test sentences once, after each training. The pretrained
model without any training is scored too. Writes benchmarks/results/pretrained-start.json.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from benchmarks.pretrained_recipes import LABELS, data_folder
from rnn_toolkit import SentimentClassifier, load

RESULT = Path(__file__).parent / "results" / "pretrained-start.json"
START = "sentiment-en"
ROWS, SEEDS = (100, 500, 2000), (1, 2, 3)


def sentences(part: str) -> tuple[list[str], list[str]]:
    """Texts and labels of a part of SST-2."""
    lines = (data_folder() / "sst2" / f"{part}.tsv").read_text("utf-8").splitlines()
    pairs = [line.rsplit("\t", 1) for line in lines]
    return [text for text, _ in pairs], [LABELS[label] for _, label in pairs]


def accuracy(predictor: Any, texts: list[str], labels: list[str]) -> float:
    """Percent of texts whose label is right."""
    found = predictor.predict(texts)
    right = sum(answer.label == label for answer, label in zip(found, labels, strict=True))
    return round(100 * right / len(texts), 2)


def measure(rows: int, seed: int) -> dict[str, Any]:
    """One training anew and one from the pretrained model, on the same rows."""
    texts, labels = sentences("train")
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)
    data = ([texts[i] for i in order[:rows]], [labels[i] for i in order[:rows]])
    test = sentences("test")
    found: dict[str, Any] = {"rows": rows, "seed": seed}
    for name, start in (("anew", None), ("from_pretrained", START)):
        began = time.perf_counter()
        classifier = SentimentClassifier(seed=seed).fit(data, start=start)
        found[name] = {
            "accuracy": accuracy(classifier, *test),
            "tfidf": accuracy_of_baseline(classifier, *test),
            "first_validation_loss": classifier.trained.history[0].validation_loss,
            "seconds": round(time.perf_counter() - began, 1),
        }
    return found


def accuracy_of_baseline(
    classifier: SentimentClassifier, texts: list[str], labels: list[str]
) -> float:
    """Percent of texts that TF-IDF and logistic regression on the same rows get right."""
    found = classifier.trained.baseline.probabilities(texts).argmax(axis=1)
    names = classifier.labels
    right = sum(names[row] == label for row, label in zip(found, labels, strict=True))
    return round(100 * right / len(texts), 2)


def table(results: dict[str, Any]) -> str:
    """Means over the seeds as Markdown."""
    lines = [
        "| labelled rows | trained anew | from sentiment-en | TF-IDF + LR |",
        "|---|---|---|---|",
    ]
    lines.append(f"| none | - | {results['untrained']:.1f} % | - |")
    for rows in ROWS:
        of_rows = [run for run in results["runs"] if run["rows"] == rows]

        def shown(kind: str, score: str, runs: list[dict[str, Any]] = of_rows) -> str:
            values = [run[kind][score] for run in runs]
            return f"{statistics.mean(values):.1f} % ({min(values):.1f} to {max(values):.1f})"

        lines.append(
            f"| {rows:,} | {shown('anew', 'accuracy')} | {shown('from_pretrained', 'accuracy')} | "
            f"{shown('anew', 'tfidf')} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    results: dict[str, Any] = {
        "command": "python -m benchmarks.pretrained_start",
        "machine": machine_facts(),
        "untrained": accuracy(load(START), *sentences("test")),
        "runs": [],
    }
    for rows in ROWS:
        for seed in SEEDS:
            results["runs"].append(measure(rows, seed))
            print(json.dumps(results["runs"][-1]), flush=True)
    RESULT.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
