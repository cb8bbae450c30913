"""Reading files of word vectors: formats, damage and malformed rows."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnn_toolkit.embeddings.read import read_vectors
from rnn_toolkit.errors import DataError

WORDS = ["the", "of", "café", "1996"]
NUMBERS = np.array([[0.5, -1.25, 3], [1, 2, 3], [-0.1, 1e-7, 12345.678], [9, 8, 7]], np.float32)
TEXT = b"the 0.5 -1.25 3\nof 1 2 3\ncaf\xc3\xa9 -0.1 1e-7 12345.678\n1996 9 8 7\n"
BINARY = b"".join(w.encode() + b" " + row.tobytes() for w, row in zip(WORDS, NUMBERS, strict=True))
BINARY_LINES = b"".join(
    w.encode() + b" " + row.tobytes() + b"\n" for w, row in zip(WORDS, NUMBERS, strict=True)
)
CONTENTS = {
    "glove": TEXT,
    "glove without last line break": TEXT[:-1],
    "glove with carriage returns": TEXT.replace(b"\n", b"\r\n"),
    "glove with a space before each line break": TEXT.replace(b"\n", b" \n"),
    "glove with both": TEXT.replace(b"\n", b" \r\n"),
    "glove with tabs": TEXT.replace(b" ", b"\t"),
    "glove with two spaces": TEXT.replace(b" ", b"  "),
    "glove with blank lines": TEXT.replace(b"\n", b"\n\n \n"),
    "glove with a byte order mark": b"\xef\xbb\xbf" + TEXT,
    "word2vec": b"4 3\n" + TEXT,
    "word2vec with carriage returns": b"4 3\r\n" + TEXT.replace(b"\n", b"\r\n"),
    "word2vec with a byte order mark": b"\xef\xbb\xbf4 3\n" + TEXT,
    "fastText": b"4 3\n" + TEXT.replace(b"\n", b" \n"),
    "word2vec binary": b"4 3\n" + BINARY,
    "word2vec binary with line breaks": b"4 3\n" + BINARY_LINES,
}

# gensim leaves the file open whose vectors it has counted.
gensim_leaks = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "zip": lambda content: zipped(vectors=content),
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes content under a name that says nothing about it."""

    def write(content: bytes) -> Path:
        path = tmp_path / "vectors.dat"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("kind", CONTENTS)
def test_every_format_is_told_from_its_content(
    file: Callable[[bytes], Path], kind: str, packed: str
) -> None:
    vectors = read_vectors(file(PACKED[packed](CONTENTS[kind])))
    assert vectors.words == WORDS
    assert vectors.matrix.dtype == np.float32
    np.testing.assert_array_equal(vectors.matrix, NUMBERS)
    assert vectors.notes == ()


def test_many_blocks_are_read_like_one(file: Callable[[bytes], Path]) -> None:
    # More than two blocks, so rows are cut by the borders of blocks.
    rows = 60_000
    matrix = (np.arange(rows * 4, dtype=np.float32).reshape(rows, 4) - 1000) / 8
    lines = [f"w{n} {a} {b} {c} {d}" for n, (a, b, c, d) in enumerate(matrix.tolist())]
    lines.insert(50_000, "two words 1 2 3 4")
    lines.insert(55_000, "short 1 2")
    text = read_vectors(file("\n".join(lines).encode()))
    assert text.words.index("two words") == 50_000
    assert text.words[50_001] == "w50000"
    np.testing.assert_array_equal(np.delete(text.matrix, 50_000, axis=0), matrix)
    assert text.notes == ("1 row without a word and 4 numbers skipped (line 55,001).",)
    content = b"%d 4\n" % rows + b"".join(
        b"w%d " % n + row.tobytes() for n, row in enumerate(matrix)
    )
    binary = read_vectors(file(content))
    assert binary.words == [f"w{n}" for n in range(rows)]
    np.testing.assert_array_equal(binary.matrix, matrix)


