"""Aligns a file of word vectors with a vocabulary: one row for each word, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.cache import StoredVectors, VectorCache, cache_key, user_cache_folder
from rnn_toolkit.embeddings.compact import is_compact, read_compact
from rnn_toolkit.embeddings.coverage import CoverageReport, report_coverage
from rnn_toolkit.embeddings.lookup import EXACT, NOT_FOUND, WantedWords
from rnn_toolkit.embeddings.problems import Problem
from rnn_toolkit.embeddings.read import all_notes, check_some, opened_rows, rows_in_memory
from rnn_toolkit.embeddings.rows import Matrix, RowBlock, VectorRows, usable_rows
from rnn_toolkit.embeddings.sample import EvenSample
from rnn_toolkit.errors import OptionError

# Where a row of the matrix is from.
_DRAWN, _EXACT, _OTHER_CASE, _COMPOSED = range(4)


@dataclass(frozen=True)
class AlignedVectors:
    """Vectors of a vocabulary.

    `matrix` is float32 of shape [vocabulary, dimensions]; row 0, padding, is zeros. `found` and
    `composed`, both of shape [vocabulary], tell which words are in the file and which others
    are the mean of their pieces; the remaining rows are random.
    """

    matrix: Matrix
    found: NDArray[np.bool_]
    composed: NDArray[np.bool_]
    coverage: CoverageReport
    notes: tuple[str, ...]


def load_vectors(
    path: Path,
    vocabulary: Sequence[str],
    *,
    seed: int = 1,
    match_case: bool = False,
    pieces: Callable[[str], list[str]] | None = None,
    counts: Mapping[str, int] | None = None,
    cache: Path | Literal["user"] | None = "user",
    trust: bool = False,
) -> AlignedVectors:
    """Reads the vectors of a vocabulary out of a file of any supported format.

    The file is streamed: memory grows with the vocabulary, not with the file. A word that the
    file lacks gets the mean of its pieces, else random numbers with the mean and variance of
    the file in each dimension, which are estimated from about a thousand of its rows.

    Args:
        path: the file, see read_vectors, or an .npz file that write_compact wrote.
        vocabulary: the words by id; the first one is padding.
        seed: of the random vectors.
        match_case: True takes words only as they are written; False tries them as written, in
            lower case, capitalized, in title case and in upper case, in this order.
        pieces: gives the pieces of a word that may stand for it, as the file writes them.
        counts: how often each word occurs in the text, for the coverage report.
        cache: folder where results are kept; "user" is the platform's folder for the user's
            cached files, None keeps nothing. Files that need `trust` are never kept.
        trust: whether to open pickles and native gensim files, which can run any code.

    Returns:
        The matrix, which words were found, a coverage report, and notes on the file.

    Raises:
        DataError: the file is missing, empty, damaged, not of word vectors or not trusted.
        OptionError: the vocabulary is empty, or the seed negative.
    """
    path = Path(path)
    if not vocabulary:
        raise OptionError("The vocabulary is empty.", "Give at least the padding entry.")
    if seed < 0:
        raise OptionError(f"The seed is {seed}.", "Give a number from 0 on.")
    parts = [pieces(word) for word in vocabulary] if pieces is not None else None
    request = _Request(path, vocabulary, seed, match_case, parts, trust)
    stored, extra = _through_cache(request, _open_cache(cache))
    found = (stored.origins == _EXACT) | (stored.origins == _OTHER_CASE)
    composed = stored.origins == _COMPOSED
    other_case = int((stored.origins == _OTHER_CASE).sum())
    coverage = report_coverage(vocabulary, found, other_case, composed, counts)
    return AlignedVectors(stored.matrix, found, composed, coverage, (*stored.notes, *extra))


@dataclass(frozen=True)
class _Request:
    """Everything that decides what the vectors are."""

    path: Path
    vocabulary: Sequence[str]
    seed: int
    match_case: bool
    pieces: list[list[str]] | None
    trust: bool

    def key(self) -> str:
        options = f"seed {self.seed} match_case {self.match_case} {self.pieces is not None}"
        return cache_key(self.path, self.vocabulary, self.pieces, options)


def _open_cache(cache: Path | Literal["user"] | None) -> VectorCache | None:
    if cache is None:
        return None
    try:
        return VectorCache(user_cache_folder() if cache == "user" else Path(cache))
    except RuntimeError:  # a user without a home folder, as in some containers
        return None


def _through_cache(request: _Request, cache: VectorCache | None) -> tuple[StoredVectors, list[str]]:
    """The vectors, from the cache where they are there, and notes on the cache."""
    if cache is None or request.trust:
        return _align(request), []
    try:
        key = request.key()
    except OSError:  # the file cannot be read: opening it says so in words
        return _align(request), []
    stored, damage = cache.read(key, len(request.vocabulary))
    if stored is not None:
        return stored, []
    stored = _align(request)
    failure = cache.write(key, stored)
    return stored, [note for note in (damage, failure) if note]


def _align(request: _Request) -> StoredVectors:
    """Goes through the file once."""
    vocabulary = request.vocabulary
    words = [*vocabulary, *_other_pieces(request)]
    wanted = WantedWords(words, match_case=request.match_case)
    with _rows(request) as rows:
        collected = _Collected(wanted, len(words), rows)
        sample = EvenSample(rows.dimensions)
        for block in rows.blocks:
            sample.add(block)
            collected.add(block)
        check_some(len(sample) > 0, rows, request.path)
        notes = all_notes(rows)
    origins = _origins(collected.ranks, len(vocabulary))
    matrix = collected.matrix
    if request.pieces is not None:
        _compose(matrix, collected.ranks, origins, words, request.pieces)
        matrix = matrix[: len(vocabulary)].copy()
    missing = np.flatnonzero(origins[1:] == _DRAWN) + 1
    matrix[missing] = sample.draw(len(missing), request.seed)
    return StoredVectors(matrix, origins, notes)


@contextmanager
def _rows(request: _Request) -> Iterator[VectorRows]:
    """The rows of the file, one that `write_compact` wrote included."""
    if is_compact(request.path):
        stored = read_compact(request.path)
        yield rows_in_memory(stored.words, stored.matrix, stored.notes)
        return
    with opened_rows(request.path, trust=request.trust) as rows:
        yield rows


def _other_pieces(request: _Request) -> list[str]:
    """The pieces that are no words of the vocabulary, each once."""
    known = set(request.vocabulary[1:])
    pieces = (piece for parts in request.pieces or () for piece in parts)
    return [piece for piece in dict.fromkeys(pieces) if piece not in known]


class _Collected:
    """The best row met so far for each wanted word; `ranks` says how near its case is."""

    def __init__(self, wanted: WantedWords, words: int, rows: VectorRows) -> None:
        self.matrix: Matrix = np.zeros((words, rows.dimensions), np.float32)
        self.ranks = bytearray([NOT_FOUND]) * words
        self._wanted = wanted
        self._problems = rows.problems

    def add(self, block: RowBlock) -> None:
        """Takes what is wanted out of the next block; of equal words the first one counts."""
        hits = self._wanted.positions(block.words)
        if not hits:
            return
        positions, vectors = usable_rows(block, hits, self._problems)
        for position, vector in zip(positions, vectors, strict=True):
            repeated = False
            for index, rank in self._wanted.targets(block.words[position]):
                if rank < self.ranks[index]:
                    self.ranks[index] = rank
                    self.matrix[index] = vector
                elif rank == self.ranks[index]:  # the same word in the same case once more
                    repeated = True
            if repeated:
                self._problems.add(Problem.DUPLICATE, block.places[position])


def _origins(ranks: bytearray, words: int) -> NDArray[np.uint8]:
    found = np.frombuffer(ranks, np.uint8)[:words]
    origins = np.full(words, _OTHER_CASE, np.uint8)
    origins[found == EXACT] = _EXACT
    origins[found == NOT_FOUND] = _DRAWN
    return origins


def _compose(
    matrix: Matrix,
    ranks: bytearray,
    origins: NDArray[np.uint8],
    words: list[str],
    pieces: list[list[str]],
) -> None:
    """Gives each word that was not found the mean of its pieces that were."""
    index_of = {word: index for index, word in enumerate(words) if index}
    for index in (np.flatnonzero(origins[1:] == _DRAWN) + 1).tolist():
        rows = [index_of[piece] for piece in pieces[index] if piece in index_of]
        known = [row for row in rows if ranks[row] != NOT_FOUND]
        if known:
            matrix[index] = matrix[known].mean(axis=0)
            origins[index] = _COMPOSED
