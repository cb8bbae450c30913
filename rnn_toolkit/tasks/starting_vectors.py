"""The word vectors a network begins with."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.bundle.files import write_whole
from rnn_toolkit.config import VectorsConfig
from rnn_toolkit.data.text_stream import open_texts
from rnn_toolkit.data.word_corpus import WordCorpus, write_texts, write_word_corpus
from rnn_toolkit.embeddings.aligned import AlignedVectors, load_vectors
from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.training.counted_words import VectorProgress
from rnn_toolkit.training.observer import TrainingObserver
from rnn_toolkit.training.word_vectors import VectorTrainingConfig, train_vectors

_EPOCHS = 3  # over the running text; what docs/quality.md measured
_SECONDS_BETWEEN_NOTES = 20.0


def check_files(*paths: str | None) -> None:
    """Raises DataError where there is no such file, before anything else is done."""
    for path in paths:
        if path is not None and not Path(path).exists():
            raise DataError(f"There is no file {path}.", "Check the path.")


def starting_vectors(
    config: VectorsConfig,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    rows: Sequence[NDArray[np.int32]],
    *,
    unlabelled: str | None,
    seed: int,
    observer: TrainingObserver,
    kept: KeptVectors | None = None,
) -> NDArray[np.float32] | None:
    """Vectors for every token of the vocabulary, or None where they begin at random.

    Args:
        config: the source.
        tokenizer: whose vocabulary is wanted.
        texts: the training texts.
        rows: their ids, to weigh what is covered.
        unlabelled: a file of more texts to train vectors on.
        seed: of the training of vectors, and of the rows for tokens that the source lacks.
        observer: is told what was found.
        kept: where vectors trained here are kept for a training that is resumed.

    Returns:
        [vocabulary, dimensions]; row 0 (padding) is zeros.

    Raises:
        DataError: the source cannot be used.
    """
    if config.file is not None:
        aligned = _aligned(Path(config.file), tokenizer, rows, seed)
    elif config.train:
        found = None if kept is None else kept.read()
        if found is not None:
            observer.note("Word vectors: those of the interrupted training")
            return found
        aligned = _trained(config, unlabelled, tokenizer, texts, rows, seed, observer)
    else:
        return None
    for note in aligned.notes:
        observer.note(note)
    observer.note(aligned.coverage.sentence())
    if kept is not None and config.train:
        kept.write(aligned.matrix)
    return aligned.matrix


@dataclass(frozen=True)
class KeptVectors:
    """Trained vectors in a file, so that a resumed training need not train them again.

    Args:
        path: the file.
        identity: what they were trained from and how.
        resume: whether what stands there is wanted.
    """

    path: Path
    identity: str
    resume: bool

    def read(self) -> NDArray[np.float32] | None:
        """The vectors, or None where there are none of this identity."""
        if not self.resume or not self.path.exists():
            return None
        try:
            with self.path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                same = str(stored["identity"]) == self.identity
                return np.asarray(stored["matrix"], np.float32) if same else None
        except (BadZipFile, KeyError, ValueError, EOFError, OSError):
            return None  # they can be trained again

    def write(self, matrix: NDArray[np.float32]) -> None:
        """Keeps vectors; the file appears whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = BytesIO()
        np.savez(content, identity=np.asarray(self.identity), matrix=matrix)
        write_whole(self.path, content.getvalue())


def _aligned(
    path: Path,
    tokenizer: Tokenizer,
    rows: Sequence[NDArray[np.int32]],
    seed: int,
    *,
    cached: bool = True,
) -> AlignedVectors:
    vocabulary = tokenizer.vocabulary()
    counts = np.bincount(np.concatenate(rows), minlength=len(vocabulary))
    return load_vectors(
        path,
        vocabulary,
        seed=seed,
        match_case=not tokenizer.lowercases,
        counts={word: int(count) for word, count in zip(vocabulary, counts, strict=True)},
        cache="user" if cached else None,
    )


def _trained(
    config: VectorsConfig,
    unlabelled: str | None,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    rows: Sequence[NDArray[np.int32]],
    seed: int,
    observer: TrainingObserver,
) -> AlignedVectors:
    """Skip-gram vectors of the training texts and the unlabelled ones together."""
    more = "" if unlabelled is None else f" and {unlabelled}"
    observer.note(f"Training vectors on the training texts{more}")
    lowercase = tokenizer.lowercases
    with tempfile.TemporaryDirectory() as folder:
        labelled = write_texts(texts, Path(folder) / "labelled.txt", lowercase=lowercase)
        corpus: WordCorpus | None = None
        if unlabelled is not None:
            files = open_texts(unlabelled)
            corpus = write_word_corpus(files, Path(folder) / "corpus.txt", lowercase=lowercase)

        def sentences() -> Iterator[list[str]]:
            yield from labelled()
            if corpus is not None:
                yield from corpus()

        settings = VectorTrainingConfig(
            algorithm="skipgram",
            size=config.size,
            maximum_words=2 * tokenizer.vocabulary_size,
            epochs=_EPOCHS,
            seed=seed,
        )
        vectors = train_vectors(sentences, settings, observer=_Progress(observer))
        found = "" if corpus is None else f"{corpus.texts:,} unlabelled texts, "
        observer.note(f"{found}{len(vectors.words):,} vectors")
        path = Path(folder) / "vectors.txt"
        write_vectors(path, vectors.words, vectors.matrix, "word2vec")
        return _aligned(path, tokenizer, rows, seed, cached=False)


class _Progress:
    """Tells now and then how far a training of vectors is: it can take minutes."""

    def __init__(self, observer: TrainingObserver) -> None:
        self._observer = observer
        self._told = time.monotonic()

    def note(self, text: str) -> None:
        """Passes it on."""
        self._observer.note(text)

    def advanced(self, progress: VectorProgress) -> None:
        """A note every 20 seconds."""
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_NOTES:
            self._told = now
            share = 100 * progress.done / max(progress.total, 1e-9)
            self._observer.note(f"Word vectors, {progress.stage}: {share:.0f} %")


def fingerprint_of(vectors: NDArray[np.float32] | None) -> str:
    """What an interrupted training must agree with to be continued."""
    return "" if vectors is None else hashlib.sha256(vectors.tobytes()).hexdigest()
