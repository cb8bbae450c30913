"""Banned and forced texts of a request, as the ids that a tokenizer may write them with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rnn_toolkit.decoding.forced import ForcedText
from rnn_toolkit.errors import OptionError
from rnn_toolkit.text.characters import SEPARATORS, SINGLES
from rnn_toolkit.text.description import UNKNOWN_ID


class GenerationTokens(Protocol):
    """What generation needs of a tokenizer; see `GenerationTokenizer`."""

    @property
    def kind(self) -> str:
        """How text is cut: "char", "subword", "word" or "whitespace"."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """Labels that can steer a text."""

    @property
    def vocabulary_size(self) -> int:
        """The number of ids."""

    @property
    def special_ids(self) -> tuple[int, ...]:
        """Ids that stand for no text."""

    def encode(self, text: str) -> list[int]:
        """The ids of a text; may be empty."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids; special ids give nothing."""

    def vocabulary(self) -> list[str]:
        """The tokens in the order of their ids."""

    def unseen(self, text: str) -> list[str]:
        """The pieces of a text that are unknown, each once, in order."""

    def condition_id(self, label: str) -> int:
        """The id of a label."""


_SPACE_IN_THE_TOKEN = ("word", "subword")


def is_word_character(character: str) -> bool:
    """Whether a character can be inside a word; Chinese characters and kana are words alone."""
    point = ord(character)
    return not any(first <= point <= last for first, last in (*SEPARATORS, *SINGLES))


def banned_sequences(
    tokenizer: GenerationTokens, texts: Sequence[str]
) -> dict[str, list[tuple[int, ...]]]:
    """The ids that would write each banned text, at the beginning of a word and elsewhere.

    A char model writes a text inside longer words too, and it is banned there as well.

    Args:
        tokenizer: of the model.
        texts: what must not appear.

    Returns:
        Sequences by text; none for a text with unknown parts, which cannot appear anyway.

    Raises:
        OptionError: a text has no tokens.
    """
    found = {}
    for text in texts:
        variants = [text]
        if tokenizer.kind in _SPACE_IN_THE_TOKEN and not text.startswith(" "):
            variants.append(f" {text}")
        encoded = [_encode(tokenizer, variant, "banned") for variant in variants]
        found[text] = [ids for ids in encoded if UNKNOWN_ID not in ids]
    return found


def forced_texts(
    tokenizer: GenerationTokens,
    texts: Sequence[str],
    banned: dict[str, list[tuple[int, ...]]],
) -> list[ForcedText]:
    """Forced texts as ids; one that is part of another needs no place of its own.

    Args:
        tokenizer: of the model.
        texts: what must appear.
        banned: see `banned_sequences`.

    Raises:
        OptionError: a text cannot be written, or holds a banned one.
    """
    distinct = list(dict.fromkeys(texts))
    needed = [
        text for text in distinct if not any(text in other for other in distinct if other != text)
    ]
    return [_forced(tokenizer, text, banned) for text in needed]


def _forced(
    tokenizer: GenerationTokens, text: str, banned: dict[str, list[tuple[int, ...]]]
) -> ForcedText:
    plain = _encode(tokenizer, text, "forced")
    spaced = () if text.startswith(" ") else _encode(tokenizer, f" {text}", "forced")
    if UNKNOWN_ID in spaced or tokenizer.kind == "whitespace":
        spaced = ()
    if UNKNOWN_ID in plain:
        if not spaced:
            unseen = ", ".join(map(repr, tokenizer.unseen(text)))
            raise OptionError(
                f"The forced text {text!r} has parts that the model cannot write: {unseen}.",
                "Force a text made of what it was trained on.",
            )
        plain = ()
    for name, sequences in banned.items():
        if any(_holds(ids, ban) for ids in (plain, spaced) for ban in sequences):
            raise OptionError(
                f"The forced text {text!r} holds the banned text {name!r}.", "Leave out one."
            )
    if not plain:
        return ForcedText(spaced)
    if not spaced or not is_word_character(text[0]):
        return ForcedText(plain)
    return ForcedText(spaced, plain, waits=tokenizer.decode(spaced[:1]).isspace())


def _encode(tokenizer: GenerationTokens, text: str, role: str) -> tuple[int, ...]:
    ids = tuple(tokenizer.encode(text))
    if not ids:
        raise OptionError(
            f"The {role} text {text!r} has no tokens.",
            f"A {tokenizer.kind} model cannot tell it from nothing; give another text.",
        )
    return ids


def _holds(ids: Sequence[int], part: Sequence[int]) -> bool:
    size = len(part)
    return any(tuple(ids[start : start + size]) == tuple(part) for start in range(len(ids)))
