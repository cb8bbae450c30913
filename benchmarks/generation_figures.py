"""Writes the measured part of docs/generation.md from benchmarks/results.

python -m benchmarks.generation_figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "generation.md"
TEMPLATE = Path(__file__).with_name("generation_figures.md.jinja")
HEADING = "## Measured"
TITLES = {"shakespeare": "Tiny Shakespeare, characters", "ptb": "Penn Treebank, words"}


def results(name: str) -> dict[str, Any]:
    """One file of benchmarks/results."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return found


def model_rows() -> list[str]:
    """A line per model and split."""
    rows = []
    for name, title in TITLES.items():
        for path in sorted(RESULTS.glob(f"language-model-{name}-*.json")):
            run = results(path.stem)
            for scores in run["evaluations"]:
                helped = [
                    f"{scores[key]['perplexity']:.2f}" if key in scores else ""
                    for key in ("cache", "dynamic")
                ]
                rows.append(
                    f"| {title} | {run['settings']['network']['cell']} | {scores['split']} | "
                    f"{scores['nats_per_token']:.4f} | {scores['perplexity']:.2f} | "
                    f"{scores['bits_per_character']:.4f} | {helped[0]} | {helped[1]} | "
                    f"{scores['baseline']['perplexity']:.2f} | "
                    f"{run['training']['parameters'] / 1e6:.1f} M | "
                    f"{run['training']['seconds'] / 60:.1f} min |"
                )
    return rows


def speed_rows() -> list[str]:
    """A line per runtime."""
    lines = results("generation-speed")["tokens_per_second"]
    names = dict.fromkeys(line["runtime"] for line in lines)
    rows = []
    for name in names:
        cells = []
        for line in lines:
            if line["runtime"] == name:
                cells.append(f"{line['rate']:,} | {line['times_the_loop']:.1f}")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def figures() -> str:
    """The measured part of the page."""
    lstm, poems = (
        results("language-model-shakespeare-lstm"),
        results("language-model-quatrains-lstm"),
    )
    template = Template(TEMPLATE.read_text("utf-8"), undefined=StrictUndefined)
    return (
        template.render(
            machine=lstm["machine"],
            models="\n".join(model_rows()),
            ptb=results("language-model-ptb-lstm"),
            sample="\n".join(lstm["samples"][0].splitlines()[:16]),
            poems=poems,
            form=poems["form"],
            verses="\n".join(poems["samples"][:4]),
            speed=results("generation-speed"),
            speeds="\n".join(speed_rows()),
            large=results("large-text"),
        )
        + "\n"
    )


def main() -> None:
    """Rewrites the page from its heading on."""
    before = PAGE.read_text("utf-8").split(f"{HEADING}\n")[0]
    PAGE.write_text(before + figures(), "utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
