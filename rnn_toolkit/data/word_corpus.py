"""Texts cut into words once and kept on disk, to be gone through again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rnn_toolkit.data.text_stream import TextFile
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.words import WordCutter

_AT_ONCE = 1000
_PROBLEMS_KEPT = 100


@dataclass(frozen=True)
class WordCorpus:
    """Cut texts in a file; calling it goes through them from the beginning.

    `problems` describes the first rows that were left out, `left_out` is how many there were.
    """

    path: Path
    texts: int
    words: int
    problems: tuple[str, ...]
    left_out: int

    def __call__(self) -> Iterator[list[str]]:
        """The words of one text after the other."""
        with self.path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line[:-1].split(" ")


def _write(rows: Sequence[list[str]], target: IO[str]) -> tuple[int, int]:
    """Writes the rows that have words, and counts them and their words."""
    kept = [row for row in rows if row]
    target.writelines(" ".join(row) + "\n" for row in kept)
    return len(kept), sum(map(len, kept))


def write_texts(texts: Sequence[str], path: Path, *, lowercase: bool) -> WordCorpus:
    """Cuts texts into words and writes a line per text that has any.

    Args:
        texts: need not be in memory.
        path: the file to write.
        lowercase: whether letters are lower-cased.
    """
    cutter = WordCutter(lowercase=lowercase)
    count = words = 0
    with path.open("w", encoding="utf-8", newline="\n") as target:
        for start in range(0, len(texts), _AT_ONCE):
            written = _write(cutter.cut(texts[start : start + _AT_ONCE]), target)
            count, words = count + written[0], words + written[1]
    return WordCorpus(path, count, words, (), 0)


def write_word_corpus(
    files: Sequence[TextFile],
    path: Path,
    *,
    lowercase: bool = True,
    progress: Callable[[float], None] = lambda share: None,
) -> WordCorpus:
    """Cuts the texts of files into words and writes a line per text.

    Args:
        files: where the texts are.
        path: the file to write; about as large as the texts.
        lowercase: whether letters are lower-cased.
        progress: told the share of all files that is done.

    Raises:
        DataError: there are no words.
    """
    cutter = WordCutter(lowercase=lowercase)
    sizes = [file.path.stat().st_size for file in files]
    problems: list[str] = []
    texts = words = left_out = 0
    with path.open("w", encoding="utf-8", newline="\n") as target:
        for number, file in enumerate(files):
            for batch in file.batches():
                left_out += len(batch.problems)
                room = _PROBLEMS_KEPT - len(problems)
                problems += [f"{file.path}, {problem}" for problem in batch.problems[:room]]
                written = _write(cutter.cut(batch.texts), target)
                texts, words = texts + written[0], words + written[1]
                done = sum(sizes[:number]) + batch.share * sizes[number]
                progress(done / max(sum(sizes), 1))
    if not words:
        names = ", ".join(str(file.path) for file in files[:3])
        raise DataError(f"There are no words in {names}.", "Check the text column.")
    return WordCorpus(path, texts, words, tuple(problems), left_out)
