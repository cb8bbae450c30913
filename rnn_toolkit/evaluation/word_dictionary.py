"""A word-by-word dictionary learnt from pairs: the baseline every translator must beat."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.text.characters import SEPARATORS, SINGLES, character_class

_LETTERS = f"[^{character_class(SEPARATORS)}{character_class(SINGLES)}]+"
# A hyphen or an apostrophe stays inside a word, a point or a colon inside a number.
_WORD = re.compile(
    rf"{_LETTERS}(?:(?:['\u2019\-]|(?<=\d)[.,:](?=\d)){_LETTERS})*|[^{character_class(SEPARATORS)}]"
)
_UNSPACED = re.compile(
    r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff20\U00020000-\U0003ffff]"
)
_CLOSING = frozenset(".,;:!?)]}%\u2026\u00bb\u201d")
_OPENING = frozenset("([{\u00ab\u201c\u00bf\u00a1")
_ROUNDS = 5
_KEPT = 50_000  # words of a dictionary, the most frequent ones
_LONGEST = 80  # words of a side
_LINKS = 20_000_000  # of a source with a target word that are learnt from; more change little
_BLOCK = 1_000_000  # links that are sorted at once

Rows = Sequence[Sequence[int]]
"""Numbers of words, per text."""


def words_of(text: str) -> list[str]:
    """Words and punctuation marks; every Chinese or Japanese character by itself."""
    return _WORD.findall(text)


def joined(words: Iterable[str]) -> str:
    """Words as a text: marks close up, and nothing stands between Chinese characters."""
    parts: list[str] = []
    for word in filter(None, words):
        before = parts[-1][-1] if parts else ""
        close = not before or word in _CLOSING or before in _OPENING or _close(before, word[0])
        parts.append(word if close else f" {word}")
    return "".join(parts)


def _close(before: str, after: str) -> bool:
    """Whether one is Chinese or Japanese, and the other too, or a mark."""
    unspaced = [bool(_UNSPACED.match(letter)) for letter in (before, after)]
    marks = [not letter.isalnum() for letter in (before, after)]
    return any(unspaced) and all(map(max, unspaced, marks))


class WordDictionary:
    """The most probable translation of each word, by IBM model 1.

    t(f|e) maximises prod_j sum_i t(f_j|e_i) over all pairs (Brown et al. 1993, The mathematics of
    statistical machine translation), here with e the source and f the target. Every source also
    has the empty word e_0, which takes up target words that translate none in particular.

    Args:
        entries: source word -> target word and its probability.
    """

    def __init__(self, entries: dict[str, tuple[str, float]]) -> None:
        self.entries = entries

    @classmethod
    def learn(
        cls, sources: Sequence[str], targets: Sequence[str], *, rounds: int = _ROUNDS
    ) -> WordDictionary:
        """Learns from pairs of texts by expectation maximisation.

        Args:
            sources: the training part only.
            targets: their translations.
            rounds: of expectation and maximisation.
        """
        source_words = [words_of(text)[:_LONGEST] for text in sources]
        target_words = [words_of(text)[:_LONGEST] for text in targets]
        # Evenly spread, because files are often sorted by length.
        pairs = zip(source_words, target_words, strict=True)
        step = max(1, -(-sum(len(one) * len(other) for one, other in pairs) // _LINKS))
        source_words, target_words = source_words[::step], target_words[::step]
        counts = Counter(word for words in source_words for word in words)
        kept = {word: place for place, (word, _) in enumerate(counts.most_common(_KEPT))}
        null = len(kept)
        names: dict[str, int] = {}
        for words in target_words:
            for word in words:
                names.setdefault(word, len(names))
        best, probability = translation_table(
            [[*(kept[word] for word in words if word in kept), null] for words in source_words],
            [[names[word] for word in words] for words in target_words],
            sources=len(kept) + 1,
            targets=len(names),
            rounds=rounds,
        )
        of_targets = list(names)
        return cls(
            {
                word: (of_targets[best[place]], round(float(probability[place]), 4))
                for word, place in kept.items()
                if best[place] >= 0
            }
        )

    def translate(self, text: str) -> str:
        """Word by word, in the order of the source; an unknown word stays as it is."""
        return joined(self.word(word) for word in words_of(text))

    def word(self, word: str) -> str:
        """The translation of one word."""
        found = self.entries.get(word) or self.entries.get(word.lower())
        return found[0] if found else word

    def save(self, path: Path) -> None:
        """Writes a JSON file."""
        path.write_text(
            json.dumps(self.entries, ensure_ascii=False, separators=(",", ":")) + "\n",
            encoding="utf-8",
        )

    @classmethod
    def from_file(cls, path: Path) -> WordDictionary:
        """Reads what `save` wrote.

        Raises:
            ModelDirectoryError: it is missing or damaged.
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return cls({word: (str(to), float(share)) for word, (to, share) in raw.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            raise ModelDirectoryError(
                f"{path} is missing or damaged.", "Train the model again."
            ) from None


def translation_table(
    source_rows: Rows, target_rows: Rows, *, sources: int, targets: int, rounds: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The best target of every source word under IBM model 1, and its probability.

    Args:
        source_rows: numbers of the source words, per pair.
        target_rows: numbers of the target words, per pair.
        sources: how many source words there are.
        targets: how many target words there are.
        rounds: of expectation and maximisation, from a uniform table.

    Returns:
        The target word of each source word, -1 where a word never occurs, and t(f|e).
    """
    # Only words that meet in a pair can have a probability: their numbers, sorted.
    keys = _merged(links for links, _ in _links(source_rows, target_rows, targets))
    blocks = [
        (np.searchsorted(keys, links).astype(np.int32), place.astype(np.int32))
        for links, place in _links(source_rows, target_rows, targets)
    ]
    of_source = keys // targets
    table = np.ones(len(keys))
    for _ in range(rounds):
        expected = np.zeros(len(keys))
        for of_link, place in blocks:
            weights = table[of_link]
            totals = np.bincount(place, weights)  # of each target word in its pair
            expected += np.bincount(of_link, weights / totals[place], minlength=len(keys))
        table = expected / np.bincount(of_source, expected, minlength=sources)[of_source]
    best = np.full(sources, -1, np.int64)
    probability = np.zeros(sources)
    order = np.lexsort((-keys, table))  # ties go to the earlier word; the last one wins below
    best[of_source[order]] = keys[order] % targets
    probability[of_source[order]] = table[order]
    return best, probability


def _merged(numbers: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """All different numbers, sorted; merged in between, so that few are held at once."""
    found, waiting = np.zeros(0, np.int64), [np.zeros(0, np.int64)]
    for block in numbers:
        waiting.append(np.unique(block))
        if sum(map(len, waiting)) > max(_BLOCK, len(found)):
            found, waiting = np.unique(np.concatenate([found, *waiting])), []
    return np.unique(np.concatenate([found, *waiting]))


def _links(
    source_rows: Rows, target_rows: Rows, targets: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Every source word with every target word of its pair, in blocks of whole pairs.

    Yields:
        source * targets + target, and which target word of the block it is.
    """
    links: list[NDArray[np.int64]] = []
    places: list[NDArray[np.int64]] = []
    waiting = first = 0
    for source, target in zip(source_rows, target_rows, strict=True):
        if not (source and target):
            continue
        link = np.add.outer(np.asarray(target), np.asarray(source) * targets)
        links.append(link.ravel())
        places.append(np.repeat(np.arange(first, first + len(target)), len(source)))
        waiting, first = waiting + link.size, first + len(target)
        if waiting >= _BLOCK:
            yield np.concatenate(links), np.concatenate(places)
            links, places, waiting, first = [], [], 0, 0
    if links:
        yield np.concatenate(links), np.concatenate(places)
