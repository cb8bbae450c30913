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

# Characters of SINGLES that byte-level subwords may join, as they join letters.
IDEOGRAPHS: Final[CodePoints] = (
    (0x3005, 0x3007),
    (0x3041, 0x3096),
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x30FF),
    (0x3105, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x20000, 0x3FFFF),
)

# Digits and fractions, which byte-level subwords keep apart from letters.
DIGITS: Final[CodePoints] = (
    (0x0030, 0x0039),
    (0x00B2, 0x00B3),
    (0x00B9, 0x00B9),
    (0x00BC, 0x00BE),
    (0x0660, 0x0669),
    (0x06F0, 0x06F9),
    (0x0966, 0x096F),
    (0x09E6, 0x09EF),
    (0xFF10, 0xFF19),
)

# White space in the sense of Unicode, which has not changed since 2013.
WHITE_SPACE: Final[CodePoints] = (
    (0x0009, 0x000D),
    (0x0020, 0x0020),
    (0x0085, 0x0085),
    (0x00A0, 0x00A0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)

_LAST_CODE_POINT: Final = 0x10FFFF

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


def byte_level_pattern() -> str:
    """A pattern for one piece that byte-level subwords may not cross.

    The pieces are those of GPT-2 (Radford et al., 2019): English contractions, a run of
    letters, of digits or of other marks, each with the space before it, and white space. Its
    own pattern asks the engine which characters are letters; here that is fixed.
    """
    letters = _without(_everything_but((*SEPARATORS, *SINGLES)), DIGITS)
    letters = tuple(sorted((*letters, *IDEOGRAPHS)))
    inside, digits, space = map(character_class, (letters, DIGITS, WHITE_SPACE))
    return (
        "'(?:[sdmt]|ll|ve|re)"
        f"| ?[{inside}]+| ?[{digits}]+| ?[^{space}{digits}{inside}]+"
        f"|[{space}]+(?![^{space}])|[{space}]+"
    )


def delimiters() -> CodePoints:
    """What plain words are cut at: separators, punctuation and symbols, not ideographs."""
    return _without((*SEPARATORS, *SINGLES), IDEOGRAPHS)


def plain_word_pattern() -> str:
    """A pattern for one plain word: what stands between two delimiters."""
    return f"[^{character_class(delimiters())}]+"


def _everything_but(ranges: CodePoints) -> CodePoints:
    found, following = [], 0
    for first, last in sorted(ranges):
        if first > following:
            found.append((following, first - 1))
        following = max(following, last + 1)
    if following <= _LAST_CODE_POINT:
        found.append((following, _LAST_CODE_POINT))
    return tuple(found)


def _without(ranges: CodePoints, removed: CodePoints) -> CodePoints:
    return _everything_but((*_everything_but(ranges), *removed))
