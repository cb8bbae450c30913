"""Measures a search for settings beside the default settings, on real data.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.tuning imdb --max-minutes 20 --max-size 2MB
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.tuning chnsenticorp --max-minutes 10 --max-size 1MB

The default settings are trained in the same run, on the same rows and with the same seed; of both
models the TFLite export (dynamic range) is weighed, and the test file is read once, at the end.
Writes benchmarks/results/tuning-DATA.json, where a run replaces an earlier one with the same limits
and rows, and the tables of docs/tuning.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from benchmarks.sentiment import RESULTS, SETS
from rnn_toolkit import SentimentClassifier, tune_sentiment
from rnn_toolkit.data.labelled import LabelledTexts, read_labelled, stratified_split
from rnn_toolkit.tasks.tuning_size import EXPORT_FORMAT, EXPORT_QUANTIZE, bundle_bytes

PAGE = Path(__file__).parents[1] / "docs" / "tuning.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
NAMES = {"imdb": "IMDB", "chnsenticorp": "ChnSentiCorp"}


class _Console:
    """Notes on standard output: a search takes minutes."""

    def note(self, text: str) -> None:
        print(text, flush=True)

    def batch_ended(self, record: Any) -> None: ...

    def epoch_ended(self, record: Any, *, best: bool) -> None: ...


def measure(
    data: Path, files: dict[str, str | None], arguments: argparse.Namespace
) -> dict[str, Any]:
    """The default settings and the winner of a search, on the same rows."""
    training = _part(read_labelled(data / str(files["train"])), arguments.rows)
    name = files["validation"]
    validation = None if name is None else read_labelled(data / name)
    test = read_labelled(data / str(files["test"]))
    began = time.perf_counter()
    default = SentimentClassifier(seed=arguments.seed)
    default.fit(training, validation=validation, observer=_Console())
    default_minutes = (time.perf_counter() - began) / 60
    began = time.perf_counter()
    tuned = tune_sentiment(
        training,
        validation=validation,
        max_minutes=arguments.max_minutes,
        max_size=arguments.max_size,
        seed=arguments.seed,
        observer=_Console(),
    )
    minutes = (time.perf_counter() - began) / 60
    trials = [line.model_dump(exclude={"chosen"}) for line in tuned.trials]
    return {
        "rows": len(training),
        "seed": arguments.seed,
        "max_minutes": arguments.max_minutes,
        "max_size": arguments.max_size,
        "default": {"minutes": round(default_minutes, 2), **_scores(default, test)},
        "tuned": {
            "minutes": round(minutes, 2),
            "ended": tuned.ended,
            "chosen": tuned.chosen.number,
            **_scores(tuned.classifier, test),
        },
        "trials": trials,
        **machine_facts(),
    }


def _part(data: LabelledTexts, rows: int | None) -> LabelledTexts:
    if rows is None or rows >= len(data):
        return data
    _, chosen = stratified_split(data.labels, data.texts, share=rows / len(data), seed=0)
    return data.subset(chosen)


def _scores(classifier: SentimentClassifier, test: LabelledTexts) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        manifest = classifier.export(bundle, format=EXPORT_FORMAT, quantize=EXPORT_QUANTIZE)
        size = bundle_bytes(bundle)
    quality = manifest.measured.quality if manifest.measured else None
    validation = classifier.trained.evaluations[0].model
    evaluation = classifier.evaluate(test)
    return {
        "bytes": size,
        "validation_accuracy": validation.accuracy,
        "validation_log_loss": validation.log_loss,
        "exported_validation_accuracy": None if quality is None else quality.variant / 100,
        "test_accuracy": evaluation.model.accuracy,
        "test_log_loss": evaluation.model.log_loss,
        "test_baseline_accuracy": evaluation.baseline.scores.accuracy,
    }


def figures() -> str:
    """What docs/tuning.md shows, from the results."""
    parts = []
    for path in sorted(RESULTS.glob("tuning-*.json")):
        for run in json.loads(path.read_text("utf-8"))["runs"]:
            parts.append(_section(NAMES[path.stem.removeprefix("tuning-")], run))
    return "\n\n".join(parts) or "No run is recorded yet."


def _section(name: str, run: dict[str, Any]) -> str:
    trials = [trial for trial in run["trials"] if trial["ended"] != "repeated"]
    ends = {end: sum(trial["ended"] == end for trial in trials) for end in _ends(trials)}
    told = ", ".join(f"{count} {end}" for end, count in ends.items())
    tuned = run["tuned"]
    lines = [
        f"**{name}, {run['rows']:,} rows, at most {run['max_minutes']:g} minutes and "
        f"{run['max_size']}** ({run['processor']}, {run['date']}, seed {run['seed']}). "
        f"{len(trials)} trials ({told}) and the winner's report took {tuned['minutes']:.1f} "
        f"minutes.",
        "",
        "| settings | validation log loss | validation | test | test, TF-IDF + LR | app's files |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for title, part in (("default", run["default"]), ("found", tuned)):
        lines.append(
            f"| {title} | {part['validation_log_loss']:.4f} | "
            f"{100 * part['validation_accuracy']:.2f} % | {100 * part['test_accuracy']:.2f} % | "
            f"{100 * part['test_baseline_accuracy']:.2f} % | {part['bytes'] / 1e6:.2f} MB |"
        )
    winner = run["trials"][tuned["chosen"]]
    options = ", ".join(
        f"{name} {value}" for name, value in winner["options"].items() if name != "seed"
    )
    predicted = f"{winner['predicted_bytes'] / 1e6:.2f} MB were predicted."
    lines += ["", f"Found: {options}. {predicted}"]
    return "\n".join(lines)


def _ends(trials: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(trial["ended"] for trial in trials))


def write_page() -> None:
    """Puts the figures into the page."""
    page = PAGE.read_text("utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{figures()}\n\n{END}{rest.split(END)[1]}", "utf-8")


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=sorted(SETS))
    parser.add_argument("--max-minutes", type=float, default=20.0)
    parser.add_argument("--max-size", default="2MB")
    parser.add_argument("--rows", type=int, help="a stratified part of the training rows")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(os.environ["RNN_TOOLKIT_DATA"])
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"tuning-{arguments.data}.json"
    runs = json.loads(target.read_text("utf-8"))["runs"] if target.exists() else []
    run = measure(folder, SETS[arguments.data], arguments)
    kind = ("rows", "max_minutes", "max_size", "seed")
    others = [old for old in runs if any(old[name] != run[name] for name in kind)]
    record = {"command": f"python -m benchmarks.tuning {arguments.data}", "runs": [*others, run]}
    target.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    write_page()
    print(figures())


if __name__ == "__main__":
    main()
