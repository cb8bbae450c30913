"""Measures bfloat16 beside float32: training speed, and accuracy on validation rows of IMDB.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.precision

Speed: one training step on 64 rows of 200 tokens, the two precisions in turns in one process.
Quality: both trained on the same 2,000 reviews and judged on 1,000 others, all of the training
file. Writes benchmarks/results/precision.json and the tables of docs/distributed.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.distribute import LENGTH, ROWS, batches, quiet_rounds
from benchmarks.pairing import ratios, read_result, shown, spread, write_result
from benchmarks.quiet import PATIENCE

NAME = "precision"
PRECISIONS = ("float32", "bfloat16")
UNITS, SEEDS = (64, 128, 256), (1, 2, 3)
TRAINING, JUDGED = 2_000, 1_000
_STEPS, _WARM = 4, 2


def trainers(units: int, data: Path) -> dict[str, Callable[[int], float]]:
    """For each precision a function that trains so many steps and tells the seconds."""
    import keras

    from rnn_toolkit.config import NetworkConfig, ObjectiveConfig
    from rnn_toolkit.networks.classifier import build_classifier
    from rnn_toolkit.training.classifier_step import ClassifierStep

    rows = batches(data)
    found: dict[str, Callable[[int], float]] = {}
    for precision in PRECISIONS:
        keras.utils.set_random_seed(1)
        model = build_classifier(
            NetworkConfig(units=units),
            vocabulary_size=20_000,
            classes=2,
            seed=1,
            precision=precision,
        )
        step = ClassifierStep(
            model, keras.optimizers.Adam(2e-3), objective=ObjectiveConfig(), gradient_clip=1.0
        )

        def train(steps: int, step: ClassifierStep = step) -> float:
            began = time.perf_counter()
            for number in range(steps):
                step.update(*rows[number % len(rows)])
            return time.perf_counter() - began

        found[precision] = train
    return found


def speed(units: int, rounds: int, data: Path, patience: float) -> dict[str, Any]:
    """Both precisions in turns."""
    ways = trainers(units, data)
    for train in ways.values():
        train(_WARM)
    takes = {name: partial(train, _STEPS) for name, train in ways.items()}
    rounds_taken = quiet_rounds(takes, rounds, patience)
    times = {name: [seconds / _STEPS for seconds in of] for name, of in rounds_taken.items()}
    return {
        "units": units,
        "rows_per_second": {name: spread([ROWS / s for s in of], 1) for name, of in times.items()},
        "float32_over_bfloat16": ratios(times["float32"], times["bfloat16"]),
    }


def quality(data: Path, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Accuracy on validation rows, of the model that is kept, by seed and precision."""
    from rnn_toolkit import SentimentClassifier
    from rnn_toolkit.data.labelled import read_labelled

    texts = read_labelled(data)
    order = np.random.default_rng(0).permutation(len(texts))
    learnt = texts.subset(order[:TRAINING])
    judged = texts.subset(order[TRAINING : TRAINING + JUDGED])
    found = []
    for seed in seeds:
        for precision in PRECISIONS:
            made = SentimentClassifier(seed=seed, precision=precision, maximum_length=LENGTH)
            made.fit(learnt, validation=judged)
            scores = made.trained.evaluations[0].model
            found.append(
                {
                    "seed": seed,
                    "precision": precision,
                    "accuracy": round(scores.accuracy, 4),
                    "log_loss": round(scores.log_loss, 4),
                    "epochs": len(made.trained.history),
                }
            )
            print(found[-1], flush=True)
    return found


def speed_table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows per second as a Markdown table."""
    lines = [
        "| units | float32, rows/s | bfloat16, rows/s | bfloat16 to float32 |",
        "|---:|---:|---:|---:|",
    ]
    for row in rows:
        speeds = " | ".join(shown(row["rows_per_second"][name], 0) for name in PRECISIONS)
        lines.append(f"| {row['units']} | {speeds} | {shown(row['float32_over_bfloat16'])} |")
    return "\n".join(lines)


def quality_table(runs: Sequence[dict[str, Any]]) -> str:
    """Accuracy and log loss as a Markdown table, seed by seed."""
    lines = ["| precision | accuracy, by seed | mean | log loss, mean |", "|---|---|---:|---:|"]
    for precision in PRECISIONS:
        own = [run for run in runs if run["precision"] == precision]
        each = ", ".join(f"{100 * run['accuracy']:.1f} %" for run in own)
        mean = statistics.mean(run["accuracy"] for run in own)
        loss = statistics.mean(run["log_loss"] for run in own)
        lines.append(f"| {precision} | {each} | {100 * mean:.1f} % | {loss:.3f} |")
    return "\n".join(lines)


def page_tables() -> dict[str, str]:
    """Every table of docs/distributed.md that this benchmark makes, by the name of its marker."""
    found = read_result(NAME)
    return {
        "precision speed": speed_table(found["rows"]),
        "precision quality": quality_table(found["runs"]),
    }


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds, per network")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    data = Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / "train.csv.gz"
    rows = [speed(units, rounds, data, arguments.patience) for units in UNITS]
    print(speed_table(rows), flush=True)
    runs = quality(data, SEEDS)
    body = {
        "rounds": rounds,
        "batch": ROWS,
        "length": LENGTH,
        "training_rows": TRAINING,
        "validation_rows": JUDGED,
        "rows": rows,
        "runs": runs,
    }
    write_result(NAME, "python -m benchmarks.precision", body)
    print(quality_table(runs))


if __name__ == "__main__":
    main()
