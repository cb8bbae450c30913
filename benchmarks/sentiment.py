"""Measures the sentiment task on real data: quality, time, and the three exports.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.sentiment imdb --cells lstm,gru,simple_rnn
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.sentiment chnsenticorp
    RNN_TOOLKIT_DATA=DIR python -m benchmarks.sentiment imdb --embeddings vectors.txt

Default settings throughout; the test file is read once, after training. Writes
benchmarks/results/sentiment-DATA.json (with --embeddings sentiment-DATA-vectors.json), where a run
replaces an earlier one of the same cell and seed, and prints the table of the README.
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
from rnn_toolkit import SentimentClassifier, evaluate_directory, export_directory

RESULTS = Path(__file__).parent / "results"
SETS: dict[str, dict[str, str | None]] = {
    "imdb": {"train": "imdb/train.csv.gz", "validation": None, "test": "imdb/test.csv.gz"},
    "chnsenticorp": {
        "train": "zh_sentiment/chnsenticorp.train.tsv",
        "validation": "zh_sentiment/chnsenticorp.dev.tsv",
        "test": "zh_sentiment/chnsenticorp.test.tsv",
    },
}


def measure(
    data: Path, files: dict[str, str | None], cell: str, seed: int, embeddings: Path | None
) -> dict[str, Any]:
    """Trains, evaluates and exports one model with default settings, vectors apart."""
    began = time.perf_counter()
    classifier = SentimentClassifier(
        cell=cell, seed=seed, embeddings=None if embeddings is None else str(embeddings)
    )
    validation = None if files["validation"] is None else data / files["validation"]
    classifier.fit(data / str(files["train"]), validation=validation)
    minutes = (time.perf_counter() - began) / 60
    test = data / str(files["test"])
    exports = {}
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        classifier.save(model)
        evaluation, _ = evaluate_directory(
            model,
            str(test),
            text_column=None,
            label_column=None,
            encoding=None,
            header=None,
            save=True,
        )
        for name in ("savedmodel", "tflite", "onnx"):
            manifest = export_directory(
                model,
                Path(folder) / name,
                format_name=name,
                data=str(test),
                progress=lambda text: None,
            )
            exports[name] = manifest.measured.model_dump() if manifest.measured else {}
    validated = classifier.trained.evaluations[0]
    return {
        "cell": cell,
        "seed": seed,
        "minutes": round(minutes, 2),
        "training": classifier.trained.facts,
        "validation_accuracy": validated.model.accuracy,
        "test": evaluation.summary(),
        "exports": exports,
    }


def table(runs: list[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| cell | seed | test accuracy | macro F1 | log loss | TF-IDF + LR | training | "
        "SavedModel | TFLite | ONNX |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        test = run["test"]
        cells = [
            f"{export['largest_difference']:.0e}, {export['milliseconds_per_text']:.2f} ms, "
            f"{export['model_bytes'] / 1e6:.1f} MB"
            for export in run["exports"].values()
        ]
        lines.append(
            f"| {run['cell']} | {run['seed']} | {100 * test['accuracy']:.2f} % | "
            f"{test['macro_f1']:.4f} | {test['log_loss']:.4f} | "
            f"{100 * test['baseline']['accuracy']:.2f} % | {run['minutes']:.1f} min | "
            + " | ".join(cells)
            + " |"
        )
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=sorted(SETS))
    parser.add_argument("--cells", default="lstm")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--embeddings", type=Path, help="word vectors to begin with")
    arguments = parser.parse_args()
    folder = Path(os.environ["RNN_TOOLKIT_DATA"])
    RESULTS.mkdir(exist_ok=True)
    kind = arguments.data if arguments.embeddings is None else f"{arguments.data}-vectors"
    target = RESULTS / f"sentiment-{kind}.json"
    runs = json.loads(target.read_text("utf-8"))["runs"] if target.exists() else []
    for cell in arguments.cells.split(","):
        for seed in arguments.seeds.split(","):
            run = measure(folder, SETS[arguments.data], cell, int(seed), arguments.embeddings)
            for part in (run["training"], run["test"]):
                part["data"] = Path(part["data"]).name
            if vectors := run["training"]["word_vectors"]:
                vectors["from"] = Path(vectors["from"]).name
            run.update(machine_facts())
            same = [old for old in runs if (old["cell"], old["seed"]) == (cell, int(seed))]
            runs = [old for old in runs if old not in same] + [run]
            runs.sort(key=lambda old: (old["cell"], old["seed"]))
            command = f"python -m benchmarks.sentiment {arguments.data}"
            if arguments.embeddings is not None:
                command += f" --embeddings {arguments.embeddings.name}"
            record = {"command": command, "runs": runs}
            target.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
            print(table(runs), flush=True)


if __name__ == "__main__":
    main()
