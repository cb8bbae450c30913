"""Puts the tables of all paired benchmarks into docs/benchmarks.md.

    python -m benchmarks.page

Each stands between `<!-- NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks import data_pipeline, growth, ladder, latency, startup, throughput
from benchmarks.pairing import read_result

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def tables() -> dict[str, str]:
    """Every table by the name of its marker, as the results have it."""
    speed, steps = read_result("latency"), read_result("throughput")
    rungs = read_result("ladder")
    found = {
        "latency": latency.table(speed["rows"]),
        "throughput": throughput.table(steps["rows"]),
        "peak": f"{steps['peak_gflop_per_second']:.0f} GFLOP/s",
        "buckets": throughput.buckets_table(steps["buckets"]),
        "startup": startup.table(read_result("startup")["rows"]),
        "data pipeline": data_pipeline.table(read_result("data-pipeline")["entries"]),
        "growth": growth.table(read_result("growth")["curves"]),
        "ladder": ladder.table(rungs["entries"]),
    }
    if rungs.get("curve"):
        found["curve"] = ladder.curve_sentence(rungs["curve"])
    for name, misses in (("latency", speed["misses"]), ("throughput", steps["misses"])):
        found[f"{name} misses"] = "\n".join(f"- {miss}" for miss in misses) or "- none"
    return found


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
