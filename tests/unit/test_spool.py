"""Texts and ids in a temporary file are those that were put there, and a training sees no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_toolkit import SentimentClassifier
from rnn_toolkit.data import labelled_stream
from rnn_toolkit.data.batching import EncodedTexts, epoch_batches
from rnn_toolkit.data.checks import duplicates_inside
from rnn_toolkit.data.labelled import read_labelled, stratified_split
from rnn_toolkit.data.spool import SpooledIds, SpooledTexts, row_lengths
from rnn_toolkit.tasks import training_run

any_text = st.text(alphabet=st.characters(), max_size=20)
any_row = st.lists(st.integers(0, 2**31 - 1), max_size=9)


@given(texts=st.lists(any_text, max_size=9), data=st.data())
def test_texts_are_a_sequence(texts: list[str], data: st.DataObject) -> None:
    spooled = SpooledTexts(texts)
    assert len(spooled) == len(texts)
    assert list(spooled) == texts
    assert spooled[1:4] == texts[1:4]
    assert [spooled[index] for index in range(-len(texts), len(texts))] == texts * 2
    indices = data.draw(st.lists(st.integers(0, max(len(texts) - 1, 0)), max_size=5))
    indices = indices if texts else []
    part = spooled.chosen(indices)
    assert list(part) == [texts[index] for index in indices]
    assert list(part.chosen(range(len(part)))[::-1]) == [texts[index] for index in indices][::-1]


@given(rows=st.lists(any_row, max_size=9))
def test_ids_are_a_sequence(rows: list[list[int]]) -> None:
    arrays = [np.asarray(row, np.int32) for row in rows]
    spooled = SpooledIds(arrays)
    assert [row.tolist() for row in spooled] == rows
    assert [row.tolist() for row in spooled[1:]] == rows[1:]
    assert row_lengths(spooled).tolist() == row_lengths(arrays).tolist() == list(map(len, rows))


def test_batches_do_not_depend_on_where_rows_lie() -> None:
    generator = np.random.default_rng(1)
    rows = [generator.integers(1, 99, size).astype(np.int32) for size in range(1, 300)]
    labels = np.arange(len(rows), dtype=np.int32)
    weights = np.ones(len(rows), np.float32)
    here, there = (
        list(epoch_batches(EncodedTexts(ids, labels, weights), batch_size=7, seed=1, epoch=0))
        for ids in (rows, SpooledIds(rows))
    )
    for (ids, label, _), (other_ids, other_label, _) in zip(here, there, strict=True):
        np.testing.assert_array_equal(ids, other_ids)
        np.testing.assert_array_equal(label, other_label)


def test_some_texts_have_the_size_that_is_asked_for() -> None:
    spooled = SpooledTexts(["x" * size for size in range(100)]).chosen(range(50, 100))
    some = spooled.some(1000, seed=1).tolist()
    assert some == sorted(set(some))
    assert 850 <= sum(len(spooled[index]) for index in some) <= 1000
    assert spooled.some(10**9, seed=1).tolist() == list(range(50))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    generator = np.random.default_rng(3)
    words = [f"word{number}" for number in range(40)]
    lines = ["text,label"]
    for number in range(120):
        good = number % 2
        chosen = [*generator.choice(words, 8), "fine" if good else "poor"]
        lines.append(f"{' '.join(chosen)},{good}")
    lines += [lines[1], lines[2].rstrip("1") + "0"]
    file = tmp_path / "table.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_split_and_repetitions_do_not_depend_on_where_texts_lie(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = read_labelled(table)
    monkeypatch.setattr(labelled_stream, "_LARGE_BYTES", -1)
    there = read_labelled(table)
    assert isinstance(there.texts, SpooledTexts)
    assert duplicates_inside(here) == duplicates_inside(there)
    assert (duplicates_inside(here).extra_rows, duplicates_inside(here).contradicting_texts) == (
        2,
        1,
    )
    splits = [stratified_split(d.labels, d.texts, share=0.2, seed=1) for d in (here, there)]
    assert splits[0] == splits[1]
    assert here.checksum() == there.checksum()
    assert here.subset(splits[0][1]).checksum() == there.subset(splits[1][1]).checksum()


def test_a_training_does_not_depend_on_where_texts_lie(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"units": 4, "embedding_size": 4, "epochs": 2, "pair_buckets": 128, "seed": 2}
    here = SentimentClassifier(**options).fit(table)
    monkeypatch.setattr(labelled_stream, "_LARGE_BYTES", -1)
    there = SentimentClassifier(**options).fit(table)
    texts = ["word1 word2 fine", "poor word7", ""]
    for one, other in zip(here.predict(texts), there.predict(texts), strict=True):
        assert one.probabilities == other.probabilities
    assert here.trained.evaluations[0].baseline == there.trained.evaluations[0].baseline
    assert here.trained.evaluations[0].model == there.trained.evaluations[0].model


def test_the_baseline_of_a_large_table_learns_from_a_part(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []

    class Notes(training_run.SilentObserver):
        def note(self, text: str) -> None:
            notes.append(text)

    monkeypatch.setattr(labelled_stream, "_LARGE_BYTES", -1)
    monkeypatch.setattr(training_run, "_BASELINE_BYTES", 3000)
    model = SentimentClassifier(units=2, embedding_size=2, epochs=1, pair_buckets=0)
    model.fit(table, observer=Notes())
    (found,) = [note for note in notes if "The baseline learns from" in note]
    assert 20 < int(found.split()[4]) < 100
    assert model.trained.evaluations[0].baseline.scores.accuracy > 0.8
