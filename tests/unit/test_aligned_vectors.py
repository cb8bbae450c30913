"""Vectors aligned with a vocabulary: case, pieces, random rows and coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_toolkit.embeddings.aligned import load_vectors
from rnn_toolkit.embeddings.formats import FormatName
from rnn_toolkit.embeddings.read import read_vectors
from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError, OptionError

FORMATS: tuple[FormatName, ...] = ("glove", "word2vec", "word2vec_binary")


@pytest.fixture
def text(tmp_path: Path) -> Callable[[str], Path]:
    def write(content: str) -> Path:
        path = tmp_path / "vectors.txt"
        path.write_text(content, "utf-8")
        return path

    return write


def random_file(path: Path, rows: int, dimensions: int, format: FormatName = "glove") -> Path:
    matrix = np.random.default_rng(5).normal(3, 2, (rows, dimensions)).astype(np.float32)
    write_vectors(path, [f"w{number}" for number in range(rows)], matrix, format)
    return path


# Alignment


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["vectors", "vectors.gz"])
def test_rows_follow_the_vocabulary(tmp_path: Path, format: FormatName, name: str) -> None:
    path = random_file(tmp_path / name, 30_000, 7, format)
    everything = read_vectors(path)
    wanted = [29_999, 5, 12_345, 0]
    vocabulary = ["[PAD]", *(f"w{number}" for number in wanted), "absent"]
    vectors = load_vectors(path, vocabulary, cache=None)
    assert vectors.matrix.dtype == np.float32
    assert vectors.matrix.shape == (6, 7)
    np.testing.assert_array_equal(vectors.matrix[0], 0)
    np.testing.assert_array_equal(vectors.matrix[1:5], everything.matrix[wanted])
    assert vectors.found.tolist() == [False, True, True, True, True, False]
    assert not vectors.composed.any()


def test_case_is_tried_in_order(text: Callable[[str], Path]) -> None:
    path = text("APPLE 1\napple 2\nApple 3\nUSA 4\nNew_York 5\nDon't 6\nÉcole 7\nBerlin 8\n")
    words = ["apple", "Apple", "aPPLE", "usa", "new_york", "don't", "école", "bERLIN", "APPLE"]
    vectors = load_vectors(path, ["[PAD]", *words], cache=None)
    assert vectors.matrix[1:, 0].tolist() == [2, 3, 2, 4, 5, 6, 7, 8, 1]
    assert vectors.coverage.other_case == 6
    assert vectors.notes == ()
    exact = load_vectors(path, ["[PAD]", *words], match_case=True, cache=None)
    assert exact.found.tolist() == [False, *(word in {"apple", "Apple", "APPLE"} for word in words)]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_case_does_not_depend_on_the_order_of_the_file(
    text: Callable[[str], Path], order: list[int]
) -> None:
    rows = ["new 1", "New 2", "NEW 3", "nEw 4"]
    path = text("\n".join(rows[at] for at in order))
    vectors = load_vectors(path, ["[PAD]", "new", "New", "NEW", "nEw", "neW"], cache=None)
    assert vectors.matrix[1:, 0].tolist() == [1, 2, 3, 4, 1]


def test_the_padding_word_is_not_looked_up(text: Callable[[str], Path]) -> None:
    vectors = load_vectors(text("pad 1 2\na 3 4\n"), ["pad", "a"], cache=None)
    assert vectors.matrix.tolist() == [[0, 0], [3, 4]]
    assert vectors.coverage.types == 1


def test_a_word_may_stand_in_the_vocabulary_twice(text: Callable[[str], Path]) -> None:
    vectors = load_vectors(text("a 3 4\n"), ["[PAD]", "a", "a", "A"], cache=None)
    assert vectors.matrix[1:].tolist() == [[3, 4]] * 3


def test_faulty_rows_are_passed_over_and_told(text: Callable[[str], Path]) -> None:
    path = text("a nan 1\na 1 2\nb 3\nc x 5\nc 6 7\nd e 8 9\na 5 5\nA 3 3\nother 1 x\n")
    vectors = load_vectors(path, ["[PAD]", "a", "c", "d e", "A"], cache=None)
    assert vectors.matrix[1:].tolist() == [[1, 2], [6, 7], [8, 9], [3, 3]]
    assert vectors.notes == (
        "2 rows without a word and 2 numbers skipped (lines 3, 4).",
        "1 row with a number that is not finite skipped (line 1).",
        "1 row repeating an earlier word ignored, the first one counts (line 7).",
    )


def test_a_row_without_a_number_is_no_row(text: Callable[[str], Path]) -> None:
    vectors = load_vectors(text("a 1\nb \nc 2\n"), ["[PAD]", "b"], cache=None)
    assert not vectors.found.any()
    assert vectors.notes == ("1 row without a word and 1 numbers skipped (line 2).",)


def test_words_that_are_not_utf8_are_found_as_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(b"caf\xe9 1 2\nCAF\xc9 3 4\na 5 6\n")
    vectors = load_vectors(path, ["[PAD]", "café", "Café"], cache=None)
    assert vectors.matrix[1:].tolist() == [[1, 2], [1, 2]]
    assert "2 rows whose word is not UTF-8" in vectors.notes[0]


def test_errors(tmp_path: Path, text: Callable[[str], Path]) -> None:
    path = text("nan nan\n")
    with pytest.raises(DataError, match="no row with"):
        load_vectors(path, ["[PAD]"], cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    with pytest.raises(OptionError, match="vocabulary is empty"):
        load_vectors(path, [], cache=None)
    with pytest.raises(OptionError, match="seed is -1"):
        load_vectors(path, ["[PAD]"], seed=-1, cache=None)
    with pytest.raises(DataError, match="There is no file"):
        load_vectors(tmp_path / "none", ["[PAD]"], cache=tmp_path / "cache")


def test_a_vocabulary_of_padding_alone(text: Callable[[str], Path]) -> None:
    vectors = load_vectors(text("a 1 2\n"), ["[PAD]"], cache=None)
    assert vectors.matrix.tolist() == [[0, 0]]
    assert vectors.coverage.type_share == 0


words = st.text(st.sampled_from("aAbBéÉß1"), min_size=1, max_size=3)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(words, min_size=1), wanted=st.lists(words), format=st.sampled_from(FORMATS))
def test_aligned_vectors_agree_with_a_plain_look_up(
    tmp_path: Path, rows: list[str], wanted: list[str], format: FormatName
) -> None:
    table = {word: float(number) for number, word in enumerate(dict.fromkeys(rows))}
    matrix = np.array(list(table.values()))[:, None]
    write_vectors(tmp_path / "vectors", list(table), matrix, format)
    vectors = load_vectors(tmp_path / "vectors", ["[PAD]", *wanted], cache=None)
    for index, word in enumerate(wanted, start=1):
        forms = [word, word.lower(), word.capitalize(), word.title(), word.upper()]
        # ß has no upper case of its own, so SS is another word.
        known = [form for form in forms if form in table and form.lower() == word.lower()]
        assert vectors.found[index] == bool(known)
        if known:
            assert vectors.matrix[index, 0] == table[known[0]]


# Rows that are not in the file


def test_random_rows_have_the_mean_and_variance_of_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    matrix = rng.normal([0, 5, -3], [1, 0.1, 4], (20_000, 3))
    matrix[:200] += 50  # frequent words are unlike the others and must not weigh more
    write_vectors(tmp_path / "v", [f"w{n}" for n in range(20_000)], matrix, "glove")
    vocabulary = ["[PAD]", *(f"w{n}" for n in range(200)), *(f"absent{n}" for n in range(5000))]
    vectors = load_vectors(tmp_path / "v", vocabulary, cache=None)
    drawn = vectors.matrix[201:]
    deviation = matrix.std(axis=0)
    assert (np.abs(drawn.mean(axis=0) - matrix.mean(axis=0)) < 0.2 * deviation).all()
    np.testing.assert_allclose(drawn.std(axis=0), deviation, rtol=0.25)
    again = load_vectors(tmp_path / "v", vocabulary, cache=None)
    np.testing.assert_array_equal(again.matrix, vectors.matrix)
    other = load_vectors(tmp_path / "v", vocabulary, seed=2, cache=None)
    np.testing.assert_array_equal(other.matrix[:201], vectors.matrix[:201])
    assert (other.matrix[201:] != drawn).all()


def test_missing_words_are_the_mean_of_their_pieces(text: Callable[[str], Path]) -> None:
    path = text("play 2 4\ning 4 8\nplays 1 1\nLy 9 9\n")
    known = {"playing": ["play", "ing"], "playly": ["play", "ly"], "xing": ["x", "ing"]}
    vocabulary = ["[PAD]", "playing", "plays", "play", "xing", "playly", "zzz"]
    counts = {"playing": 5, "zzz": 9, "play": 6, "elsewhere": 100}
    vectors = load_vectors(
        path, vocabulary, pieces=lambda word: known.get(word, [word]), counts=counts, cache=None
    )
    assert vectors.matrix.shape == (7, 2)
    assert vectors.matrix[1:6].tolist() == [[3, 6], [1, 1], [2, 4], [4, 8], [5.5, 6.5]]
    assert vectors.found.tolist() == [False, False, True, True, False, False, False]
    assert vectors.composed.tolist() == [False, True, False, False, True, True, False]
    report = vectors.coverage
    assert (report.types, report.found, report.composed) == (6, 2, 3)
    assert (report.tokens, report.tokens_found) == (20, 6)
    assert report.misses == (("zzz", 9),)


# Coverage


def test_coverage_counts_types_and_tokens(text: Callable[[str], Path]) -> None:
    path = text("the 1\ncat 2\n")
    misses = [f"miss{n}" for n in range(30)]
    counts = {"the": 70, "Cat": 10, **{word: n for n, word in enumerate(misses)}}
    vectors = load_vectors(path, ["[PAD]", "the", "Cat", *misses], counts=counts, cache=None)
    report = vectors.coverage
    assert (report.types, report.found, report.other_case) == (32, 2, 1)
    assert report.token_share == pytest.approx(80 / (80 + sum(range(30))))
    assert report.misses == tuple((f"miss{n}", n) for n in range(29, 9, -1))
    assert report.sentence().startswith(
        "2 of 32 words have vectors (6.2%), 1 of them in another case, 15.5% of the running words "
        "are covered. Most frequent misses: miss29, miss28,"
    )
    bare = load_vectors(path, ["[PAD]", "the", "b", "a"], cache=None).coverage
    assert bare.misses == (("b", 0), ("a", 0))
    assert bare.token_share is None


# Real files


def test_coverage_of_reviews_by_real_vectors(real_data: Path) -> None:
    path = real_data / "embeddings" / "glove.6B.100d.txt"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    counts = Counter({"the": 100, "film": 10, "The": 5, "wasn't": 3, "unwatchable": 2})
    vectors = load_vectors(path, ["[PAD]", *counts], counts=counts, cache=None)
    everything = read_vectors(path)
    row = everything.matrix[everything.words.index("film")]
    np.testing.assert_array_equal(vectors.matrix[2], row)
    assert vectors.coverage.tokens_found == 115
    assert vectors.coverage.misses == (("wasn't", 3), ("unwatchable", 2))
