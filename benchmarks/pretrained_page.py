"""Writes the tables of docs/pretrained.md from the catalogue and the results.

python -m benchmarks.pretrained_page
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from benchmarks.pretrained_start import table as start_table
from rnn_toolkit.bundle.catalogue import pretrained_models

PAGE = Path(__file__).parents[1] / "docs" / "pretrained.md"
RESULTS = Path(__file__).parent / "results"
COMMAND = "python -m benchmarks.pretrained_page"


def models() -> str:
    """The catalogue."""
    lines = [
        "| name | what it does | measured on test data | simpler method | size | learnt from |",
        "|---|---|---|---|---|---|",
    ]
    for entry in pretrained_models():
        quality = entry.quality
        unit = " %" if quality.score == "accuracy" else ""
        lines.append(
            f"| `{entry.name}` | {entry.summary} | {quality.score} {quality.value:.2f}{unit}, "
            f"{quality.rows:,} {quality.data} | {quality.baseline} "
            f"{quality.baseline_value:.2f}{unit} | {entry.size / 1e6:.1f} MB | "
            f"{entry.training_data}; licence: {entry.license} |"
        )
    return "\n".join(lines)


def beginning() -> str:
    """What a pretrained beginning brings."""
    return start_table(_result("pretrained-start"))


def cold() -> str:
    """Whole processes."""
    found = _result("cold-start")
    emptied = found["seconds_page_cache_emptied"]
    lines = ["| command | files in memory | page cache emptied |", "|---|---|---|"]
    for name, values in found["seconds"].items():
        median, first = statistics.median(values), statistics.median(emptied[name])
        lines.append(f"| `rnn-toolkit {name}` | {median:.2f} s | {first:.2f} s |")
    return "\n".join(lines)


TABLES = {"models": models, "beginning": beginning, "cold": cold}


def marks(name: str) -> tuple[str, str]:
    """What stands before and behind a table."""
    return f"<!-- {name}: {COMMAND} -->", f"<!-- end of {name} -->"


def shown(name: str, text: str) -> str:
    """What stands between the marks of a table."""
    before, after = marks(name)
    return text.split(before)[1].split(after)[0].strip()


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return found


def main() -> None:
    """Writes the page."""
    text = PAGE.read_text("utf-8")
    for name, table in TABLES.items():
        before, after = marks(name)
        head, rest = text.split(before)
        text = f"{head}{before}\n\n{table()}\n\n{after}{rest.split(after)[1]}"
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
