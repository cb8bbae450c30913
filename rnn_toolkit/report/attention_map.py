"""Heat maps of attention: which source words were read for each target word."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import write_text_whole, write_whole
from rnn_toolkit.config import Settings
from rnn_toolkit.errors import OptionError
from rnn_toolkit.report.templates import page_template
from rnn_toolkit.runtime.translator import Translation

_UNSPACED_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
)
_CELL, _MARGIN = 0.34, 1.6  # inches


class HeatMap(Settings):
    """One translation and what it was read from.

    Args:
        source: the source words.
        target: the target words.
        weights: how much of each source word was read, a row per target word.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, translation: Translation) -> HeatMap:
        """The heat map of the best answer."""
        alignment = translation.candidates[0].alignment
        return cls(
            source=alignment.source,
            target=alignment.target,
            weights=tuple(
                tuple(round(float(weight), 3) for weight in row) for row in alignment.weights
            ),
        )


def write_attention(path: str | Path, translations: Sequence[Translation]) -> None:
    """Writes the attention of translations as a page, a picture or plain numbers.

    Args:
        path: FILE.html, FILE.png or FILE.json.
        translations: what `translate` returned; the best answer of each is shown.

    Raises:
        OptionError: the file has another ending, or there is nothing to draw.
    """
    target = Path(path)
    maps = [HeatMap.of(translation) for translation in translations]
    suffix = target.suffix.lower()
    if suffix not in (".html", ".png", ".json"):
        raise OptionError(
            f"Attention is written as .html, .png or .json, not as {target.name!r}.",
            "Give the file one of these endings.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".png":
        write_whole(target, attention_picture(maps))
    else:
        write_text_whole(target, attention_page(maps) if suffix == ".html" else _numbers(maps))


def _numbers(maps: Sequence[HeatMap]) -> str:
    values = [found.model_dump(mode="json") for found in maps]
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def attention_page(maps: Sequence[HeatMap]) -> str:
    """One self-contained HTML page."""
    return page_template("attention.html.jinja").render(maps=[drawn(found) for found in maps])


def drawn(heat_map: HeatMap) -> dict[str, Any]:
    """What the template draws: words, and per cell a weight and how strong its colour is."""
    return {
        "source": heat_map.source,
        "rows": [
            (
                word,
                [
                    (source, weight, round(min(max(weight, 0.0), 1.0), 3))
                    for source, weight in zip(heat_map.source, row, strict=True)
                ],
            )
            for word, row in zip(heat_map.target, heat_map.weights, strict=True)
        ],
    }


def attention_picture(maps: Sequence[HeatMap]) -> bytes:
    """A PNG with the heat maps below one another.

    Raises:
        OptionError: there is nothing to draw, or no font here has the characters.
    """
    from matplotlib import font_manager, rc_context
    from matplotlib.figure import Figure

    shown = [found for found in maps if found.source and found.target]
    if not shown:
        raise OptionError("There is no attention to draw.", "Give a text that is not empty.")
    fonts = ["DejaVu Sans"]
    installed = {font.name for font in font_manager.fontManager.ttflist}
    if any(_needs_wide_font(word) for found in shown for word in (*found.source, *found.target)):
        fonts = [name for name in _UNSPACED_FONTS if name in installed]
        if not fonts:
            raise OptionError(
                "No font on this computer has the Chinese or Japanese characters.",
                "Install one, for example Noto Sans CJK, or write .html instead.",
            )
    heights = [_CELL * len(found.target) + _MARGIN for found in shown]
    width = _CELL * max(len(found.source) for found in shown) + _MARGIN + 0.6
    with rc_context({"font.family": [*fonts, "DejaVu Sans"]}):
        figure = Figure(figsize=(max(width, 3.5), sum(heights)), layout="constrained")
        every = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
        for axes, found in zip(every[:, 0], shown, strict=True):
            axes.imshow(found.weights, cmap="Blues", vmin=0, vmax=1, aspect="equal")
            axes.set_xticks(range(len(found.source)), found.source, rotation=60, ha="left")
            axes.set_yticks(range(len(found.target)), found.target)
            axes.xaxis.tick_top()
            axes.tick_params(length=0, labelsize=9)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=144, metadata={"Software": None})
    return buffer.getvalue()


def _needs_wide_font(word: str) -> bool:
    return any("\u2e80" <= letter <= "\u9fff" or "\uac00" <= letter <= "\uffef" for letter in word)
