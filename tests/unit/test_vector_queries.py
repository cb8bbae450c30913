"""Asking word vectors: against gensim and scipy, unknown words, plots, compact files."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from rnn_toolkit.embeddings.aligned import load_vectors
from rnn_toolkit.embeddings.compact import is_compact, read_compact, write_compact
from rnn_toolkit.embeddings.queries import ScoredPair, VectorQueries, read_scored_pairs
from rnn_toolkit.embeddings.read import WordVectors, read_vectors
from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.report.vector_plot import draw_words, project_words, words_page
from rnn_toolkit.tasks.embeddings import plot_vectors
from rnn_toolkit.tasks.vector_files import (
    convert_vectors,
    open_vectors,
    quantize_vectors,
    trim_vectors,
)

WORDS = ["king", "queen", "man", "woman", "Paris", "paris", "fox", "$x$", "</script>", "\u4e2d"]
MATRIX = np.random.default_rng(7).normal(0, 1, (len(WORDS), 12)).astype(np.float32)
VECTORS = WordVectors(WORDS, MATRIX, ())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    write_vectors(path, WORDS, MATRIX)
    return path


@pytest.fixture(scope="module")
def google(real_data: Path) -> Path:
    path = real_data / "embeddings" / "GoogleNews-8000x300.bin.gz"
    if not path.is_file():
        pytest.skip(f"there is no {path.name} in the folder of real data")
    return path


def test_answers_are_those_of_gensim_on_its_own_reading(google: Path) -> None:
    from gensim.models import KeyedVectors

    theirs = KeyedVectors.load_word2vec_format(str(google), binary=True)
    ours = VectorQueries(read_vectors(google))
    for word in ("king", "river", "London", "walking"):
        wanted = theirs.most_similar(word, topn=20)
        found = ours.neighbors(word, 20)
        assert [answer.word for answer in found] == [answer for answer, _ in wanted]
        np.testing.assert_allclose(
            [answer.similarity for answer in found], [cosine for _, cosine in wanted], atol=1e-5
        )
    wanted = theirs.most_similar(positive=["king", "woman"], negative=["man"], topn=5)
    assert [answer.word for answer in ours.analogy("man", "king", "woman", 5)] == [
        answer for answer, _ in wanted
    ]
    assert wanted[0][0] == "queen"


def test_neighbors_are_the_largest_cosines() -> None:
    units = MATRIX / np.linalg.norm(MATRIX, axis=1, keepdims=True)
    cosines = units @ units[0]
    order = [row for row in np.argsort(-cosines).tolist() if row != 0][:4]
    found = VectorQueries(VECTORS).neighbors("king", 4)
    assert [answer.word for answer in found] == [WORDS[row] for row in order]
    np.testing.assert_allclose([answer.similarity for answer in found], cosines[order], atol=1e-5)


def test_an_analogy_adds_directions_and_leaves_out_the_words_given() -> None:
    scaled = MATRIX.copy()
    scaled[0] *= 50  # length must not matter
    units = MATRIX / np.linalg.norm(MATRIX, axis=1, keepdims=True)
    scores = units @ (units[0] - units[2] + units[3])
    scores[[0, 2, 3]] = -9
    found = VectorQueries(WordVectors(WORDS, scaled, ())).analogy("man", "king", "woman", 1)
    assert found[0].word == WORDS[int(scores.argmax())]


def test_the_case_of_a_word_is_kept_where_it_can_be() -> None:
    queries = VectorQueries(VECTORS)
    assert [queries.known(word) for word in ("Paris", "paris", "PARIS", "King")] == [
        "Paris",
        "paris",
        "paris",
        "king",
    ]


def test_an_unknown_word_brings_those_spelt_alike() -> None:
    queries = VectorQueries(VECTORS)
    with pytest.raises(OptionError, match=r"^There is no vector for 'quen'. Spelt alike: queen"):
        queries.neighbors("quen")
    with pytest.raises(OptionError, match=r"^There is no vector for 'zzzzzzz'.$"):
        queries.analogy("king", "zzzzzzz", "man")
    with pytest.raises(OptionError, match="--count must be at least 1"):
        queries.neighbors("king", 0)


def test_a_zero_vector_has_no_neighbours_and_is_none() -> None:
    matrix = MATRIX.copy()
    matrix[1] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        queries = VectorQueries(WordVectors(WORDS, matrix, ()))
        assert "queen" not in [answer.word for answer in queries.neighbors("king", 50)]
    assert "queen" not in queries
    with pytest.raises(DataError, match="All vectors are zero"):
        VectorQueries(WordVectors(WORDS, np.zeros_like(MATRIX), ()))


def test_spearman_is_that_of_scipy_on_the_known_pairs() -> None:
    from scipy.stats import spearmanr

    generator = np.random.default_rng(3)
    pairs = [
        ScoredPair(first, second, float(generator.integers(0, 5)))
        for first in WORDS
        for second in WORDS
        if first != second
    ]
    unknown = [ScoredPair("king", "nobody", 3.0), ScoredPair("nothing", "nobody", 3.0)]
    score = VectorQueries(VECTORS).judge([*pairs, *unknown])
    units = MATRIX / np.linalg.norm(MATRIX, axis=1, keepdims=True)
    cosines = [units[WORDS.index(pair.first)] @ units[WORDS.index(pair.second)] for pair in pairs]
    expected = spearmanr(cosines, [pair.score for pair in pairs]).statistic
    assert score.spearman == pytest.approx(expected, abs=1e-6)
    assert (score.pairs, score.missing) == (90, 2)
    with pytest.raises(DataError, match="1 of 3 pairs"):
        VectorQueries(VECTORS).judge([pairs[0], *unknown])


@pytest.mark.parametrize(
    "content",
    [
        "king\tqueen\t8.5\nman\tfox\t1\n",
        "word1,word2,score\nking,queen,8.5\r\nman,fox,1\r\n",
        "# a comment\nking queen 8.5\n\nman  fox  1\n",
        "word1\tword2\tPOS\tSimLex999\tconc\nking\tqueen\tN\t8.5\t3\nman\tfox\tN\t1\t9\n",
    ],
)
def test_similarity_files_are_read_in_every_usual_form(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pairs"
    path.write_text(content, encoding="utf-8")
    pairs, problems = read_scored_pairs(path)
    assert pairs == [ScoredPair("king", "queen", 8.5), ScoredPair("man", "fox", 1.0)]
    assert problems == []


def test_lines_without_a_pair_are_told(tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    path.write_text("king queen 8.5\nman fox\na b nan\n", encoding="utf-8")
    assert read_scored_pairs(path)[1] == [
        "line 2: no two words with a score",
        "line 3: no two words with a score",
    ]
    path.write_text("king queen\n", encoding="utf-8")
    with pytest.raises(DataError, match="no pair of words with a score"):
        read_scored_pairs(path)


@pytest.mark.parametrize(("dtype", "error"), [("float16", 1e-3), ("int8", 0.45e-2)])
def test_compact_files_read_back(tmp_path: Path, dtype: str, error: float) -> None:
    matrix = np.concatenate([MATRIX, np.zeros((1, 12), np.float32)])
    path = tmp_path / "vectors.npz"
    write_compact(path, [*WORDS, "nil"], matrix, dtype)
    found = read_compact(path)
    assert found.words == [*WORDS, "nil"]
    assert found.matrix.dtype == np.float32
    largest = np.abs(matrix).max(axis=1, keepdims=True)
    assert (np.abs(found.matrix - matrix) <= error * largest).all()
    assert 0 < np.abs(found.matrix - matrix).max()
    with np.load(path) as stored:
        assert stored["vectors"].dtype == np.dtype(dtype)


def test_compact_files_that_cannot_be_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    with pytest.raises(OptionError, match="no type 'int4'"):
        write_compact(path, WORDS, MATRIX, "int4")
    with pytest.raises(OptionError, match=r"not the name of an \.npz file"):
        write_compact(tmp_path / "v.txt", WORDS, MATRIX, "int8")
    with pytest.raises(DataError, match="too large for float16"):
        write_compact(path, WORDS, MATRIX * 1e6, "float16")
    assert not list(tmp_path.iterdir())
    write_compact(path, WORDS[:-1], MATRIX, "int8")
    assert is_compact(path)
    with pytest.raises(DataError, match="damaged"):
        read_compact(path)
    np.savez(tmp_path / "other.npz", a=MATRIX)
    assert not is_compact(tmp_path / "other.npz")


def test_quantized_and_converted_files_open_like_the_original(tmp_path: Path, file: Path) -> None:
    compact = quantize_vectors(file, tmp_path / "small.npz")
    assert re.search(r"lowest cosine .* is (1\.0|0\.9999)", compact.notes[-1])
    converted = convert_vectors(tmp_path / "small.npz", tmp_path / "back.bin.gz")
    assert (converted.words, converted.dimensions) == MATRIX.shape
    again = open_vectors(tmp_path / "back.bin.gz")
    assert again.words == WORDS
    np.testing.assert_array_equal(again.matrix, MATRIX.astype(np.float16).astype(np.float32))


def test_trimming_keeps_the_vocabulary_in_its_order_and_case(tmp_path: Path, file: Path) -> None:
    vocabulary = tmp_path / "words"
    vocabulary.write_text("Fox\nking\nnobody\nparis\n", encoding="utf-8")
    written = trim_vectors(file, tmp_path / "few.txt", vocabulary=vocabulary)
    few = read_vectors(tmp_path / "few.txt")
    assert few.words == ["Fox", "king", "paris"]
    np.testing.assert_array_equal(few.matrix, MATRIX[[6, 0, 5]])
    assert "3 of 4 words" in written.notes[-1]
    for options in ({}, {"model": tmp_path, "vocabulary": vocabulary}):
        with pytest.raises(OptionError, match="either --model or --vocabulary"):
            trim_vectors(file, tmp_path / "x.txt", **options)
    vocabulary.write_text("nobody\n", encoding="utf-8")
    with pytest.raises(DataError, match="none of the 1 words"):
        trim_vectors(file, tmp_path / "x.txt", vocabulary=vocabulary)


def test_what_quantize_writes_is_trimmed_and_aligned_too(tmp_path: Path, file: Path) -> None:
    quantize_vectors(file, tmp_path / "small.npz")
    vocabulary = tmp_path / "words"
    vocabulary.write_text("Fox\nking\nnobody\n", encoding="utf-8")
    written = trim_vectors(tmp_path / "small.npz", tmp_path / "few.txt", vocabulary=vocabulary)
    half = MATRIX.astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(read_vectors(tmp_path / "few.txt").matrix, half[[6, 0]])
    assert "Stored as float16." in written.notes
    aligned = load_vectors(tmp_path / "small.npz", ["[PAD]", "king"], cache=tmp_path / "cache")
    np.testing.assert_array_equal(aligned.matrix[1], half[0])


def test_pca_keeps_the_largest_variance() -> None:
    generator = np.random.default_rng(0)
    flat = np.zeros((50, 9), np.float32)
    flat[:, 0] = 1  # unit directions near one another, so that they stay nearly flat
    flat[:, 4] = generator.normal(0, 0.03, 50)
    flat[:, 7] = generator.normal(0, 0.01, 50)
    plotted = project_words([str(number) for number in range(50)], flat, method="pca")
    assert abs(np.corrcoef(plotted.points[:, 0], flat[:, 4])[0, 1]) > 0.99
    assert abs(np.corrcoef(plotted.points[:, 1], flat[:, 7])[0, 1]) > 0.99
    again = project_words([str(number) for number in range(50)], flat, method="pca")
    np.testing.assert_array_equal(plotted.points, again.points)


def test_tsne_keeps_groups_together() -> None:
    generator = np.random.default_rng(1)
    centres = np.repeat(np.eye(3, 10) * 5, 12, axis=0)
    matrix = (centres + generator.normal(0, 0.2, centres.shape)).astype(np.float32)
    points = project_words([str(n) for n in range(36)], matrix, method="tsne").points
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 12 == np.arange(36) // 12).all()


def test_pictures_show_every_word_literally_and_repeat() -> None:
    plotted = project_words(WORDS[:9], MATRIX[:9], method="pca", groups=list("abcabcabc"))
    svg = draw_words(plotted, "svg")
    for word in ("king", "$x$", "&lt;/script&gt;"):
        assert f">{word}</text>" in svg.decode()
    assert svg == draw_words(plotted, "svg")
    assert draw_words(plotted, "png").startswith(b"\x89PNG")


def test_a_page_stands_alone_and_words_cannot_break_it() -> None:
    plotted = project_words(WORDS, MATRIX, method="pca", groups=["<b>"] * len(WORDS))
    page = words_page(plotted)
    assert page.count("</script>") == 1
    assert "<b>" not in page
    assert not re.search(r"https?://|src=", page)
    data = re.search(r"const words = (.*);\n", page)
    assert data is not None
    rows = json.loads(data[1])
    assert [row[0] for row in rows] == WORDS
    assert all(0 <= row[1] <= 1 and 0 <= row[2] <= 1 for row in rows)


def test_words_to_plot_come_from_a_file_or_the_beginning(tmp_path: Path, file: Path) -> None:
    listed = tmp_path / "words"
    listed.write_text("king\troyal\nqueen\troyal\nfox\tanimal\nnobody\tx\n", encoding="utf-8")
    drawn = plot_vectors(file, tmp_path / "p.svg", words=listed)
    assert (drawn.words, drawn.notes) == (3, ("Without a vector: nobody.",))
    svg = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert ">royal</text>" in svg
    assert ">woman</text>" not in svg
    assert plot_vectors(file, tmp_path / "p.html", top=4).words == 4
    cases = {
        "cannot be drawn": {"out": tmp_path / "p.pdf"},
        "no method 'umap'": {"method": "umap"},
        "2 of 2 words have a vector": {"top": 2},
    }
    for message, options in cases.items():
        with pytest.raises(OptionError, match=message):
            plot_vectors(file, **{"out": tmp_path / "q.svg", **options})
