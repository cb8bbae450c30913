"""Training word vectors: reading texts, cutting them, each algorithm, repeats and interrupts."""

from __future__ import annotations

import gzip
import json
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rnn_toolkit.config import TokenizerConfig
from rnn_toolkit.data.text_stream import open_texts
from rnn_toolkit.data.word_corpus import write_word_corpus
from rnn_toolkit.embeddings.queries import VectorQueries
from rnn_toolkit.embeddings.read import read_vectors
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.tasks.train_embeddings import train_word_vectors
from rnn_toolkit.text.train_tokenizer import train_tokenizer
from rnn_toolkit.text.words import WordCutter
from rnn_toolkit.training.counted_words import SilentVectorObserver, VectorProgress
from rnn_toolkit.training.global_vectors import count_cooccurrences, fit_global_vectors
from rnn_toolkit.training.word_vectors import VectorTrainingConfig, train_vectors

FRUITS = ["apple", "pear", "plum", "cherry", "grape"]
TOOLS = ["hammer", "saw", "drill", "chisel", "wrench"]
TEXTS = ["A fine film, isn't it?<br />Yes!", "\u201cTr\u00e8s bien\u201d", "\u5f88\u597d\u770b", ""]
ALGORITHMS = ["skipgram", "cbow", "fasttext", "glove"]


def sentences() -> Iterator[list[str]]:
    """Fruits stand among words of eating, tools among words of building."""
    generator = random.Random(5)
    worlds = (
        (FRUITS, ["eat", "ripe", "sweet", "juice", "taste", "peel"]),
        (TOOLS, ["build", "metal", "wood", "repair", "handle", "bench"]),
    )
    for _ in range(1500):
        things, company = worlds[generator.randrange(2)]
        row = [generator.choice(company) for _ in range(6)]
        row.insert(3, generator.choice(things))
        yield row


def settings(**values: object) -> VectorTrainingConfig:
    return VectorTrainingConfig.model_validate({"size": 16, "ngram_buckets": 500, **values})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_words_of_the_same_contexts_come_near(algorithm: str) -> None:
    # CBOW and GloVe start slower: their steps are shared by several words.
    epochs = {"cbow": 30, "glove": 30}.get(algorithm, 10)
    config = settings(algorithm=algorithm, epochs=epochs, learning_rate=None, subsampling=0)
    queries = VectorQueries(train_vectors(sentences, config))

    def mean_cosine(first: list[str], second: list[str]) -> float:
        units = [queries.vectors(words) for words in (first, second)]
        left, right = (unit / np.linalg.norm(unit, axis=1, keepdims=True) for unit in units)
        return float((left @ right.T).mean())

    within = (mean_cosine(FRUITS, FRUITS) + mean_cosine(TOOLS, TOOLS)) / 2
    assert within > mean_cosine(FRUITS, TOOLS) + 0.2


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_seed_gives_the_same_vectors(algorithm: str) -> None:
    first, again, other = (
        train_vectors(sentences, settings(algorithm=algorithm, epochs=1, seed=seed))
        for seed in (3, 3, 4)
    )
    assert first.words == again.words
    assert np.array_equal(first.matrix, again.matrix)
    assert not np.array_equal(first.matrix, other.matrix)
    assert first.matrix.dtype == np.float32
    assert first.matrix.shape == (22, 16)


def test_words_are_ordered_and_limited_by_frequency() -> None:
    counts = Counter(word for row in sentences() for word in row)
    rare = sorted(counts.values())[3]
    kept = train_vectors(sentences, settings(epochs=1, minimum_count=rare + 1))
    assert set(kept.words) == {word for word, count in counts.items() if count > rare}
    frequencies = [counts[word] for word in kept.words]
    assert frequencies == sorted(frequencies, reverse=True)
    few = train_vectors(sentences, settings(epochs=1, maximum_words=4))
    assert sorted(counts[word] for word in few.words) == sorted(counts.values())[-4:]


def test_too_few_words_are_one_clear_error() -> None:
    with pytest.raises(DataError, match=r"Of 3 different words .4 in all. 1 occurs 2 times"):
        train_vectors(lambda: [["a", "b"], ["a", "c"]], settings(minimum_count=2))
    with pytest.raises(DataError, match="No two words that get vectors"):
        train_vectors(lambda: [["a"], ["b"]], settings(algorithm="glove", minimum_count=1))


def test_an_error_in_the_second_pass_ends_the_training() -> None:
    passes: list[int] = []

    def broken() -> Iterable[list[str]]:
        passes.append(1)
        yield from sentences()
        if len(passes) == 2:
            raise ValueError("the file is gone")

    with pytest.raises(ValueError, match="the file is gone"):
        train_vectors(broken, settings(epochs=3))
    assert len(passes) == 2


