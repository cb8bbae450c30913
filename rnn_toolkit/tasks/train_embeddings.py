"""The command that trains word vectors on files of texts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnn_toolkit.config import parse_settings
from rnn_toolkit.data.text_stream import TextFile, open_texts
from rnn_toolkit.data.word_corpus import WordCorpus, write_word_corpus
from rnn_toolkit.errors import OptionError
from rnn_toolkit.tasks.vector_files import WrittenVectors, chosen_format, save_vectors
from rnn_toolkit.training.counted_words import (
    SilentVectorObserver,
    VectorObserver,
    VectorProgress,
)
from rnn_toolkit.training.word_vectors import VectorTrainingConfig, train_vectors

_FILES_NAMED = 10


def train_word_vectors(
    data: Sequence[str | Path],
    out: str | Path,
    *,
    text_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    lowercase: bool = True,
    format: str | None = None,
    observer: VectorObserver | None = None,
    **options: Any,
) -> WrittenVectors:
    """Trains word vectors on texts cut as a model's word tokenizer cuts them.

    The texts are cut once into a temporary file, about as large as they are; memory grows with
    the vocabulary only (for GloVe with the pairs of words that meet).

    Args:
        data: files or folders of texts, see open_texts.
        out: the file to write, whole or not at all.
        text_column: overrides detection.
        encoding: overrides detection.
        header: overrides detection.
        lowercase: whether letters are lower-cased.
        format: see convert_vectors.
        observer: told of progress.
        options: see VectorTrainingConfig; None means the default.

    Raises:
        DataError: there are no texts, or no words in them.
        OptionError: an option cannot be used.
        KeyboardInterrupt: Ctrl-C; nothing was written.
    """
    given = {name: value for name, value in options.items() if value is not None}
    settings = parse_settings(VectorTrainingConfig, given)
    out = Path(out)
    chosen_format(format, out)  # before the work rather than after it
    if not data:
        raise OptionError("There are no texts.", "Give --data.")
    watcher = observer or SilentVectorObserver()
    files = [
        file
        for path in data
        for file in open_texts(path, text_column=text_column, encoding=encoding, header=header)
    ]
    with tempfile.TemporaryDirectory(prefix="rnn-toolkit-") as folder:
        corpus = _cut(files, Path(folder) / "words.txt", lowercase, watcher)
        vectors = train_vectors(corpus, settings, observer=watcher)
    return save_vectors(vectors, out, format=format)


def _cut(
    files: Sequence[TextFile], path: Path, lowercase: bool, observer: VectorObserver
) -> WordCorpus:
    for file in files[:_FILES_NAMED]:
        observer.note(file.description)
    if len(files) > _FILES_NAMED:
        observer.note(f"... and {len(files) - _FILES_NAMED:,} more files")

    def progress(share: float) -> None:
        observer.advanced(VectorProgress("cutting texts into words", share, 1))

    corpus = write_word_corpus(files, path, lowercase=lowercase, progress=progress)
    if corpus.left_out:
        rows = "row was" if corpus.left_out == 1 else "rows were"
        observer.note(f"{corpus.left_out:,} {rows} left out, first {corpus.problems[0]}")
    return corpus
