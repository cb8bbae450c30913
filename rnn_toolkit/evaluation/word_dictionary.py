"""A word-by-word dictionary learnt from pairs: the baseline every translator must beat."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.errors import ModelDirectoryError

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
    r"(?:['\u2019\-][^\W_]+)*|[^\w\s]|_"
)
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_CLOSING = frozenset(".,;:!?)]}%\u2026\u00bb\u201d")
_OPENING = frozenset("([{\u00ab\u201c\u00bf\u00a1")
_ROUNDS = 5
_KEPT = 50_000  # words of a dictionary, the most frequent ones
_PAIRS = 60_000  # that are learnt from; more change little
_LONGEST = 80  # words of a side


def words_of(text: str) -> list[str]:
    """Words and punctuation marks; every Chinese or Japanese character by itself."""
    return _WORD.findall(text)


def joined(words: Iterable[str]) -> str:
    """Words as a text: marks close up, and nothing stands between Chinese characters."""
    text = ""
    for word in words:
        close = (
            not text
            or word in _CLOSING
            or text[-1] in _OPENING
            or (_UNSPACED.match(word) and _UNSPACED.match(text[-1]))
        )
        text += word if close else f" {word}"
    return text


class WordDictionary:
    """The most probable translation of each word, by IBM model 1.

    t(f|e) maximises prod_j sum_i t(f_j|e_i) over all pairs (Brown et al. 1993, The mathematics of
    statistical machine translation), here with e the source and f the target.

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
        # Evenly spread, because files are often sorted by length.
        step = max(1, -(-len(sources) // _PAIRS))
        source_words = [words_of(text)[:_LONGEST] for text in sources[::step]]
        target_words = [words_of(text)[:_LONGEST] for text in targets[::step]]
        counts = Counter(word for words in source_words for word in words)
        kept = {word: place for place, (word, _) in enumerate(counts.most_common(_KEPT))}
        names: dict[str, int] = {}
        for words in target_words:
            for word in words:
                names.setdefault(word, len(names))
        best, probability = translation_table(
            [[kept[word] for word in words if word in kept] for words in source_words],
            [[names[word] for word in words] for words in target_words],
            sources=len(kept),
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
    source_rows: Sequence[Sequence[int]],
    target_rows: Sequence[Sequence[int]],
    *,
    sources: int,
    targets: int,
    rounds: int,
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
    source, target, place = _links(source_rows, target_rows)
    keys, of_link = np.unique(source * targets + target, return_inverse=True)
    of_source = keys // targets
    table = np.ones(len(keys))
    for _ in range(rounds):
        weights = table[of_link]
        totals = np.bincount(place, weights)  # of each target word in its pair
        expected = np.bincount(of_link, weights / totals[place], minlength=len(keys))
        table = expected / np.bincount(of_source, expected, minlength=sources)[of_source]
    best = np.full(sources, -1, np.int64)
    probability = np.zeros(sources)
    order = np.lexsort((-keys, table))  # ties go to the earlier word; the last one wins below
    best[of_source[order]] = keys[order] % targets
    probability[of_source[order]] = table[order]
    return best, probability


def _links(
    source_rows: Sequence[Sequence[int]], target_rows: Sequence[Sequence[int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Every source word with every target word of its pair, and which target word it is."""
    sources, targets, places = [], [], []
    first = 0
    for source, target in zip(source_rows, target_rows, strict=True):
        if source and target:
            sources.append(np.tile(np.asarray(source, np.int64), len(target)))
            targets.append(np.repeat(np.asarray(target, np.int64), len(source)))
            places.append(np.repeat(np.arange(first, first + len(target)), len(source)))
            first += len(target)
    if not sources:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    return np.concatenate(sources), np.concatenate(targets), np.concatenate(places)
