"""Measures IMDB quality against training time: recipes, and what people use today.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.ladder --entries tfidf,fasttext,tutorial,network,torch
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.ladder --entries fast,vectors --seeds 1,2,3
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.ladder --entries pretrained-lm,mixed --keep FOLDER
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.ladder --curve

Every entry trains in a process of its own on the same split of the training file; the test file
is read once, after training, and chooses nothing. With --keep a pretraining is made once for
each seed, and its minutes are counted for every recipe that goes on from it; the trained models
stay there too. --curve trains the recipe `fast` and Keras'
tutorial network side by side, in turns of a quarter of an epoch, with the test accuracy after
each; neither these curves nor the table choose a setting. Writes benchmarks/results/ladder.json,
where an entry replaces an earlier one of the same name and seed, and docs/images/ladder.png, and
prints the tables of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.processes import fresh_process

SHORT_NAMES = {
    "tfidf": "TF-IDF + logistic regression",
    "fasttext": "fastText",
    "tutorial": "Keras tutorial BiLSTM",
    "network": "network of fast alone",
    "torch": "the same network in PyTorch",
}
_MODULE = "benchmarks.ladder"
IMAGE = Path(__file__).parents[1] / "docs" / "images" / "ladder.png"
ENOUGH = 0.88
_LOWEST = 85.0  # per cent; what is below stands on the edge, with its figure in the legend
OURS, TUTORIAL = "recipe fast", "Keras tutorial BiLSTM"


def measure(entry: str, seed: int, keep: str) -> dict[str, Any]:
    """Trains and scores an entry in a fresh process."""
    from benchmarks.pairing import facts

    printed, _, size = fresh_process(_MODULE, "--run", entry, str(seed), keep)
    found = json.loads(printed.splitlines()[-1])
    return {"entry": entry, "seed": seed, **found, "peak_mib": round(size), **facts()}


def with_entry(entries: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries with a new one, which replaces the same of the same seed."""
    kept = [old for old in entries if (old["entry"], old["seed"]) != (new["entry"], new["seed"])]
    return sorted([*kept, new], key=lambda entry: (entry["entry"], entry["seed"]))