@pytest.mark.parametrize(
    ("content", "words", "note"),
    [
        (b"a 1 2\na 3 4\nb 5 6\na 7 8\n", ["a", "b"], "2 rows repeating .*lines 2, 4"),
        (b"a 1 2\nb 3\nc 4 5\n", ["a", "c"], r"1 row without a word and 2 numbers .*line 2\)"),
        (b"a 1 2\nb 1 2 3 4\nc 4 5\n", ["a", "c"], r"1 row without .*line 2\)"),
        (b"a 1 2\nb 3 x\nc 4 5\n", ["a", "c"], r"1 row without .*line 2\)"),
        (b"a 1 2\nb 3 \nc 4 5\n", ["a", "c"], r"1 row without .*line 2\)"),
        (b"a 1 2\nb 1_0 3\nc 4 5\n", ["a", "c"], r"1 row without .*line 2\)"),
        (b"a 1 2\n 3 4\nc 4 5\n", ["a", "c"], r"1 row without .*line 2\)"),
        (b"a 1 2\nb nan 3\nc inf 5\nd 1 1e39\n", ["a"], "3 rows .*not finite .*lines 2, 3, 4"),
        (b"a 1\nb \nc 2\n", ["a", "c"], r"1 row without a word and 1 numbers .*line 2\)"),
        (b"9 2\na 1 2\nb 3 4\n", ["a", "b"], "announces 9 words; the file has 2"),
        (b"1 2\na 1 2\nb 3 4\n", ["a", "b"], "announces 1 words; the file has 2"),
        (b"2 7\na 1 2\nb 3 4\n", ["a", "b"], "announces 7 dimensions; the rows have 2"),
        (b"caf\xe9 1 2\nb 3 4\n", ["café", "b"], "not UTF-8 read as Windows-1252 .line 1"),
        (b"\x93x\x94 1 2\nb\x81 3 4\n", ["“x”", "b\ufffd"], "2 rows .*Windows-1252 .lines 1, 2"),
    ],
)
def test_rows_with_a_fault_have_a_defined_result(
    file: Callable[[bytes], Path], content: bytes, words: list[str], note: str
) -> None:
    vectors = read_vectors(file(content))
    assert vectors.words == words
    assert len(vectors.notes) == 1
    assert re.search(note, vectors.notes[0]), vectors.notes


def test_only_the_first_faulty_rows_are_named(file: Callable[[bytes], Path]) -> None:
    vectors = read_vectors(file(b"a 1 2\nb 3 4\nc 5 6\n" * 3))
    assert vectors.notes == (
        "6 rows repeating an earlier word ignored, the first one counts "
        "(lines 4, 5, 6, 7, 8, ...).",
    )


def test_words_may_hold_spaces(file: Callable[[bytes], Path]) -> None:
    vectors = read_vectors(file(b"the 1 2\nat name@domain.com 3 4\n. . . 5 6\n95 7 8\n"))
    assert vectors.words == ["the", "at name@domain.com", ". . .", "95"]
    assert vectors.matrix.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]


def test_vectors_of_one_number_are_not_taken_for_a_header(file: Callable[[bytes], Path]) -> None:
    assert read_vectors(file(b"5 3\n7 2\n")).words == ["5", "7"]
    assert read_vectors(file(b"2 1\n5 3\n7 2\n")).words == ["5", "7"]


