"""IBM model 1 against arithmetic by hand and against a slow loop, and the texts it makes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.evaluation import word_dictionary
from rnn_toolkit.evaluation.word_dictionary import (
    WordDictionary,
    joined,
    translation_table,
    words_of,
)
from rnn_toolkit.text.characters import separator_pattern

Rows = list[list[int]]


def slow_table(
    source_rows: Rows, target_rows: Rows, *, sources: int, targets: int, rounds: int
) -> np.ndarray:
    """t(target | source), [sources, targets], one link at a time (Brown et al. 1993)."""
    table = np.ones((sources, targets))
    for _ in range(rounds):
        expected = np.zeros((sources, targets))
        for source, target in zip(source_rows, target_rows, strict=True):
            for word in target:
                total = sum(table[other, word] for other in source)
                for other in source:
                    expected[other, word] += table[other, word] / total
        sums = expected.sum(axis=1, keepdims=True)
        table = np.divide(expected, sums, out=np.zeros_like(expected), where=sums > 0)
    return table


@pytest.mark.parametrize(
    ("rounds", "of_das", "of_haus"),
    # By hand: after one round das -> the, house, book is 1/2, 1/4, 1/4 and Haus -> the, house
    # 1/2, 1/2. In the second, "house" is shared 1/3 to 2/3 between das and Haus, so that
    # t(the | das) = 1 / (1 + 1/3 + 1/3) and t(house | Haus) = 2/3 / (2/3 + 1/2).
    [(1, 1 / 2, 1 / 2), (2, 3 / 5, 4 / 7)],
)
def test_two_sentences_by_hand(rounds: int, of_das: float, of_haus: float) -> None:
    das, haus, buch = 0, 1, 2
    the, house, book = 0, 1, 2
    best, probability = translation_table(
        [[das, haus], [das, buch]], [[the, house], [the, book]], sources=3, targets=3, rounds=rounds
    )
    np.testing.assert_allclose(probability, [of_das, of_haus, of_haus], rtol=1e-12)
    if rounds > 1:
        assert best.tolist() == [the, house, book]


texts_of_numbers = st.lists(
    st.tuples(
        st.lists(st.integers(0, 5), max_size=5),
        st.lists(st.integers(0, 6), max_size=5),
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(pairs=texts_of_numbers, rounds=st.integers(1, 4), block=st.sampled_from([1, 7, 10**6]))
def test_table_is_that_of_a_slow_loop(
    pairs: list[tuple[list[int], list[int]]], rounds: int, block: int
) -> None:
    source_rows = [source for source, _ in pairs]
    target_rows = [target for _, target in pairs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_dictionary, "_BLOCK", block)
        best, probability = translation_table(
            source_rows, target_rows, sources=6, targets=7, rounds=rounds
        )
    slow = slow_table(source_rows, target_rows, sources=6, targets=7, rounds=rounds)
    np.testing.assert_allclose(probability, slow.max(axis=1), rtol=1e-9)
    for source, target in enumerate(best.tolist()):
        if target < 0:
            assert slow[source].sum() == 0
        else:
            assert slow[source, target] == pytest.approx(slow[source].max(), rel=1e-9)


def test_of_equally_good_words_the_earlier_one_is_taken() -> None:
    best, _ = translation_table([[0]], [[2, 1]], sources=1, targets=3, rounds=3)
    assert best.tolist() == [1]


def test_a_word_that_translates_nothing_goes_to_the_empty_word() -> None:
    # Without it "the" and the noun are equally likely for every source word, for ever.
    nouns = ["Hund dog", "Katze cat", "Baum tree", "Fluss river"]
    sources, targets = zip(*(pair.split() for pair in nouns), strict=True)
    found = WordDictionary.learn(sources, [f"the {noun}" for noun in targets])
    assert {word: to for word, (to, _) in found.entries.items()} == dict(
        pair.split() for pair in nouns
    )


def test_translates_word_by_word() -> None:
    found = WordDictionary.learn(
        ["das Haus", "das Buch", "ein Buch"], ["the house", "the book", "a book"]
    )
    assert found.translate("ein Haus") == "a house"
    assert found.translate("Ein  Buch ") == "a book"  # the lower-case word is known
    assert found.translate("das T-Shirt, 3.50 %!") == "the T-Shirt, 3.50%!"  # unknown: copied
    assert found.translate("") == ""
    assert 0 < found.entries["Haus"][1] <= 1


def test_chinese_is_learnt_by_characters_and_written_without_spaces() -> None:
    found = WordDictionary.learn(
        ["a dog runs.", "a cat runs.", "a dog eats.", "a cat eats."],
        ["狗跑。", "猫跑。", "狗吃。", "猫吃。"],
    )
    assert found.translate("dog eats.") == "狗吃。"
    back = WordDictionary.learn(["狗跑", "猫跑", "狗吃"], ["dog runs", "cat runs", "dog eats"])
    assert back.translate("猫吃") == "cat eats"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, Anna-Maria!", ["Don't", "stop", ",", "Anna-Maria", "!"]),
        ("At 10:30 I paid 1,000.50.", ["At", "10:30", "I", "paid", "1,000.50", "."]),
        ("end.Start a:b", ["end", ".", "Start", "a", ":", "b"]),
        ("他说：“你好abc”", ["他", "说", "：", "“", "你", "好", "abc", "”"]),
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs stay with their letters
        ("snake_case", ["snake", "_", "case"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    "text",
    ["Hello, world (again)!", "他说：“你好。”", "我有 3 只狗!", "«oui» [no] 5%"],
)
def test_joining_undoes_cutting(text: str) -> None:
    assert joined(words_of(text)) == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_cutting_and_joining_lose_nothing(text: str) -> None:
    words = words_of(text)
    assert "".join(words) == re.sub(separator_pattern(), "", text)
    assert words_of(joined(words)) == words


def test_pairs_are_thinned_evenly_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = [f"q{number}" for number in range(100)]
    monkeypatch.setattr(word_dictionary, "_LINKS", 10)
    kept = set(WordDictionary.learn(numbers, numbers).entries)
    assert kept == set(numbers[::10])


def test_no_words_at_all() -> None:
    empty = WordDictionary.learn(["", "a"], ["x", ""])
    assert empty.translate("a b.") == "a b."


def test_saved_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.json"
    found = WordDictionary.learn(["ein Hündchen \u2028", "ein Haus"], ["一只小狗", "一所房子"])
    found.save(path)
    assert WordDictionary.from_file(path).entries == found.entries
    for damaged in ("", "[]", '{"a": 1}', '{"a": ["b"]}', '{"a": ["b", "c"]}'):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(ModelDirectoryError, match="damaged"):
            WordDictionary.from_file(path)
    path.unlink()
    with pytest.raises(ModelDirectoryError, match="missing"):
        WordDictionary.from_file(path)
