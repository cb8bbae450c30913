"""Writes word vectors as GloVe text, word2vec text or word2vec binary."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.formats import FormatName, is_number
from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.embeddings.whole_file import written_whole_file
from rnn_toolkit.errors import DataError, OptionError

_WHITESPACE = b" \t\n\r\x0b\x0c"


def write_vectors(
    path: Path,
    words: Sequence[str],
    matrix: NDArray[np.floating[Any]],
    format: FormatName = "word2vec",
) -> None:
    """Writes word vectors so that reading them gives back the same float32 numbers.

    Args:
        path: the file to write, whole or not at all; compressed where its name ends in .gz.
        words: distinct words.
        matrix: their vectors, shape [words, dimensions].
        format: "glove" (text without a header), "word2vec" (text) or "word2vec_binary".

    Raises:
        DataError: a word cannot be written in this format, or a number is not finite.
        OptionError: there is no such format, words and matrix do not fit together, or `path` is
            a folder.
    """
    path = Path(path)
    if format not in get_args(FormatName):
        known = ", ".join(get_args(FormatName))
        raise OptionError(f"There is no vector format {format!r}.", f"Choose from: {known}.")
    if path.is_dir():
        raise OptionError(f"{path} is a folder.", "Give the name of a file.")
    vectors = _checked(words, matrix)
    encoded = _encoded(words, format)
    with written_whole_file(path) as file, _compressed(file, path) as stream:
        if format != "glove":
            stream.write(b"%d %d\n" % vectors.shape)
        for word, vector in zip(encoded, vectors, strict=True):
            if format == "word2vec_binary":
                stream.write(word + b" " + vector.astype("<f4").tobytes() + b"\n")
            else:
                # numpy writes the shortest number that reads back as the same float32.
                stream.write(word + b" " + " ".join(vector.astype(str).tolist()).encode() + b"\n")


@contextmanager
def _compressed(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    if path.suffix.lower() != ".gz":
        yield file
        return
    # Without name and time the same vectors give the same bytes.
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as stream:
        yield cast(IO[bytes], stream)


def _checked(words: Sequence[str], matrix: NDArray[np.floating[Any]]) -> Matrix:
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite: refused below
        vectors = np.asarray(matrix).astype(np.float32)
    if vectors.ndim != 2 or not vectors.size or len(vectors) != len(words):
        raise OptionError(
            f"{len(words):,} words and a matrix of shape {list(vectors.shape)} do not fit.",
            "Give a matrix of shape [words, dimensions], neither of them 0.",
        )
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        word = words[int(bad[0])]
        raise DataError(f"Word {bad[0] + 1:,}, {word!r}: a number is not finite in float32.")
    return vectors


def _encoded(words: Sequence[str], format: FormatName) -> list[bytes]:
    """The words in UTF-8, each of them checked."""
    seen: set[str] = set()
    encoded = []
    for number, word in enumerate(words, start=1):
        try:
            written = word.encode()
            reason = "it occurs twice" if word in seen else _objection(written, format)
        except UnicodeEncodeError:
            reason = "it is not valid Unicode"
        if reason:
            raise DataError(
                f"Word {number:,}, {word!r}, cannot be written in format {format!r}: {reason}.",
                "Leave it out or rename it.",
            )
        seen.add(word)
        encoded.append(written)
    return encoded


def _objection(word: bytes, format: FormatName) -> str:
    """Why a word would not be read back as it is; empty where it would."""
    if not word:
        return "it is empty"
    if format != "glove":
        reason = "it holds a space or a line break (spaces fit format 'glove')"
        return reason if _holds(word, _WHITESPACE) else ""
    if _holds(word, _WHITESPACE.replace(b" ", b"")):
        return "it holds a tab or a line break"
    if word != word.strip():
        return "a space stands at its end"
    if word.startswith(b"\xef\xbb\xbf"):
        return "it begins with a byte order mark"
    if any(is_number(part) for part in word.split()[1:]):
        return "a part of it after a space is a number"
    return ""


def _holds(word: bytes, characters: bytes) -> bool:
    return any(character in characters for character in word)
