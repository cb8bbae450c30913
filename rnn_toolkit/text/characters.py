"""Character classes and patterns shared by every reader of a tokenizer.

Unicode's own classes (letter, punctuation, space) change with each Unicode version, so
two programs that ask their libraries "is this a letter?" can disagree. The classes here
are fixed code-point ranges instead, written into tokenizer.json as literal characters:
Oniguruma (tokenizers), RE2 (TensorFlow), JavaScript, Java and Swift read them alike.
"""

from __future__ import annotations

from typing import Final

CodePoints = tuple[tuple[int, int], ...]

# Characters that only separate tokens: white space, controls, invisible marks,
# zero-width joiners (an emoji family becomes its members) and variation selectors.
SEPARATORS: Final[CodePoints] = (
    (0x0000, 0x0020),
    (0x007F, 0x00A0),
    (0x00AD, 0x00AD),
    (0x1680, 0x1680),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x3000, 0x3000),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xE0000, 0xE01EF),
)

# Characters that are a token each: punctuation, symbols, emoji, and the scripts that are
# written without spaces (Chinese characters, kana).
SINGLES: Final[CodePoints] = (
    (0x0021, 0x002F),
    (0x003A, 0x0040),
    (0x005B, 0x0060),
    (0x007B, 0x007E),
    (0x00A1, 0x00A9),
    (0x00AB, 0x00AC),
    (0x00AE, 0x00B1),
    (0x00B4, 0x00B4),
    (0x00B6, 0x00B8),
    (0x00BB, 0x00BF),
    (0x00D7, 0x00D7),
    (0x00F7, 0x00F7),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x2070, 0x2BFF),
    (0x2E00, 0x2FFF),
    (0x3001, 0x312F),
    (0x3190, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE10, 0xFE6F),
    (0xFF00, 0xFF0F),
    (0xFF1A, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF9F),
    (0xFFE0, 0xFFFF),
    (0x1F000, 0x1FAFF),
    (0x20000, 0x3FFFF),
)

# Subword tokenizers give up on longer words, so that no text takes quadratic time.
LONGEST_WORD: Final = 100

# Markup that reviews carry.
HTML_TAG: Final = r"<[/!]?[A-Za-z][^<>]*>"
HTML_ENTITIES: Final[tuple[tuple[str, str], ...]] = (
    ("&nbsp;", " "),
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&apos;", "'"),
    ("&#39;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
)
APOSTROPHES: Final[tuple[str, ...]] = ("\u2019", "\u02bc", "\uff07")


def _literal(code_point: int) -> str:
    character = chr(code_point)
    return "\\" + character if character in r"\^[]-&~" else character


def character_class(ranges: CodePoints) -> str:
    """The inside of a regular-expression class that matches `ranges`.

    Args:
        ranges: inclusive code-point ranges.

    Returns:
        Text to stand between `[` and `]` or `[^` and `]`.
    """
    parts = [
        _literal(first) if first == last else f"{_literal(first)}-{_literal(last)}"
        for first, last in ranges
    ]
    return "".join(parts)


def separator_pattern() -> str:
    """A pattern for one run of separators."""
    return f"[{character_class(SEPARATORS)}]+"


def token_pattern() -> str:
    """A pattern for one token: a word (inner apostrophes included) or a single character."""
    outside = character_class(SEPARATORS) + character_class(SINGLES)
    word = f"[^{outside}]+"
    return f"{word}(?:'{word})*|[^{character_class(SEPARATORS)}]"
