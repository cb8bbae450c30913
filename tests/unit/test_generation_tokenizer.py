"""Tokenizers for generation give back the text they were given."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from rnn_toolkit.config import GenerationTokenizerConfig, GenerationTokenizerKind
from rnn_toolkit.errors import BundleError, DataError, OptionError
from rnn_toolkit.text.generation_tokenizer import UNKNOWN_ID, GenerationTokenizer
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer

TEXT = (
    "The sea, the sea!  It's grey -- and\tgrey again.\n\nWho goes there?\n"
    "\u6625\u7720\u4e0d\u89ba\u66c9\uff0c\u8655\u8655\u805e\u557c\u9ce5\u3002\n" * 3
)
KINDS: list[GenerationTokenizerKind] = ["char", "subword", "word", "whitespace"]


def trained(kind: GenerationTokenizerKind, **options: int) -> GenerationTokenizer:
    config = GenerationTokenizerConfig(kind=kind, minimum_frequency=1, **options)
    return train_generation_tokenizer([TEXT], config, conditions=["blue", "\u767d"])


TOKENIZERS = {kind: trained(kind) for kind in KINDS}


@pytest.mark.parametrize("kind", ["char", "subword", "word"])
def test_a_text_comes_back_unchanged(kind: str) -> None:
    tokenizer = TOKENIZERS[kind]
    assert tokenizer.decode(tokenizer.encode(TEXT)) == TEXT


def test_whitespace_tokens_come_back_with_single_spaces() -> None:
    tokenizer = TOKENIZERS["whitespace"]
    assert tokenizer.decode(tokenizer.encode("the  sea,\tthe sea!\n grey \n")) == (
        "the sea, the sea!\ngrey\n"
    )


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_bytes_know_every_text(text: str) -> None:
    tokenizer = TOKENIZERS["subword"]
    ids = tokenizer.encode(text)
    assert UNKNOWN_ID not in ids
    assert tokenizer.decode(ids) == tokenizer.normalize(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from(TEXT), st.characters())))
def test_the_fast_path_for_characters_is_the_library(text: str) -> None:
    tokenizer = TOKENIZERS["char"]
    prepared = text.replace("\r\n", "\n").replace("\r", "\n")
    prepared = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in prepared)
    expected = tokenizer.fast_tokenizer.encode(prepared, add_special_tokens=False).ids
    assert tokenizer.encode(text) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(TEXT)))
def test_words_of_known_characters_lose_nothing_but_unknown_words(text: str) -> None:
    tokenizer = TOKENIZERS["word"]
    ids = tokenizer.encode(text)
    if UNKNOWN_ID not in ids:
        assert tokenizer.decode(ids) == text


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_gives_a_special_id(kind: str) -> None:
    tokenizer = TOKENIZERS[kind]
    text = " ".join(tokenizer.vocabulary()) + " " + TEXT
    assert set(tokenizer.encode(text)) & set(tokenizer.special_ids) <= {UNKNOWN_ID}
    assert tokenizer.decode(tokenizer.special_ids) == ""


def test_a_document_has_begin_label_and_end() -> None:
    tokenizer = TOKENIZERS["char"]
    ids = tokenizer.document("sea", "\u767d").tolist()
    assert ids == [2, tokenizer.vocabulary_size - 1, *tokenizer.encode("sea"), 3]
    with pytest.raises(OptionError, match=r"no condition 'red'.*blue"):
        tokenizer.condition_id("red")


def test_unseen_pieces_are_named_once_in_order() -> None:
    assert TOKENIZERS["char"].unseen("zebra \u00df zebra\u00df") == ["z", "b", "\u00df"]
    assert TOKENIZERS["word"].unseen("The zebra, the gnu zebra") == ["zebra", "gnu"]
    assert TOKENIZERS["subword"].unseen("zebra \u00df") == []


def test_the_same_texts_give_the_same_vocabulary() -> None:
    for kind in KINDS:
        assert trained(kind).vocabulary() == TOKENIZERS[kind].vocabulary()


def test_ids_are_numbered_by_falling_frequency() -> None:
    config = GenerationTokenizerConfig(kind="whitespace", minimum_frequency=1, vocabulary_size=8)
    tokenizer = train_generation_tokenizer(["b a a c c c d e f g h"], config)
    assert tokenizer.vocabulary()[4:] == ["c", "a", "b", "d"]


@pytest.mark.parametrize("kind", KINDS)
def test_saving_keeps_everything(kind: GenerationTokenizerKind, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    TOKENIZERS[kind].save(path)
    loaded = GenerationTokenizer.from_file(path, kind=kind, conditions=["blue", "\u767d"])
    assert loaded.encode(TEXT) == TOKENIZERS[kind].encode(TEXT)
    assert loaded.decode(loaded.encode(TEXT)) == TOKENIZERS[kind].decode(loaded.encode(TEXT))


def test_nothing_to_learn_and_damaged_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="empty"):
        train_generation_tokenizer([""], GenerationTokenizerConfig())
    with pytest.raises(BundleError, match="missing"):
        GenerationTokenizer.from_file(tmp_path / "none.json", kind="char")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(BundleError, match=r"not a tokenizer\.json"):
        GenerationTokenizer.from_file(tmp_path / "bad.json", kind="char")


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("ab'sdmtvrel \n\t\u00a0.,!-12\u00e9\u6625\u7720\u3042\uff0c\u3002")
    )
)
def test_bytes_are_cut_as_in_gpt_2(text: str) -> None:
    library = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    ours = TOKENIZERS["subword"].fast_tokenizer.pre_tokenizer
    assert ours.pre_tokenize_str(text) == library.pre_tokenize_str(text)
