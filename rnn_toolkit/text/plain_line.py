"""A text as one tidy line, which is how translation reads and writes every text."""

from __future__ import annotations

import unicodedata


def plain_line(text: str) -> str:
    """A text on one line, composed, with plain single spaces.

    Unicode is composed (NFC). White space of every kind and length, such as the no-break and
    thin spaces before French punctuation (U+00A0, U+202F, U+2009), tabs and line breaks,
    becomes one plain space; there is none at the ends. Otherwise the text stays as it is.

    Args:
        text: any text.

    Returns:
        The line; empty when the text holds nothing but white space.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())