def test_what_follows_a_binary_file_is_ignored(file: Callable[[bytes], Path]) -> None:
    vectors = read_vectors(file(b"3 3\n" + BINARY))
    assert vectors.words == WORDS[:3]
    assert "the 3 words of the header was ignored" in vectors.notes[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (bytes(range(256)) * 20, "begins with binary data"),
        (b"4 3\n" + BINARY[:-5], "cut short: .* 4 words of 3 numbers and it ends after 3"),
        (b"4000000 3\n" + BINARY, "cut short"),
        (b"4 3\n" + BINARY[:2], "cut short|where a word"),
        (b"4 3\n" + b"\x01" * 100_000, "row 1: no word was found in 65,536 bytes"),
        (b"4 3\n", "header but no words"),
        (b"4 99999999999\n" + BINARY, "99,999,999,999 dimensions"),
        (b"4 0\nthe\n", "0 dimensions"),
        (b"4 3\n" + b"this is prose about vectors, not a file of vectors\n" * 9, "line 2"),
        (b"\nfoo", "begins with b'foo'"),
        (b"4 3\n\nfoo\x01", "cut short"),
        (b"text,label\ngood,yes\nbad,no\n", "no word vectors"),
        (b"version https://git-lfs.github.com/spec/v1\noid x\nsize 9\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\xba\x16\x4f\x2f" + bytes(50), "fastText model"),
        (b"\xff\xfet\x00h\x00e\x00", "UTF-16"),
        (b"BZh91AY&SY" + bytes(50), "bzip2"),
        (gzip.compress(TEXT * 99, mtime=0)[:-30], "damaged archive"),
        (b"\x1f\x8b" + TEXT, "damaged archive"),
        (b"PK\x03\x04" + TEXT, "damaged archive"),
        (zipped(a=TEXT, b=TEXT), "2 files where one was expected: a, b"),
        (zipped(), "no word vectors"),
        (b"a nan 1\nb 2 inf\n", "no row with .* 2 numbers. 2 rows with a number"),
        (b"a 1\n" + b"x" * (1 << 25), "line of more than"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(
    file: Callable[[bytes], Path], content: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message) as raised:
        read_vectors(file(content))
    assert "vectors.dat" in raised.value.message


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("kind", ["glove", "fastText", "word2vec binary"])
def test_damage_gives_vectors_or_a_clear_error(
    file: Callable[[bytes], Path], kind: str, packed: str
) -> None:
    content = PACKED[packed](CONTENTS[kind])
    rng = np.random.default_rng(7)
    for _ in range(150):
        damaged = bytearray(content[: rng.integers(1, len(content) + 1)])
        for position in rng.integers(0, len(damaged), 2):
            damaged[position] = rng.integers(256)
        try:
            vectors = read_vectors(file(bytes(damaged)))
        except DataError:
            continue
        assert len(vectors.words) == len(set(vectors.words)) == len(vectors.matrix)
        assert np.isfinite(vectors.matrix).all()


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        read_vectors(tmp_path / "none.txt")
    with pytest.raises(DataError, match=r"is a folder|cannot be read"):
        read_vectors(tmp_path)


# Real files


@gensim_leaks
@pytest.mark.parametrize(
    ("name", "options", "rows"),
    [
        ("glove.6B.50d.txt", {"no_header": True}, 4508),
        ("glove.6B.100d.txt", {"no_header": True}, 2604),
        ("glove50_4k.txt", {}, 4197),
        ("w2v_EN_20x300.txt", {}, 20),
        ("w2v_euclidean.bin", {"binary": True}, 2747),
        ("w2v_example_nl_640x15.bin", {"binary": True}, 640),
        ("GoogleNews-8000x300.bin.gz", {"binary": True}, 8000),
    ],
)
def test_real_files_are_read_as_gensim_reads_them(
    real_data: Path, name: str, options: dict[str, bool], rows: int
) -> None:
    path = real_data / "embeddings" / name
    if not path.exists():
        pytest.skip(f"there is no {path}")
    vectors = read_vectors(path)
    assert len(vectors.words) == rows
    if name == "glove50_4k.txt":
        assert vectors.notes[0].startswith("The header announces 4,196 words; the file has 4,197")
    else:
        assert vectors.notes == ()
    models = pytest.importorskip("gensim.models")
    keyed = models.KeyedVectors.load_word2vec_format(str(path), **options)
    if name == "glove50_4k.txt":  # gensim stops where the header says
        assert vectors.words[:-1] == keyed.index_to_key
    else:
        assert vectors.words == keyed.index_to_key
    np.testing.assert_array_equal(vectors.matrix[: len(keyed)], keyed.vectors)
