"""The tokenizer at work: text to ids, with truncation that keeps head and tail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from rnn_toolkit.errors import OptionError
from rnn_toolkit.text.description import UNKNOWN_ID
from rnn_toolkit.text.fast_tokenizer import read_fast_tokenizer, without_surrogates

_AT_ONCE = 1000  # texts; what the library keeps of each text is fifty times as large as its ids


class Tokenizer:
    """Turns text into ids the same way in training, in prediction and on a device.

    Args:
        fast_tokenizer: a tokenizer of the tokenizers library; id 0 pads, id 1 is unknown.
        maximum_length: the most ids a text may have; longer texts keep `head_length` ids
            from their beginning and the rest from their end.
        head_length: how many ids of an over-long text come from its beginning.
    """

    def __init__(
        self, fast_tokenizer: FastTokenizer, *, maximum_length: int, head_length: int
    ) -> None:
        if maximum_length < 1:
            raise OptionError(f"The maximum length must be at least 1, not {maximum_length}.")
        if not 0 <= head_length <= maximum_length:
            raise OptionError(
                f"The head length must lie between 0 and the maximum length {maximum_length}, "
                f"not {head_length}."
            )
        self.fast_tokenizer = fast_tokenizer
        self.maximum_length = maximum_length
        self.head_length = head_length

    @classmethod
    def from_file(cls, path: Path, *, maximum_length: int, head_length: int) -> Tokenizer:
        """Reads tokenizer.json.

        Args:
            path: the file.
            maximum_length: see the class.
            head_length: see the class.

        Raises:
            BundleError: the file is missing or is not a tokenizer.
        """
        return cls(
            read_fast_tokenizer(path), maximum_length=maximum_length, head_length=head_length
        )

    @property
    def vocabulary_size(self) -> int:
        """The number of ids."""
        return int(self.fast_tokenizer.get_vocab_size())

    @property
    def lowercases(self) -> bool:
        """Whether letters are lower-cased before tokens are looked up."""
        return self.normalize("A") == "a"

    def vocabulary(self) -> list[str]:
        """The tokens in the order of their ids."""
        by_token: dict[str, int] = self.fast_tokenizer.get_vocab()
        return sorted(by_token, key=by_token.__getitem__)

    def normalize(self, text: str) -> str:
        """The text after clean-up, before it is cut into tokens."""
        normalizer = self.fast_tokenizer.normalizer
        text = without_surrogates(text)
        return text if normalizer is None else str(normalizer.normalize_str(text))

    def encode(self, text: str) -> list[int]:
        """The ids of one text, truncated; a text without any token is one unknown id."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of several texts, truncated, without padding.

        Args:
            texts: any strings, empty ones included.

        Returns:
            One list of at least one and at most `maximum_length` ids per text.
        """
        return [self.truncate(ids) for ids in self.whole(texts)]

    def encode_rows(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """What `encode_batch` gives, each text as an array: a ninth of the memory."""
        return list(self.rows(texts))

    def rows(self, texts: Sequence[str]) -> Iterator[NDArray[np.int32]]:
        """What `encode_rows` gives, one after the other."""
        return (np.asarray(self.truncate(ids), np.int32) for ids in self.whole(texts))

    def encode_whole(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of several texts before truncation; a text without any token has none."""
        return list(self.whole(texts))

    def whole(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """What `encode_whole` gives, one after the other."""
        for start in range(0, len(texts), _AT_ONCE):
            encodings = self.fast_tokenizer.encode_batch_fast(
                [without_surrogates(text) for text in texts[start : start + _AT_ONCE]],
                add_special_tokens=False,
            )
            for encoding in encodings:
                yield encoding.ids

    def tokens(self, text: str) -> tuple[list[str], list[int]]:
        """The pieces of the clean text that the ids of `encode` stand for, and those ids."""
        original = without_surrogates(text)
        encoding = self.fast_tokenizer.encode(original, add_special_tokens=False)
        pieces = [original[start:end] for start, end in encoding.offsets]
        if not pieces:
            return [""], [UNKNOWN_ID]
        if len(pieces) > self.maximum_length:
            tail = len(pieces) - (self.maximum_length - self.head_length)
            pieces = pieces[: self.head_length] + pieces[tail:]
        return pieces, self.truncate(encoding.ids)

    def truncate(self, ids: list[int]) -> list[int]:
        """Cuts over-long ids to their head and tail; no ids become one unknown id."""
        if not ids:
            return [UNKNOWN_ID]
        if len(ids) <= self.maximum_length:
            return list(ids)
        tail = len(ids) - (self.maximum_length - self.head_length)
        return ids[: self.head_length] + ids[tail:]

    def save(self, path: Path) -> None:
        """Writes tokenizer.json."""
        path.write_text(self.fast_tokenizer.to_str(pretty=True), encoding="utf-8")

    def save_vocabulary(self, path: Path) -> None:
        """Writes vocab.txt: one token per line, the line number being its id."""
        path.write_text("".join(f"{token}\n" for token in self.vocabulary()), encoding="utf-8")
