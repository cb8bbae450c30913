"""Measures every variant of every format: size, time, difference and quality.

    python -m benchmarks.variants MODEL... [--test imdb-test.csv] [--static 128]

Each model directory is exported in each format and variant; what the exports measure on the
validation rows that the directory keeps goes into one table. With --test every variant of the
sentiment models also answers a labelled file, which nothing was chosen on; without it, what an
earlier run found there is kept. Writes benchmarks/results/variants.json and the table of
docs/app-exports.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from rnn_toolkit import export_directory, load
from rnn_toolkit.data.labelled import read_labelled
from rnn_toolkit.errors import RnnToolkitError

RESULTS = Path(__file__).parent / "results" / "variants.json"
PAGE = Path(__file__).parents[1] / "docs" / "app-exports.md"
BEGIN, END = "<!-- table: python -m benchmarks.variants -->", "<!-- end of the table -->"
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")


def variants(static: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Formats with the options of each variant; combinations that do not exist are left out."""
    yield "savedmodel", {}
    for format_name in ("tflite", "onnx"):
        for quantize in QUANTIZATIONS:
            yield format_name, {"quantize": quantize}
    for quantize in ("none", "dynamic", "int8"):
        yield "tflite", {"quantize": quantize, "static": static}


def measure(
    model: Path, format_name: str, options: dict[str, Any], test: str | None
) -> dict[str, Any]:
    """Exports one variant; what it measures, or why there is none."""
    row: dict[str, Any] = {"model": model.name, "format": format_name, **options}
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "bundle"
        try:
            manifest = export_directory(
                model,
                bundle,
                format_name=format_name,
                data=None,
                progress=lambda text: None,
                **options,
            )
        except RnnToolkitError as error:
            return {**row, "refused": error.message}
        measured = manifest.measured
        if measured is None:
            raise ValueError(f"{bundle} was not measured")
        row |= {
            "task": manifest.task,
            "variant": manifest.variant,
            "bytes": measured.model_bytes,
            "milliseconds": measured.milliseconds,
            "largest_difference": measured.largest_difference,
            "quality": None if measured.quality is None else measured.quality.model_dump(),
        }
        if test is not None and manifest.task == "sentiment":
            row["test_accuracy"] = _accuracy(bundle, test)
    return row


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("model", "format", "quantize", "static"))


def stored() -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows of earlier runs, which a run of the same model and variant replaces."""
    if not RESULTS.exists():
        return {}
    return {_key(row): row for row in json.loads(RESULTS.read_text("utf-8"))["rows"]}


def _accuracy(bundle: Path, test: str) -> float:
    rows = read_labelled(test)
    answers = load(bundle).predict(rows.texts)
    right = sum(answer.label == label for answer, label in zip(answers, rows.labels, strict=True))
    return 100 * right / len(rows.texts)


def table(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    lines = [
        "| model | format | variant | size, MB | ms | largest difference | quality |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = sorted(results["rows"], key=lambda row: (row["model"], row["format"]))
    for row in rows:
        if "refused" in row:
            continue
        lines.append(
            f"| {row['model']} | {row['format']} | {row['variant']} | {row['bytes'] / 1e6:.2f} | "
            f"{row['milliseconds']:.3f} | {row['largest_difference']:.1e} | {_quality(row)} |"
        )
    refused: dict[str, list[str]] = {}
    for row in rows:
        if "refused" in row:
            static = f" --static {row['static']}" if row.get("static") else ""
            name = f"{row['model']} ({row['format']} --quantize {row['quantize']}{static})"
            refused.setdefault(row["refused"], []).append(name)
    missing = [f"- {reason} {', '.join(names)}." for reason, names in refused.items()]
    machine = results["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    note = (
        f"Median time of one text (sentiment) or one step, one thread; {machine['processor']}, "
        f"{machine['date']}, {libraries}. Accuracy in percent; of perplexity less is better. "
        "Quality: the exact file -> this one, on validation rows. Other programs ran beside it."
    )
    return "\n".join([*lines, "", note, "", "Not there:", "", *missing]) + "\n"


def _quality(row: dict[str, Any]) -> str:
    quality = row["quality"]
    parts = (
        []
        if quality is None
        else [f"{quality['name']} {quality['exact']:.2f} -> {quality['variant']:.2f}"]
    )
    if "test_accuracy" in row:
        parts.append(f"test {row['test_accuracy']:.2f} %")
    return "; ".join(parts) or "the model's own"


def write_page(results: dict[str, Any], page: Path = PAGE) -> None:
    """Puts the table into the page, between its two marks."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{table(results)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--test", help="labelled file that sentiment models answer")
    parser.add_argument("--static", type=int, default=128)
    arguments = parser.parse_args()
    if arguments.models:
        rows = stored()
        for model in arguments.models:
            for format_name, options in variants(arguments.static):
                row = measure(model, format_name, options, arguments.test)
                print(json.dumps(row), flush=True)
                key = _key(row)
                kept = rows.get(key, {}).get("test_accuracy")
                rows[key] = row if kept is None else {"test_accuracy": kept, **row}
                results = {"machine": machine_facts(), "rows": list(rows.values())}
                RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    write_page(json.loads(RESULTS.read_text("utf-8")))


if __name__ == "__main__":
    main()
