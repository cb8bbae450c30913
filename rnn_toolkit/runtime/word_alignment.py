"""Which source words a model read for each target word: attention over tokens, put into words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.text.characters import APOSTROPHES, separator_pattern, token_pattern

Spans = Sequence[tuple[int, int]]
"""Where each token stands in a text, as (first character, end)."""

_WORD = re.compile(token_pattern())
_SEPARATORS_AT_THE_END = re.compile(rf"{separator_pattern()}\Z")
_STRAIGHT = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))


@dataclass(frozen=True)
class WordAlignment:
    """How much of each source word was read for each target word.

    Args:
        source: the source words; a Chinese character or a mark is a word too.
        target: the target words.
        weights: [target words, source words]; of a word of several tokens the source weights
            are summed and the target weights averaged, so that each row still sums to 1.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: NDArray[np.float32] = field(compare=False)


@dataclass(frozen=True)
class TextWords:
    """The words of a text, and which of them each token belongs to.

    Args:
        words: at least one where there are tokens.
        starts: where each word begins in the text.
        of_tokens: [tokens], the number of the word of each.
    """

    words: tuple[str, ...]
    starts: tuple[int, ...]
    of_tokens: NDArray[np.int64]

    def membership(self) -> NDArray[np.float32]:
        """[tokens, words], 1 where the token belongs to the word."""
        return (self.of_tokens[:, None] == np.arange(len(self.words))).astype(np.float32)


def words_of(text: str, spans: Spans) -> TextWords:
    """Puts tokens together to words.

    A word is what lies between white space, with its inner apostrophes; a mark, and a
    character of a script without spaces, is a word of its own, unless a token holds several.
    A token belongs to the word that begins in it or that it goes on with; a token of white
    space to the word that follows.

    Args:
        text: the text.
        spans: of its tokens, in order; a token of half a character may stand for no text.
    """
    matches = [match.span() for match in _WORD.finditer(text.translate(_STRAIGHT))]
    ends = np.array([end for _, end in matches], np.int64)
    # The first word that ends after the token begins; behind the last word, the last one.
    places = np.searchsorted(ends, [start for start, _ in spans], side="right")
    places = np.minimum(places, max(len(matches) - 1, 0))
    used, of_tokens = np.unique(places, return_inverse=True)
    words, starts = [], []
    for number in range(len(used)):
        members = np.flatnonzero(of_tokens == number).tolist()
        first, end = spans[members[0]][0], max(spans[member][1] for member in members)
        start = max(first, matches[used[number]][0]) if matches else first
        words.append(_SEPARATORS_AT_THE_END.sub("", text[start:end]))
        starts.append(start)
    return TextWords(tuple(words), tuple(starts), of_tokens.astype(np.int64))


def spans_of(pieces: Sequence[str]) -> list[tuple[int, int]]:
    """Where each piece stands in the text that all of them make together."""
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    return [(end - len(piece), end) for piece, end in zip(pieces, ends, strict=True)]


def align_words(
    source: TextWords, target: TextWords, attention: NDArray[np.float32]
) -> WordAlignment:
    """Attention over tokens as attention over words.

    Args:
        source: words of the source.
        target: words of the target.
        attention: [target tokens, source tokens]; a further row, of the end mark, is left out.
    """
    of_tokens = attention[: len(target.of_tokens)] @ source.membership()
    members = target.membership()
    counts = members.sum(axis=0)[:, None]  # [target words, 1]
    return WordAlignment(source.words, target.words, (members.T @ of_tokens) / counts)
