"""Options of translating with their ranges, and the few ids of a row that can matter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.config import (
    PairsConfig,
    Seq2SeqConfig,
    Settings,
    TranslationTokenizerConfig,
    TranslationTrainingConfig,
    parse_settings,
)
from rnn_toolkit.decoding.row_scores import TargetIds, best_ids, log_normalizers
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import OptionError
from rnn_toolkit_cli.train_translation import translation
from rnn_toolkit_cli.translate import translate


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_best_ids_are_those_of_a_stable_sort(seed: int, count: int) -> None:
    scores = np.random.default_rng(seed).integers(0, 6, size=(3, 12)).astype(np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    ids, values = best_ids(scores.copy(), count)
    np.testing.assert_array_equal(ids, order)
    np.testing.assert_array_equal(values, np.take_along_axis(scores, order, axis=1))


def test_log_normalizers_do_not_overflow() -> None:
    logits = np.array([[1000.0, 1000.0], [-1000.0, -np.inf]], np.float32)
    np.testing.assert_allclose(log_normalizers(logits), [1000 + np.log(2), -1000])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam": 2, "n_best": 3}, "A beam of 2 is too narrow for n_best 3"),
        ({"beam": 2, "temperature": 1.0}, "does not draw"),
        ({"top_k": 3}, "top_k; give a temperature"),
        ({"min_length": 9, "maximum_length": 5}, "min_length"),
        ({"length_penalty": 3}, "length_penalty"),
        ({"beem": 3}, "beam, n_best"),
    ],
)
def test_options_that_make_no_sense_are_errors(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_settings(TranslationOptions, options)


def test_a_bound_is_whole_and_never_below_one() -> None:
    assert TranslationOptions(length_ratio=1.1, extra_length=0).bound(10) == 11
    assert TranslationOptions(length_ratio=0.01, extra_length=0).bound(1) == 1
    assert TranslationOptions().bound(10_000) == 400


@pytest.mark.parametrize(
    ("command", "sections"),
    [
        (
            translation,
            (
                PairsConfig(),
                TranslationTokenizerConfig(),
                Seq2SeqConfig(),
                TranslationTrainingConfig(),
            ),
        ),
        (translate, (TranslationOptions(),)),
    ],
)
def test_the_help_tells_the_defaults(
    command: Callable[..., None], sections: tuple[Settings, ...]
) -> None:
    defaults = {name: value for each in sections for name, value in each.model_dump().items()}
    seen = 0
    for name, kind in get_type_hints(command, include_extras=True).items():
        help_text = getattr(getattr(kind, "__metadata__", [None])[0], "help", None) or ""
        shown = re.search(r"\[([^\]]+)\]", help_text)
        if shown and isinstance(defaults.get(name), (int, float)) and shown[1][0].isdigit():
            assert float(shown[1].split(":")[0]) == defaults[name], name
            seen += 1
        assert not (shown and shown[1].isupper()), f"{name}: a gap in {help_text!r}"
    assert seen >= 5


def test_a_vocabulary_without_words_is_an_error() -> None:
    with pytest.raises(OptionError, match="special"):
        TargetIds(4, begin_id=2, end_id=3, never=[0, 1])
