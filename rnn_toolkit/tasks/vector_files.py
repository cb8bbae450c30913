"""Files of word vectors: opened wherever they are from, converted, trimmed, quantized."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from rnn_toolkit.embeddings.aligned import load_vectors
from rnn_toolkit.embeddings.compact import is_compact, read_compact, write_compact
from rnn_toolkit.embeddings.formats import FormatName
from rnn_toolkit.embeddings.read import WordVectors, read_vectors
from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.tasks.load import check_model_directory
from rnn_toolkit.text.description import PAD_ID, UNKNOWN_ID


@dataclass(frozen=True)
class WrittenVectors:
    """What was written, and what there is to say about it."""

    path: Path
    words: int
    dimensions: int
    bytes: int
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The file in words."""
        size = f"{self.bytes / 1e6:.1f} MB" if self.bytes >= 1e5 else f"{self.bytes / 1e3:.1f} kB"
        return f"Wrote {self.path}: {self.words:,} words, {self.dimensions} dimensions, {size}"


def open_vectors(path: str | Path, *, trust: bool = False) -> WordVectors:
    """Word vectors from wherever they may be.

    Args:
        path: any file that read_vectors reads, an .npz file that `quantize` wrote, or a model
            directory, whose own vectors are taken without those of padding and unknown words.
        trust: whether to open pickles and native gensim files, which can run any code.

    Raises:
        DataError: the file cannot be used.
        ModelDirectoryError: the directory holds no model.
    """
    path = Path(path)
    if path.is_dir():
        return _vectors_of_model(path)
    return read_compact(path) if is_compact(path) else read_vectors(path, trust=trust)


def _vectors_of_model(directory: Path) -> WordVectors:
    check_model_directory(directory)
    from rnn_toolkit.networks.classifier import EMBEDDING_LAYER
    from rnn_toolkit.tasks.directory import load_keras_model

    vocabulary = _vocabulary_of_model(directory)
    layer = load_keras_model(directory).get_layer(EMBEDDING_LAYER)
    matrix = np.asarray(layer.get_weights()[0], np.float32)
    # A char tokenizer has a token for the space, which no file of vectors can hold.
    special = (PAD_ID, UNKNOWN_ID)
    rows = [row for row, token in enumerate(vocabulary) if row not in special and token.strip()]
    return WordVectors([vocabulary[row] for row in rows], matrix[rows], ())


def _vocabulary_of_model(directory: Path) -> list[str]:
    from rnn_toolkit.text.tokenizer import Tokenizer

    check_model_directory(directory)
    file = directory / "tokenizer.json"
    return Tokenizer.from_file(file, maximum_length=1, head_length=0).vocabulary()


def convert_vectors(
    vectors: str | Path, out: str | Path, *, format: str | None = None, trust: bool = False
) -> WrittenVectors:
    """Writes vectors in another format.

    Args:
        vectors: see open_vectors.
        out: the file to write.
        format: see write_vectors; by default binary where `out` ends in .bin, else text with a
            header.
        trust: see open_vectors.

    Raises:
        DataError: `vectors` cannot be used, or a word cannot be written in this format.
    """
    return save_vectors(open_vectors(vectors, trust=trust), out, format=format)


def save_vectors(
    vectors: WordVectors, out: str | Path, *, format: str | None = None
) -> WrittenVectors:
    """Writes vectors; see convert_vectors."""
    out = Path(out)
    write_vectors(out, vectors.words, vectors.matrix, chosen_format(format, out))
    return _written(out, vectors.matrix.shape, vectors.notes)


def chosen_format(name: str | None, path: Path) -> FormatName:
    """The format to write: the one named, else the one that the name of the file suggests.

    Raises:
        OptionError: there is no such format, or the file is a folder.
    """
    if path.is_dir():
        raise OptionError(f"{path} is a folder.", "Give the name of a file.")
    known: dict[str, FormatName] = {format: format for format in get_args(FormatName)}
    if name is not None:
        if name not in known:
            raise OptionError(
                f"There is no vector format {name!r}.", f"Choose from: {', '.join(known)}."
            )
        return known[name]
    suffixes = [suffix for suffix in path.suffixes if suffix.lower() != ".gz"]
    return "word2vec_binary" if suffixes and suffixes[-1].lower() == ".bin" else "word2vec"


def trim_vectors(
    vectors: str | Path,
    out: str | Path,
    *,
    model: str | Path | None = None,
    vocabulary: str | Path | None = None,
    format: str | None = None,
) -> WrittenVectors:
    """Keeps the vectors of a vocabulary only, each word in the case of the vocabulary.

    A word that the file has in another case only takes that vector, as in training.

    Args:
        vectors: a file that read_vectors reads.
        out: the file to write.
        model: a model directory, whose vocabulary is taken.
        vocabulary: else a file with a word per line.
        format: see convert_vectors.

    Raises:
        OptionError: neither or both of `model` and `vocabulary` are given.
        DataError: no word of the vocabulary has a vector.
    """
    if (model is None) == (vocabulary is None):
        raise OptionError("Give either --model or --vocabulary.")
    if model is not None:
        wanted = _vocabulary_of_model(Path(model))[UNKNOWN_ID + 1 :]
    else:
        wanted = list(grouped_words(Path(vocabulary or "")))
    out = Path(out)
    aligned = load_vectors(Path(vectors), ["", *wanted], cache=None)
    rows = np.flatnonzero(aligned.found).tolist()
    if not rows:
        raise DataError(f"{vectors} has a vector for none of the {len(wanted):,} words.")
    words, matrix = [wanted[row - 1] for row in rows], aligned.matrix[rows]
    write_vectors(out, words, matrix, chosen_format(format, out))
    return _written(out, matrix.shape, (*aligned.notes, aligned.coverage.sentence()))


def quantize_vectors(
    vectors: str | Path, out: str | Path, *, dtype: str = "float16"
) -> WrittenVectors:
    """Writes vectors with fewer bits per number, and says what that changed.

    Args:
        vectors: see open_vectors.
        out: an .npz file.
        dtype: "float16" or "int8".
    """
    out = Path(out)
    original = open_vectors(vectors)
    write_compact(out, original.words, original.matrix, dtype)
    stored = read_compact(out).matrix
    products = np.einsum("ij,ij->i", original.matrix, stored)
    lengths = np.linalg.norm(original.matrix, axis=1) * np.linalg.norm(stored, axis=1)
    cosines = products[lengths > 0] / lengths[lengths > 0]
    lowest = float(cosines.min()) if len(cosines) else 1.0
    note = f"Read back, the lowest cosine between a vector and its original is {lowest:.6f}."
    return _written(out, stored.shape, (*original.notes, note))


def _written(path: Path, shape: tuple[int, ...], notes: tuple[str, ...]) -> WrittenVectors:
    return WrittenVectors(path, shape[0], shape[1], path.stat().st_size, notes)


def grouped_words(path: Path) -> dict[str, str]:
    """The words of a file, a word per line, each with what stands after a tab.

    Raises:
        DataError: there is no such file, or no word in it.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Check the path.") from None
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path} cannot be read as UTF-8 text.", "Save it as UTF-8.") from None
    pairs = (line.partition("\t")[::2] for line in lines)
    found = {word.strip(): group.strip() for word, group in pairs if word.strip()}
    if not found:
        raise DataError(f"{path} has no words.", "A line holds a word.")
    return found
