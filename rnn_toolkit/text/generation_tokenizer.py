"""Tokenizers for generation: text to ids, and ids back to the same text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from rnn_toolkit.config import GenerationTokenizerKind
from rnn_toolkit.errors import OptionError
from rnn_toolkit.text.description import BEGIN_ID, END_ID, UNKNOWN_ID
from rnn_toolkit.text.fast_tokenizer import read_fast_tokenizer, without_surrogates

FIRST_ORDINARY_ID = 4
NEW_LINE = "\n"
_LINE_END = re.compile("\r\n?")


class GenerationTokenizer:
    """Turns text into ids and back, the same way in training and on a device.

    Ids 0 to 3 are padding, unknown, begin and end; the labels of a condition come last.

    Args:
        fast_tokenizer: a tokenizer of the tokenizers library.
        kind: how text is cut: "char" (code points), "subword" (byte-level pairs), "word"
            (words with the space before them) or "whitespace" (what spaces separate; a line
            end is a token).
        conditions: labels that can steer a text, each an id of its own.
    """

    def __init__(
        self,
        fast_tokenizer: FastTokenizer,
        *,
        kind: GenerationTokenizerKind,
        conditions: Sequence[str] = (),
    ) -> None:
        self.fast_tokenizer = fast_tokenizer
        self.kind = kind
        self.conditions = tuple(conditions)

    @classmethod
    def from_file(
        cls, path: Path, *, kind: GenerationTokenizerKind, conditions: Sequence[str] = ()
    ) -> GenerationTokenizer:
        """Reads tokenizer.json.

        Raises:
            BundleError: the file is missing or is not a tokenizer.
        """
        return cls(read_fast_tokenizer(path), kind=kind, conditions=conditions)

    @cached_property
    def vocabulary_size(self) -> int:
        """The number of ids."""
        return int(self.fast_tokenizer.get_vocab_size())

    @property
    def joins(self) -> str:
        """What stands between two tokens in a text."""
        return " " if self.kind == "whitespace" else ""

    @cached_property
    def special_ids(self) -> tuple[int, ...]:
        """Ids that stand for no text: padding, unknown, begin, end, conditions."""
        first = self.vocabulary_size - len(self.conditions)
        return (*range(FIRST_ORDINARY_ID), *range(first, self.vocabulary_size))

    def vocabulary(self) -> list[str]:
        """The tokens in the order of their ids."""
        return list(self._tokens)

    @cached_property
    def _special(self) -> frozenset[int]:
        return frozenset(self.special_ids)

    @cached_property
    def _tokens(self) -> list[str]:
        by_token: dict[str, int] = self.fast_tokenizer.get_vocab()
        return sorted(by_token, key=by_token.__getitem__)

    def normalize(self, text: str) -> str:
        """The text as the tokenizer sees it: composed (NFC), line ends as one character."""
        text = prepared(text)
        normalizer = self.fast_tokenizer.normalizer
        return text if normalizer is None else str(normalizer.normalize_str(text))

    def encode(self, text: str) -> list[int]:
        """The ids of a text, without begin and end; none for an empty text."""
        found: list[int] = self.encode_array(text).tolist()
        return found

    def encode_batch(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of several texts."""
        return [self.encode(text) for text in texts]

    def encode_array(self, text: str) -> NDArray[np.int32]:
        """The ids of a text as an array, which is fast for long ones."""
        if self.kind == "char":
            return self._ids_of_characters(self.normalize(text))
        ids = self.fast_tokenizer.encode(prepared(text), add_special_tokens=False).ids
        return np.asarray(ids, np.int32)

    def _ids_of_characters(self, text: str) -> NDArray[np.int32]:
        """A table look-up, which gives what the tokenizers library gives, only faster."""
        points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        known, ids = self._characters
        places = np.minimum(np.searchsorted(known, points), len(known) - 1)
        found = np.where(known[places] == points, ids[places], UNKNOWN_ID)
        return found.astype(np.int32)

    @cached_property
    def _characters(self) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        pairs = sorted(
            (ord(token), number) for number, token in enumerate(self._tokens) if len(token) == 1
        )
        return (
            np.asarray([point for point, _ in pairs], np.uint32),
            np.asarray([number for _, number in pairs], np.int32),
        )

    def decode(self, ids: Sequence[int]) -> str:
        """The text that ids stand for; special ids give nothing."""
        ordinary = [int(number) for number in ids if int(number) not in self._special]
        if self.kind == "subword":
            return str(self.fast_tokenizer.decode(ordinary, skip_special_tokens=False))
        text = self.joins.join(self._tokens[number] for number in ordinary)
        if self.kind != "whitespace":
            return text
        return text.replace(f" {NEW_LINE}", NEW_LINE).replace(f"{NEW_LINE} ", NEW_LINE)

    def unseen(self, text: str) -> list[str]:
        """The pieces of a text that training never saw, each once, in order."""
        if self.kind == "char":
            normal = self.normalize(text)
            pairs = zip(normal, self._ids_of_characters(normal), strict=True)
            pieces = [character for character, number in pairs if number == UNKNOWN_ID]
        else:
            clean = prepared(text)
            encoding = self.fast_tokenizer.encode(clean, add_special_tokens=False)
            pieces = [
                clean[start:end].strip(" ")
                for number, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
                if number == UNKNOWN_ID
            ]
        return list(dict.fromkeys(pieces))

    def condition_id(self, label: str) -> int:
        """The id of a label of the condition.

        Raises:
            OptionError: training never saw it.
        """
        if not self.conditions:
            raise OptionError(
                "This model was trained without a condition.", "Leave --condition away."
            )
        if label not in self.conditions:
            shown = ", ".join(self.conditions[:20])
            more = "" if len(self.conditions) <= 20 else f" and {len(self.conditions) - 20} more"
            raise OptionError(f"There is no condition {label!r}.", f"Choose from: {shown}{more}.")
        return self.vocabulary_size - len(self.conditions) + self.conditions.index(label)

    def document(self, text: str, condition: str | None = None) -> NDArray[np.int32]:
        """The ids of a whole document: begin, the label if there is one, text, end."""
        before = [BEGIN_ID] if condition is None else [BEGIN_ID, self.condition_id(condition)]
        return np.concatenate(
            [np.asarray(before, np.int32), self.encode_array(text), np.asarray([END_ID], np.int32)]
        )

    def save(self, path: Path) -> None:
        """Writes tokenizer.json."""
        path.write_text(self.fast_tokenizer.to_str(pretty=True), encoding="utf-8")


def prepared(text: str) -> str:
    """A text as the tokenizers library gets it: line ends as one character, no lone surrogates."""
    return _LINE_END.sub(NEW_LINE, without_surrogates(text))
