"""Word vectors out of files that can run code as they are opened: pickles, native gensim files.

Opened only where the caller says that the file is trusted.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.errors import DataError, MissingDependencyError


def load_pickled(kind: str, stream: IO[bytes], path: Path) -> tuple[list[str], Matrix]:
    """Loads a native gensim file, a pickled mapping from word to vector, or one saved by numpy.

    Args:
        kind: what formats.pickled_kind says of the file.
        stream: its content from the beginning, decompressed.
        path: named in messages; gensim looks for a file's companions beside it.

    Returns:
        The words and their vectors, shape [words, dimensions].

    Raises:
        DataError: the file is damaged or holds something else.
        MissingDependencyError: gensim is needed and not installed.
    """
    try:
        found = _object(kind, stream, path)
    except (MissingDependencyError, MemoryError):
        raise
    except Exception as error:  # unpickling runs any code, which raises anything
        raise DataError(f"{path} is {kind} that cannot be loaded: {error}.") from None
    vectors = getattr(found, "wv", found)  # a whole gensim model holds its vectors
    if hasattr(vectors, "index_to_key") and hasattr(vectors, "vectors"):
        return _checked(list(vectors.index_to_key), vectors.vectors, kind, path)
    if isinstance(vectors, Mapping) and vectors:
        return _checked(list(vectors), list(vectors.values()), kind, path)
    raise DataError(
        f"{path} is {kind} that holds a {type(found).__name__}, not word vectors.",
        "Give gensim's KeyedVectors, or a mapping from word to vector.",
    )


def _object(kind: str, stream: IO[bytes], path: Path) -> Any:
    if "gensim" in kind:
        try:
            utilities = importlib.import_module("gensim.utils")
        except ImportError:
            raise MissingDependencyError(
                f"{path} is a native gensim file and gensim is not installed.",
                "Run: pip install gensim",
            ) from None
        return utilities.SaveLoad.load(str(path))
    if "numpy" in kind:
        # Only a stream of its own kind lets numpy read pickled objects.
        array = np.load(stream, allow_pickle=True)
        return array.item() if array.shape == () else array
    return pickle.load(stream)


def _checked(words: list[Any], vectors: Any, kind: str, path: Path) -> tuple[list[str], Matrix]:
    try:
        matrix = np.array(vectors, np.float32)
    except (TypeError, ValueError):  # ragged, or not numbers
        matrix = np.zeros(0, np.float32)
    if matrix.ndim != 2 or len(matrix) != len(words) or not all(isinstance(w, str) for w in words):
        raise DataError(
            f"{path} is {kind} whose entries are not words with equally many numbers each.",
            "Give a mapping from word to vector.",
        )
    return words, matrix
