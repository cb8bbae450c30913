"""Measures how long one sequence takes: the toolkit's exports beside Keras and PyTorch.

    python -m benchmarks.latency

One sequence of 128 steps, 100 features, through one layer of 128 units; LSTM, GRU and SimpleRNN,
last output and whole sequence, the same weights everywhere. All runs of a network take turns.
Before it is timed, each must agree with Keras. Writes benchmarks/results/latency.json and prints
the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.pairing import (
    Peer,
    RemotePeer,
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
from benchmarks.twin_weights import LAYERS

STEPS, FEATURES, UNITS = 128, 100, 128
KERAS, EAGER = "Keras predict", "PyTorch eager"
TARGETS = {"TFLite", "ONNX"}
EXACT, QUANTIZED = 1e-5, 0.2


def keras_side(cell: str, sequences: bool) -> Mapping[str, Peer]:
    """What runs on TensorFlow, LiteRT and ONNX Runtime."""
    from benchmarks.peers_keras import latency_peers

    return latency_peers(cell, sequences, STEPS, FEATURES, UNITS)


def torch_side(cell: str, sequences: bool) -> Mapping[str, Peer]:
    """What runs on PyTorch."""
    from benchmarks.peers_torch import latency_peers

    return latency_peers(cell, sequences, STEPS, FEATURES, UNITS)


def differences(peers: Mapping[str, RemotePeer]) -> dict[str, float]:
    """The largest difference of each from Keras predict; a larger one than is allowed ends it."""
    expected = peers[KERAS].answer()
    found = {}
    for name, peer in peers.items():
        largest = float(np.abs(peer.answer() - expected).max())
        if not largest <= (QUANTIZED if "dynamic" in name else EXACT):
            raise SystemExit(f"{name} differs from Keras by {largest:.1e}.")
        found[name] = largest
    return found


def measure(cell: str, sequences: bool, rounds: int, patience: float) -> list[dict[str, Any]]:
    """All rows of one network."""
    with in_processes((keras_side, cell, sequences), (torch_side, cell, sequences)) as peers:
        differ = differences(peers)
        times = interleaved(peers, rounds=rounds, patience=patience)
    # The better of PyTorch's two settings is the one to be compared with.
    eager = faster(times[EAGER], times[f"{EAGER}, all threads"])
    return [
        {
            "cell": cell,
            "output": "whole sequence" if sequences else "last output",
            "run": name,
            "milliseconds": spread([1000 * value for value in seconds]),
            "largest_difference": differ[name],
            "keras_predict_over_it": ratios(times[KERAS], seconds, 2),
            "pytorch_eager_over_it": ratios(eager, seconds),
        }
        for name, seconds in times.items()
    ]


def misses(rows: list[dict[str, Any]]) -> list[str]:
    """Which exports do not take at most a fiftieth of Keras predict, or lose to PyTorch."""
    found = []
    for row in rows:
        if row["run"] not in TARGETS:
            continue
        what = f"{row['run']}, {LAYERS[row['cell']]}, {row['output']}"
        if row["keras_predict_over_it"]["median"] < 50:
            found.append(f"{what}: Keras predict / {row['keras_predict_over_it']['median']:.0f}")
        if row["pytorch_eager_over_it"]["median"] < 1:
            found.append(f"{what}: PyTorch eager / {row['pytorch_eager_over_it']['median']:.2f}")
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| layer | output | run | ms | largest difference | times as fast as Keras predict | "
        "times as fast as PyTorch eager |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        lines.append(
            f"| {LAYERS[row['cell']]} | {row['output']} | {row['run']} | "
            f"{shown(row['milliseconds'])} | {row['largest_difference']:.0e} | "
            f"{shown(row['keras_predict_over_it'], 0)} | {shown(row['pytorch_eager_over_it'])} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    require_torch()
    rows = []
    for cell in LAYERS:
        for sequences in (False, True):
            rows += measure(cell, sequences, rounds, arguments.patience)
    body = {
        "batch": 1,
        "steps": STEPS,
        "features": FEATURES,
        "units": UNITS,
        "seed": 1,
        "rounds": rounds,
        "misses": misses(rows),
        "rows": rows,
    }
    write_result("latency", "python -m benchmarks.latency", body)
    print(table(rows))
    print("\n".join(misses(rows)) or "Every target is met.")


if __name__ == "__main__":
    main()
