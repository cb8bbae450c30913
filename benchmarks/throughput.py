"""Measures training throughput beside Keras and PyTorch, and what length buckets bring.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.throughput

One training step is forward, backward, clipping and Adam on a batch of 64 sequences of 100
features, through one layer of 128 units and a classifier head. The share of the machine's peak
counts the multiplications and additions that the equations need, against the fastest product of
two large float32 matrices in the same run. Writes benchmarks/results/throughput.json and prints
the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.pairing import (
    Peer,
    faster,
    in_processes,
    interleaved,
    ratios,
    require_torch,
    shown,
    spread,
    write_result,
)
from benchmarks.quiet import PATIENCE
from benchmarks.twin_weights import GATES, LAYERS

BATCH, FEATURES, UNITS, CLIP = 64, 100, 128, 1.0
LENGTHS = (50, 100, 200, 400)
MATRIX = 3000
FIT_BATCHES = 4  # of one timed call, since `fit` has costs of its own at its beginning
OURS, KERAS, TORCH = "rnn-toolkit", "Keras fit", "PyTorch"


def keras_side(cell: str, length: int) -> Mapping[str, Peer]:
    """The toolkit and Keras."""
    from benchmarks.peers_keras import training_peers

    return training_peers(cell, BATCH, length, FEATURES, UNITS, CLIP, FIT_BATCHES)


def torch_side(cell: str, length: int) -> Mapping[str, Peer]:
    """PyTorch."""
    from benchmarks.peers_torch import training_peers

    return training_peers(cell, BATCH, length, FEATURES, UNITS, CLIP)


def keras_product() -> Mapping[str, Peer]:
    """A large product in TensorFlow."""
    from benchmarks.peers_keras import multiply_peers

    return multiply_peers(MATRIX)


def torch_product() -> Mapping[str, Peer]:
    """A large product in PyTorch."""
    from benchmarks.peers_torch import multiply_peers

    return multiply_peers(MATRIX)


def step_flop(cell: str, length: int) -> int:
    """Multiplications and additions of a training step's matrix products.

    Forward, and backward once more for each weight and once for each hidden state; the features
    are given, so nothing flows back into them.
    """
    width = GATES[cell] * UNITS
    products = 2 * FEATURES + 3 * UNITS
    return 2 * BATCH * length * width * products


def peak(rounds: int, patience: float) -> float:
    """Floating-point operations per second of the fastest large product."""
    with in_processes((keras_product,), (torch_product,)) as peers:
        times = interleaved(peers, rounds=rounds, patience=patience)
    return 2 * MATRIX**3 / min(min(seconds) for seconds in times.values())


def measure(
    cell: str, length: int, flops: float, *, rounds: int, patience: float
) -> dict[str, Any]:
    """One row."""
    with in_processes((keras_side, cell, length), (torch_side, cell, length)) as peers:
        times = interleaved(peers, rounds=rounds, patience=patience)
    # PyTorch's threads wait for one another at each step; the better of its settings counts.
    times[TORCH] = faster(times[TORCH], times.pop(f"{TORCH}, one thread"))
    times[KERAS] = [seconds / FIT_BATCHES for seconds in times[KERAS]]
    flop = step_flop(cell, length)
    return {
        "cell": cell,
        "length": length,
        "gflop": round(flop / 1e9, 3),
        "milliseconds": {name: spread([1000 * s for s in of], 2) for name, of in times.items()},
        "rows_per_second": {name: spread([BATCH / s for s in of], 1) for name, of in times.items()},
        "share_of_peak": {
            name: spread([flop / s / flops for s in of], 3) for name, of in times.items()
        },
        "pytorch_over_ours": ratios(times[TORCH], times[OURS]),
        "keras_over_ours": ratios(times[KERAS], times[OURS]),
    }


def misses(rows: list[dict[str, Any]]) -> list[str]:
    """Where the toolkit trains LSTM or GRU at length 200 more slowly than PyTorch."""
    return [
        f"{LAYERS[row['cell']]} at length 200: PyTorch takes {ratio:.2f} of the time"
        for row in rows
        if row["length"] == 200 and row["cell"] in {"lstm", "gru"}
        if (ratio := row["pytorch_over_ours"]["median"]) < 1
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Throughput as a Markdown table."""
    lines = [
        "| layer | length | rnn-toolkit, rows/s | Keras fit, rows/s | PyTorch, rows/s | "
        "times as fast as Keras fit | times as fast as PyTorch | share of peak |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        speeds = " | ".join(shown(row["rows_per_second"][name], 0) for name in (OURS, KERAS, TORCH))
        lines.append(
            f"| {LAYERS[row['cell']]} | {row['length']} | {speeds} | "
            f"{shown(row['keras_over_ours'])} | {shown(row['pytorch_over_ours'])} | "
            f"{100 * row['share_of_peak'][OURS]['median']:.0f} % |"
        )
    return "\n".join(lines)


def buckets_table(found: dict[str, Any]) -> str:
    """Bucketing as a Markdown table."""
    lines = ["| batches | padding | rows/s |", "|---|---:|---:|"]
    for way, share in found["padding_share"].items():
        lines.append(f"| {way} | {100 * share:.1f} % | {shown(found['rows_per_second'][way], 0)} |")
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds")
    arguments = parser.parse_args()
    rounds, patience = arguments.rounds, arguments.patience
    require_torch()
    imdb = Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / "train.csv.gz"
    flops = peak(rounds, patience)
    rows = [
        measure(cell, length, flops, rounds=rounds, patience=patience)
        for cell in LAYERS
        for length in LENGTHS
    ]
    print(f"Peak: {flops / 1e9:.0f} GFLOP/s", table(rows), sep="\n", flush=True)

    from benchmarks.buckets import measure_buckets  # TensorFlow's threads start only now

    buckets = measure_buckets(imdb, batch_size=BATCH, rounds=rounds, patience=patience)
    body = {
        "batch": BATCH,
        "features": FEATURES,
        "units": UNITS,
        "seed": 1,
        "rounds": rounds,
        "peak_gflop_per_second": round(flops / 1e9, 1),
        "misses": misses(rows),
        "rows": rows,
        "buckets": buckets,
    }
    write_result("throughput", "python -m benchmarks.throughput", body)
    print(buckets_table(buckets))
    print("\n".join(misses(rows)) or "Every target is met.")


if __name__ == "__main__":
    main()
