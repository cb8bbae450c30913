"""How surprised a language model is by each token of a text, as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from rnn_toolkit.config import Settings
from rnn_toolkit.report import plots
from rnn_toolkit.report.templates import page_template

_SHOWN_TOKENS = 1000
_LOWEST_CEILING = 4


class SurprisingToken(Settings):
    """A token of a text.

    Args:
        text: what it stands for; empty for the end of a text.
        bits: -log2 of the probability that the model gave it.
        alternative: the token the model thought likeliest, if known.
        alternative_probability: of that token, 0 to 1.
    """

    text: str
    bits: float
    alternative: str | None = None
    alternative_probability: float | None = None


def surprise_picture(tokens: Sequence[SurprisingToken]) -> str:
    """The text with coloured tokens, its legend, and a line plot by position.

    Args:
        tokens: at least one; the text shows at most a thousand of them, the plot all.

    Returns:
        HTML to stand inside a page; everything in it is escaped.
    """
    bits = [token.bits for token in tokens]
    ceiling = _ceiling(bits)
    shown = "".join(_span(token, ceiling) for token in tokens[:_SHOWN_TOKENS])
    left_out = len(tokens) - _SHOWN_TOKENS
    more = f"<p><em>\u2026 {left_out:,} more tokens</em></p>" if left_out > 0 else ""
    return (
        f'<p class="legend">0 bits <i style="background: linear-gradient(to right, '
        f'{_colour(0)}, {_colour(1)})"></i> {ceiling} bits or more</p>'
        f'<div class="text"><pre class="surprise">{shown}</pre>{more}</div>'
        f'<figure class="wide">{plots.surprise_by_position(bits)}</figure>'
    )


def surprise_page(tokens: Sequence[SurprisingToken], *, title: str) -> str:
    """The picture as a page of its own, without any outside reference.

    Args:
        tokens: at least one.
        title: of the page.
    """
    nats = sum(token.bits for token in tokens) * math.log(2)
    return page_template("surprise.html.jinja").render(
        title=title,
        picture=surprise_picture(tokens),
        tokens=len(tokens),
        bits=nats / math.log(2) / len(tokens),
        perplexity=math.exp(min(nats / len(tokens), 700.0)),
    )


def visible(text: str) -> str:
    """A text as a page can show it: control characters become their pictures.

    Line feeds and tabs stay; half a surrogate pair, which no file can hold, becomes U+FFFD.
    """
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    code = ord(character)
    if (code < 0x20 and character not in "\n\t") or code == 0x7F:
        return chr(0x2421 if code == 0x7F else 0x2400 + code)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else character


def _ceiling(bits: Sequence[float]) -> int:
    """The bits of the strongest colour: few tokens are more surprising, so that none hides all."""
    ordered = sorted(bits)
    high = ordered[int(0.95 * (len(ordered) - 1))]
    return max(_LOWEST_CEILING, 2 * math.ceil(high / 2))


def _colour(strength: float) -> str:
    return f"rgba(217,115,26,{0.75 * min(max(strength, 0.0), 1.0):.2f})"


def _span(token: SurprisingToken, ceiling: int) -> str:
    title = f"{token.bits:.2f} bits"
    if token.alternative is not None:
        title += f"; likeliest: {_in_words(token.alternative)}"
        if token.alternative_probability is not None:
            title += f" ({100 * token.alternative_probability:.1f} %)"
    text = escape(visible(token.text)) or "<s>\u220e</s>"
    # The sign stands before the line feed, so that the end of the line shows its colour.
    text = text.replace("\n", "<s>\u21b5</s>\n")
    colour = _colour(token.bits / ceiling)
    return f'<span style="background:{colour}" title="{escape(title)}">{text}</span>'


def _in_words(text: str) -> str:
    return f"\u201c{visible(text)}\u201d".replace("\n", "\u21b5") if text else "the end of the text"
