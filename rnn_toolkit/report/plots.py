"""The pictures of a report, as SVG text to stand inside a page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

_BLUE, _ORANGE, _GREY = "#2a6fbb", "#d9731a", "#8a8f98"


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # no pyplot: no global state, no display

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any) -> str:
    import matplotlib as mpl

    buffer = io.StringIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    # Text stays text: smaller, and the browser has fonts for every script.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "rnn-toolkit"}):
        figure.savefig(buffer, format="svg", metadata=metadata)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', 'class="plot"', text, count=1)


def learning_curves(training: Sequence[float], validation: Sequence[float], best_epoch: int) -> str:
    """Loss on training and validation rows by epoch, the chosen epoch marked."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = _figure(5.2, 3.2)
    epochs = range(1, len(training) + 1)
    axes.plot(epochs, training, "o-", color=_GREY, label="training (with dropout)")
    axes.plot(epochs, validation, "o-", color=_BLUE, label="validation")
    axes.axvline(best_epoch, color=_ORANGE, linestyle=":", label=f"kept: epoch {best_epoch}")
    axes.set(xlabel="epoch", ylabel="cross-entropy (nats)")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    axes.legend(frameon=False)
    return _svg(figure)


def confusion_matrix(counts: Sequence[Sequence[int]], labels: Sequence[str]) -> str:
    """True classes down, predicted classes across; the colour is the share of the row."""
    size = min(max(3.2, 0.6 * len(labels) + 1.8), 9.0)
    figure, axes = _figure(size + 0.6, size)
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = list(range(len(labels)))
    shown = [label if len(label) <= 14 else label[:13] + "\u2026" for label in labels]
    axes.set_xticks(places, shown, rotation=45 if len(labels) > 4 else 0)
    axes.set_yticks(places, shown)
    axes.set(xlabel="predicted", ylabel="true")
    if len(labels) <= 12:
        for row, values in enumerate(counts):
            for column, count in enumerate(values):
                colour = "white" if shares[row][column] > 0.5 else "black"
                axes.text(column, row, f"{count:,}", ha="center", va="center", color=colour)
    return _svg(figure)


def length_histogram(lengths: Sequence[int], maximum_length: int) -> str:
    """Tokens per text, with the length at which texts are cut."""
    figure, axes = _figure(5.2, 3.2)
    ordered = sorted(lengths)
    upper = max(ordered[int(0.99 * (len(ordered) - 1))], 2)
    lower = ordered[0]
    width = max(1, (upper - lower) // 40)
    edges = [lower - 0.5 + width * bar for bar in range((upper - lower) // width + 2)]
    axes.hist([min(length, upper) for length in lengths], bins=edges, color=_BLUE)
    if maximum_length <= upper:
        axes.axvline(maximum_length, color=_ORANGE, linestyle=":", label=f"cut at {maximum_length}")
        axes.legend(frameon=False)
    axes.set(xlabel="tokens per text (last bar: all longer ones)", ylabel="texts")
    return _svg(figure)


def reliability(points: Sequence[tuple[float, float, int]]) -> str:
    """How often answers of a given confidence are right; on the diagonal is perfect."""
    figure, axes = _figure(4.2, 3.2)
    axes.plot([0, 1], [0, 1], ":", color=_GREY, label="perfect")
    axes.plot(
        [point[0] for point in points],
        [point[1] for point in points],
        "o-",
        color=_BLUE,
        label="this model",
    )
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(frameon=False)
    return _svg(figure)
