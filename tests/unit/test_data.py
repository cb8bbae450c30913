"""Reading, columns, labels, splits: each defect has a defined result and a message."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_toolkit.data import labelled_stream, text_stream
from rnn_toolkit.data.batching import EncodedTexts, batches_per_epoch, epoch_batches
from rnn_toolkit.data.labelled import (
    from_pairs,
    label_ids,
    label_names,
    read_labelled,
    stratified_split,
)
from rnn_toolkit.data.text_stream import open_texts
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.runtime.classifier import batches_by_length

ROWS = [("a good, kind film", "1"), ('so "bad" it hurts', "0"), ("line one\nline two", "1")]


@pytest.fixture(params=["in memory", "from disk"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are read as large ones are."""
    if request.param == "from disk":
        monkeypatch.setattr(labelled_stream, "_LARGE_BYTES", -1)


both_ways = pytest.mark.usefixtures("way")


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@both_ways
def test_csv_with_quotes_commas_and_line_breaks(tmp_path: Path) -> None:
    pd.DataFrame(ROWS, columns=["review", "sentiment"]).to_csv(tmp_path / "a.csv", index=False)
    data = read_labelled(tmp_path / "a.csv")
    assert list(zip(data.texts, data.labels, strict=True)) == ROWS
    assert data.rows == ["line 2", "line 3", "line 4"]
    assert "comma-separated" in data.notes[0]


@both_ways
@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.tsv", "a.csv.gz", "a.jsonl.gz"])
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    rows = [ROWS[0], ROWS[1]]
    frame = pd.DataFrame(rows, columns=["text", "label"])
    path = tmp_path / name
    if ".jsonl" in name:
        frame.to_json(path, orient="records", lines=True, compression="infer")
    elif ".parquet" in name:
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
    data = read_labelled(path)
    assert list(zip(data.texts, data.labels, strict=True)) == rows


def test_folder_per_label(tmp_path: Path) -> None:
    for label, text in (("pos", "fine"), ("neg", "poor")):
        (tmp_path / label).mkdir()
        write(tmp_path / label / "1.txt", text)
    write(tmp_path / "pos" / "2.txt", "")
    data = read_labelled(tmp_path)
    assert sorted(zip(data.texts, data.labels, strict=True)) == [("fine", "pos"), ("poor", "neg")]
    assert data.problems == ["pos/2.txt: the text is missing"]


@both_ways
def test_tsv_whose_quotes_are_text_loses_no_row(tmp_path: Path) -> None:
    lines = ["label\ttext"] + [f'{n % 2}\t"unfinished quote {n}' for n in range(20)]
    data = read_labelled(write(tmp_path / "a.tsv", "\n".join(lines) + "\n"))
    assert len(data) == 20
    assert data.texts[0] == '"unfinished quote 0'


@both_ways
def test_file_without_header(tmp_path: Path) -> None:
    lines = "".join(f"sentence number {n} of the file\t{n % 2}\n" for n in range(30))
    data = read_labelled(write(tmp_path / "a.tsv", lines))
    assert len(data) == 30
    assert set(data.labels) == {"0", "1"}


@both_ways
def test_bad_rows_are_named_and_counted(tmp_path: Path) -> None:
    text = "text,label\ngood,1\n,1\nbad,0\nfine,\nonly one field\na,b,c\nend,0\n"
    data = read_labelled(write(tmp_path / "a.csv", text))
    assert list(data.texts) == ["good", "bad", "end"]
    assert sorted(data.problems) == [
        "line 3: the text is missing",
        "line 5: the label is missing",
        "line 6: 1 field where 2 were expected",
        "line 7: 3 fields where 2 were expected",
    ]


@both_ways
def test_line_numbers_count_line_breaks_inside_fields(tmp_path: Path) -> None:
    text = 'text,label\n"two\nlines",1\nbad,0\nshort\nend,0\n'
    data = read_labelled(write(tmp_path / "a.csv", text))
    assert data.rows == ["line 2", "line 4", "line 6"]
    assert data.problems == ["line 5: 1 field where 2 were expected"]


