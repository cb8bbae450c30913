"""Heat maps of attention: which source words were read for each target word."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator, Sequence
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
_LATIN_FONT = "DejaVu Sans"  # comes with matplotlib
_CELL, _MARGIN = 0.34, 1.6  # inches
_FINEST, _COARSEST = 144.0, 36.0  # dots per inch; below the second, nothing can be read
_LETTERS_NAMED = 20
_MOST_DOTS, _MOST_DOTS_OF_A_SIDE = 40e6, 32_000
_UPRIGHT = re.compile(  # scripts whose characters stand upright in a column
    r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)


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
        OptionError: the file has another ending, there is nothing to draw, or a picture of it
            would be too large or without the letters.
    """
    target = Path(path)
    suffix = check_attention_path(target)
    maps = [HeatMap.of(translation) for translation in translations]
    if suffix == ".png":
        write_whole(target, attention_picture(maps))
    else:
        write_text_whole(target, attention_page(maps) if suffix == ".html" else _numbers(maps))


def check_attention_path(path: Path) -> str:
    """The ending of a file that attention can be written to: .html, .png or .json.

    Args:
        path: the file.

    Raises:
        OptionError: the file has another ending.
    """
    suffix = path.suffix.lower()
    if suffix not in (".html", ".png", ".json"):
        raise OptionError(
            f"Attention is written as .html, .png or .json, not as {path.name!r}.",
            "Give the file one of these endings.",
        )
    return suffix


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
        "upright": [bool(_UPRIGHT.match(word)) for word in heat_map.source],
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
        OptionError: there is nothing to draw, it is too large, or no font here has the letters.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    shown = [found for found in maps if found.source and found.target]
    if not shown:
        raise OptionError("There is no attention to draw.", "Give a text that is not empty.")
    heights = [_CELL * len(found.target) + _MARGIN for found in shown]
    width = max(_CELL * max(len(found.source) for found in shown) + _MARGIN + 0.6, 3.5)
    dots = _dots_per_inch(width, sum(heights))
    fonts = _fonts("".join(word for found in shown for word in (*found.source, *found.target)))
    with rc_context({"font.family": fonts}):
        figure = Figure(figsize=(width, sum(heights)), layout="constrained")
        every = figure.subplots(len(shown), 1, squeeze=False, height_ratios=heights)
        for axes, found in zip(every[:, 0], shown, strict=True):
            axes.imshow(found.weights, cmap="Blues", vmin=0, vmax=1, aspect="equal")
            upright = all(map(_UPRIGHT.match, found.source))
            # A dollar sign is a dollar sign, not the beginning of a formula.
            axes.set_xticks(
                range(len(found.source)),
                found.source,
                rotation=0 if upright else 60,
                rotation_mode="anchor",
                ha="center" if upright else "left",
                parse_math=False,
            )
            axes.set_yticks(range(len(found.target)), found.target, parse_math=False)
            axes.set_anchor("NW")
            axes.xaxis.tick_top()
            axes.tick_params(length=0, labelsize=9)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=dots, metadata={"Software": None})
    return buffer.getvalue()


def _dots_per_inch(width: float, height: float) -> float:
    """As fine as a picture of this size, in inches, can be without filling the memory."""
    of_area = (_MOST_DOTS / (width * height)) ** 0.5
    dots = min(_FINEST, of_area, _MOST_DOTS_OF_A_SIDE / max(width, height))
    if dots < _COARSEST:
        raise OptionError(
            f"These heat maps would make a picture of {width:.0f} x {height:.0f} inches.",
            "Write .html instead, or give fewer or shorter texts.",
        )
    return dots


def _fonts(text: str) -> list[str]:
    """Names of fonts that have every letter of a text between them.

    Raises:
        OptionError: there are none here.
    """
    from matplotlib import font_manager

    missing = {ord(letter) for letter in text if letter.isprintable()}
    fonts = []
    for name in _names():
        has = font_manager.get_font(font_manager.findfont(name)).get_charmap()
        if not missing.isdisjoint(has):
            fonts.append(name)
            missing.difference_update(has)
        if not missing:
            return fonts or [_LATIN_FONT]
    letters = "".join(sorted(map(chr, missing))[:_LETTERS_NAMED])
    raise OptionError(
        f"No font on this computer has these characters: {letters}",
        "Write .html instead; for Chinese or Japanese, a font such as Noto Sans CJK helps too.",
    )


def _names() -> Iterator[str]:
    """Fonts to try, the most usual first; the computer is searched only if that is needed."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    yield _LATIN_FONT
    known = {font.name for font in fontManager.ttflist}
    yield from (name for name in _UNSPACED_FONTS if name in known)
    # matplotlib remembers its list of fonts, and misses those that were installed since.
    files = {font.fname for font in fontManager.ttflist}
    for file in sorted({*findSystemFonts()} - files):
        with contextlib.suppress(OSError, RuntimeError):  # of a kind that it cannot read
            fontManager.addfont(file)
    now = {font.name for font in fontManager.ttflist}
    yield from (name for name in _UNSPACED_FONTS if name in now - known)
