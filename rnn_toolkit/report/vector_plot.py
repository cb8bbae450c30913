"""Words as points in the plane: projected from their vectors, drawn as a picture or a page."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import OptionError

PROJECTION_METHODS = ("pca", "tsne")
_COLOURS = ("#2a6fbb", "#d9731a", "#3a8f4d", "#8a4fae", "#b8383d", "#4f9aa8", "#7d6a43", "#c2568f")
_PERPLEXITY = 30
_EXACT_WORDS = 1000
_FONTS = (
    "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC",
    "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "Arial Unicode MS",
)  # fmt: skip
# Where a label may stand beside its point, best first: shift, horizontal and vertical alignment.
_PLACES = (
    ((4, 0), "left", "center"),
    ((-4, 0), "right", "center"),
    ((0, 4), "center", "bottom"),
    ((0, -4), "center", "top"),
    ((3, 3), "left", "bottom"),
    ((-3, 3), "right", "bottom"),
    ((3, -3), "left", "top"),
    ((-3, -3), "right", "top"),
)


@dataclass(frozen=True)
class PlottedWords:
    """Words with their points [words, 2], and the group of each, if there are groups."""

    words: tuple[str, ...]
    points: NDArray[np.float64]
    groups: tuple[str, ...]
    title: str
    axes: tuple[str, str]

    def colours(self) -> list[str]:
        """The colour of each word: that of its group."""
        names = list(dict.fromkeys(self.groups))
        return [_COLOURS[names.index(group) % len(_COLOURS)] for group in self.groups]

    def colours_of_groups(self) -> list[tuple[str, str]]:
        """The groups that have a name, each with its colour."""
        pairs = dict(zip(self.groups, self.colours(), strict=True))
        return [(group, colour) for group, colour in pairs.items() if group]


def project_words(
    words: Sequence[str],
    matrix: NDArray[np.float32],
    *,
    method: str,
    groups: Sequence[str] | None = None,
    seed: int = 1,
) -> PlottedWords:
    """Places words in the plane by the directions of their vectors.

    PCA keeps distances as far as two axes can; t-SNE (van der Maaten and Hinton 2008,
    "Visualizing Data using t-SNE") keeps who is near whom, and nothing else.

    Args:
        words: distinct words, at least three.
        matrix: their vectors, none of them zero, [words, dimensions].
        method: "pca" or "tsne".
        groups: a name per word, to colour by.
        seed: of t-SNE.

    Raises:
        OptionError: there is no such method, or there are too few words.
    """
    if method not in PROJECTION_METHODS:
        known = ", ".join(PROJECTION_METHODS)
        raise OptionError(f"There is no method {method!r}.", f"Choose from: {known}.")
    if len(words) < 3:
        raise OptionError(f"There is nothing to see with {len(words)} words.", "Give 3 or more.")
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    directions = (matrix / lengths).astype(np.float64)
    centred = directions - directions.mean(axis=0)
    points, shares = _principal_axes(centred)
    axes = tuple(f"{share:.0%} of the variance" for share in shares)
    title = f"{len(words)} words by PCA"
    if method == "tsne":
        points, axes = _neighbourhoods(directions, seed), ("", "")
        title = f"{len(words)} words by t-SNE: near words are alike, distances mean nothing else"
    names = tuple(groups) if groups is not None else ("",) * len(words)
    return PlottedWords(tuple(words), points, names, title, (axes[0], axes[1]))


def _principal_axes(centred: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[float]]:
    left, singular, right = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(centred), 2))
    shares = [0.0, 0.0]
    total = float((singular**2).sum()) or 1.0
    for axis in range(min(2, len(singular))):
        # The sign of an axis is arbitrary: the largest weight is made positive.
        sign = np.sign(right[axis][np.abs(right[axis]).argmax()]) or 1.0
        points[:, axis] = sign * left[:, axis] * singular[axis]
        shares[axis] = float(singular[axis] ** 2) / total
    return points, shares


def _neighbourhoods(directions: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE

    perplexity = min(_PERPLEXITY, (len(directions) - 1) / 3)
    start = "pca" if directions.shape[1] > 1 else "random"
    # The approximation for many points waits for its threads at every step, which on a busy
    # machine costs more than it saves.
    gradient = "exact" if len(directions) <= _EXACT_WORDS else "barnes_hut"
    fit = TSNE(2, perplexity=perplexity, init=start, method=gradient, random_state=seed)
    return np.asarray(fit.fit_transform(directions), np.float64)


def draw_words(plotted: PlottedWords, kind: Literal["svg", "png"]) -> bytes:
    """The picture as SVG or PNG; a label that finds no free place is left out.

    Args:
        plotted: what project_words gave.
        kind: the format.
    """
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.figure import Figure  # no pyplot: no global state, no display

    installed = {font.name for font in font_manager.fontManager.ttflist}
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "rnn-toolkit",
        "font.family": [font for font in _FONTS if font in installed] or ["sans-serif"],
        "axes.unicode_minus": False,
    }
    buffer = io.BytesIO()
    with mpl.rc_context(settings):
        side = min(4.5 + len(plotted.words) / 30, 16.0)  # inches
        figure = Figure(figsize=(1.2 * side, side), layout="constrained")
        axes = figure.subplots()
        _scatter(axes, plotted)
        figure.draw_without_rendering()
        _label(axes, plotted)
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(buffer, format=kind, dpi=130, metadata=metadata)
    return buffer.getvalue()


def _scatter(axes: Any, plotted: PlottedWords) -> None:
    axes.scatter(*plotted.points.T, s=12, c=plotted.colours(), linewidths=0)
    for name, colour in plotted.colours_of_groups():
        axes.scatter([], [], s=28, color=colour, linewidths=0, label=_literal(name))
    if any(plotted.groups):
        axes.legend(frameon=False, loc="best")
    axes.set(title=plotted.title, xlabel=plotted.axes[0], ylabel=plotted.axes[1])
    axes.set(xticks=[], yticks=[])
    axes.margins(0.06)
    axes.spines[["top", "right"]].set_visible(False)


def _label(axes: Any, plotted: PlottedWords) -> None:
    """Writes each word beside its point, in order, where it hides no other label or point."""
    points = axes.transData.transform(plotted.points)
    taken = np.concatenate([points - 2, points + 2], axis=1)
    for number, (word, colour) in enumerate(zip(plotted.words, plotted.colours(), strict=True)):
        others = np.delete(taken, number, axis=0)
        for shift, horizontal, vertical in _PLACES:
            text = axes.annotate(
                _literal(word), plotted.points[number], xytext=shift, textcoords="offset points",
                ha=horizontal, va=vertical, fontsize=8, color=colour,
            )  # fmt: skip
            box = np.asarray(text.get_window_extent().extents)
            if _free(box, others) and _inside(box, axes):
                taken = np.concatenate([taken, box[None]])
                break
            text.remove()


def _free(box: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    apart = (
        (others[:, 2] < box[0])
        | (others[:, 0] > box[2])
        | (others[:, 3] < box[1])
        | (others[:, 1] > box[3])
    )
    return bool(apart.all())


def _inside(box: NDArray[np.float64], axes: Any) -> bool:
    frame = axes.get_window_extent().extents
    return bool(box[0] > frame[0] and box[2] < frame[2])


def _literal(text: str) -> str:
    r"""A word as matplotlib must be given it, which takes $ ... $ for a formula."""
    return text.replace("$", r"\$")


def words_page(plotted: PlottedWords) -> str:
    """A page without any outside reference, to zoom, move about and search in.

    Args:
        plotted: what project_words gave.
    """
    from jinja2 import Environment, PackageLoader, select_autoescape

    environment = Environment(
        loader=PackageLoader("rnn_toolkit.report", "."),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    low, high = plotted.points.min(axis=0), plotted.points.max(axis=0)
    placed = (plotted.points - low) / np.maximum(high - low, 1e-12)
    rows = [
        [word, round(float(x), 4), round(1 - float(y), 4), group, colour]
        for word, (x, y), group, colour in zip(
            plotted.words, placed, plotted.groups, plotted.colours(), strict=True
        )
    ]
    # A word may be "</script>": no < stands in the data.
    data = json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c")
    return environment.get_template("vector_plot.html.jinja").render(
        title=plotted.title,
        axes=[axis for axis in plotted.axes if axis],
        groups=plotted.colours_of_groups(),
        data=data,
    )


PLOT_KINDS: dict[str, Callable[[PlottedWords], bytes]] = {
    ".svg": lambda plotted: draw_words(plotted, "svg"),
    ".png": lambda plotted: draw_words(plotted, "png"),
    ".html": lambda plotted: words_page(plotted).encode(),
}
