"""Draws the icons of the page: a cell with the loop of its state, above a line of text.

Run it as `python examples/web/make_icons.py [FOLDER]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Arc, Circle, FancyBboxPatch, Rectangle

BACKGROUND, INK, STATE = "#1f5fa8", "#ffffff", "#ffd166"
DOTS_PER_INCH = 64
PAGE_ICONS = Path(__file__).parent / "page" / "icons"

ICONS = {
    "icon-192.png": (192, False),
    "icon-512.png": (512, False),
    "icon-maskable-512.png": (512, True),
    "icon-180.png": (180, True),
}
"""File name to (pixels on a side, whether a system cuts its own shape out of it)."""


def draw(path: Path, pixels: int, *, maskable: bool) -> None:
    """Writes one icon.

    Args:
        path: the PNG file to write.
        pixels: width and height.
        maskable: fill the whole square and keep the drawing within the middle 80 percent,
            which is what is left of it on a device that cuts a circle.
    """
    figure = plt.figure(figsize=(pixels / DOTS_PER_INCH,) * 2, dpi=DOTS_PER_INCH)
    figure.patch.set_alpha(0.0)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    points = pixels / DOTS_PER_INCH * 72
    if maskable:
        axes.add_patch(Rectangle((0, 0), 1, 1, color=BACKGROUND))
    else:
        corner = "round,pad=0,rounding_size=0.22"
        axes.add_patch(FancyBboxPatch((0, 0), 1, 1, boxstyle=corner, color=BACKGROUND))
    _network(axes, scale=0.72 if maskable else 0.9, points=points)
    figure.savefig(path, dpi=DOTS_PER_INCH, transparent=True)
    plt.close(figure)


def _network(axes: plt.Axes, *, scale: float, points: float) -> None:
    """A cell, the loop of its state above it, and the line of a text below it.

    Args:
        axes: from 0 to 1 both ways.
        scale: of the drawing.
        points: width of the icon, in the unit of line widths.
    """

    def at(x: float, y: float) -> tuple[float, float]:
        return 0.5 + scale * (x - 0.5), 0.5 + scale * (y - 0.5)

    width = 0.08 * scale * points
    size = 0.4 * scale
    loop = Arc(
        at(0.5, 0.66), size, size, theta1=-45, theta2=225, color=STATE, lw=width, capstyle="round"
    )
    axes.add_patch(loop)
    axes.add_patch(Circle(at(0.5, 0.46), 0.165 * scale, color=INK, zorder=3))
    for left, right in ((0.16, 0.22), (0.4, 0.6), (0.78, 0.84)):
        (x_left, y), (x_right, _) = at(left, 0.16), at(right, 0.16)
        axes.plot([x_left, x_right], [y, y], color=INK, lw=width, solid_capstyle="round")


def main(arguments: list[str]) -> None:
    """Writes all icons into the folder given, or into that of the page."""
    folder = Path(arguments[0]) if arguments else PAGE_ICONS
    folder.mkdir(parents=True, exist_ok=True)
    for name, (pixels, maskable) in ICONS.items():
        draw(folder / name, pixels, maskable=maskable)


if __name__ == "__main__":
    main(sys.argv[1:])