def by_entry(entries: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """All seeds of each entry, the quickest entry first."""
    names = {entry["entry"] for entry in entries}
    groups = {name: [entry for entry in entries if entry["entry"] == name] for name in names}

    def minutes(name: str) -> float:
        return statistics.mean(entry["minutes"] for entry in groups[name])

    return {name: groups[name] for name in sorted(groups, key=minutes)}


def _percent(values: list[float]) -> str:
    """Mean, with the spread where there are several."""
    mean = f"{100 * statistics.mean(values):.2f}"
    if len(values) == 1:
        return mean
    return f"{mean} ({100 * min(values):.2f}-{100 * max(values):.2f})"


def table(entries: list[dict[str, Any]]) -> str:
    """The entries as a Markdown table: means over the seeds."""
    lines = [
        "| entry | seeds | minutes | validation accuracy, % | test accuracy, % | "
        "peak memory, MiB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, runs in by_entry(entries).items():
        validation, test = (
            _percent([run[f"{part}_accuracy"] for run in runs]) for part in ("validation", "test")
        )
        lines.append(
            f"| {name} | {len(runs)} | {statistics.mean(run['minutes'] for run in runs):.1f} | "
            f"{validation} | {test} | {max(run['peak_mib'] for run in runs):,} |"
        )
    return "\n".join(lines)


def minutes_to(curve: list[dict[str, float]], accuracy: float) -> float | None:
    """Minutes of training until the test accuracy first reached a value; None if never."""
    for point in curve:
        if point["test_accuracy"] >= accuracy:
            return point["minutes"]
    return None


def curve_sentence(curve: dict[str, Any]) -> str:
    """When each reached 88 %."""
    parts = []
    for name in (OURS, TUTORIAL):
        minutes = minutes_to(curve[name], ENOUGH)
        best = max(point["test_accuracy"] for point in curve[name])
        reached = "never" if minutes is None else f"after {minutes:.2f} minutes"
        parts.append(f"{name}: {100 * ENOUGH:.0f} % {reached} (best {100 * best:.2f} %)")
    return "; ".join(parts) + "."


def draw(entries: list[dict[str, Any]], curve: dict[str, Any] | None) -> None:
    """Accuracy against minutes; beside it the two curves."""
    from matplotlib.figure import Figure

    panels = 2 if curve else 1
    figure = Figure(figsize=(3 + 5 * panels, 4.4), layout="constrained")
    left, *others = figure.subplots(1, panels, squeeze=False)[0]
    for number, (name, runs) in enumerate(by_entry(entries).items(), start=1):
        minutes = statistics.mean(run["minutes"] for run in runs)
        scores = [100 * run["test_accuracy"] for run in runs]
        color = "#1f5fa8" if name.startswith("recipe") else "#b5541c"
        middle = statistics.mean(scores)
        spread = [[middle - min(scores)], [max(scores) - middle]]
        label = f"{number}  {name}, {middle:.1f}"
        left.errorbar(minutes, middle, spread, fmt="o", color=color, label=label)
        place = (minutes, max(middle, _LOWEST))
        left.annotate(str(number), place, xytext=(5, 4), textcoords="offset points", fontsize=8)
    left.set(xscale="log", xlabel="minutes", ylabel="test accuracy, %", title="IMDB")
    left.margins(x=0.1, y=0.1)
    left.set_ylim(bottom=_LOWEST)
    left.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    left.xaxis.set_major_formatter("{x:g}")
    left.grid(alpha=0.25)
    for right in others:
        _draw_curves(right, curve or {})
    figure.savefig(IMAGE, dpi=110, metadata={"Software": None})


def _draw_curves(right: Any, curve: dict[str, Any]) -> None:
    """Test accuracy against minutes of two trainings in turns."""
    for name, color in ((OURS, "#1f5fa8"), (TUTORIAL, "#b5541c")):
        points = curve.get(name, [])
        right.plot(
            [point["minutes"] for point in points],
            [100 * point["test_accuracy"] for point in points],
            marker="o",
            markersize=4,
            color=color,
            label=name,
        )
    right.axhline(100 * ENOUGH, color="#8a8f98", linestyle=":")
    right.set(xlabel="minutes", ylabel="test accuracy, %", title="side by side, in turns")
    right.set_xlim(left=0)
    right.grid(alpha=0.25)
    right.legend(frameon=False, loc="lower left")


def write(entries: list[dict[str, Any]], curve: dict[str, Any] | None) -> None:
    """Results and plot."""
    from benchmarks.pairing import write_result

    body = {"entries": entries, "curve": curve}
    write_result("ladder", "python -m benchmarks.ladder", body)
    draw(entries, curve)


def main() -> None:
    """Runs the benchmark, or one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", default="", help="names of recipes, or of the others above")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--keep", default="", help="a folder for pretrainings and models")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        from benchmarks.ladder_entries import run_entry

        entry, seed, keep = arguments.run
        print(json.dumps(run_entry(entry, int(seed), keep)))
        return
    from benchmarks.pairing import facts, read_result

    known = read_result("ladder")
    entries, curve = known.get("entries", []), known.get("curve")
    for name in filter(None, arguments.entries.split(",")):
        for seed in arguments.seeds.split(","):
            entry = SHORT_NAMES.get(name, f"recipe {name}")
            new = measure(entry, int(seed), arguments.keep)
            entries = with_entry(entries, new)
            write(entries, curve)
            print(table([new]).splitlines()[-1], flush=True)
    if arguments.curve:
        from benchmarks.ladder_curve import side_by_side

        curve = {**side_by_side(seed=1), "seed": 1, **facts()}
    write(entries, curve)
    print(table(entries))
    if curve:
        print(curve_sentence(curve))


if __name__ == "__main__":
    main()
