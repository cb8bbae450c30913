"""Finds the rows of a file that a vocabulary asks for, exactly or in another case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

# In the order of preference. "don't" is capitalized "Don't"; in title case it is "Don'T", but
# "new_york" is "New_York".
_CASES: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    str.capitalize,
    str.title,
    str.upper,
)
EXACT = 0
NOT_FOUND = len(_CASES)


class WantedWords:
    """Words to look for in a file.

    The words of a file are compared in lower case first, so that one entry for each word finds
    it in all cases; which case it is matters only for the few that are found.

    Args:
        words: what to look for; the first one (padding) is left out.
        match_case: whether only the words as they are count.
    """

    def __init__(self, words: Sequence[str], *, match_case: bool) -> None:
        self._words = words
        self._cases = _CASES[:1] if match_case else _CASES
        self._match_case = match_case
        self._first: dict[bytes, int] = {}
        self._next: dict[int, int] = {}  # another index with the same key
        for index in range(len(words) - 1, 0, -1):
            key = self._key(words[index])
            if key in self._first:
                self._next[index] = self._first[key]
            self._first[key] = index

    def _key(self, word: str) -> bytes:
        return (word if self._match_case else word.lower()).encode("utf-8", "surrogatepass")

    def positions(self, words: list[bytes]) -> list[int]:
        """Which of some words of a file may be wanted.

        Args:
            words: in UTF-8.

        Returns:
            Their positions; `targets` tells what they are wanted for, if anything.
        """
        wanted = self._first
        return [at for at, key in enumerate(self._keys(words)) if key in wanted]

    def _keys(self, words: list[bytes]) -> list[bytes]:
        if self._match_case:
            return words
        if b"".join(words).isascii():  # bytes.lower() changes ASCII letters only
            return list(map(bytes.lower, words))
        return [word.lower() if word.isascii() else self._key(_text(word)) for word in words]

    def targets(self, word: bytes) -> Iterator[tuple[int, int]]:
        """What a word of the file is wanted for.

        Args:
            word: in UTF-8.

        Yields:
            The index of a wanted word, and how far its case is from the one wanted: 0 is exact,
            and a smaller number is to be preferred.
        """
        written = _text(word)
        index = self._first.get(self._key(written))
        while index is not None:
            for rank, change in enumerate(self._cases):
                if change(self._words[index]) == written:
                    yield index, rank
                    break
            index = self._next.get(index)


def _text(word: bytes) -> str:
    return word.decode("utf-8", "surrogatepass")
