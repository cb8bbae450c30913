"""Puts the tables of all paired benchmarks into docs/benchmarks.md.

    python -m benchmarks.page

Each stands between `<!-- NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import data_pipeline, growth, ladder, latency, startup, throughput
from benchmarks.pairing import read_result

MARKERS = (
    "latency",
    "latency misses",
    "peak",
    "throughput",
    "throughput misses",
    "buckets",
    "startup",
    "data pipeline",
    "growth",
    "ladder",
    "curve",
)
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


NOT_MEASURED = "Not measured yet."


def tables() -> dict[str, str]:
    """What belongs between each pair of markers, as the results have it."""
    found = dict.fromkeys(MARKERS, NOT_MEASURED)
    if speed := read_result("latency"):
        found["latency"] = latency.table(speed["rows"])
        found["latency misses"] = _listed(speed["misses"])
    if steps := read_result("throughput"):
        found["throughput"] = throughput.table(steps["rows"])
        found["throughput misses"] = _listed(steps["misses"])
        found["peak"] = f"{steps['peak_gflop_per_second']:.0f} GFLOP/s"
        found["buckets"] = throughput.buckets_table(steps["buckets"])
    if processes := read_result("startup"):
        found["startup"] = startup.table(processes["rows"])
    if ways := read_result("data-pipeline"):
        found["data pipeline"] = data_pipeline.table(ways["entries"])
    if curves := read_result("growth"):
        plots = (
            f"![cost against {growth.TITLES[axis]}](images/growth-{axis}.png)"
            for axis in curves["curves"]
        )
        found["growth"] = "\n\n".join([*plots, growth.table(curves["curves"])])
    if rungs := read_result("ladder"):
        plot = "![accuracy against minutes](images/ladder.png)"
        found["ladder"] = f"{ladder.table(rungs['entries'])}\n\n{plot}"
        if rungs.get("curve"):
            found["curve"] = ladder.curve_sentence(rungs["curve"])
    return found


def _listed(misses: list[str]) -> str:
    return "\n".join(f"- {miss}" for miss in misses) or "- none"


def filled(page: str, found: dict[str, str]) -> str:
    """The page with every marked part replaced."""
    for name, text in found.items():
        marked = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not marked.search(page):
            raise SystemExit(f"{PAGE} has no place for {name!r}.")
        page = marked.sub(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", page)
    return page


def main() -> None:
    """Rewrites the page."""
    PAGE.write_text(filled(PAGE.read_text("utf-8"), tables()), "utf-8")


if __name__ == "__main__":
    main()