@both_ways
def test_malformed_json_lines_are_named(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": "a b", "label": 1}),
        "{oops",
        json.dumps({"text": "c", "label": 0}),
    ]
    data = read_labelled(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert data.problems == ["line 2: not a JSON object"]
    assert len(data) == 2


CHINESE = "text,label\n这个酒店非常好，推荐大家,1\n服务态度太差了,0\n"
WESTERN = "text;label\nUn film très agréable, déjà vu mais réussi;1\nPas terrible à mon goût;0\n"


@both_ways
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_encodings(tmp_path: Path, encoding: str) -> None:
    data = read_labelled(write(tmp_path / "a.csv", CHINESE, encoding))
    assert data.texts[0].startswith("\u8fd9\u4e2a\u9152\u5e97")


@both_ways
def test_latin_1(tmp_path: Path) -> None:
    data = read_labelled(write(tmp_path / "a.csv", WESTERN, "latin-1"))
    assert data.texts[0] == "Un film très agréable, déjà vu mais réussi"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([1, 0, 1], ["0", "1"]),
        (["1.0", "0.0", "1.0"], ["0", "1"]),
        ([True, False, True], ["false", "true"]),
        (["pos", "neg", "neutral"], ["neg", "neutral", "pos"]),
        ([10, 9, 1], ["1", "9", "10"]),
    ],
)
def test_labels_of_any_type(labels: list[object], expected: list[str]) -> None:
    assert label_names(from_pairs(["a", "b", "c"], labels, "x").labels) == expected


@both_ways
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n000", "is a PNG picture"),
        (b"text,label\n\x00\x01\x02,1\n", "is a binary file"),
        (b"text,label\n", "a header but no rows"),
        (b"just words\nmore words\n", "only one column"),
        (b"\x1f\x8b\x08broken", "damaged gzip"),
        (b"PAR1broken", "damaged parquet"),
        (b"text,label\n,\n,\n", "no usable row"),
    ],
)
def test_unusable_files(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_labelled(tmp_path / "a.csv")


@both_ways
def test_missing_file_and_unknown_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        read_labelled(tmp_path / "none.csv")
    path = write(tmp_path / "a.csv", "text,label\nx,1\ny,0\n")
    with pytest.raises(DataError, match=r"no column 'body' .*It has: text, label"):
        read_labelled(path, text_column="body")


def test_single_class_and_unseen_labels() -> None:
    with pytest.raises(DataError, match="same label, '1'"):
        label_names(["1", "1"])
    with pytest.raises(DataError, match=r"never saw: '2' \(2 rows\), '3' \(1 row\)"):
        label_ids(["0", "2", "3", "2"], ["0", "1"], source="test.csv")
    with pytest.raises(OptionError, match="2 texts but 1 labels"):
        from_pairs(["a", "b"], [1], "x")


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xy")), min_size=1))
def test_split_keeps_every_row_once_and_equal_texts_together(pairs: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in pairs]
    labels = [label for _, label in pairs]
    try:
        training, validation = stratified_split(labels, texts, share=0.3, seed=1)
    except DataError:
        return
    assert sorted(training + validation) == list(range(len(pairs)))
    assert not {texts[index] for index in training} & {texts[index] for index in validation}


@given(st.lists(st.integers(1, 50), min_size=1, max_size=200), st.integers(1, 9))
def test_batches_lose_no_row(lengths: list[int], batch_size: int) -> None:
    ids = [np.full(length, index + 1, np.int32) for index, length in enumerate(lengths)]
    count = len(ids)
    data = EncodedTexts(ids, np.arange(count, dtype=np.int32), np.ones(count, np.float32))
    batches = list(epoch_batches(data, batch_size=batch_size, seed=1, epoch=0))
    assert len(batches) == batches_per_epoch(count, batch_size)
    assert sorted(label for _, labels, _ in batches for label in labels) == list(range(count))
    for padded, labels, _ in batches:
        for row, label in zip(padded, labels, strict=True):
            assert list(row[row > 0]) == [label + 1] * lengths[label]


@given(st.lists(st.integers(1, 500), max_size=300))
def test_prediction_batches_lose_no_row(lengths: list[int]) -> None:
    batches = list(batches_by_length(lengths, tokens_per_batch=600))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 600


def test_epochs_differ_but_repeat_by_seed() -> None:
    ids = [np.ones(3, np.int32)] * 40
    data = EncodedTexts(ids, np.arange(40, dtype=np.int32), np.ones(40, np.float32))

    def order(seed: int, epoch: int) -> list[int]:
        batches = epoch_batches(data, batch_size=4, seed=seed, epoch=epoch)
        return [int(label) for _, labels, _ in batches for label in labels]

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1) != order(2, 1)


