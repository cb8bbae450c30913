"""The predictor of language models, with tokenizers of every kind and tiny models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_toolkit.config import GenerationTokenizerConfig
from rnn_toolkit.decoding.step import States, log_softmax
from rnn_toolkit.errors import BundleError, OptionError
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.phrases import forced_texts
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer

BEGIN, END = 2, 3
TEXT = (
    "The cat sat on the mat. The dog ate the hat!\nA cat is not a dog, said the man.\n"
    "Ein Hund läuft über die Straße – schön. 猫坐在垫子上。狗吃帽子。 🙂 ok\n"
) * 3
KINDS = ("char", "subword", "word", "whitespace")


class Bigrams:
    """A StepModel whose logits depend on the last id and on how many there were."""

    def __init__(self, vocabulary_size: int, *, seed: int = 0, spread: float = 2.0) -> None:
        self.vocabulary_size = vocabulary_size
        shape = (3, vocabulary_size, vocabulary_size)
        self.table = (spread * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)
        self.read: list[list[int]] = []

    def prefill(
        self, ids: NDArray[np.int32], lengths: NDArray[np.int32]
    ) -> tuple[NDArray[np.float32], States]:
        assert ids.dtype == lengths.dtype == np.int32
        self.read = [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)]
        last = ids[np.arange(len(ids)), lengths - 1]
        return self.table[lengths % 3, last], {"count": lengths[:, None].copy()}

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[NDArray[np.float32], States]:
        assert len(ids) == len(states["count"])
        count = states["count"] + 1
        return self.table[count[:, 0] % 3, ids], {"count": count}


def tokenizer_of(kind: str, conditions: Sequence[str] = ()) -> GenerationTokenizer:
    config = GenerationTokenizerConfig(
        kind=kind,  # type: ignore[arg-type]
        vocabulary_size=330,
        minimum_frequency=1,
    )
    return train_generation_tokenizer([TEXT], config, conditions=conditions)


TOKENIZERS = {kind: tokenizer_of(kind) for kind in KINDS}


def predictor_of(
    kind: str = "char",
    *,
    documents: bool = False,
    conditions: Sequence[str] = (),
    seed: int = 0,
    spread: float = 2.0,
) -> GeneratorPredictor:
    tokenizer = tokenizer_of(kind, conditions) if conditions else TOKENIZERS[kind]
    model = Bigrams(tokenizer.vocabulary_size, seed=seed, spread=spread)
    return GeneratorPredictor(tokenizer, model, documents=documents)


def certain(predictor: GeneratorPredictor, text: str) -> None:
    """Makes the model go through the characters of a text, each of which comes once."""
    ids = predictor.tokenizer.encode(text)
    model = predictor.model
    assert isinstance(model, Bigrams)
    model.table[:] = 0
    for before, after in pairwise(ids):
        model.table[:, before, after] = 30


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("documents", [False, True])
def test_the_stream_is_the_text_that_generate_makes(kind: str, documents: bool) -> None:
    predictor = predictor_of(kind, documents=documents, spread=0.5)
    for seed in range(15):
        options: dict[str, Any] = {
            "length": 40,
            "seed": seed,
            "stop": ["at", ". ", "ü"],
            "top_p": 0.95,
        }
        made = predictor.generate("The cat", **options)
        assert not isinstance(made, list)
        pieces = list(predictor.stream("The cat", **options))
        assert "".join(pieces) == made.text
        assert made.full_text == "The cat" + made.text
        assert all("\ufffd" not in piece for piece in pieces if kind != "subword")
        assert not any(stop in made.text for stop in options["stop"])
        assert made.ended in ("end mark", "stop string", "length")
        assert len(made.ids) <= 40


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_what_the_decoder_makes_of_prompt_and_ids(kind: str) -> None:
    predictor = predictor_of(kind)
    tokenizer = predictor.tokenizer
    for made in predictor.write("The cat", samples=8, length=30, seed=1):
        whole = tokenizer.decode([*tokenizer.encode("The cat"), *made.ids])
        assert made.full_text == whole.rstrip("\ufffd")


def test_streamed_pieces_are_whole_characters() -> None:
    predictor = predictor_of("subword")
    model = predictor.model
    assert isinstance(model, Bigrams)
    ids = [predictor.tokenizer.vocabulary().index(token) for token in ("Ñ", "ı", "Ĩ", "Ļ")]
    bytes_of = [predictor.tokenizer.decode([number]) for number in ids]
    assert all(text == "\ufffd" for text in bytes_of), "each id must be half a character"
    made = predictor.tokenizer.encode("é🙂")  # of several ids each, as the text was rare
    model.table[:] = 0
    line_end = predictor.tokenizer.encode("\n")[0]
    for before, after in zip([line_end, *made], made, strict=False):
        model.table[:, before, after] = 40
    pieces = list(predictor.stream("", length=len(made), temperature=0))
    assert "".join(pieces) == "é🙂"
    assert "".join(predictor.stream("", length=len(made) - 1, temperature=0)) in ("é", "")


def test_samples_do_not_depend_on_how_many_there_are() -> None:
    predictor = predictor_of(documents=True, spread=0.5)
    one = predictor.generate("A", seed=7)
    many = predictor.write("A", samples=9, seed=7)
    assert one == many[0]
    assert predictor.write("A", samples=4, seed=7) == many[:4]
    assert len({made.text for made in many}) > 5
    assert one != predictor.generate("A", seed=8)
    again = predictor.generate("A")
    assert not isinstance(again, list)
    assert predictor.generate("A", seed=again.seed) == again


def test_special_ids_are_never_written() -> None:
    for documents in (False, True):
        predictor = predictor_of(
            documents=documents, conditions=["good", "bad"] if documents else []
        )
        special = set(predictor.tokenizer.special_ids)
        for made in predictor.write("A", samples=20, length=30, seed=1):
            assert not special & set(made.ids)
            assert documents or made.ended == "length"
        for text, _ in predictor.continuations("A", 100):
            assert text in TEXT


def test_what_the_model_reads_first() -> None:
    documents = predictor_of(documents=True, conditions=["good", "bad"])
    model, tokenizer = documents.model, documents.tokenizer
    assert isinstance(model, Bigrams)
    documents.generate("cat", condition="bad", length=1)
    assert model.read == [[BEGIN, tokenizer.condition_id("bad"), *tokenizer.encode("cat")]]
    made = documents.generate("", length=1)
    assert not isinstance(made, list)
    assert model.read == [[BEGIN, tokenizer.condition_id("good")]]
    assert "'good'" in made.notices[0]
    stream = predictor_of()
    model = stream.model
    assert isinstance(model, Bigrams)
    stream.generate("", length=1)
    assert model.read == [stream.tokenizer.encode("\n")]
    with pytest.raises(OptionError, match="without a condition"):
        stream.generate("", condition="good")
    with pytest.raises(OptionError, match="good, bad"):
        documents.generate("", condition="ugly")


def test_an_empty_prompt_works_without_a_line_end_in_the_vocabulary() -> None:
    tokenizer = train_generation_tokenizer(["abc"], GenerationTokenizerConfig(kind="char"))
    predictor = GeneratorPredictor(tokenizer, Bigrams(tokenizer.vocabulary_size), documents=False)
    made = predictor.generate("", length=5)
    assert not isinstance(made, list)
    assert set(made.text) <= set("abc")
    assert len(made.text) == 5


def test_unseen_characters_are_said_and_survived() -> None:
    predictor = predictor_of()
    made = predictor.generate("The 鬱 cat €", length=5, seed=1)
    assert not isinstance(made, list)
    assert made.full_text.startswith("The 鬱 cat €")
    (notice,) = made.notices
    assert "'鬱', '€'" in notice
    assert predictor.notices("The cat") == []


def test_a_stop_string_is_cut_off_and_said() -> None:
    predictor = predictor_of()
    certain(predictor, "A dog!")
    made = predictor.generate("A", stop="og", temperature=0)
    assert not isinstance(made, list)
    assert (made.text, made.ended) == (" d", "stop string")
    assert predictor.tokenizer.decode(made.ids) == " dog"
    searched = predictor.generate("A", stop="og", beam=3)
    assert not isinstance(searched, list)
    assert (searched.text, searched.ended, searched.seed) == (" d", "stop string", None)


def test_log_probabilities_are_the_models_own() -> None:
    predictor = predictor_of(documents=True, spread=1)
    text = "cat"
    made = predictor.write("", samples=6, length=12, seed=3, temperature=0.7, top_k=9)
    for sample in made:
        score = predictor.score(sample.text)
        ids = [BEGIN, *sample.ids]
        expected = score.log_probability
        if sample.ended == "end mark":
            model = predictor.model
            assert isinstance(model, Bigrams)
            row = model.table[len(ids) % 3, ids[-1]][None]
            expected += float(log_softmax(row)[0, END])
        assert sample.log_probability == pytest.approx(expected)
    assert predictor.score(text).text == text


def test_scores_of_many_texts_are_those_of_each_alone() -> None:
    predictor = predictor_of()
    model = predictor.model
    assert isinstance(model, Bigrams)
    texts = ["The cat", "", "A", "the dog ate the mat", *["on"] * 70]
    together = predictor.score(texts)
    for text, score in zip(texts, together, strict=True):
        assert score.text == text
        assert len(score.tokens) == len(text)
        np.testing.assert_allclose(score.log_probabilities, predictor.score(text).log_probabilities)
    ids = [*predictor.tokenizer.encode("\n"), *predictor.tokenizer.encode("A")]
    (by_hand,) = log_softmax(model.table[1, ids[0]][None])[:, ids[1]]
    assert together[2].log_probability == pytest.approx(by_hand)
    assert together[2].perplexity == pytest.approx(math.exp(-by_hand))
    assert together[2].bits_per_character == pytest.approx(-by_hand / math.log(2))
    assert math.isnan(together[1].perplexity)
    assert predictor.score("A鬱").unseen == ("鬱",)
    assert predictor.score("A鬱").tokens == ("A", predictor.tokenizer.vocabulary()[1])


def test_continuations_are_the_likeliest_next_tokens() -> None:
    predictor = predictor_of()
    found = predictor.continuations("The cat", 5)
    model = predictor.model
    assert isinstance(model, Bigrams)
    probabilities = np.exp(log_softmax(model.table[7 % 3, predictor.tokenizer.encode("t")])[0])
    for text, probability in found:
        assert probability == pytest.approx(probabilities[predictor.tokenizer.encode(text)[0]])
    assert [text for text, _ in found] == [
        predictor.tokenizer.vocabulary()[best] for best in np.argsort(-probabilities) if best > END
    ][:5]
    with pytest.raises(OptionError, match="count"):
        predictor.continuations("The", 0)


def test_word_continuations_add_up_what_follows_the_word() -> None:
    tokenizer = train_generation_tokenizer(["ab .x"], GenerationTokenizerConfig(kind="char"))
    model = Bigrams(tokenizer.vocabulary_size)
    predictor = GeneratorPredictor(tokenizer, model, documents=False)
    number = {token: place for place, token in enumerate(tokenizer.vocabulary())}
    model.table[:] = np.log(1e-12)
    probabilities = {
        "x": {" ": 0.6, "a": 0.3, ".": 0.1},
        " ": {"a": 0.75, "b": 0.25},
        "a": {"b": 0.5, " ": 0.4, ".": 0.1},
        "b": {" ": 1.0},
    }
    for before, row in probabilities.items():
        for after, probability in row.items():
            model.table[:, number[before], number[after]] = np.log(probability)
    found = predictor.continuations("x", 9, words=True)
    # A word goes on until a space or a full stop would come; that one is not part of it.
    expected = {
        " a": 0.6 * 0.75 * 0.5,
        " ab": 0.6 * 0.75 * 0.5,
        " b": 0.6 * 0.25,
        "a": 0.3 * 0.5,
        "ab": 0.3 * 0.5,
        ".": 0.1,
    }
    assert {text: value for text, value in found if value > 1e-6} == pytest.approx(expected)
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_word_continuations_are_words_for_every_kind(kind: str) -> None:
    predictor = predictor_of(kind, documents=True)
    found = predictor.continuations("The cat", 9, words=True)
    assert len({text for text, _ in found}) == 9
    assert 0 < sum(value for _, value in found) <= 1 + 1e-9
    for text, _ in found:
        assert len(text.split()) == 1


def test_word_continuations_of_chinese_are_two_characters() -> None:
    predictor = predictor_of()
    certain(predictor, "猫坐在垫")
    (found,) = predictor.continuations("猫", 1, words=True)
    assert found == ("坐在", pytest.approx(1, abs=1e-6))


sentences = st.sampled_from(["cat", "the dog", "mat.", "Hund", "猫", "hat!", "Straße", "a"])


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(KINDS),
    st.lists(sentences, min_size=1, max_size=3),
    st.integers(0, 100),
    st.sampled_from(["", "The ", "The cat", "\n"]),
    st.booleans(),
)
def test_forced_texts_appear(
    kind: str, forced: list[str], seed: int, prompt: str, documents: bool
) -> None:
    if kind == "whitespace":
        forced = [text for text in forced if text not in ("猫", "Straße")]
    predictor = predictor_of(kind, documents=documents)
    for made in predictor.write(
        prompt, forced=forced, length=45, seed=seed, samples=2, stop=["i"], no_repeat_ngram=3
    ):
        assert all(text in made.text for text in forced), made.text
    (searched,) = predictor.write(prompt, forced=forced, length=45, beam=2)
    assert all(text in searched.text for text in forced), searched.text
    assert searched.score == pytest.approx(searched.log_probability), "no bonus may count"


@pytest.mark.parametrize("kind", ["word", "char"])
def test_a_forced_word_does_not_run_into_the_word_before(kind: str) -> None:
    predictor = predictor_of(kind, spread=0.5)
    for made in predictor.write("The", forced=["Hund"], length=40, samples=20, seed=2):
        place = made.full_text.index("Hund")
        before = made.full_text[place - 1]
        assert not before.isalnum() or not before.isascii(), made.full_text


def test_a_mere_space_does_not_begin_a_forced_word() -> None:
    found = {kind: forced_texts(TOKENIZERS[kind], ["dog"], {})[0] for kind in KINDS}
    assert {kind: text.waits for kind, text in found.items()} == {
        "char": True,
        "subword": False,
        "word": False,
        "whitespace": False,
    }
    assert TOKENIZERS["char"].decode(found["char"].anywhere) == " dog"
    assert TOKENIZERS["char"].decode(found["char"].at_boundary) == "dog"


def test_a_forced_text_inside_another_needs_no_room_of_its_own() -> None:
    (made,) = predictor_of().write("The", forced=["dog", "the dog"], length=8, seed=1)
    assert made.text == " the dog"


def test_no_second_space_follows_that_of_a_prompt() -> None:
    predictor = predictor_of("whitespace")
    for prompt, joined in (("The cat", "The cat "), ("The cat ", "The cat "), ("A\n", "A\n")):
        (made,) = predictor.write(prompt, length=1, seed=1)
        assert made.full_text.startswith(joined)
        assert not made.full_text[len(joined)].isspace()


@pytest.mark.parametrize("kind", KINDS)
def test_banned_texts_do_not_appear(kind: str) -> None:
    predictor = predictor_of(kind, spread=0.3)
    banned = ["cat", "the dog", "."]
    without = predictor.write("The", samples=30, length=60, seed=1)
    with_ban = predictor.write("The", samples=30, length=60, seed=1, banned=banned)
    assert any("." in made.text for made in without)
    tokenizer = predictor.tokenizer
    for made in with_ban:
        for text in banned:
            for variant in (text, f" {text}"):
                ids = tokenizer.encode(variant)
                assert all(
                    list(made.ids[place : place + len(ids)]) != ids
                    for place in range(len(made.ids))
                )


def test_a_banned_word_is_banned_with_and_without_its_space() -> None:
    predictor = predictor_of("word")
    certain(predictor, "The cat")
    assert predictor.generate("The", temperature=0, length=1).text == " cat"  # type: ignore[union-attr]
    banned = predictor.generate("The", temperature=0, length=1, banned="cat")
    assert banned.text != " cat"  # type: ignore[union-attr]


def test_texts_that_cannot_be_forced_or_banned_are_named() -> None:
    predictor = predictor_of()
    with pytest.raises(OptionError, match="'鬱'"):
        predictor.generate("", forced=["鬱 cat"])
    with pytest.raises(OptionError, match=r"'cat hat'.*'cat'"):
        predictor.generate("", forced=["cat hat"], banned=["cat"])
    with pytest.raises(OptionError, match="length"):
        predictor.generate("", forced=["The cat sat"], length=5)
    predictor.generate("", banned=["鬱"], length=2)
    with pytest.raises(OptionError, match="no tokens"):
        predictor_of("whitespace").generate("", banned=[" "])


def test_beam_search_answers_best_first() -> None:
    predictor = predictor_of(documents=True, spread=1)
    found = predictor.generate("The", beam=6, n_best=4, length=15, length_penalty=0.8)
    assert isinstance(found, list)
    assert [made.score for made in found] == sorted((made.score for made in found), reverse=True)
    assert list(predictor.stream("The", beam=6, length=15, length_penalty=0.8)) == [found[0].text]
    with pytest.raises(OptionError, match="n_best"):
        predictor.generate("The", beam=2, samples=2)
    greedy = predictor.generate("The", temperature=0, length=15)
    assert not isinstance(greedy, list)
    best = predictor.generate("The", beam=50, length=15)
    assert not isinstance(best, list)
    assert best.log_probability >= greedy.log_probability


def test_defaults_hold_where_a_call_says_nothing() -> None:
    tokenizer = TOKENIZERS["char"]
    predictor = GeneratorPredictor(
        tokenizer,
        Bigrams(tokenizer.vocabulary_size),
        documents=False,
        defaults={"length": 3, "temperature": 0},
    )
    assert len(predictor.write("A")[0].ids) == 3
    assert len(predictor.write("A", length=4)[0].ids) == 4


def test_wrong_options_are_one_error_at_the_call() -> None:
    predictor = predictor_of()
    with pytest.raises(OptionError, match="top_p"):
        predictor.stream("", top_p=3)  # not only when the first piece is asked for
    with pytest.raises(OptionError, match="samples"):
        predictor.generate("", samples=0)


def test_a_network_of_another_vocabulary_is_an_error() -> None:
    with pytest.raises(BundleError, match="10 outputs"):
        GeneratorPredictor(TOKENIZERS["char"], Bigrams(10), documents=False)
    spare = Bigrams(TOKENIZERS["char"].vocabulary_size + 5)
    predictor = GeneratorPredictor(TOKENIZERS["char"], spare, documents=False)
    made = predictor.write("A", samples=20, length=20, seed=1)
    assert max(max(sample.ids) for sample in made) < TOKENIZERS["char"].vocabulary_size
