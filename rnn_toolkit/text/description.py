"""Builds the parts of a tokenizer that need no training: normalizer and pre-tokenizer."""

from __future__ import annotations

from tokenizers import Regex, normalizers, pre_tokenizers

from rnn_toolkit.text.characters import (
    APOSTROPHES,
    HTML_ENTITIES,
    HTML_TAG,
    plain_word_pattern,
    separator_pattern,
    token_pattern,
)

PAD_TOKEN = "[PAD]"
UNKNOWN_TOKEN = "[UNK]"
PAD_ID = 0
UNKNOWN_ID = 1
BEGIN_ID = 2
END_ID = 3
WORD_PIECE_PREFIX = "##"


def literal_replacements() -> tuple[tuple[str, str], ...]:
    """The replacements made before Unicode normalisation, in order."""
    return (*HTML_ENTITIES, ("\x00", " "))


def build_normalizer(*, lowercase: bool, squeeze_space: bool) -> normalizers.Normalizer:
    """The clean-up that every text passes before it is cut into tokens.

    Markup and entities go, Unicode is composed (NFC), curly apostrophes become straight.
    Capital sigma is lower-cased first because engines disagree on its word-final form.

    Args:
        lowercase: whether letters are lower-cased.
        squeeze_space: whether runs of separators become one space and the ends are
            trimmed (char tokenizers, for which a space is a token).

    Returns:
        A normalizer of the tokenizers library.
    """
    steps: list[normalizers.Normalizer] = [normalizers.Replace(Regex(HTML_TAG), " ")]
    steps += [normalizers.Replace(old, new) for old, new in literal_replacements()]
    steps.append(normalizers.NFC())
    steps += [normalizers.Replace(mark, "'") for mark in APOSTROPHES]
    if lowercase:
        steps += [normalizers.Replace("\u03a3", "\u03c3"), normalizers.Lowercase()]
    if squeeze_space:
        steps += [normalizers.Replace(Regex(separator_pattern()), " "), normalizers.Strip()]
    return normalizers.Sequence(steps)


def word_pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Cuts text into words and single characters, and drops separators."""
    return pre_tokenizers.Split(Regex(token_pattern()), "removed", invert=True)


def plain_word_pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Cuts text at delimiters, and drops them."""
    return pre_tokenizers.Split(Regex(plain_word_pattern()), "removed", invert=True)


def character_pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Cuts text into single characters, spaces included."""
    return pre_tokenizers.Split(Regex("."), "isolated")
