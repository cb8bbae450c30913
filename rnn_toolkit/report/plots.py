"""The pictures of a report, as SVG text to stand inside a page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

_BLUE, _ORANGE, _GREY = "#2a6fbb", "#d9731a", "#8a8f98"
_LIGHT_BLUE = "#b9cfe8"
_SHOWN_POSITIONS = 400
_MOST_LABELS = 8


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


def learning_curves(
    training: Sequence[float],
    validation: Sequence[float],
    best_epoch: int,
    *,
    unit: str = "cross-entropy (nats)",
    baseline: tuple[str, float] | None = None,
    perplexity: bool = False,
) -> str:
    """Loss on training and validation rows by epoch, the chosen epoch marked.

    Args:
        training: loss by epoch.
        validation: loss by epoch.
        best_epoch: the one whose weights were kept.
        unit: of the losses.
        baseline: a name and its validation loss, drawn as a level.
        perplexity: whether an axis on the right shows e to the power of the loss.
    """
    from matplotlib.ticker import MaxNLocator

    figure, axes = _figure(5.2, 3.2)
    epochs = range(1, len(training) + 1)
    axes.plot(epochs, training, "o-", color=_GREY, label="training (with dropout)")
    axes.plot(epochs, validation, "o-", color=_BLUE, label="validation")
    axes.axvline(best_epoch, color=_ORANGE, linestyle=":", label=f"kept: epoch {best_epoch}")
    if baseline is not None:
        name, loss = baseline
        axes.axhline(loss, color="black", linestyle="--", linewidth=1, label=name)
    axes.set(xlabel="epoch", ylabel=unit)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    if perplexity:
        _perplexity_axis(axes)
    axes.legend(frameon=False)
    return _svg(figure)


def _perplexity_axis(axes: Any) -> None:
    """An axis on the right that shows nats per token as perplexity."""
    import numpy as np
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    right = axes.secondary_yaxis(
        "right", functions=(np.exp, lambda values: np.log(np.maximum(values, 1e-300)))
    )
    lowest, highest = (float(np.exp(min(loss, 700.0))) for loss in axes.get_ylim())
    right.set_ylabel("perplexity")
    right.yaxis.set_major_locator(FixedLocator(_round_numbers(lowest, highest)))
    right.yaxis.set_minor_locator(NullLocator())
    right.yaxis.set_major_formatter(StrMethodFormatter("{x:.4g}"))


def _round_numbers(lowest: float, highest: float) -> list[float]:
    """Labels for a logarithmic axis: the finest series of round numbers that is not too many."""
    steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    series = [[1 + step * place for place in range(round(9 / step))] for step in steps]
    powers = range(math.floor(math.log10(lowest)), math.floor(math.log10(highest)) + 1)
    shown: list[float] = []
    for factors in (*series, [1.0, 2.0, 5.0], [1.0]):
        numbers = [factor * 10.0**power for power in powers for factor in factors]
        shown = [number for number in numbers if lowest <= number <= highest]
        if len(shown) <= _MOST_LABELS:
            return shown
    return shown[:: -(-len(shown) // _MOST_LABELS)]


def surprise_by_position(bits: Sequence[float]) -> str:
    """Bits of each token by its position, and a running mean over a fortieth of the text."""
    import numpy as np

    figure, axes = _figure(10.4, 2.6)
    values = np.asarray(bits, np.float64)
    step = max(1, -(-len(values) // _SHOWN_POSITIONS))  # the highest of each step is drawn
    edges = np.arange(0, len(values), step)
    width = len(values) // 40
    highest = np.maximum.reduceat(values, edges)
    axes.plot(edges + 1, highest, color=_LIGHT_BLUE if width > 1 else _BLUE, linewidth=0.8)
    if width > 1:
        sums = np.cumsum(np.concatenate([[0.0], values]))
        low = np.maximum(edges - width // 2, 0)
        high = np.minimum(low + width, len(values))
        label = f"mean of {width} tokens"
        axes.plot(edges + 1, (sums[high] - sums[low]) / (high - low), color=_BLUE, label=label)
    mean = float(np.mean(values))
    axes.axhline(mean, color=_ORANGE, linestyle=":", label=f"mean: {mean:.2f} bits")
    axes.set(xlabel="position (tokens)", ylabel="bits", xlim=(0, len(bits) + 1))
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="upper right", ncols=2)
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


def bleu_by_epoch(scores: Sequence[float], best_epoch: int) -> str:
    """BLEU on held-out texts by epoch, the chosen epoch marked."""
    figure, axes = _figure(5.2, 3.2)
    epochs = range(1, len(scores) + 1)
    axes.plot(epochs, scores, "o-", color=_ORANGE, markersize=4)
    axes.axvline(best_epoch, color=_GREY, linestyle=":", label=f"epoch {best_epoch} kept")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="epoch", ylabel="BLEU")
    axes.legend(frameon=False)
    return _svg(figure)


def bleu_by_length(scores: Sequence[tuple[str, int, float]]) -> str:
    """BLEU by ranges of source lengths.

    Args:
        scores: range in words, number of pairs, BLEU.
    """
    figure, axes = _figure(5.2, 3.2)
    places = range(len(scores))
    axes.bar(places, [bleu for _, _, bleu in scores], color=_BLUE, width=0.7)
    axes.set_xticks(list(places), [f"{words}\n({pairs:,})" for words, pairs, _ in scores])
    axes.set(xlabel="source words (pairs)", ylabel="BLEU")
    return _svg(figure)
