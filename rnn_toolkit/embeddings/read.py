"""Reads a file of word vectors, whatever its format, whole or row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from rnn_toolkit.embeddings.binary_vectors import binary_blocks
from rnn_toolkit.embeddings.formats import VectorFormat, detect_format, pickled_kind
from rnn_toolkit.embeddings.opening import opened
from rnn_toolkit.embeddings.pickled import load_pickled
from rnn_toolkit.embeddings.problems import Problem, RowProblems
from rnn_toolkit.embeddings.rows import Matrix, MatrixBlock, RowBlock, VectorRows, usable_rows
from rnn_toolkit.embeddings.text_vectors import BLOCK_BYTES, text_blocks
from rnn_toolkit.errors import DataError


@dataclass(frozen=True)
class WordVectors:
    """All vectors of a file.

    `words` are distinct and in the order of the file, `matrix` is float32 of shape
    [words, dimensions], `notes` tells of rows that were skipped and of other oddities.
    """

    words: list[str]
    matrix: Matrix
    notes: tuple[str, ...]


def read_vectors(path: Path, *, trust: bool = False) -> WordVectors:
    """Reads every vector of a file.

    The format is told from the content: GloVe text, word2vec text or fastText .vec, word2vec
    binary, each also gzipped or as the one member of a zip archive.

    Args:
        path: the file.
        trust: whether to open pickles and native gensim files, which can run any code.

    Returns:
        The words, their vectors, and notes on rows that were skipped.

    Raises:
        DataError: the file is missing, empty, damaged, not of word vectors or not trusted.
    """
    path = Path(path)
    words: list[str] = []
    seen: set[bytes] = set()
    numbers = bytearray()  # grows in place, where joining arrays would hold everything twice
    with opened_rows(path, trust=trust) as rows:
        for block in rows.blocks:
            for word, vector in _new_rows(block, seen, rows.problems):
                words.append(word.decode("utf-8", "surrogatepass"))
                numbers += vector.data
        check_some(bool(words), rows, path)
        matrix = np.frombuffer(numbers, np.float32).reshape(len(words), rows.dimensions)
    return WordVectors(words, matrix, all_notes(rows))


def _new_rows(
    block: RowBlock, seen: set[bytes], problems: RowProblems
) -> Iterator[tuple[bytes, Matrix]]:
    positions, vectors = usable_rows(block, range(len(block.words)), problems)
    for position, vector in zip(positions, vectors, strict=True):
        word = block.words[position]
        if word in seen:
            problems.add(Problem.DUPLICATE, block.places[position])
        else:
            seen.add(word)
            yield word, vector


@contextmanager
def opened_rows(path: Path, *, trust: bool) -> Iterator[VectorRows]:
    """Opens a file of word vectors of any format.

    Args:
        path: the file.
        trust: whether to open pickles and native gensim files.

    Yields:
        Its rows, to be gone through once within the `with` statement.

    Raises:
        DataError: the file cannot be used.
    """
    with opened(path) as stream:
        head = _read_head(stream)
        kind = pickled_kind(head)
        if kind and not trust:
            raise DataError(
                f"{path} is {kind}, which can run any code when it is opened.",
                "If you trust its source, convert it to text with --trust (trust=True in Python).",
            )
        if kind:
            stream.seek(0)
            yield rows_in_memory(*load_pickled(kind, stream, path))
        else:
            yield _stream_rows(detect_format(head, path), head, stream, path)


def _read_head(stream: IO[bytes]) -> bytes:
    """The first block of a file; a raw stream may give it in parts."""
    head = b""
    while len(head) < BLOCK_BYTES and (more := stream.read(BLOCK_BYTES - len(head))):
        head += more
    return head


def rows_in_memory(words: Sequence[str], matrix: Matrix, notes: Sequence[str] = ()) -> VectorRows:
    """Vectors that were read as a whole, to be gone through like those of a stream.

    Args:
        words: one for each row.
        matrix: [words, dimensions].
        notes: what there is to say about the file.
    """
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    block: RowBlock = MatrixBlock(encoded, range(1, len(words) + 1), matrix)
    problems = RowProblems(matrix.shape[1], "row")
    return VectorRows(matrix.shape[1], iter([block]), problems, list(notes))


def _stream_rows(layout: VectorFormat, head: bytes, stream: IO[bytes], path: Path) -> VectorRows:
    notes = list(layout.notes)
    if layout.name == "word2vec_binary":
        problems = RowProblems(layout.dimensions, "row")
        blocks = binary_blocks(head, stream, layout, path, problems, notes)
    else:
        problems = RowProblems(layout.dimensions, "line")
        blocks = text_blocks(head, stream, layout, path, problems)
        if layout.declared is not None:
            blocks = _counted(blocks, layout.declared, notes)
    return VectorRows(layout.dimensions, blocks, problems, notes)


def _counted(blocks: Iterator[RowBlock], declared: int, notes: list[str]) -> Iterator[RowBlock]:
    """Passes blocks on and notes at the end whether the header's count was right."""
    count = 0
    for block in blocks:
        count += len(block.words)
        yield block
    if count != declared:
        found = f"the file has {count:,} well-formed rows, and all were read"
        notes.append(f"The header announces {declared:,} words; {found}.")


def check_some(some: bool, rows: VectorRows, path: Path) -> None:
    """Raises DataError unless there was at least one usable row."""
    if not some:
        reasons = " ".join(rows.problems.notes())
        raise DataError(
            f"{path} has no row with a word and {rows.dimensions} numbers. {reasons}".strip(),
            "Give a GloVe, word2vec or fastText .vec file.",
        )


def all_notes(rows: VectorRows) -> tuple[str, ...]:
    """What there is to say about a file after all its rows were gone through."""
    return (*rows.notes, *rows.problems.notes())
