"""On real data, where RNN_TOOLKIT_DATA names it; small parts of it, to stay fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnn_toolkit import SentimentClassifier, load
from rnn_toolkit.data.labelled import label_names, read_labelled

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "rows", "problems"),
    [
        ("imdb/train.csv.gz", 25_000, 0),
        ("sst2/train.tsv", 6_920, 0),
        ("zh_sentiment/chnsenticorp.train.tsv", 9_600, 0),
        ("zh_sentiment/ChnSentiCorp_htl_all.csv", 7_765, 1),
        ("zh_sentiment/online_shopping_10_cats.csv.gz", 62_773, 1),
    ],
)
def test_every_row_of_a_real_file_is_read(
    real_data: Path, name: str, rows: int, problems: int
) -> None:
    data = read_labelled(real_data / name)
    assert (len(data), len(data.problems)) == (rows, problems)
    assert label_names(data.labels) == ["0", "1"]


@pytest.mark.parametrize("tokenizer", ["word", "char"])
def test_chinese_out_of_the_box(real_data: Path, tmp_path: Path, tokenizer: str) -> None:
    data = read_labelled(real_data / "zh_sentiment" / "chnsenticorp.train.tsv")
    part = data.subset(range(0, len(data), 8))
    classifier = SentimentClassifier(tokenizer=tokenizer, cell="gru", units=24, epochs=6)
    classifier.fit(part, validation_split=0.2)
    assert classifier.trained.evaluations[0].model.accuracy > 0.7
    classifier.export(tmp_path / "bundle", format="savedmodel", texts=part.texts[:200])
    found = load(tmp_path / "bundle").predict("房间很干净，服务员态度非常好，下次还来")
    assert found.label == "1"
