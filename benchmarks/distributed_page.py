"""Puts the measured tables into docs/distributed.md.

    python -m benchmarks.distributed_page

Each stands between `<!-- NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks import distribute, precision
from benchmarks.page import filled

PAGE = Path(__file__).parents[1] / "docs" / "distributed.md"


def tables() -> dict[str, str]:
    """Every table by the name of its marker, as the results have it."""
    return {**distribute.page_tables(), **precision.page_tables()}


def main() -> None:
    """Rewrites the page."""
    PAGE.write_text(filled(PAGE.read_text("utf-8"), tables()), "utf-8")


if __name__ == "__main__":
    main()
