"""Writing word vectors, and reading back what was written."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnn_toolkit.embeddings.formats import FormatName
from rnn_toolkit.embeddings.read import read_vectors
from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError, OptionError

FORMATS: tuple[FormatName, ...] = ("glove", "word2vec", "word2vec_binary")
WORDS = ["the", "of", "café", "1996"]
NUMBERS = np.array([[0.5, -1.25, 3], [1, 2, 3], [-0.1, 1e-7, 12345.678], [9, 8, 7]], np.float32)
TEXT = b"the 0.5 -1.25 3\nof 1 2 3\ncaf\xc3\xa9 -0.1 1e-7 12345.678\n1996 9 8 7\n"
# gensim leaves the file open whose vectors it has counted.
gensim_leaks = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


def writable(format: FormatName) -> st.SearchStrategy[list[str]]:
    def fits(word: str) -> bool:
        parts = word.encode().split()
        if len(parts) > 1 and format == "glove":
            return word == word.strip(" \t\n\r\v\f") and word.encode().strip() == word.encode()
        return len(parts) == 1 and parts[0] == word.encode()

    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\v\f\ufeff")
    letters = st.one_of(st.text(characters, min_size=1, max_size=9), st.just("new york city"))
    words = letters.filter(fits).filter(lambda w: not any(p.isdigit() for p in w.split()[1:]))
    return st.lists(words, min_size=1, max_size=30, unique=True)


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.gz"])
@pytest.mark.parametrize("format", FORMATS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_is_written_is_read_back(
    tmp_path: Path, format: FormatName, name: str, data: st.DataObject
) -> None:
    words = data.draw(writable(format))
    shape = (len(words), data.draw(st.integers(1, 6)))
    finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
    matrix = data.draw(arrays(np.float32, shape, elements=finite))
    try:
        write_vectors(tmp_path / name, words, matrix, format)
    except DataError:  # a word like "new 95", of which the strategy makes few
        assume(False)
    vectors = read_vectors(tmp_path / name)
    assert vectors.words == words
    np.testing.assert_array_equal(vectors.matrix, matrix)
    assert vectors.notes == ()


@gensim_leaks
@pytest.mark.parametrize("format", FORMATS)
def test_gensim_reads_what_is_written(tmp_path: Path, format: FormatName) -> None:
    models = pytest.importorskip("gensim.models")
    path = tmp_path / "vectors.gz"
    write_vectors(path, WORDS, NUMBERS, format)
    keyed = models.KeyedVectors.load_word2vec_format(
        str(path), binary=format == "word2vec_binary", no_header=format == "glove"
    )
    assert keyed.index_to_key == WORDS
    np.testing.assert_array_equal(keyed.vectors, NUMBERS)


@pytest.mark.parametrize("binary", [False, True])
def test_what_gensim_writes_is_read(tmp_path: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models")
    keyed = models.KeyedVectors(3)
    keyed.add_vectors(WORDS, NUMBERS)
    path = tmp_path / "vectors"
    keyed.save_word2vec_format(str(path), binary=binary)
    vectors = read_vectors(path)
    assert sorted(vectors.words) == sorted(WORDS)
    expected = [keyed[word] for word in vectors.words]
    np.testing.assert_array_equal(vectors.matrix, expected)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("word", ["a\nb", "a\tb", "a\rb", "", " a", "a ", "\ud800"])
def test_words_that_no_format_holds_are_refused(
    tmp_path: Path, format: FormatName, word: str
) -> None:
    with pytest.raises(DataError, match=r"Word 2, .* cannot be written"):
        write_vectors(tmp_path / "vectors", ["ok", word], NUMBERS[:2], format)
    assert list(tmp_path.iterdir()) == []


def test_words_with_spaces_only_fit_glove(tmp_path: Path) -> None:
    for format in FORMATS[1:]:
        with pytest.raises(DataError, match="spaces fit format 'glove'"):
            write_vectors(tmp_path / "vectors", ["new york"], NUMBERS[:1], format)
    with pytest.raises(DataError, match="a number"):
        write_vectors(tmp_path / "vectors", ["windows 95"], NUMBERS[:1], "glove")
    write_vectors(tmp_path / "vectors", ["new york"], NUMBERS[:1], "glove")


@pytest.mark.parametrize(
    ("words", "matrix", "format", "error"),
    [
        (["a", "a"], NUMBERS[:2], "glove", DataError),
        (["a"], NUMBERS[:2], "glove", OptionError),
        (["a"], NUMBERS[0], "glove", OptionError),
        ([], NUMBERS[:0], "glove", OptionError),
        (["a"], [[np.nan]], "glove", DataError),
        (["a"], [[1e39]], "word2vec_binary", DataError),
        (["a"], NUMBERS[:1], "word3vec", OptionError),
    ],
)
def test_what_cannot_be_written_leaves_the_old_file(
    tmp_path: Path, words: list[str], matrix: Any, format: Any, error: type[Exception]
) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(TEXT)
    with pytest.raises(error):
        write_vectors(path, words, matrix, format)
    assert path.read_bytes() == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(TEXT)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("rnn_toolkit.embeddings.whole_file.os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_vectors(path, WORDS, NUMBERS)
    assert path.read_bytes() == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_has_ordinary_permissions(tmp_path: Path) -> None:
    write_vectors(tmp_path / "vectors", WORDS, NUMBERS)
    (tmp_path / "plain").write_bytes(b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_folders_are_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="is a folder"):
        write_vectors(tmp_path, WORDS, NUMBERS)
