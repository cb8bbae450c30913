"""The predictor of translation: a model that copies shows what becomes of texts around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnn_toolkit.config import TranslationTokenizerConfig
from rnn_toolkit.decoding.step import States
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import BundleError, OptionError
from rnn_toolkit.runtime.encoder_decoder import BundleEncoderDecoder
from rnn_toolkit.runtime.translator import Translation, TranslatorPredictor
from rnn_toolkit.text.plain_line import plain_line
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.train_side_tokenizers import train_side_tokenizers

END = 3
TEXTS = [
    "Two dogs run across the wet meadow, don't they?",
    "\u4e24\u53ea\u72d7\u8dd1\u8fc7\u8349\u5730\u3002",
    "Was it 3.50 or 4? Nobody knows!",
]
KINDS = ("word", "subword", "char")


class Copyist:
    """Writes the source ids again one by one, looks at each, and then ends.

    Args:
        vocabulary_size: of both sides.
        certain: how far the right id is above the others.
    """

    def __init__(self, vocabulary_size: int, *, certain: float = 30.0) -> None:
        self.vocabulary_size = vocabulary_size
        self.certain = certain
        self.batches: list[int] = []

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        self.batches.append(len(ids))
        return {
            "memory": ids[:, :, None].astype(np.float32),
            "length": lengths,
            "source_ids": ids,
            "place": np.zeros((len(ids), 1), np.float32),
        }

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[NDArray[np.float32], States]:
        rows, place = np.arange(len(ids)), states["place"][:, 0].astype(int)
        at = np.minimum(place, states["length"] - 1)
        source = states["memory"][rows, at, 0].astype(int)
        # The likeliest after the right one is the id before it, for a second best.
        logits = np.zeros((len(ids), self.vocabulary_size), np.float32)
        logits[rows, ids] = 1
        logits[rows, np.where(place < states["length"], source, END)] = self.certain
        attention = np.zeros(states["memory"].shape[:2], np.float32)
        attention[rows, at] = 1
        return logits, {**states, "place": states["place"] + 1, "attention": attention}


def tokenizers_of(kind: str, **options: Any) -> SideTokenizers:
    config = TranslationTokenizerConfig(
        source=kind,  # type: ignore[arg-type]
        target=kind,  # type: ignore[arg-type]
        shared=True,
        **{"vocabulary_size": 400, "minimum_frequency": 1, **options},
    )
    return train_side_tokenizers(TEXTS, TEXTS, config)[0]


TOKENIZERS = {kind: tokenizers_of(kind) for kind in KINDS}


def copying(kind: str = "word", **options: Any) -> TranslatorPredictor:
    tokenizers = TOKENIZERS[kind]
    return TranslatorPredictor(tokenizers, Copyist(tokenizers.target_size), **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"beam": 1}, {"temperature": 0.5}])
def test_what_is_copied_is_the_text(kind: str, options: dict[str, Any]) -> None:
    found = copying(kind).translate(TEXTS, **options)
    for text, answer in zip(TEXTS, found, strict=True):
        assert answer.source == text
        assert answer.text == text
        (candidate,) = answer.candidates
        assert candidate.ended == "end mark"
        assert not answer.cut
        # It looked at one word after the other.
        assert candidate.alignment.source == candidate.alignment.target
        np.testing.assert_allclose(
            candidate.alignment.weights, np.eye(len(candidate.alignment.source)), atol=1e-6
        )
        assert "".join(candidate.alignment.source) == text.replace(" ", "")


def test_words_are_those_of_the_text() -> None:
    (found,) = copying("subword").translate([TEXTS[0]])
    assert found.candidates[0].alignment.source == (
        *("Two", "dogs", "run", "across", "the", "wet", "meadow", ",", "don't", "they", "?"),
    )
    (found,) = copying("char").translate([TEXTS[1]])
    assert found.candidates[0].alignment.target == tuple(TEXTS[1])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet=st.one_of(st.sampled_from("ab \u72d7?"), st.characters()))))
def test_any_texts_are_copied_in_their_order(texts: list[str]) -> None:
    predictor = copying("subword")
    found = predictor.translate(texts, maximum_length=10_000, batch_size=3)
    tokenizers = predictor.tokenizers
    expected = [
        tokenizers.decode_target(ids)
        for ids in tokenizers.encode_target([plain_line(text) for text in texts])
    ]
    assert [answer.text for answer in found] == expected


def test_a_string_gives_one_translation_and_a_list_a_list() -> None:
    predictor = copying()
    one = predictor.translate("the dogs")
    assert isinstance(one, Translation)
    assert predictor.translate(["the dogs"]) == [one]
    assert predictor.translate(("the dogs", "the dogs")) == [one, one]
    assert predictor.translate([]) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " \t\n"])
def test_an_empty_text_has_an_empty_translation_and_asks_no_model(kind: str, text: str) -> None:
    predictor = copying(kind)
    found = predictor.translate(text)
    assert (found.source, found.text) == (text, "")
    (candidate,) = found.candidates
    assert (candidate.ended, candidate.log_probability) == ("end mark", 0.0)
    assert candidate.alignment.weights.shape == (0, 0)
    assert predictor.model.batches == []  # type: ignore[attr-defined]
    assert [answer.text for answer in predictor.translate([text, "the dogs", text])] == [
        *("", "the dogs", ""),
    ]


def test_unknown_words_are_taken_from_the_source() -> None:
    found = copying().translate("Two zebras run across Zanzibar's meadow, don't they?")
    assert found.text == "Two zebras run across Zanzibar's meadow, don't they?"
    words = found.candidates[0].alignment.target
    assert words[1] == "zebras"
    # A mark stays close to its word, another word does not.
    assert copying().translate("the dogs; the meadow").text == "the dogs; the meadow"
    assert copying().translate("Quagga").text == "Quagga"


def test_a_word_that_is_missing_may_be_left_to_the_model() -> None:
    found = copying().translate("Two zebras run", replace_unknown=False)
    assert "zebras" not in found.text
    assert found.text.startswith("Two")
    assert len(found.candidates[0].alignment.target) == 3


def test_only_words_can_be_unknown() -> None:
    # The model copies the unknown id of a character it never saw, but may not write it.
    found = copying("char").translate("\u732b runs")
    assert "\u732b" not in found.text


def test_a_long_text_is_cut_and_says_so() -> None:
    tokenizers = tokenizers_of("word", maximum_length=3)
    predictor = TranslatorPredictor(tokenizers, Copyist(tokenizers.target_size))
    long, short = predictor.translate([TEXTS[0], "Two dogs run"])
    assert (long.cut, long.text) == (True, "Two dogs run")
    assert (short.cut, short.text) == (False, "Two dogs run")


def test_the_bound_ends_a_text_and_says_so() -> None:
    (candidate,) = copying().translate(TEXTS[0], maximum_length=4).candidates
    assert (candidate.text, candidate.ended) == ("Two dogs run across", "length")
    # Bytes that are no whole character are not shown.
    tokenizers = tokenizers_of("subword", vocabulary_size=260)
    predictor = TranslatorPredictor(tokenizers, Copyist(tokenizers.target_size))
    assert predictor.translate("a\u72d7", maximum_length=4).text == "a"


def test_n_best_are_ordered_and_distinct() -> None:
    predictor = copying()
    predictor.model.certain = 2.0  # type: ignore[attr-defined]
    found = predictor.translate("Two dogs run", n_best=4, beam=6)
    assert len({candidate.text for candidate in found.candidates}) == 4
    scores = [candidate.score for candidate in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert found.text == found.candidates[0].text


def test_defaults_hold_until_a_call_says_otherwise() -> None:
    predictor = copying(defaults=TranslationOptions(beam=3, n_best=3))
    assert len(predictor.translate("the dogs").candidates) == 3
    assert len(predictor.translate("the dogs", n_best=1).candidates) == 1
    # A temperature overrules a default beam, and a beam a default temperature.
    assert predictor.options(temperature=0.5).temperature == 0.5
    drawing = copying(defaults=TranslationOptions(temperature=0.5, top_k=4, seed=1))
    assert drawing.options(beam=2).searches
    assert drawing.options(top_p=0.5).top_k == 4


def test_a_draw_can_be_repeated() -> None:
    predictor = copying()
    predictor.model.certain = 2.0  # type: ignore[attr-defined]
    first = predictor.translate(TEXTS, temperature=1.5)
    assert first[0].seed is not None
    assert predictor.translate(TEXTS, temperature=1.5, seed=first[0].seed) == first
    assert predictor.translate(TEXTS)[0].seed is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beem": 3}, "no option 'beem'.*Choose from: beam, n_best"),
        ({"beam": 0}, "beam"),
        ({"beam": 3, "temperature": 1.0}, "does not draw"),
    ],
)
def test_wrong_options_are_errors(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        copying().translate("the dogs", **options)


def test_what_is_not_a_string_is_an_error() -> None:
    with pytest.raises(OptionError, match="Text 2 must be a string, not NoneType"):
        copying().translate(["the dogs", None])  # type: ignore[list-item]


def test_a_network_of_another_model_is_an_error() -> None:
    with pytest.raises(BundleError, match="different models"):
        TranslatorPredictor(TOKENIZERS["word"], Copyist(5))


def test_spare_outputs_of_a_network_are_never_written() -> None:
    tokenizers = TOKENIZERS["word"]
    model = Copyist(tokenizers.target_size + 8)
    predictor = TranslatorPredictor(tokenizers, model)
    step = model.step

    def favouring_spare(ids: NDArray[np.int32], states: States) -> Any:
        logits, after = step(ids, states)
        logits[:, tokenizers.target_size :] = 31
        return logits, after

    model.step = favouring_spare  # type: ignore[method-assign]
    assert predictor.translate(TEXTS[0]).text == TEXTS[0]


def test_a_summary_is_plain_and_whole() -> None:
    found = copying("subword").translate(TEXTS[0], n_best=2)
    summary = json.loads(json.dumps(found.summary()))
    assert summary["source"] == TEXTS[0]
    assert [candidate["text"] for candidate in summary["candidates"]] == [
        candidate.text for candidate in found.candidates
    ]
    best = summary["candidates"][0]
    assert best["alignment"]["source"][:2] == ["Two", "dogs"]
    assert best["alignment"]["weights"][0][:2] == [1.0, 0.0]
    assert best["ended"] == "end mark"


class Signatures:
    """The Copyist as a model file: tensors by name, nothing else passed on."""

    def __init__(self, model: Copyist) -> None:
        self.model = model

    def run(self, signature: str, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        if signature == "encode":
            assert set(inputs) == {"ids", "length"}
            assert {array.dtype for array in inputs.values()} == {np.dtype(np.int32)}
            states = self.model.encode(inputs["ids"], inputs["length"])
            return {"memory": states["memory"], "place_out": states["place"]}
        assert signature == "decode_step"
        assert set(inputs) == {"id", "memory", "length", "source_ids", "place"}
        assert inputs["id"].dtype == inputs["length"].dtype == np.int32
        states = {name: array for name, array in inputs.items() if name != "id"}
        logits, after = self.model.step(inputs["id"], states)
        return {
            "logits": logits,
            "attention": after["attention"],
            "place_out": after["place"],
        }


@pytest.mark.parametrize("options", [{"beam": 4, "n_best": 3}, {"temperature": 1.0, "seed": 2}])
def test_an_exported_model_answers_like_the_model(options: dict[str, Any]) -> None:
    tokenizers = TOKENIZERS["subword"]
    model = Copyist(tokenizers.target_size, certain=4.0)
    exported = BundleEncoderDecoder(
        Signatures(model),
        inputs=["id", "length", "memory", "source_ids", "place"],
        states=["place"],
        vocabulary_size=model.vocabulary_size,
    )
    assert exported.vocabulary_size == model.vocabulary_size
    expected = TranslatorPredictor(tokenizers, model).translate(TEXTS, **options)
    assert TranslatorPredictor(tokenizers, exported).translate(TEXTS, **options) == expected