@pytest.mark.parametrize("algorithm", ["skipgram", "glove"])
def test_an_interrupt_ends_the_training_and_its_threads(algorithm: str) -> None:
    before = set(threading.enumerate())

    class Impatient(SilentVectorObserver):
        def advanced(self, progress: VectorProgress) -> None:
            if progress.stage.startswith("training"):
                signal.raise_signal(signal.SIGINT)

    def long() -> Iterator[list[str]]:
        for _ in range(4):
            yield from sentences()

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        train_vectors(long, settings(algorithm=algorithm, epochs=50), observer=Impatient())
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
        assert not thread.is_alive()
    assert signal.getsignal(signal.SIGINT) is handler


def test_pairs_are_counted_by_their_distance_and_within_texts() -> None:
    rows = [np.array(row, np.int32) for row in ([0, 1, 2], [2], [], [1, 1, 0, 2])]
    counts = count_cooccurrences(iter(rows), vocabulary_size=4, window=2).toarray()
    expected = np.zeros((4, 4))
    for row in rows:
        for here in range(len(row)):
            for there in range(len(row)):
                if 0 < abs(here - there) <= 2:
                    expected[row[here], row[there]] += 1 / abs(here - there)
    np.testing.assert_allclose(counts, expected)


def test_counting_in_chunks_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    rows = [generator.integers(0, 30, size).astype(np.int32) for size in range(60)]
    whole = count_cooccurrences(rows, vocabulary_size=30, window=5)
    monkeypatch.setattr("rnn_toolkit.training.global_vectors._CHUNK_WORDS", 50)
    parts = count_cooccurrences(rows, vocabulary_size=30, window=5)
    np.testing.assert_allclose(whole.toarray(), parts.toarray(), rtol=1e-5)


def test_global_vectors_reproduce_the_logarithms_of_counts() -> None:
    generator = np.random.default_rng(3)
    true = generator.normal(0, 0.7, (60, 3))
    from scipy import sparse

    logarithms = true @ true.T + 4
    counts = sparse.csr_matrix(np.exp(logarithms).astype(np.float32))
    vectors = fit_global_vectors(
        counts,
        size=8,
        epochs=400,
        learning_rate=0.2,
        full_weight_count=10,
        seed=1,
        progress=lambda done, total: None,
    )
    # Word and context vectors agree here, so that their sum holds the products four times,
    # up to what the biases take.
    products = vectors @ vectors.T / 4

    def without_biases(values: np.ndarray) -> np.ndarray:
        return values - values.mean(0) - values.mean(1, keepdims=True) + values.mean()

    found, wanted = without_biases(products), without_biases(logarithms)
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.99


def test_words_are_cut_as_a_word_tokenizer_cuts_them() -> None:
    texts = [*TEXTS, "lone \ud800 surrogate", "&amp; A\u0308 \u03a3\u03a3"]
    for lowercase in (True, False):
        config = TokenizerConfig(vocabulary_size=100, minimum_frequency=1, lowercase=lowercase)
        tokenizer = train_tokenizer([text.replace("\ud800", "\ufffd") for text in texts], config)
        names = tokenizer.vocabulary()
        by_tokenizer = [[names[id] for id in row] for row in tokenizer.encode_whole(texts)]
        assert WordCutter(lowercase=lowercase).cut(texts) == by_tokenizer
    assert WordCutter().cut(texts[:1]) == [
        ["a", "fine", "film", ",", "isn't", "it", "?", "yes", "!"]
    ]


def _files(folder: Path, texts: list[str]) -> dict[str, Path]:
    """The same texts in every format."""
    frame = pd.DataFrame({"id": range(len(texts)), "text": texts})
    paths = {name: folder / f"texts.{name}" for name in ("txt", "csv", "tsv", "jsonl", "parquet")}
    paths["txt"].write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    frame.to_csv(paths["csv"], index=False)
    frame.to_csv(paths["tsv"], index=False, sep="\t")
    frame.to_json(paths["jsonl"], orient="records", lines=True)
    frame.to_parquet(paths["parquet"])
    for name, path in list(paths.items()):
        if name != "parquet":
            packed = path.with_name(path.name + ".gz")
            packed.write_bytes(gzip.compress(path.read_bytes()))
            paths[name + ".gz"] = packed
    return paths


def test_every_format_gives_the_same_texts(tmp_path: Path) -> None:
    texts = [f'Text {number}, with "quotes" and \u4e2d\u6587' for number in range(2500)]
    for name, path in _files(tmp_path, texts).items():
        (file,) = open_texts(path)
        batches = list(file.batches())
        assert [text for batch in batches for text in batch.texts] == texts, name
        assert len(batches) > 2, name  # not read whole
        shares = [batch.share for batch in batches]
        assert shares == sorted(shares)
        assert shares[-1] == 1


