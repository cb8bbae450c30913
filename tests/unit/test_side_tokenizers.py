"""Tokenizers of both sides: what comes back, where tokens stand, what each id adds."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.config import TranslationTokenizerConfig
from rnn_toolkit.errors import BundleError, DataError
from rnn_toolkit.text.description import UNKNOWN_ID
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.train_side_tokenizers import train_side_tokenizers

SOURCES = [
    "Zwei Hunde laufen über die nasse Wiese.",
    "Wer hat's gesehen? Niemand!",
    "Das Brot kostet 3,50 \u20ac \u2013 teuer.",
]
TARGETS = [
    "Two dogs run across the wet meadow.",
    "Who's seen it? Nobody!",
    "The bread is 3.50 \u20ac -- expensive.",
]
CHINESE = [
    "\u4e24\u53ea\u72d7\u8dd1\u8fc7\u8349\u5730\u3002",
    "\u8c01\u770b\u89c1\u4e86\uff1f",
    "\u9762\u5305\u5f88\u8d35 \U0001f35e\u3002",
]
KINDS = ("word", "subword", "char")
WAYS = [(kind, shared) for kind in KINDS for shared in (False, True)]


def trained(
    kind: str, shared: bool = False, targets: list[str] = TARGETS, **options: Any
) -> SideTokenizers:
    config = TranslationTokenizerConfig(
        source=kind,  # type: ignore[arg-type]
        target=kind,  # type: ignore[arg-type]
        shared=shared,
        **{"vocabulary_size": 400, "minimum_frequency": 1, **options},
    )
    return train_side_tokenizers(SOURCES, targets, config)[0]


TOKENIZERS = {way: trained(*way, targets=TARGETS + CHINESE) for way in WAYS}
texts = st.one_of(
    st.text(),
    st.text(alphabet=st.sampled_from("".join([*SOURCES, *TARGETS, *CHINESE]))),
    st.sampled_from(SOURCES + TARGETS + CHINESE),
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", TARGETS + CHINESE)
def test_a_target_comes_back(way: tuple[str, bool], text: str) -> None:
    tokenizers = TOKENIZERS[way]
    (ids,) = tokenizers.encode_target([text])
    assert UNKNOWN_ID not in ids
    assert tokenizers.decode_target(ids) == text


@settings(max_examples=200, deadline=None)
@given(texts)
def test_every_target_comes_back_from_bytes(text: str) -> None:
    tokenizers = TOKENIZERS["subword", False]
    (ids,) = tokenizers.encode_target([text])
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert tokenizers.decode_target(ids) == unicodedata.normalize("NFC", lines).strip()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=200, deadline=None)
@given(texts, st.data())
def test_pieces_make_the_text(kind: str, text: str, data: st.DataObject) -> None:
    tokenizers = TOKENIZERS[kind, False]
    (ids,) = tokenizers.encode_target([text])
    # A model may also write what no text gives: special ids, bytes that are no character.
    some = data.draw(st.lists(st.integers(0, tokenizers.target_size - 1), max_size=12))
    for row in (ids, some, ids[: len(ids) // 2]):
        pieces = tokenizers.target_pieces(row)
        assert len(pieces) == len(row)
        assert "".join(pieces) == tokenizers.target.decode(row)


def test_a_piece_that_begins_a_word_begins_with_a_space() -> None:
    for kind in ("word", "subword"):
        tokenizers = TOKENIZERS[kind, False]
        (ids,) = tokenizers.encode_target([TARGETS[0]])
        pieces = tokenizers.target_pieces(ids)
        assert pieces[0].startswith(" ")
        assert sum(piece.startswith(" ") for piece in pieces) == len(TARGETS[0].split())


def test_the_bytes_of_a_character_belong_to_its_last_token() -> None:
    tokenizers = trained("subword", vocabulary_size=260)  # bytes alone, no pairs
    (ids,) = tokenizers.encode_target(["a \u72d7!"])
    assert tokenizers.target_pieces(ids) == [" ", "a", " ", "", "", "\u72d7", "!"]
    assert tokenizers.target_pieces(ids[:5]) == [" ", "a", " ", "", "\ufffd"]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=150, deadline=None)
@given(texts)
def test_source_pieces_are_the_source_ids_with_their_places(
    way: tuple[str, bool], text: str
) -> None:
    tokenizers = TOKENIZERS[way]
    pieces = tokenizers.source_pieces(text)
    (ids,) = tokenizers.encode_source([text])
    assert pieces.empty or pieces.ids == ids
    assert len(pieces.ids) == len(pieces.spans) >= 1
    assert not pieces.cut
    starts = [start for start, _ in pieces.spans]
    assert starts == sorted(starts)
    assert all(0 <= start <= end <= len(pieces.text) for start, end in pieces.spans)
    if not text.strip():
        assert pieces.empty


@pytest.mark.parametrize("way", WAYS)
def test_spans_hold_the_text_of_their_tokens(way: tuple[str, bool]) -> None:
    tokenizers = TOKENIZERS[way]
    for text in SOURCES:
        pieces = tokenizers.source_pieces(text)
        found = [pieces.text[start:end] for start, end in pieces.spans]
        assert "".join(found).replace(" ", "") == text.replace(" ", "")
        if way == ("word", False):
            vocabulary = tokenizers.source.vocabulary()
            assert found == [vocabulary[number] for number in pieces.ids]


@pytest.mark.parametrize("way", WAYS)
def test_a_long_source_is_cut_and_says_so(way: tuple[str, bool]) -> None:
    tokenizers = trained(*way, maximum_length=5)
    whole = TOKENIZERS[way].source_pieces(SOURCES[0])
    assert len(whole.ids) > 5
    cut = tokenizers.source_pieces(SOURCES[0])
    assert cut.cut
    assert len(cut.ids) == len(cut.spans) == 5
    assert cut.spans == tokenizers.source_pieces(SOURCES[0]).spans[:5]
    assert tokenizers.encode_source([SOURCES[0]]) == [cut.ids]
    assert not tokenizers.source_pieces("Brot").cut


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", ["", "  \n", "\u3000"])
def test_nothing_to_read_is_one_unknown_id(way: tuple[str, bool], text: str) -> None:
    pieces = TOKENIZERS[way].source_pieces(text)
    assert pieces.empty
    assert pieces.ids == [UNKNOWN_ID]
    assert all(TOKENIZERS[way].encode_source([text]))


def test_a_word_that_was_never_seen_is_unknown_on_either_side() -> None:
    tokenizers = TOKENIZERS["word", False]
    assert UNKNOWN_ID in tokenizers.encode_source(["Zwei Katzen"])[0]
    assert UNKNOWN_ID in tokenizers.encode_target(["Two cats"])[0]


@pytest.mark.parametrize("way", WAYS)
def test_both_sides_survive_the_disk(way: tuple[str, bool], tmp_path: Path) -> None:
    kind, shared = way
    config = TranslationTokenizerConfig(
        source=kind,  # type: ignore[arg-type]
        target=kind,  # type: ignore[arg-type]
        shared=shared,
    )
    TOKENIZERS[way].save(tmp_path)
    again = SideTokenizers.from_directory(tmp_path, config)
    assert again.shared == shared
    assert again.maximum_length == config.maximum_length
    for text in SOURCES + TARGETS:
        assert again.source_pieces(text) == TOKENIZERS[way].source_pieces(text)
        assert again.encode_target([text]) == TOKENIZERS[way].encode_target([text])
    (tmp_path / "target_tokenizer.json").unlink()
    with pytest.raises(BundleError, match="missing"):
        SideTokenizers.from_directory(tmp_path, config)


def test_a_shared_vocabulary_means_the_same_on_both_sides() -> None:
    for kind in KINDS:
        tokenizers = TOKENIZERS[kind, True]
        assert tokenizers.source_size == tokenizers.target_size
        assert tokenizers.encode_source(TARGETS) == tokenizers.encode_target(TARGETS)
        # Both sides were learnt from.
        assert not any(UNKNOWN_ID in ids for ids in tokenizers.encode_source(SOURCES + TARGETS))


def test_kinds_are_chosen_by_how_a_language_is_written() -> None:
    config = TranslationTokenizerConfig(minimum_frequency=1, vocabulary_size=400)
    _, chosen = train_side_tokenizers(SOURCES, CHINESE, config)
    assert (chosen.source, chosen.target) == ("subword", "char")


def test_the_same_texts_give_the_same_vocabularies() -> None:
    for way in WAYS:
        one, other = trained(*way), trained(*way)
        assert one.source.vocabulary() == other.source.vocabulary()
        assert one.target.vocabulary() == other.target.vocabulary()


def test_empty_texts_teach_nothing() -> None:
    with pytest.raises(DataError):
        train_side_tokenizers([""], [""], TranslationTokenizerConfig(source="word", target="word"))
