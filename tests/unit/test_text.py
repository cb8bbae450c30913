"""The tokenizer: what it cuts, keeps and repeats."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.config import TokenizerConfig
from rnn_toolkit.data.batching import pad_rows
from rnn_toolkit.errors import BundleError, DataError, OptionError
from rnn_toolkit.text import tokenizer as tokenizer_module
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.text.train_tokenizer import train_tokenizer

TEXTS = [
    "A wonderful film, I don\u2019t regret it!",
    "a dull film; not worth it",
    "\u5f88\u597d\u770b\u7684\u7535\u5f71\uff0c\u63a8\u8350",
    "wonderful wonderful dull film film not it caf\u00e9",
] * 3


def make(kind: str, **options: object) -> Tokenizer:
    return train_tokenizer(TEXTS, TokenizerConfig(kind=kind, **options))


def test_words_keep_inner_apostrophes_and_drop_markup() -> None:
    pieces, _ = make("word").tokens("I don\u2019t <br />like it 'really' \u4e2d\u6587")
    expected = ["I", "don\u2019t", "like", "it", "'", "really", "'", "\u4e2d", "\u6587"]
    assert pieces == expected


def test_entities_are_read_as_what_they_stand_for() -> None:
    assert make("word").normalize("A &amp; B &lt;3") == "a & b <3"


def test_a_quoted_special_token_is_ordinary_text() -> None:
    tokenizer = make("word")
    assert 0 not in tokenizer.encode("[PAD] film [PAD]")


@pytest.mark.parametrize("kind", ["word", "subword", "char"])
@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b\ufeff", "<br />"])
def test_a_text_without_tokens_is_one_unknown_id(kind: str, text: str) -> None:
    assert make(kind).encode(text) == [1]


def test_long_texts_keep_head_and_tail() -> None:
    tokenizer = make("word", maximum_length=5, head_length=2)
    whole = make("word").encode("a dull film not worth it wonderful")
    assert tokenizer.encode("a dull film not worth it wonderful") == whole[:2] + whole[-3:]


def test_head_may_be_everything() -> None:
    tokenizer = make("word", maximum_length=2, head_length=2)
    assert tokenizer.encode("a dull film") == make("word").encode("a dull film")[:2]


@pytest.mark.parametrize("kind", ["word", "subword", "char"])
def test_training_twice_gives_the_same_vocabulary(kind: str) -> None:
    random.seed(3)
    letters = "abcdefghijklmnop"
    texts = [
        " ".join("".join(random.choices(letters, k=random.randint(2, 7))) for _ in range(12))
        for _ in range(150)
    ]
    config = TokenizerConfig(kind=kind, vocabulary_size=120)
    assert (
        train_tokenizer(texts, config).vocabulary() == train_tokenizer(texts, config).vocabulary()
    )


@pytest.mark.parametrize("kind", ["word", "subword", "char"])
def test_saving_and_loading_gives_the_same_ids(kind: str, tmp_path: Path) -> None:
    tokenizer = make(kind)
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = Tokenizer.from_file(tmp_path / "tokenizer.json", maximum_length=400, head_length=128)
    assert loaded.encode_batch(TEXTS) == tokenizer.encode_batch(TEXTS)
    tokenizer.save_vocabulary(tmp_path / "vocab.txt")
    lines = (tmp_path / "vocab.txt").read_text("utf-8").split("\n")[:-1]
    assert lines == tokenizer.vocabulary()
    assert lines[:2] == ["[PAD]", "[UNK]"]


TOKENIZER = make("word", maximum_length=20, head_length=5)


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_bounded_number_of_known_ids(text: str) -> None:
    ids = TOKENIZER.encode(text)
    assert 1 <= len(ids) <= 20
    assert all(1 <= index < TOKENIZER.vocabulary_size for index in ids)


def test_lone_surrogates_do_not_crash() -> None:
    assert TOKENIZER.encode("film \ud800 film")[0] == TOKENIZER.encode("film")[0]


def test_rows_of_many_texts_are_those_of_each_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_module, "_AT_ONCE", 3)
    tokenizer = make("word", maximum_length=3)
    texts = ["a good film", "", "bad", "a film that is good and bad", "film", "good", "\ud800"]
    each = [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch(texts) == each
    rows = tokenizer.encode_rows(texts)
    assert [row.tolist() for row in rows] == each
    assert {row.dtype for row in rows} == {np.dtype(np.int32)}
    assert tokenizer.encode_rows([]) == []


def test_padding_is_zero_on_the_right() -> None:
    assert pad_rows([[5], [6, 7, 8]], [0, 1]).tolist() == [[5, 0, 0], [6, 7, 8]]


def test_no_words_is_an_error() -> None:
    with pytest.raises(DataError, match="No words"):
        train_tokenizer(["", "  "], TokenizerConfig())


def test_a_damaged_tokenizer_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(BundleError, match=r"tokenizer\.json is not a tokenizer"):
        Tokenizer.from_file(tmp_path / "tokenizer.json", maximum_length=1, head_length=0)


def test_impossible_lengths_are_refused() -> None:
    with pytest.raises(OptionError, match="head length"):
        Tokenizer(TOKENIZER.fast_tokenizer, maximum_length=3, head_length=4)