def test_bad_rows_are_told_with_their_lines(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text('id,text\n1,a good film\n2,"two\nlines"\n3\n4,\n5,bad one\n', encoding="utf-8")
    batches = list(open_texts(table)[0].batches())
    assert [text for batch in batches for text in batch.texts] == [
        "a good film",
        "two\nlines",
        "bad one",
    ]
    assert [problem for batch in batches for problem in batch.problems] == [
        "line 5: 1 field where 2 were expected",
        "line 6: the text is missing",
    ]
    lines = tmp_path / "t.jsonl"
    lines.write_text('{"text": "one"}\n[1]\n{"text": ["two", "three"]}\n', encoding="utf-8")
    (batch,) = open_texts(lines)[0].batches()
    assert (batch.texts, batch.problems) == (["one", "two\nthree"], ["line 2: not a JSON object"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "cp1252"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    text = (
        "voil\u00e0 l'\u00e9t\u00e9"
        if encoding == "cp1252"
        else "\u8fd9\u90e8\u7535\u5f71\u5f88\u597d\u770b"
    )
    # The first megabyte of the plain encodings is ASCII: all of the file must be looked at.
    ascii_lines = [] if encoding == "utf-16" else ["plain words here"] * 80_000
    path = tmp_path / "t.txt"
    path.write_bytes("\n".join([*ascii_lines, text, ""]).encode(encoding))
    (file,) = open_texts(path)
    assert [batch.texts for batch in file.batches() if batch.texts][-1][-1] == text


def test_unusable_files_are_one_clear_error(tmp_path: Path) -> None:
    table, blank, wrong = tmp_path / "t.csv", tmp_path / "b.txt", tmp_path / "w.txt"
    table.write_text("id,text\n1,good\n2,bad\n", encoding="utf-8")
    blank.write_text("\n\n", encoding="utf-8")
    wrong.write_bytes("na\u00efve\n".encode("cp1252"))
    cut = tmp_path / "c.txt.gz"
    cut.write_bytes(gzip.compress(b"word " * 5000)[:-20])
    cases = {
        "There is no file": (tmp_path / "none.txt", {}),
        "is empty": (blank, {}),
        "has no column 'body' .--text-column.. It has: id, text": (table, {"text_column": "body"}),
        "There is no encoding 'utf-9'": (wrong, {"encoding": "utf-9"}),
        "is not utf-8": (wrong, {"encoding": "utf-8"}),
        "damaged gzip": (cut, {}),
        "holds no texts": (tmp_path / "folder", {}),
    }
    (tmp_path / "folder").mkdir()
    for message, (path, options) in cases.items():
        with pytest.raises(DataError, match=message):
            [list(file.batches()) for file in open_texts(path, **options)]


def test_a_corpus_can_be_gone_through_again(tmp_path: Path) -> None:
    for number, text in enumerate(TEXTS):
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{number}.txt").write_text(text, encoding="utf-8")
    shares: list[float] = []
    corpus = write_word_corpus(
        open_texts(tmp_path / "texts"), tmp_path / "words", progress=shares.append
    )
    assert list(corpus()) == list(corpus()) == WordCutter().cut(TEXTS[:3])
    assert (corpus.texts, corpus.words) == (3, 16)
    assert shares[-1] == pytest.approx(1)


def test_long_texts_are_trained_on_to_their_end() -> None:
    # gensim drops what comes after 10,000 words of a sentence.
    rows = [["start"] * 10_000 + [word for row in sentences() for word in row]]
    once, longer = (
        train_vectors(lambda: rows, settings(epochs=epochs, subsampling=0)) for epochs in (1, 2)
    )
    moved = np.abs(once.matrix - longer.matrix).max(axis=1)
    assert moved[once.words.index("apple")] > 0.01


def test_a_file_is_trained_and_written(tmp_path: Path) -> None:
    source = tmp_path / "t.jsonl"
    rows = [{"text": " ".join(row).upper(), "n": 1} for row in sentences()]
    source.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    out = tmp_path / "v.bin"
    written = train_word_vectors([source, source], out, size=8, epochs=1, minimum_count=2)
    found = read_vectors(out)
    assert (written.words, written.dimensions) == (22, 8) == found.matrix.shape
    assert "apple" in found.words


def test_bad_options_are_told_before_the_work(tmp_path: Path) -> None:
    source = tmp_path / "t.txt"
    source.write_text("some words\n" * 20, encoding="utf-8")
    cases: list[tuple[str, dict[str, object]]] = [
        ("Option algorithm", {"algorithm": "lsa"}),
        ("Option size", {"size": 0}),
        ("no vector format 'foo'", {"format": "foo"}),
    ]
    for message, options in cases:
        with pytest.raises(OptionError, match=message):
            train_word_vectors([source], tmp_path / "v.txt", **options)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="is a folder"):
        train_word_vectors([source], tmp_path)
    assert not (tmp_path / "v.txt").exists()
