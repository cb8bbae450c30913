"""Measures how cost grows with length, units, rows and vocabulary, and draws it.

    python -m benchmarks.growth

The network is the default text classifier without word pairs; one size grows and the others stay:
length 100, 64 units per direction, 64 rows, 20,000 words. All points of a curve take turns. Writes
benchmarks/results/growth.json and docs/images/growth-*.png, and prints the table of
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.pairing import (
    RESULTS,
    Peer,
    in_processes,
    interleaved,
    read_result,
    spread,
    write_result,
)
from benchmarks.quiet import PATIENCE

AXES = {
    "length": [25, 50, 100, 200, 400, 800],
    "units": [16, 32, 64, 128, 256, 512],
    "rows": [64, 256, 1024, 4096, 16384],
    "vocabulary": [1000, 4000, 16000, 64000, 256000],
}
TITLES = {
    "length": "ids per text",
    "units": "units per direction",
    "rows": "rows",
    "vocabulary": "words in the vocabulary",
}
LABELS = {
    "training": "training step of 64 rows, ms",
    "tflite": "TFLite, one text, ms",
    "bytes": "TFLite file, bytes",
}
LABELS_OF_ROWS = {
    "training": "epoch over the rows, ms",
    "tflite": "TFLite, the rows as one batch, ms",
    "bytes": "encoded rows in memory, bytes",
}
IMAGES = RESULTS.parents[1] / "docs" / "images"


def peers_of(axis: str) -> Mapping[str, Peer]:
    """All points of a curve."""
    from benchmarks.growth_peers import growth_peers

    return growth_peers(axis, AXES[axis])


def measure(axis: str, rounds: int, patience: float) -> list[dict[str, Any]]:
    """A row per point."""
    with in_processes((peers_of, axis)) as peers:
        sizes = {name: peer.answer() for name, peer in peers.items() if name.startswith("bytes")}
        timed = {name: peer for name, peer in peers.items() if name not in sizes}
        times = interleaved(timed, rounds=rounds, patience=patience)
    return [
        {
            "value": value,
            "training": spread([1000 * s for s in times[f"training {value}"]], 3),
            "tflite": spread([1000 * s for s in times[f"tflite {value}"]], 4),
            "bytes": sizes[f"bytes {value}"],
        }
        for value in AXES[axis]
    ]


def exponent(rows: list[dict[str, Any]], figure: str) -> float:
    """The power of growth over the last doubling or quadrupling: 1 is proportional."""
    (before, after), (small, large) = _last_two(rows, figure)
    return math.log(large / small) / math.log(after / before)


def _last_two(
    rows: list[dict[str, Any]], figure: str
) -> tuple[tuple[int, int], tuple[float, float]]:
    first, second = rows[-2], rows[-1]
    return (first["value"], second["value"]), (_middle(first[figure]), _middle(second[figure]))


def _middle(value: Any) -> float:
    return float(value["median"] if isinstance(value, dict) else value)


def draw(axis: str, rows: list[dict[str, Any]], path: Path) -> None:
    """Three panels, both axes logarithmic, with what proportional growth would look like."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    values = [row["value"] for row in rows]
    labels = LABELS_OF_ROWS if axis == "rows" else LABELS
    for panel, (name, label) in zip(figure.subplots(1, 3), labels.items(), strict=True):
        middle = [_middle(row[name]) for row in rows]
        panel.plot(values, middle, color="#1f5fa8", marker="o", markersize=4)
        if name != "bytes":
            low, high = ([row[name][end] for row in rows] for end in ("min", "max"))
            panel.fill_between(values, low, high, color="#1f5fa8", alpha=0.2, linewidth=0)
        proportional = [middle[-1] * value / values[-1] for value in values]
        panel.plot(values, proportional, color="#8a8f98", linestyle=":", label="proportional")
        panel.set(xscale="log", yscale="log", xlabel=TITLES[axis], title=label)
        panel.set_ylim(min(middle) / 2, max(middle) * 2)
        panel.xaxis.set_major_locator(FixedLocator(values))
        panel.xaxis.set_minor_locator(NullLocator())
        panel.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        panel.tick_params(axis="x", labelsize=8)
        panel.grid(alpha=0.25)
        panel.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def table(curves: Mapping[str, list[dict[str, Any]]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| what grows | to | training, ms | TFLite, ms | bytes |",
        "|---|---:|---:|---:|---:|",
    ]
    for axis, rows in curves.items():
        for row in rows:
            lines.append(
                f"| {axis} | {row['value']:,} | {row['training']['median']:,.1f} | "
                f"{row['tflite']['median']:,.2f} | {row['bytes']:,} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark, or draws what it measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds")
    parser.add_argument("--draw", action="store_true", help="draws again, measures nothing")
    arguments = parser.parse_args()
    if arguments.draw:
        curves = read_result("growth")["curves"]
    else:
        curves = {axis: measure(axis, arguments.rounds, arguments.patience) for axis in AXES}
        body = {"seed": 1, "rounds": arguments.rounds, "curves": curves}
        write_result("growth", "python -m benchmarks.growth", body)
    for axis, rows in curves.items():
        draw(axis, rows, IMAGES / f"growth-{axis}.png")
    print(table(curves))


if __name__ == "__main__":
    main()
