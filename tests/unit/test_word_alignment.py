"""Attention over tokens put together to attention over words."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.runtime.word_alignment import align_words, spans_of, words_of
from rnn_toolkit.text.characters import separator_pattern

SEPARATORS = re.compile(separator_pattern())


def spans_at(text: str, *cuts: int) -> list[tuple[int, int]]:
    return list(itertools.pairwise([0, *cuts, len(text)]))


def of_pieces(*pieces: str) -> tuple[tuple[str, ...], list[int]]:
    found = words_of("".join(pieces), spans_of(pieces))
    return found.words, found.of_tokens.tolist()


@pytest.mark.parametrize(
    ("pieces", "words", "of_tokens"),
    [
        # Subwords with the space before them, and a mark.
        ((" spr", "ing", " rolls", "!"), ("spring", "rolls", "!"), [0, 0, 1, 2]),
        # Apostrophes, straight and curly, stay inside their words.
        (("don", "'t", " go"), ("don't", "go"), [0, 0, 1]),
        (("don", "\u2019", "t", " go"), ("don\u2019t", "go"), [0, 0, 0, 1]),
        # Characters: a space goes to the word that follows it, at the end to the last.
        (("a", "b", " ", "c", " "), ("ab", "c"), [0, 0, 1, 1, 1]),
        # Chinese characters are words, unless one token holds several.
        (("\u72d7", "\u8dd1", "\u3002"), ("\u72d7", "\u8dd1", "\u3002"), [0, 1, 2]),
        (("\u72d7\u8dd1", "\u4e86"), ("\u72d7\u8dd1", "\u4e86"), [0, 1]),
        (("A", "\u72d7", "b"), ("A", "\u72d7", "b"), [0, 1, 2]),
        # Half a character stands for nothing, and belongs to the token that completes it.
        ((" ", "", "", "\u72d7", " x"), ("\u72d7", "x"), [0, 0, 0, 0, 1]),
        # A token that begins a word and holds the mark after it.
        (("ab", "c.", " d"), ("abc.", "d"), [0, 0, 1]),
        ((" ",), ("",), [0]),
        (("", ""), ("",), [0, 0]),
        ((), (), []),
    ],
)
def test_tokens_become_words(
    pieces: tuple[str, ...], words: tuple[str, ...], of_tokens: list[int]
) -> None:
    assert of_pieces(*pieces) == (words, of_tokens)


def test_source_tokens_are_found_where_they_stand() -> None:
    text = "  Haust\u00fcr, zu!"
    # A WordPiece tokenizer drops the white space between its tokens.
    found = words_of(text, [(2, 6), (6, 9), (9, 10), (11, 13), (13, 14)])
    assert found.words == ("Haust\u00fcr", ",", "zu", "!")
    assert found.of_tokens.tolist() == [0, 0, 1, 2, 3]
    assert found.starts == (2, 9, 11, 13)


def test_a_word_without_a_token_is_left_out() -> None:
    text = "<b>ja</b> &amp; nein"  # markup has no token; an entity is a single one
    found = words_of(text, [(3, 5), (10, 15), (16, 20)])
    assert found.words == ("ja", "&amp;", "nein")
    assert found.of_tokens.tolist() == [0, 1, 2]


def test_source_weights_are_summed_and_target_weights_averaged() -> None:
    source = words_of("ab c", spans_at("ab c", 1, 2))  # a|b| c
    target = words_of("xyz w", spans_at("xyz w", 1, 2, 3))  # x|y|z| w
    attention = np.array(
        [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.0, 0.3, 0.7], [0.2, 0.2, 0.6], [9.0, 9.0, 9.0]],
        np.float32,
    )
    found = align_words(source, target, attention)  # the last row is that of the end mark
    assert (found.source, found.target) == (("ab", "c"), ("xyz", "w"))
    np.testing.assert_allclose(
        found.weights,
        [[(0.8 + 0.2 + 0.3) / 3, (0.2 + 0.8 + 0.7) / 3], [0.4, 0.6]],
        rtol=1e-6,
    )
    assert found.weights.dtype == np.float32


def test_an_empty_translation_has_an_empty_alignment() -> None:
    source = words_of("ab", spans_at("ab"))
    found = align_words(source, words_of("", []), np.ones((1, 1), np.float32))
    assert found.weights.shape == (0, 1)
    assert found.target == ()


pieces_of_text = st.lists(
    st.text(alphabet=st.one_of(st.sampled_from(" ab'.\u2019\u72d7\u8dd1\n"), st.characters())),
    min_size=1,
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(pieces_of_text)
def test_every_token_has_a_word_and_nothing_visible_is_lost(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = words_of(text, spans_of(pieces))
    assert found.of_tokens.tolist() == sorted(found.of_tokens.tolist())
    assert set(found.of_tokens.tolist()) == set(range(len(found.words)))
    assert SEPARATORS.sub("", "".join(found.words)) == SEPARATORS.sub("", text)
    assert (found.membership().sum(axis=1) == 1).all()
    for word, start in zip(found.words, found.starts, strict=True):
        assert text[start : start + len(word)] == word


@settings(max_examples=100, deadline=None)
@given(pieces_of_text, pieces_of_text, st.integers(0, 1000))
def test_rows_still_sum_to_one(source: list[str], target: list[str], seed: int) -> None:
    attention = np.random.default_rng(seed).random((len(target), len(source))).astype(np.float32)
    attention /= attention.sum(axis=1, keepdims=True)
    found = align_words(
        words_of("".join(source), spans_of(source)),
        words_of("".join(target), spans_of(target)),
        attention,
    )
    assert found.weights.shape == (len(found.target), len(found.source))
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, rtol=1e-5)
