"""The likeliest next words, whatever the tokens of the model are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.filters import Scores
from rnn_toolkit.runtime.phrases import is_word_character
from rnn_toolkit.text.description import END_ID

_IDEOGRAPHS_AT_ONCE = 2


class WordChoices:
    """A constraint under which a beam search finds next words.

    A choice is the space before it and a word, or a single other character, or two
    Chinese characters. It is complete
    when the next token would begin something new: the probabilities of all those tokens
    together are that of the end mark, so that the score of a choice is the log-probability
    that the text goes on with exactly this word.

    Args:
        texts: of each id.
        never: ids that are never written.
        single: every token is a word of its own.
    """

    def __init__(self, texts: Sequence[str], *, never: Collection[int], single: bool) -> None:
        self.texts = tuple(texts)
        self.never = np.array(sorted({*never} - {END_ID}), np.int64)
        self.single = single
        self.ends_word = np.array([not _in_word(text[:1]) for text in texts])
        self.ends_ideographs = np.array([not _is_ideograph(text[:1]) for text in texts])

    def begin(self) -> str:
        """See Constraint; the memory is the text so far."""
        return ""

    def after(self, memory: str, new: int) -> str:
        """See Constraint."""
        return memory + self.texts[new]

    def apply(self, logits: NDArray[Any], memories: Sequence[str]) -> Scores:
        """See Constraint."""
        scores = logits.astype(np.float64)
        everything = np.logaddexp.reduce(scores, axis=-1)
        scores[:, self.never] = -np.inf
        for row, text, total in zip(scores, memories, everything, strict=True):
            if not text.strip():
                row[END_ID] = -np.inf
            elif self.single or _is_complete(text.lstrip()):
                row[:] = -np.inf
                row[END_ID] = total
            else:
                ends = self.ends_ideographs if _is_ideograph(text[-1]) else self.ends_word
                anew = np.logaddexp.reduce(row[ends])
                row[ends] = -np.inf
                row[END_ID] = anew
        return scores


def _in_word(character: str) -> bool:
    # Half a character belongs to whatever is before it.
    return bool(character) and (is_word_character(character) or character in "'\u2019\ufffd")


def _is_ideograph(character: str) -> bool:
    return character.isalnum() and not is_word_character(character)


def _is_complete(choice: str) -> bool:
    if _is_ideograph(choice[-1]):
        return len(choice) >= _IDEOGRAPHS_AT_ONCE
    return not _in_word(choice[-1])
