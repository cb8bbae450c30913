"""docs/benchmarks.md shows what the paired benchmarks measured, and nothing that they did not."""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
try:
    from benchmarks import growth, ladder, latency, pairing, throughput
    from benchmarks.page import PAGE, filled, tables
finally:
    sys.path.remove(str(ROOT))

NAMES = ("latency", "throughput", "startup", "data-pipeline", "growth", "ladder")
MEASURED = [name for name in NAMES if pairing.read_result(name)]


@pytest.mark.parametrize("name", MEASURED)
def test_a_result_says_when_where_and_how(name: str) -> None:
    result = pairing.read_result(name)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", result["date"])
    assert result["command"] == f"python -m benchmarks.{name.replace('-', '_')}"
    assert {"tensorflow", "keras"} <= set(result["versions"])
    assert result["processor"]


def test_the_page_shows_the_results() -> None:
    page = PAGE.read_text("utf-8")
    assert filled(page, tables()) == page


def test_no_marker_of_the_page_is_left_over() -> None:
    marked = re.findall(r"<!-- (?!end)(.+?) -->", PAGE.read_text("utf-8"))
    assert sorted(marked) == sorted(tables())


def test_every_plot_of_the_page_is_there() -> None:
    images = re.findall(r"\]\((images/[^)]+)\)", PAGE.read_text("utf-8"))
    if "growth" in MEASURED:
        assert {f"images/growth-{axis}.png" for axis in growth.AXES} <= set(images)
    assert all((PAGE.parent / image).is_file() for image in images)


def test_a_missed_target_is_told() -> None:
    for name, module in (("latency", latency), ("throughput", throughput)):
        if name in MEASURED:
            result = pairing.read_result(name)
            assert result["misses"] == module.misses(result["rows"])


def test_a_slow_export_counts_as_a_miss() -> None:
    def row(run: str, keras: float, torch: float) -> dict[str, Any]:
        return {
            "run": run,
            "cell": "lstm",
            "output": "last output",
            "keras_predict_over_it": {"median": keras},
            "pytorch_eager_over_it": {"median": torch},
        }

    assert latency.misses([row("TFLite", 50, 1.0), row("SavedModel", 2, 0.1)]) == []
    assert len(latency.misses([row("TFLite", 49, 0.9)])) == 2


def test_flop_of_a_training_step() -> None:
    # 4 gates of 128, 64 rows, 200 steps; 100 features twice and 128 units three times.
    assert throughput.step_flop("lstm", 200) == 2 * 64 * 200 * 512 * (2 * 100 + 3 * 128)


def test_an_entry_replaces_one_of_the_same_name_and_seed() -> None:
    first = {"entry": "a", "seed": 1, "minutes": 2.0}
    entries = ladder.with_entry([first, {"entry": "a", "seed": 2}], {**first, "minutes": 3.0})
    assert [(entry["seed"], entry.get("minutes")) for entry in entries] == [(1, 3.0), (2, None)]


def test_a_curve_reaches_a_score_when_it_first_does() -> None:
    curve = [
        {"minutes": minutes, "test_accuracy": score}
        for minutes, score in ((1.0, 0.8), (2.0, 0.885), (3.0, 0.87))
    ]
    assert ladder.minutes_to(curve, 0.88) == 2.0
    assert ladder.minutes_to(curve, 0.9) is None


def test_a_spread_is_taken_within_rounds() -> None:
    found = pairing.ratios([2.0, 30.0, 4.0], [1.0, 10.0, 4.0])
    assert found == {"median": 2.0, "min": 1.0, "max": 3.0}
    assert found["median"] == statistics.median([2.0, 3.0, 1.0])
