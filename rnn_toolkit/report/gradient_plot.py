"""The picture of how far back gradients reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COLOURS = ("#2a6fbb", "#d9731a", "#3a8f4d", "#8a4fae", "#b8383d", "#4f9aa8")
_GREY = "#8a8f98"
_LOWEST_SHOWN = 1e-12
_LINES_WITH_BANDS = 2  # the bands of more lines hide one another


@dataclass(frozen=True)
class GradientLine:
    """One layer in one direction; the lists begin at distance 0.

    Args:
        layer: its name.
        direction: forward or backward.
        typical: norm of a typical row by distance.
        low: tenth percentile over rows.
        high: ninetieth percentile.
    """

    layer: str
    direction: str
    typical: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def write_gradient_plot(
    paths: Sequence[Path],
    *,
    memory: Sequence[GradientLine],
    loss: Sequence[GradientLine],
    median_length: int,
    title: str,
) -> None:
    """Draws memory and loss gradients by distance, each on a logarithmic axis.

    Lines are typical rows; with at most two of them, bands hold the middle 80 % of the rows.

    Args:
        paths: files to write; the suffix (.svg, .png) says in which format.
        memory: norms relative to the last step.
        loss: norms of the gradient of the loss.
        median_length: steps of the median row; marked.
        title: of the picture.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure  # no pyplot: no global state, no display

    figure = Figure(figsize=(10.5, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    _panel(left, memory, median_length)
    left.axhline(0.01, color=_GREY, linewidth=0.8, linestyle=":")
    left.annotate(
        "a hundredth", (1, 0.01), xycoords=("axes fraction", "data"), xytext=(-4, 3),
        textcoords="offset points", ha="right", color=_GREY, fontsize=8,
    )  # fmt: skip
    left.set(
        title="Memory: what the last state keeps of a step",
        ylabel="gradient norm (1 at the last step)",
    )
    right.set(
        title="Loss: how much a step moves it",
        ylabel="gradient norm (nats per unit of state)",
    )
    _panel(right, loss, median_length)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(5, len(labels)), frameon=False
    )
    figure.suptitle(title, fontsize=12)
    # Fixed ids and no date: the same numbers give the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "rnn-toolkit"}):
        for path in paths:
            metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
            figure.savefig(path, dpi=160, metadata=metadata)


def _panel(axes: Any, lines: Sequence[GradientLine], median_length: int) -> None:
    layers = list(dict.fromkeys(line.layer for line in lines))
    for line in lines:
        colour = _COLOURS[layers.index(line.layer) % len(_COLOURS)]
        style = "-" if line.direction == "forward" else "--"
        distances = range(len(line.typical))
        shown = [_shown(value) for value in line.typical]
        axes.plot(
            distances, shown, style, color=colour, label=f"{line.layer}, {line.direction}",
            linewidth=1.8,
        )  # fmt: skip
        if len(lines) > _LINES_WITH_BANDS:
            continue
        axes.fill_between(
            distances,
            [_shown(value) for value in line.low],
            [_shown(value) for value in line.high],
            color=colour,
            alpha=0.12,
            linewidth=0,
        )
    axes.set_yscale("log")
    axes.grid(which="major", color="#e3e5e8", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    longest = max((len(line.typical) for line in lines), default=1)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlim(0, max(longest - 1, 1))
    if median_length < longest:
        axes.axvline(
            median_length, color=_GREY, linewidth=1, linestyle=(0, (1, 1.5)),
            label="median length of the rows",
        )  # fmt: skip
    axes.set_xlabel("steps back from where the layer ends reading")


def _shown(value: float) -> float:
    """A norm as the logarithmic axis shows it; nothing below the lowest."""
    return value if math.isfinite(value) and value >= _LOWEST_SHOWN else math.nan
