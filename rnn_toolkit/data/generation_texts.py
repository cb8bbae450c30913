"""Texts to learn to write: one long stream, or documents that begin and end."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from rnn_toolkit.config import TextLayoutConfig
from rnn_toolkit.data.checks import shown_problems
from rnn_toolkit.data.labelled import read_labelled
from rnn_toolkit.data.text_stream import TextFile, open_texts
from rnn_toolkit.errors import DataError, OptionError

Piece = tuple[str, str | None]
"""A piece of text and, for documents, its label of the condition."""

_LINE_SEARCH = 10_000
_MOST_CHARACTERS, _MOST_DOCUMENTS = 1_000_000, 10_000


@dataclass(frozen=True)
class GenerationTexts:
    """Where texts come from; they are read anew each time, never held as a whole.

    Args:
        source: a name for messages and reports.
        documents: whether each piece is a text of its own; else the pieces follow on.
        pieces: reads the texts from the beginning.
        notes: what was found out about the files.
    """

    source: str
    documents: bool
    pieces: Callable[[], Iterator[Piece]]
    notes: list[str] = field(default_factory=list)

    def count(self) -> TextCount:
        """How much there is, and its checksum; the first call reads everything.

        Raises:
            DataError: there is no text at all.
        """
        return self._counted

    @cached_property
    def _counted(self) -> TextCount:
        digest, pieces, characters = hashlib.sha256(), 0, 0
        labels: Counter[str] = Counter()
        for text, label in self.pieces():
            digest.update(text.encode("utf-8", "surrogatepass"))
            if self.documents:
                digest.update(b"\0")
            pieces += 1
            characters += len(text)
            if label is not None:
                labels[label] += 1
        if not characters:
            raise DataError(f"{self.source} holds no text.", "Give a file with text in it.")
        return TextCount(pieces, characters, digest.hexdigest(), tuple(sorted(labels)))

    def split(self, share: float, count: TextCount, seed: int) -> tuple[Part, Part]:
        """Training and validation part.

        Of a stream the end is held out, cut at a line end; of documents a random choice without
        those that repeat another one. More than a million characters, or ten thousand documents,
        would only cost time.

        Args:
            share: of the characters, or of the documents, that is held out.
            count: of these texts.
            seed: of the choice.

        Raises:
            DataError: there is too little to hold anything out.
        """
        if self.documents:
            if count.pieces < 2:
                raise DataError(
                    f"{self.source} holds a single document.",
                    "Give more, a --validation file, or --layout stream.",
                )
            held = min(max(1, round(share * count.pieces)), _MOST_DOCUMENTS)
            order = np.random.default_rng(seed).permutation(count.pieces)
            chosen = self._unrepeated(frozenset(order[:held].tolist()))
            return (
                lambda: (p for n, p in enumerate(self.pieces()) if n not in chosen),
                lambda: (p for n, p in enumerate(self.pieces()) if n in chosen),
            )
        cut = count.characters - min(int(share * count.characters), _MOST_CHARACTERS)
        if cut < 1 or cut >= count.characters:
            raise DataError(
                f"{self.source} is too short to hold out a part of it.",
                "Give more text, or a --validation file.",
            )
        return lambda: self._stream_part(cut, first=True), lambda: self._stream_part(
            cut, first=False
        )

    def _unrepeated(self, chosen: frozenset[int]) -> frozenset[int]:
        """Those of the chosen documents that do not stand among the others as well."""
        numbered = enumerate(self.pieces())
        others = {hash(text) for number, (text, _) in numbered if number not in chosen}
        kept = {
            number
            for number, (text, _) in enumerate(self.pieces())
            if number in chosen and hash(text) not in others
        }
        if not kept:
            raise DataError(
                f"{self.source} repeats its documents, so that none can be held out.",
                "Remove repetitions, or give a --validation file.",
            )
        return frozenset(kept)

    def _stream_part(self, cut: int, *, first: bool) -> Iterator[Piece]:
        place = 0
        reached = False
        for text, _ in self.pieces():
            if not reached and place + len(text) >= cut:
                reached = True
                end = text.find("\n", cut - place, cut - place + _LINE_SEARCH)
                inside = end + 1 if end >= 0 else cut - place
                wanted = text[:inside] if first else text[inside:]
                if wanted:
                    yield wanted, None
                if first:
                    return
            elif reached != first:
                yield text, None
            place += len(text)


Part = Callable[[], Iterator[Piece]]


@dataclass(frozen=True)
class TextCount:
    """How much text there is; `labels` are those of the condition, sorted."""

    pieces: int
    characters: int
    sha256: str
    labels: tuple[str, ...]


def read_generation_texts(
    data: str | Path | Sequence[str],
    layout: TextLayoutConfig,
    *,
    encoding: str | None = None,
    header: bool | None = None,
) -> GenerationTexts:
    """Finds out what the texts are.

    Args:
        data: a file or folder, or texts.
        layout: "stream", "lines" (each line a document), "documents" (each row, file or given
            text a document) or "auto": a single plain file is a stream, all else documents.
        encoding: overrides detection.
        header: whether a table begins with column names; detected by default.

    Raises:
        DataError: a file cannot be used; the message names it.
        OptionError: the layout does not fit the data.
    """
    if not isinstance(data, (str, Path)):
        return _given(list(data), layout)
    if layout.condition is not None:
        return _conditioned(data, layout, layout.condition, encoding, header)
    files = open_texts(data, text_column=layout.text_column, encoding=encoding, header=header)
    plain = [file.layout.description.startswith("plain text") for file in files]
    choice = layout.layout
    if choice == "auto":
        choice = "stream" if len(files) == 1 and plain[0] else "documents"
    notes = [_described(file, choice) for file in files[:3]]
    if len(files) > 3:
        notes.append(f"and {len(files) - 3} more files")
    if choice == "stream":
        return GenerationTexts(str(data), False, lambda: _stream(files, plain), notes)
    whole_files = choice == "documents" and all(plain)
    if whole_files and len(files) == 1:
        raise OptionError(
            f"{data} is one plain file, so that it cannot be divided into documents by itself.",
            "Use --layout lines if each line is a document, else --layout stream.",
        )
    if whole_files:
        return GenerationTexts(str(data), True, lambda: _files(files), notes)
    return GenerationTexts(str(data), True, lambda: _rows(files), notes)


def _described(file: TextFile, choice: str) -> str:
    if choice == "stream":
        # How its lines would be read as texts does not matter here.
        return f"{file.path}: {file.encoding or 'parquet'}, read as one stream"
    return f"{file.description}, read as documents"


def _stream(files: Sequence[TextFile], plain: Sequence[bool]) -> Iterator[Piece]:
    for file, is_plain in zip(files, plain, strict=True):
        if is_plain:
            yield from ((block, None) for block in file.blocks())
        else:
            for batch in file.batches():
                yield from ((f"{text}\n", None) for text in batch.texts)


def _files(files: Sequence[TextFile]) -> Iterator[Piece]:
    for file in files:
        text = "".join(file.blocks()).strip("\r\n")
        if text:
            yield text, None


def _rows(files: Sequence[TextFile]) -> Iterator[Piece]:
    for file in files:
        for batch in file.batches():
            yield from ((text, None) for text in batch.texts)


def _given(texts: list[str], layout: TextLayoutConfig) -> GenerationTexts:
    wrong = [n for n, text in enumerate(texts, start=1) if not isinstance(text, str)]
    if wrong:
        raise OptionError(f"Text {wrong[0]} is not a string.", "Give a list of strings.")
    if layout.condition is not None:
        raise OptionError("A condition needs a file with a column.", "Give a path.")
    if layout.layout == "stream":
        return GenerationTexts("Python data", False, lambda: ((text, None) for text in texts))
    if layout.layout == "lines":
        texts = [line for text in texts for line in text.splitlines() if line.strip()]
    kept = [text for text in texts if text]
    return GenerationTexts("Python data", True, lambda: ((text, None) for text in kept))


def _conditioned(
    data: str | Path,
    layout: TextLayoutConfig,
    column: str,
    encoding: str | None,
    header: bool | None,
) -> GenerationTexts:
    rows = read_labelled(
        data,
        text_column=layout.text_column,
        label_column=column,
        encoding=encoding,
        header=header,
    )
    pairs = list(zip(rows.texts, rows.labels, strict=True))
    notes = [*rows.notes, *shown_problems(rows.problems, rows.source)]
    return GenerationTexts(str(data), True, lambda: iter(pairs), notes)
