"""Word vectors in half or a quarter of the space, as one .npz file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.read import WordVectors
from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.embeddings.whole_file import written_whole_file
from rnn_toolkit.errors import DataError, OptionError

COMPACT_TYPES = ("float16", "int8")
_MEMBERS = {"words.npy", "vectors.npy", "scales.npy"}
_LARGEST_INT8 = 127


def write_compact(path: Path, words: Sequence[str], matrix: Matrix, dtype: str) -> None:
    """Writes vectors with fewer bits per number.

    Args:
        path: the .npz file to write, whole or not at all.
        words: distinct words without line breaks.
        matrix: their vectors, float32 [words, dimensions].
        dtype: "float16", or "int8": each vector as whole numbers of its own step.

    Raises:
        OptionError: there is no such type, or the name does not end in .npz.
        DataError: a number is too large for float16.
    """
    path = Path(path)
    if dtype not in COMPACT_TYPES:
        known = ", ".join(COMPACT_TYPES)
        raise OptionError(f"There is no type {dtype!r}.", f"Choose from: {known}.")
    if path.suffix.lower() != ".npz" or path.is_dir():
        raise OptionError(f"{path} is not the name of an .npz file.", "Choose another --out.")
    vectors, scales = _reduced(matrix, dtype)
    text = "\n".join(words).encode("utf-8", "surrogatepass")
    with written_whole_file(path) as file:
        np.savez_compressed(
            file, words=np.frombuffer(text, np.uint8), vectors=vectors, scales=scales
        )


def _reduced(matrix: Matrix, dtype: str) -> tuple[NDArray[Any], NDArray[np.float32]]:
    if dtype == "float16":
        with np.errstate(over="ignore"):
            vectors = matrix.astype(np.float16)
        if not np.isfinite(vectors).all():
            raise DataError("A number is too large for float16.", "Choose --dtype int8.")
        return vectors, np.ones(len(matrix), np.float32)
    largest = np.abs(matrix).max(axis=1)
    scales = np.where(largest > 0, largest / _LARGEST_INT8, 1).astype(np.float32)
    return np.rint(matrix / scales[:, None]).astype(np.int8), scales


def is_compact(path: Path) -> bool:
    """Whether a file is one that write_compact wrote."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist()) == _MEMBERS
    except (OSError, zipfile.BadZipFile):
        return False


def read_compact(path: Path) -> WordVectors:
    """Reads what write_compact wrote, as float32; nothing in it is ever run.

    Raises:
        DataError: the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            words = stored["words"].tobytes().decode("utf-8", "surrogatepass").split("\n")
            vectors, scales = stored["vectors"], stored["scales"]
        matrix = vectors.astype(np.float32) * scales.astype(np.float32)[:, None]
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile):
        raise DataError(f"{path} is a damaged file of vectors.", "Make it again.") from None
    if matrix.ndim != 2 or len(words) != len(matrix) or not matrix.size:
        raise DataError(f"{path} is a damaged file of vectors.", "Make it again.")
    kind = "float16" if vectors.dtype == np.float16 else str(vectors.dtype)
    return WordVectors(words, matrix, (f"Stored as {kind}.",))
