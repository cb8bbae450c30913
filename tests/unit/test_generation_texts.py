"""Reading texts as a stream or as documents, and turning them into ids."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from rnn_toolkit.config import TextLayoutConfig
from rnn_toolkit.data.generation_texts import GenerationTexts, read_generation_texts
from rnn_toolkit.data.token_stream import TokenStream, encode_part
from rnn_toolkit.errors import DataError, OptionError

LAYOUT = TextLayoutConfig()


def texts_of(found: GenerationTexts) -> list[str]:
    return [text for text, _ in found.pieces()]


def code_points(text: str, condition: str | None) -> np.ndarray:
    label = [] if condition is None else [1000 + int(condition)]
    return np.asarray([*label, *map(ord, text)], np.int32)


def test_a_plain_file_is_one_stream_with_every_line_end(tmp_path: Path) -> None:
    text = "one\n\n\ntwo  \r\nthree"
    (tmp_path / "a.txt").write_bytes(text.encode())
    found = read_generation_texts(tmp_path / "a.txt", LAYOUT)
    assert not found.documents
    assert "".join(texts_of(found)) == "one\n\n\ntwo  \nthree"


def test_a_gzipped_file_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    text = "\u6625\u7720\u4e0d\u89ba\u66c9\uff0c\u8655\u8655\u805e\u557c\u9ce5\u3002\n" * 50
    path.write_bytes(gzip.compress(text.encode("gb18030")))
    found = read_generation_texts(path, LAYOUT, encoding="gb18030")
    assert "".join(texts_of(found)) == text


def test_lines_rows_files_and_lists_are_documents(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\ntwo\n")
    lines = read_generation_texts(tmp_path / "a.txt", TextLayoutConfig(layout="lines"))
    (tmp_path / "b.csv").write_text("id,text\n1,first text here\n2,second text here\n")
    rows = read_generation_texts(tmp_path / "b.csv", LAYOUT)
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "1.txt").write_text("one\ntwo\n")
    (folder / "2.txt").write_text("three\n")
    files = read_generation_texts(folder, LAYOUT)
    given = read_generation_texts(["x", "y"], LAYOUT)
    for found, expected in (
        (lines, ["one", "two"]),
        (rows, ["first text here", "second text here"]),
        (files, ["one\ntwo", "three"]),
        (given, ["x", "y"]),
    ):
        assert found.documents
        assert texts_of(found) == expected


def test_a_condition_comes_from_a_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,author\nsome words here,B\nmore words here,A\n")
    layout = TextLayoutConfig(condition="author")
    found = read_generation_texts(tmp_path / "a.csv", layout)
    assert list(found.pieces()) == [("some words here", "B"), ("more words here", "A")]
    assert found.count().labels == ("A", "B")


def test_paragraphs_of_json_become_lines_with_and_without_a_condition(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"author": "A", "paragraphs": ["one two", "three"]}\n'
        '{"author": "B", "paragraphs": ["four five", "six"]}\n'
    )
    for layout in (LAYOUT, TextLayoutConfig(condition="author")):
        found = read_generation_texts(tmp_path / "a.jsonl", layout)
        assert texts_of(found) == ["one two\nthree", "four five\nsix"]


def test_a_layout_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    with pytest.raises(OptionError, match="--layout lines"):
        read_generation_texts(tmp_path / "a.txt", TextLayoutConfig(layout="documents"))
    with pytest.raises(DataError, match="no file"):
        read_generation_texts(tmp_path / "none.txt", LAYOUT)
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(DataError, match="empty"):
        read_generation_texts(tmp_path / "empty.txt", LAYOUT)


def test_the_end_of_a_stream_is_held_out_at_a_line_end() -> None:
    blocks = ["aaaa\nbb", "bb\ncccc\n", "dddd\neeee\n"]
    found = GenerationTexts("t", False, lambda: ((block, None) for block in blocks))
    first, last = found.split(0.4, found.count(), seed=0)
    before, after = "".join(t for t, _ in first()), "".join(t for t, _ in last())
    assert before + after == "".join(blocks)
    assert before == "aaaa\nbbbb\ncccc\n"


def test_documents_are_split_by_seed_and_none_is_lost() -> None:
    given = [f"text {number}" for number in range(50)]
    found = read_generation_texts(given, LAYOUT)
    count = found.count()
    first, last = found.split(0.2, count, seed=3)
    training, held = [t for t, _ in first()], [t for t, _ in last()]
    assert sorted(training + held) == sorted(given)
    assert len(held) == 10
    assert held == [t for t, _ in found.split(0.2, count, seed=3)[1]()]
    assert held != [t for t, _ in found.split(0.2, count, seed=4)[1]()]


def test_no_held_out_document_stands_in_training() -> None:
    given = [f"text {number % 40}" for number in range(60)]
    found = read_generation_texts(given, LAYOUT)
    first, last = found.split(0.5, found.count(), seed=0)
    training, held = [t for t, _ in first()], [t for t, _ in last()]
    assert sorted(training + held) == sorted(given)
    assert held
    assert not set(training) & set(held)
    same = read_generation_texts(["a"] * 9, LAYOUT)
    count = same.count()
    with pytest.raises(DataError, match="none can be held out"):
        same.split(0.2, count, seed=0)


def stream_of(texts: list[tuple[str, str | None]], *, documents: bool) -> TokenStream:
    return encode_part(
        lambda: iter(texts), code_points, documents=documents, vocabulary=1010, labels=10
    )


def test_every_id_of_a_stream_is_a_target_once() -> None:
    stream = stream_of([("abcdefghij" * 5, None)], documents=False)
    found = list(stream.windows(1, 7))
    targets = np.concatenate([window.targets[0] for window in found])
    assert "".join(map(chr, targets)) == ("abcdefghij" * 5)[1:]
    assert stream.predicted().sum() == 49


def test_labels_of_a_condition_are_read_but_never_targets() -> None:
    stream = stream_of([("ab", "3"), ("cde", "4")], documents=True)
    (window,) = stream.windows(2, 10)
    counted = window.targets[window.weights > 0]
    assert sorted(map(chr, counted)) == ["a", "b", "c", "d", "e"]
    assert stream.predicted().sum() == 5


def test_documents_restart_and_keep_apart() -> None:
    stream = stream_of([("abc", None), ("defgh", None), ("ij", None)], documents=True)
    assert stream.longest() == 5
    assert list(stream.texts(lambda ids: "".join(map(chr, ids)))) == ["abc", "defgh", "ij"]
    pairs = set()
    for window in stream.windows(2, 10):
        assert window.restarts.all()
        for row, weights in zip(window.targets, window.weights, strict=True):
            pairs.add("".join(map(chr, row[weights > 0])))
    assert {"bc", "efgh", "j"} <= pairs


def test_the_head_of_a_stream_keeps_documents_whole() -> None:
    stream = stream_of([("abc", None), ("defgh", None), ("ij", None)], documents=True)
    assert stream.head(8).texts is not None
    assert list(stream.head(8).texts(lambda ids: "".join(map(chr, ids)))) == ["abc", "defgh"]
    assert list(stream.head(7).texts(lambda ids: "".join(map(chr, ids)))) == ["abc"]
    assert len(stream.head(100)) == 10
