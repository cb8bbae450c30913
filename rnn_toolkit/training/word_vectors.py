"""Trains word vectors on texts that are cut into words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from rnn_toolkit.config import Settings
from rnn_toolkit.embeddings.read import WordVectors
from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.errors import DataError
from rnn_toolkit.training.counted_words import (
    CountedWords,
    Sentences,
    SilentVectorObserver,
    VectorObserver,
    VectorProgress,
    count_words,
    stop_if_requested,
)
from rnn_toolkit.training.interrupt import InterruptOnce

Algorithm = Literal["skipgram", "cbow", "fasttext", "glove"]

_REPORT_EVERY = 100_000


class VectorTrainingConfig(Settings):
    """How word vectors are trained; None stands for a value that suits the algorithm."""

    algorithm: Algorithm = "skipgram"
    size: int = Field(default=100, ge=1, le=65_536, description="dimensions of a vector")
    window: int | None = Field(default=None, ge=1, description="words to each side; 5, GloVe 10")
    minimum_count: int = Field(default=5, ge=1, description="rarer words get no vector")
    maximum_words: int | None = Field(default=None, ge=2, description="the most frequent ones")
    epochs: int | None = Field(default=None, ge=1, description="5, GloVe 25")
    learning_rate: float | None = Field(default=None, gt=0, description="0.025, GloVe 0.2")
    negative_samples: int = Field(default=5, ge=1, description="not for GloVe")
    subsampling: float = Field(default=1e-3, ge=0, description="of frequent words; not for GloVe")
    ngram_buckets: int = Field(default=200_000, ge=1, description="for fastText only")
    full_weight_count: float = Field(default=10, gt=0, description="for GloVe only")
    seed: int = Field(default=1, ge=0, lt=2**31)
    workers: int = Field(default=1, ge=1, le=256)

    def complete(self) -> VectorTrainingConfig:
        """These settings with what was left open chosen by the algorithm."""
        glove = self.algorithm == "glove"
        return self.model_copy(
            update={
                "window": self.window or (10 if glove else 5),
                "epochs": self.epochs or (25 if glove else 5),
                "learning_rate": self.learning_rate or (0.2 if glove else 0.025),
            }
        )


def train_vectors(
    sentences: Sentences,
    settings: VectorTrainingConfig | None = None,
    *,
    observer: VectorObserver | None = None,
) -> WordVectors:
    """Trains word vectors; with one worker the same sentences and seed give the same vectors.

    Skip-gram and CBOW: Mikolov et al. 2013, "Distributed Representations of Words and Phrases
    and their Compositionality"; fastText: Bojanowski et al. 2017, "Enriching Word Vectors with
    Subword Information"; GloVe: see fit_global_vectors.

    Args:
        sentences: gives the sentences, each a list of words, from the beginning at every call.
        settings: the algorithm and its options.
        observer: told of progress.

    Returns:
        Words in the order of their frequency, and their vectors [words, size].

    Raises:
        DataError: fewer than two words are frequent enough.
        KeyboardInterrupt: Ctrl-C, once nothing runs any more.
    """
    chosen = (settings or VectorTrainingConfig()).complete()
    watcher = observer or SilentVectorObserver()
    with InterruptOnce() as interrupt:
        counted = count_words(
            sentences,
            minimum_count=chosen.minimum_count,
            maximum_words=chosen.maximum_words,
            interrupt=interrupt,
        )
        watcher.note(
            f"{counted.total:,} words in {counted.rows:,} texts; {len(counted.words):,} "
            "different ones get vectors"
        )
        words, matrix = _ALGORITHMS[chosen.algorithm](counted, chosen, watcher, interrupt)
    return WordVectors(words, matrix, ())


def _predict(
    counted: CountedWords,
    settings: VectorTrainingConfig,
    observer: VectorObserver,
    interrupt: InterruptOnce,
) -> tuple[list[str], Matrix]:
    from rnn_toolkit.training.predictive_vectors import fit_predictive_vectors

    if settings.workers > 1:
        observer.note(
            f"With {settings.workers} workers no two trainings give quite the same vectors; "
            "with --workers 1 they do."
        )
    return fit_predictive_vectors(counted, settings, observer=observer, interrupt=interrupt)


def _count_pairs(
    counted: CountedWords,
    settings: VectorTrainingConfig,
    observer: VectorObserver,
    interrupt: InterruptOnce,
) -> tuple[list[str], Matrix]:
    from rnn_toolkit.training.global_vectors import count_cooccurrences, fit_global_vectors

    if settings.workers > 1:
        observer.note("GloVe is trained by one worker here.")
    window, epochs = settings.window or 1, settings.epochs or 1
    counts = count_cooccurrences(
        _id_rows(counted, observer, interrupt),
        vocabulary_size=len(counted.words),
        window=window,
    )
    if not counts.nnz:
        raise DataError(
            "No two words that get vectors stand near each other.",
            "Lower --minimum-count, or give longer texts.",
        )
    observer.note(f"{counts.nnz:,} pairs of words stand within {window} words of each other")

    def progress(done: int, total: int) -> None:
        stop_if_requested(interrupt)
        epoch = (done - 1) * epochs // total + 1
        observer.advanced(VectorProgress(f"training, epoch {epoch}/{epochs}", done, total))

    matrix = fit_global_vectors(
        counts,
        size=settings.size,
        epochs=epochs,
        learning_rate=settings.learning_rate or 1,
        full_weight_count=settings.full_weight_count,
        seed=settings.seed,
        progress=progress,
    )
    return counted.words, matrix


def _id_rows(
    counted: CountedWords, observer: VectorObserver, interrupt: InterruptOnce
) -> Iterator[NDArray[np.int32]]:
    """The sentences as positions in the list of words; other words are left out."""
    ids = {word: number for number, word in enumerate(counted.words)}
    done = reported = 0
    for row in counted.sentences():
        stop_if_requested(interrupt)
        yield np.asarray([ids[word] for word in row if word in ids], np.int32)
        done += len(row)
        if done - reported >= _REPORT_EVERY:
            reported = done
            observer.advanced(VectorProgress("counting pairs", done, counted.total))


_Fit = Callable[
    [CountedWords, VectorTrainingConfig, VectorObserver, InterruptOnce], tuple[list[str], Matrix]
]
_ALGORITHMS: dict[Algorithm, _Fit] = {
    "skipgram": _predict,
    "cbow": _predict,
    "fasttext": _predict,
    "glove": _count_pairs,
}