@both_ways
def test_gzip_by_content_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(gzip.compress(b"text,label\nx,1\ny,0\n"))
    assert len(read_labelled(tmp_path / "a.csv")) == 2


@both_ways
def test_a_column_of_sentences_between_quotes_is_one_column(tmp_path: Path) -> None:
    """Sentences hold commas and semicolons, some even equally many."""
    file = tmp_path / "texts.csv"
    rows = ["text", *('"one; two, three"' for _ in range(30)), '"none at all"']
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    (found,) = open_texts(file)
    texts = [text for batch in found.batches() for text in batch.texts]
    assert texts == ["one; two, three"] * 30 + ["none at all"]


@both_ways
def test_a_line_above_the_column_names_is_named(tmp_path: Path) -> None:
    text = "# exported\ntext\tlabel\n" + "good\t1\nbad\t0\n" * 10
    data = read_labelled(write(tmp_path / "a.tsv", text))
    assert len(data) == 20
    assert data.problems == ["line 1: 1 field where 2 were expected"]
    assert set(data.labels) == {"0", "1"}


@both_ways
def test_quotes_far_below_decide_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_stream, "_BLOCK_BYTES", 300)
    plain = [f"film {number}\t{number % 2}" for number in range(60)]
    odd = ['"Great movie, I said\t1', *plain[:9], 'he said "no\t0', 'an end" of it\t1']
    text = "\n".join(["text\tlabel", *plain, *odd]) + "\n"
    data = read_labelled(write(tmp_path / "a.tsv", text))
    assert len(data) == 72
    assert data.texts[60] == '"Great movie, I said'


@both_ways
def test_whole_and_broken_numbers_of_json_are_one_kind(tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"film {n}", "stars": n}) for n in (1, 1.5, 2, 2.0)]
    data = read_labelled(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert list(data.labels) == ["1.0", "1.5", "2.0", "2.0"]


@both_ways
def test_columns_are_told_from_more_than_the_first_rows(tmp_path: Path) -> None:
    rows = [f"a long headline {n},{'A' if n < 600 else 'B'},{n % 2}" for n in range(900)]
    text = "headline,product,verdict\n" + "\n".join(rows) + "\n"
    data = read_labelled(write(tmp_path / "a.csv", text))
    assert data.columns is not None
    assert data.columns.label == "product"  # two values, and first; not one value


@both_ways
def test_utf_16_needs_no_mark(tmp_path: Path) -> None:
    text = "text,label\ngood,1\nbad,0\n"
    data = read_labelled(write(tmp_path / "a.csv", text, "utf-16-le"), encoding="utf-16")
    assert list(data.texts) == ["good", "bad"]


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16x", "nonsense"])
def test_an_encoding_that_does_not_fit_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(labelled_stream, "_LARGE_BYTES", -1)
    content = "text,label\ngood,1\nbad,0\n".encode("utf-16-le")
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match="encoding"):
        read_labelled(tmp_path / "a.csv", encoding=encoding)
