"""Writes the measured part of docs/translation.md from benchmarks/results.

python -m benchmarks.translation_figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template

from benchmarks.translation import RUNS

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "translation.md"
TEMPLATE = Path(__file__).with_name("translation_figures.md.jinja")
HEADING = "## Measured"
DATA = {"multi30k": "Multi30k", "tatoeba": "Tatoeba"}


def results(name: str) -> dict[str, Any]:
    """One file of benchmarks/results."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return found


def measured() -> dict[str, dict[str, Any]]:
    """The runs whose results are there, in the order of RUNS."""
    return {
        name: results(f"translation-{name}")
        for name in RUNS
        if (RESULTS / f"translation-{name}.json").exists()
    }


def row(name: str, run: dict[str, Any]) -> str:
    """The line of one run."""
    data, source, target = name.split("-")
    test = next(entry for entry in run["evaluations"] if entry["split"] == "test")
    model, copied, dictionary = (entry["scores"] for entry in test["rows"])
    training = run["training"]
    return (
        f"| {DATA[data]} {source}-{target} | {model['bleu']:.2f} | "
        f"{model['bleu_lowercased']:.2f} | {model['chrf']:.2f} | {copied['bleu']:.2f} | "
        f"{dictionary['bleu']:.2f} | {training['parameters'] / 1e6:.1f} M | "
        f"{training['seconds'] / 60:.1f} min |"
    )


def figures() -> str:
    """The measured part of the page."""
    runs = measured()
    signatures = {
        entry["rows"][0]["scores"][key]: None
        for run in runs.values()
        for entry in run["evaluations"]
        if entry["split"] == "test"
        for key in ("bleu_signature", "chrf_signature")
    }
    speed = results("translation-speed")
    speeds = [
        f"| {line['runtime']} | {line['beam']} | {line['at_once']} | "
        f"{line['sentences_per_second']:.1f} | {line['same_as_keras']:,} |"
        for line in speed["lines"]
    ]
    template = Template(TEMPLATE.read_text("utf-8"), undefined=StrictUndefined)
    text = template.render(
        names=" ".join(runs),
        machine=next(iter(runs.values()))["machine"],
        rows="\n".join(row(name, run) for name, run in runs.items()),
        signatures=", ".join(f"`{signature}`" for signature in signatures),
        speed=speed,
        speeds="\n".join(speeds),
    )
    return f"{text}\n"


def main() -> None:
    """Rewrites the page from its heading on."""
    before = PAGE.read_text("utf-8").split(f"{HEADING}\n")[0]
    PAGE.write_text(f"{before}{HEADING}\n\n{figures()}", "utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
