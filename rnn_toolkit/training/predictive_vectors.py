"""Skip-gram, CBOW and fastText, which learn to predict neighbours; gensim trains them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.training.counted_words import (
    CountedWords,
    VectorObserver,
    VectorProgress,
    stop_if_requested,
)
from rnn_toolkit.training.interrupt import InterruptOnce

if TYPE_CHECKING:
    from rnn_toolkit.training.word_vectors import VectorTrainingConfig

_LONGEST_SENTENCE = 10_000  # gensim drops what comes after
_REPORT_EVERY = 20_000


def fit_predictive_vectors(
    counted: CountedWords,
    settings: VectorTrainingConfig,
    *,
    observer: VectorObserver,
    interrupt: InterruptOnce,
) -> tuple[list[str], Matrix]:
    """Trains with negative sampling.

    Args:
        counted: the sentences and the words that get vectors.
        settings: complete ones.
        observer: told of progress.
        interrupt: ends the training.

    Returns:
        The words in the order of their frequency, and their vectors [words, size].

    Raises:
        KeyboardInterrupt: the training was ended; its threads have, too.
    """
    epochs = settings.epochs or 1
    feed = _Feed(counted, epochs, observer, interrupt)
    with _quiet_gensim():
        model = _untrained(settings)
        frequencies = dict(zip(counted.words, counted.counts, strict=True))
        model.build_vocab_from_freq(frequencies, corpus_count=counted.rows)
        model.train(
            feed, total_words=counted.total, epochs=epochs, callbacks=[_stop_between_epochs(feed)]
        )
    return list(model.wv.index_to_key), np.asarray(model.wv.vectors, np.float32)


def _untrained(settings: VectorTrainingConfig) -> Any:
    from gensim.models import FastText, Word2Vec

    common = {
        "vector_size": settings.size,
        "window": settings.window,
        "min_count": 1,  # the words were chosen before
        "alpha": settings.learning_rate,
        "negative": settings.negative_samples,
        "sample": settings.subsampling,
        "seed": settings.seed,
        "workers": settings.workers,
    }
    if settings.algorithm == "fasttext":
        return FastText(sg=1, bucket=settings.ngram_buckets, **common)
    return Word2Vec(sg=int(settings.algorithm == "skipgram"), **common)


class _Feed:
    """The sentences as gensim takes them: one more pass with each iteration.

    gensim iterates in a thread of its own and waits forever if that thread fails, so that an
    error only ends the pass here and is raised between epochs.
    """

    def __init__(
        self, counted: CountedWords, epochs: int, observer: VectorObserver, interrupt: InterruptOnce
    ) -> None:
        self.error: Exception | None = None
        self.interrupt = interrupt
        self._counted = counted
        self._epochs = epochs
        self._observer = observer
        self._passes = 0

    def __iter__(self) -> Iterator[list[str]]:
        self._passes += 1
        try:
            yield from self._pass(f"training, epoch {self._passes}/{self._epochs}")
        except Exception as error:  # raised again by check()
            self.error = error

    def _pass(self, stage: str) -> Iterator[list[str]]:
        done = reported = 0
        before = (self._passes - 1) * self._counted.total
        for sentence in self._counted.sentences():
            for start in range(0, len(sentence), _LONGEST_SENTENCE):
                if self.interrupt.requested:
                    return
                yield sentence[start : start + _LONGEST_SENTENCE]
            done += len(sentence)
            if done - reported >= _REPORT_EVERY:
                reported = done
                total = self._epochs * self._counted.total
                self._observer.advanced(VectorProgress(stage, before + done, total))

    def check(self) -> None:
        """Raises what ended a pass early."""
        stop_if_requested(self.interrupt)
        if self.error is not None:
            raise self.error


def _stop_between_epochs(feed: _Feed) -> Any:
    from gensim.models.callbacks import CallbackAny2Vec

    class StopBetweenEpochs(CallbackAny2Vec):
        """Ends the training where the feed ended early."""

        def on_epoch_end(self, model: Any) -> None:
            feed.check()

    return StopBetweenEpochs()


@contextmanager
def _quiet_gensim() -> Iterator[None]:
    """Keeps gensim's advice about its own options off the screen."""
    logger = logging.getLogger("gensim")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
