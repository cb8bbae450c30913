"""Asks word vectors: neighbours, analogies, and how well they rank pairs of words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnn_toolkit.embeddings.read import WordVectors
from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.errors import DataError, OptionError

_SPELLINGS_COMPARED = 100_000  # the most frequent words; more would keep the user waiting
_SPELLINGS_NAMED = 5


@dataclass(frozen=True)
class Neighbor:
    """A word and the cosine of the angle between its vector and what was asked."""

    word: str
    similarity: float


@dataclass(frozen=True)
class ScoredPair:
    """Two words and how similar people find them."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class SimilarityScore:
    """How well vectors order pairs of words: rank correlation with the scores of people.

    `missing` pairs have a word without a vector and do not count.
    """

    spearman: float
    pairs: int
    missing: int
    problems: tuple[str, ...] = ()


class VectorQueries:
    """Answers questions about word vectors; gensim's KeyedVectors does the searching.

    A word is looked up as it is written, then in lower case. Words whose vector is zero have no
    direction and count as unknown.

    Args:
        vectors: words in the order of their frequency, as far as that is known.
    """

    def __init__(self, vectors: WordVectors) -> None:
        from gensim.models import KeyedVectors

        directed = np.flatnonzero(np.any(vectors.matrix != 0, axis=1))
        if not len(directed):
            raise DataError("All vectors are zero.", "Give trained vectors.")
        self._keyed = KeyedVectors(vectors.matrix.shape[1])
        if len(directed) == len(vectors.words):
            self._keyed.add_vectors(vectors.words, vectors.matrix)
        else:
            words = [vectors.words[row] for row in directed.tolist()]
            self._keyed.add_vectors(words, vectors.matrix[directed])

    @property
    def words(self) -> list[str]:
        """All words with a direction, in the order of the file."""
        return list(self._keyed.index_to_key)

    def __contains__(self, word: str) -> bool:
        """Whether a word can be looked up."""
        return self._found(word) is not None

    def _found(self, word: str) -> str | None:
        known = self._keyed.key_to_index
        return next((form for form in (word, word.lower()) if form in known), None)

    def known(self, word: str) -> str:
        """The word as the vectors write it.

        Raises:
            OptionError: it has no vector; the message names words that are spelt alike.
        """
        found = self._found(word)
        if found is not None:
            return found
        alike = self._alike(word)
        remedy = f"Spelt alike: {', '.join(alike)}." if alike else ""
        raise OptionError(f"There is no vector for {word!r}.", remedy)

    def _alike(self, word: str) -> list[str]:
        by_lower: dict[str, str] = {}
        for candidate in self._keyed.index_to_key[:_SPELLINGS_COMPARED]:
            by_lower.setdefault(candidate.lower(), candidate)
        close = difflib.get_close_matches(word.lower(), list(by_lower), n=_SPELLINGS_NAMED)
        return [by_lower[lower] for lower in close]

    def vectors(self, words: Sequence[str]) -> Matrix:
        """The vectors of known words, float32 [words, dimensions]."""
        return np.stack([self._keyed[self.known(word)] for word in words])

    def neighbors(self, word: str, count: int = 10) -> list[Neighbor]:
        """The words nearest to a word, nearest first.

        Raises:
            OptionError: the word is unknown, or `count` is below 1.
        """
        return self._nearest([self.known(word)], [], count)

    def analogy(self, first: str, second: str, third: str, count: int = 10) -> list[Neighbor]:
        """What is to `third` as `second` is to `first`, best first, without those three words.

        The words nearest to the sum of second - first + third, each of length 1: 3CosAdd of
        Levy and Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word
        Representations".

        Raises:
            OptionError: a word is unknown, or `count` is below 1.
        """
        return self._nearest([self.known(second), self.known(third)], [self.known(first)], count)

    def _nearest(self, positive: list[str], negative: list[str], count: int) -> list[Neighbor]:
        if count < 1:
            raise OptionError(f"--count must be at least 1, not {count}.")
        found = self._keyed.most_similar(positive=positive, negative=negative, topn=count)
        return [Neighbor(word, float(similarity)) for word, similarity in found]

    def judge(self, pairs: Sequence[ScoredPair]) -> SimilarityScore:
        """Spearman's rank correlation of cosines with the scores of people.

        Raises:
            DataError: fewer than two pairs are known, or all have the same score.
        """
        from scipy.stats import spearmanr

        known = [pair for pair in pairs if pair.first in self and pair.second in self]
        missing = len(pairs) - len(known)
        if len({pair.score for pair in known}) < 2:
            raise DataError(
                f"{len(known):,} of {len(pairs):,} pairs have vectors for both words; at least "
                "two with different scores are needed."
            )
        cosines = [
            self._keyed.similarity(self.known(pair.first), self.known(pair.second))
            for pair in known
        ]
        correlation = float(spearmanr(cosines, [pair.score for pair in known]).statistic)
        return SimilarityScore(correlation, len(known), missing)


def read_scored_pairs(path: Path) -> tuple[list[ScoredPair], list[str]]:
    """Reads a word-similarity file: two words and a score per line.

    Fields stand between tabs, else commas, semicolons or spaces. The score is the first number
    after the words. A line that begins with # and a heading are passed over.

    Args:
        path: the file, in UTF-8.

    Returns:
        The pairs, and a sentence for each line that could not be used.

    Raises:
        DataError: there is no such file, or no pair in it.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Check the path.") from None
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path} cannot be read as UTF-8 text.", "Save it as UTF-8.") from None
    pairs: list[ScoredPair] = []
    problems: list[str] = []
    first = True
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        pair = _scored_pair(line)
        if pair is not None:
            pairs.append(pair)
        elif not first:
            problems.append(f"line {number}: no two words with a score")
        first = False
    if not pairs:
        raise DataError(
            f"{path} has no pair of words with a score.",
            "A line holds two words and a number, separated by tabs, commas or spaces.",
        )
    return pairs, problems


def _scored_pair(line: str) -> ScoredPair | None:
    separator = next((mark for mark in "\t,;" if mark in line), None)
    fields = [field.strip() for field in line.split(separator)]
    if len(fields) < 3 or not fields[0] or not fields[1]:
        return None
    for field in fields[2:]:
        try:
            score = float(field)
        except ValueError:
            continue
        if np.isfinite(score):
            return ScoredPair(fields[0], fields[1], score)
    return None
