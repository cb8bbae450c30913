"""The table and the picture of a comparison."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_BLUE, _ORANGE, _GREY = "#2a6fbb", "#d9731a", "#8a8f98"
COLUMNS = ("candidate", "accuracy %", "log loss", "train s", "weights", "MB", "ms/text")


@dataclass(frozen=True)
class ComparisonLine:
    """What one candidate reached."""

    candidate: str
    recurrent: bool
    accuracies: tuple[float, ...]
    accuracy: float
    spread: float | None
    """Standard deviation over seeds, if there are several."""
    log_loss: float
    seconds: float
    parameters: int
    bundle_bytes: int
    milliseconds_per_text: float

    @staticmethod
    def columns() -> list[str]:
        """The headings of a table."""
        return list(COLUMNS)

    def texts(self) -> list[str]:
        """The fields as a table shows them, in the order of `columns`."""
        spread = "" if self.spread is None else f" \u00b1 {100 * self.spread:.2f}"
        return [
            self.candidate if self.recurrent else f"{self.candidate} *",
            f"{100 * self.accuracy:.2f}{spread}",
            f"{self.log_loss:.4f}",
            f"{self.seconds:.0f}",
            f"{self.parameters:,}",
            f"{self.bundle_bytes / 1e6:.2f}",
            f"{self.milliseconds_per_text:.2f}",
        ]


def comparison_files(
    lines: Sequence[ComparisonLine],
    *,
    title: str,
    judged_on: str,
    baseline: float,
    seeds: Sequence[int],
) -> dict[str, bytes]:
    """The files of a comparison by name: Markdown, CSV, SVG and PNG.

    Args:
        lines: the candidates, best first.
        title: what they were trained on.
        judged_on: what they were judged on.
        baseline: accuracy of TF-IDF with logistic regression on the same rows.
        seeds: of the runs.
    """
    figure = _figure(lines, title=title, judged_on=judged_on, baseline=baseline)
    return {
        "comparison.md": _markdown(lines, title, judged_on, baseline, seeds).encode(),
        "comparison.csv": _csv(lines).encode(),
        "comparison.svg": _rendered(figure, "svg"),
        "comparison.png": _rendered(figure, "png"),
    }


def _markdown(
    lines: Sequence[ComparisonLine],
    title: str,
    judged_on: str,
    baseline: float,
    seeds: Sequence[int],
) -> str:
    shown = [
        f"Trained on {title}; judged on {judged_on}; seeds {', '.join(map(str, seeds))} (mean "
        f"\u00b1 standard deviation); * marks yardsticks; MB and ms/text are of the TFLite file. "
        f"TF-IDF + logistic regression: {100 * baseline:.2f} %.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "|---|" + "---:|" * (len(COLUMNS) - 1),
        *(f"| {' | '.join(line.texts())} |" for line in lines),
    ]
    return "\n".join(shown) + "\n"


def _csv(lines: Sequence[ComparisonLine]) -> str:
    buffer = io.StringIO()
    rows = [
        {**asdict(line), "accuracies": " ".join(f"{a:.6f}" for a in line.accuracies)}
        for line in lines
    ]
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _figure(lines: Sequence[ComparisonLine], *, title: str, judged_on: str, baseline: float) -> Any:
    from matplotlib.figure import Figure  # no pyplot: no global state, no display

    figure = Figure(figsize=(9.0, 0.36 * len(lines) + 1.8), layout="constrained")
    quality, cost = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    for place, line in enumerate(lines):
        colour = _BLUE if line.recurrent else _GREY
        percent = [100 * accuracy for accuracy in line.accuracies]
        quality.plot(percent, [place] * len(percent), "o", color=colour, alpha=0.35, markersize=4)
        quality.plot(100 * line.accuracy, place, "D", color=colour, markersize=7)
        cost.barh(place, line.seconds, color=colour, height=0.6)
        cost.text(line.seconds, place, f" {line.seconds:.0f} s", va="center", fontsize=8)
    quality.axvline(100 * baseline, color=_ORANGE, linestyle="--", label="TF-IDF + regression")
    quality.set_yticks(range(len(lines)), [line.candidate for line in lines])
    quality.invert_yaxis()
    quality.set(xlabel=f"accuracy (%), {judged_on}")
    quality.grid(axis="x", color="#e4e7eb")
    quality.legend(frameon=False, loc="lower left", fontsize=8)
    cost.set(xlabel="training (s)", xlim=(0, 1.2 * max(line.seconds for line in lines)))
    figure.suptitle(f"{title} (diamond: mean over seeds; grey: yardsticks)", fontsize=10)
    return figure


def _rendered(figure: Any, kind: str) -> bytes:
    import matplotlib as mpl

    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "rnn-toolkit"}):
        figure.savefig(buffer, format=kind, metadata=metadata, dpi=150)
    return buffer.getvalue()
