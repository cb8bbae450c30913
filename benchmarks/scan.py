"""Measures training throughput: minGRU by parallel scan and by steps, beside Keras' GRU.

    python -m benchmarks.scan

One training step is forward, backward and no optimizer, on random sequences, batch 16,
64 features, 64 units. Writes benchmarks/results/scan.json and prints the table of the docs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.machine import machine_facts
from rnn_toolkit.layers.recurrent import recurrent_layer

RESULTS = Path(__file__).parent / "results" / "scan.json"
LENGTHS = (64, 512, 4096)
BATCH, FEATURES, UNITS = 16, 64, 64


class Stepwise:
    """minGRU's own view without its linear terms, so that the layer steps through time."""

    def __init__(self, view: object) -> None:
        self.view = view
        self.state_sizes = view.state_sizes  # type: ignore[attr-defined]
        self.project = view.project  # type: ignore[attr-defined]
        self.step = view.step  # type: ignore[attr-defined]


def candidates() -> dict[str, keras.layers.Layer]:
    """The layers to time, all giving whole sequences."""
    by_scan = recurrent_layer("min_gru", UNITS, return_sequences=True)
    by_step = recurrent_layer("min_gru", UNITS, return_sequences=True)
    view = by_step.steps()
    by_step.steps = lambda *args, **kwargs: Stepwise(view)
    return {
        "keras GRU": keras.layers.GRU(UNITS, return_sequences=True),
        "min_gru, scan": by_scan,
        "min_gru, step by step": by_step,
    }


def training_step(layer: keras.layers.Layer) -> Callable[[tf.Tensor], list[tf.Tensor]]:
    """Gradients of the mean square output."""

    @tf.function
    def run(inputs: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(inputs, training=True)))
        gradients: list[tf.Tensor] = tape.gradient(
            loss, [v.value for v in layer.trainable_variables]
        )
        return gradients

    return run


def main() -> None:
    """Times every candidate at every length, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats
    rows = []
    for length in LENGTHS:
        inputs = tf.constant(
            np.random.default_rng(0).normal(size=(BATCH, length, FEATURES)).astype(np.float32)
        )
        runs = {name: training_step(layer) for name, layer in candidates().items()}
        times: dict[str, list[float]] = {name: [] for name in runs}
        for run in runs.values():
            run(inputs)
        for _ in range(repeats):
            for name, run in runs.items():
                began = time.perf_counter()
                run(inputs)[0].numpy()
                times[name].append(time.perf_counter() - began)
        medians = {name: statistics.median(values) for name, values in times.items()}
        for name, seconds in medians.items():
            rows.append(
                {
                    "length": length,
                    "layer": name,
                    "milliseconds": round(1000 * seconds, 2),
                    "steps_per_second": round(BATCH * length / seconds),
                    "ratio_to_keras_gru": round(medians["keras GRU"] / seconds, 2),
                }
            )
    result = {"machine": machine_facts(), "batch": BATCH, "units": UNITS, "rows": rows}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print("| length | layer | one training step | time steps per second | against Keras' GRU |")
    print("|---:|---|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row['length']:,} | {row['layer']} | {row['milliseconds']} ms | "
            f"{row['steps_per_second']:,} | {row['ratio_to_keras_gru']} x |"
        )


if __name__ == "__main__":
    main()
