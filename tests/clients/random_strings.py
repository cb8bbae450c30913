"""Random Unicode strings for comparing tokenizers across programming languages."""

from __future__ import annotations

import random
from typing import Final

YOUNG: Final[tuple[tuple[int, int], ...]] = (
    (0x07FD, 0x07FD),
    (0x0897, 0x089F),
    (0x08CA, 0x08D3),
    (0x09FE, 0x09FE),
    (0x0C3C, 0x0C3C),
    (0x0D3B, 0x0D3C),
    (0x0EBA, 0x0EBA),
    (0x1715, 0x1715),
    (0x1ABF, 0x1ADD),
    (0x1AE0, 0x1AEB),
    (0x1C89, 0x1C89),
    (0x1DF6, 0x1DFA),
    (0x2C2F, 0x2C2F),
    (0xA7C0, 0xA7C0),
    (0xA7CB, 0xA7CC),
    (0xA7CE, 0xA7CE),
    (0xA7D0, 0xA7D0),
    (0xA7D2, 0xA7D2),
    (0xA7D4, 0xA7D4),
    (0xA7D6, 0xA7D6),
    (0xA7D8, 0xA7D8),
    (0xA7DA, 0xA7DA),
    (0xA7DC, 0xA7DC),
    (0xA82C, 0xA82C),
    (0x10570, 0x1057A),
    (0x1057C, 0x1058A),
    (0x1058C, 0x10592),
    (0x10594, 0x10595),
    (0x10D24, 0x10D27),
    (0x10D50, 0x10D65),
    (0x10D69, 0x10D6D),
    (0x10EAB, 0x10EAC),
    (0x10EFA, 0x10EFB),
    (0x10EFD, 0x10EFF),
    (0x10F46, 0x10F50),
    (0x10F82, 0x10F85),
    (0x11070, 0x11070),
    (0x1133B, 0x1133B),
    (0x113CE, 0x113D0),
    (0x1145E, 0x1145E),
    (0x11839, 0x1183A),
    (0x1193D, 0x1193E),
    (0x11943, 0x11943),
    (0x119E0, 0x119E0),
    (0x11A34, 0x11A34),
    (0x11A47, 0x11A47),
    (0x11A99, 0x11A99),
    (0x11D42, 0x11D42),
    (0x11D44, 0x11D45),
    (0x11D97, 0x11D97),
    (0x11F41, 0x11F42),
    (0x1612F, 0x1612F),
    (0x16EA0, 0x16EB8),
    (0x16FF0, 0x16FF1),
    (0x1E08F, 0x1E08F),
    (0x1E130, 0x1E136),
    (0x1E2AE, 0x1E2AE),
    (0x1E2EC, 0x1E2EF),
    (0x1E4EC, 0x1E4EF),
    (0x1E5EE, 0x1E5EF),
    (0x1E6E3, 0x1E6E3),
    (0x1E6E6, 0x1E6E6),
    (0x1E6EE, 0x1E6EF),
    (0x1E6F5, 0x1E6F5),
)
"""Characters that platforms treat differently, because they are newer than some platform's tables.

These are all: found by lower-casing and composing each code point of Unicode, alone and between
combining marks, with the tokenizers library 0.21, Python 3.11, Node 20 and Java 17. They are
combining marks added to Unicode since 2016 and letters with case added since 2020.
"""

_PLAIN: Final = "abcdefghijklmnopqrstuvwxyz ABC xyz the good film 0123456789 .,!?'\"-() \n"
_TRICKY: Final = (
    *range(0x00, 0x21),
    *(0x22, 0x26, 0x27, 0x3C, 0x3E, 0x5B, 0x5D, 0x2F, 0x7F, 0x85, 0xA0, 0xAD, 0xB2, 0xBD, 0xDF),
    *(0x130, 0x131, 0x149, 0x1F0, 0x3A3, 0x3C2, 0x3C3, 0x1E9E, 0xFB01, 0x212A, 0x212B, 0x2019),
    *(0x2BC, 0xFF07, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000),
    *(0xFE0E, 0xFE0F, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF, 0xE0001, 0xE0100, 0x1680, 0x180E),
)
_MARKS: Final = (0x300, 0x301, 0x302, 0x303, 0x307, 0x308, 0x30A, 0x316, 0x323, 0x327, 0x328, 0x345)
_MARKUP: Final = (
    "<br />",
    "&amp;",
    "&lt;",
    "&#39;",
    "&quot;",
    "&nbsp;",
    "</b",
    "it's",
    "'ll",
    "\r\n",
)
_BLOCKS: Final = (
    (0x00A1, 0x024F),
    (0x0370, 0x058F),
    (0x0590, 0x07FF),
    (0x0900, 0x0DFF),
    (0x0E00, 0x0FFF),
    (0x1100, 0x11FF),
    (0x1E00, 0x1FFF),
    (0x2000, 0x2BFF),
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),
    (0x10400, 0x1044F),
    (0x1F300, 0x1FAFF),
    (0x20000, 0x2FA1F),
)


def random_strings(count: int, *, seed: int, surrogates: bool = True) -> list[str]:
    """Strings of 0 to 24 characters of every kind: letters, marks, emoji, controls, anything.

    Args:
        count: how many.
        seed: the same seed gives the same strings.
        surrogates: whether halves of surrogate pairs may stand alone among them.
    """
    young = {point for first, last in YOUNG for point in range(first, last + 1)}
    generator = random.Random(seed)
    return [_string(generator, young, surrogates) for _ in range(count)]


def _string(generator: random.Random, young: set[int], surrogates: bool) -> str:
    pieces: list[str] = []
    for _ in range(generator.randrange(25)):
        kind = generator.random()
        if kind < 0.45:
            pieces.append(generator.choice(_PLAIN))
        elif kind < 0.55:
            pieces.append(chr(generator.choice(_TRICKY)))
        elif kind < 0.65:
            pieces.append(chr(generator.choice(_MARKS)))
        elif kind < 0.70:
            pieces.append(generator.choice(_MARKUP))
        elif kind < 0.71 and surrogates:
            pieces.append(chr(generator.randrange(0xD800, 0xE000)))
        elif kind < 0.90:
            pieces.append(_scalar(generator, young, *generator.choice(_BLOCKS)))
        else:
            pieces.append(_scalar(generator, young, 0, 0x10FFFF))
    return "".join(pieces)


def _scalar(generator: random.Random, young: set[int], first: int, last: int) -> str:
    """A character that is no half of a pair and that all platforms know, or all do not."""
    while True:
        point = generator.randint(first, last)
        if point not in young and not 0xD800 <= point < 0xE000:
            return chr(point)
