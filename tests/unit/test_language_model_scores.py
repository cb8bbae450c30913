"""Scores of language models, and what is said about them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rnn_toolkit.evaluation.kneser_ney import KneserNey
from rnn_toolkit.evaluation.language_model import (
    LanguageModelEvaluation,
    LanguageModelScores,
    NamedScores,
    score_log_probabilities,
    score_nats,
    uniform_scores,
)


def scores(perplexity: float, *, unknown: int = 0) -> LanguageModelScores:
    return score_nats(1000 * math.log(perplexity), tokens=1000, characters=5000, unknown=unknown)


def evaluation(model: float, baseline: float, *, unknown: int = 0) -> LanguageModelEvaluation:
    return LanguageModelEvaluation(
        data="a.txt",
        data_sha256="0" * 64,
        split="test",
        documents=1,
        seed=1,
        toolkit_version="0",
        seconds=1.0,
        model=scores(model, unknown=unknown),
        baseline=NamedScores(name="Kneser-Ney 5-gram", scores=scores(baseline)),
        unigram=NamedScores(name="unigram frequencies", scores=scores(600)),
        uniform=uniform_scores(10_000, scores(model)),
    )


def test_a_die_has_a_perplexity_of_six() -> None:
    """Six faces, two characters a throw."""
    found = score_log_probabilities(np.full(50, -math.log(6)), characters=100, unknown=5)
    assert found.perplexity == pytest.approx(6)
    assert found.nats_per_token == pytest.approx(math.log(6))
    assert found.bits_per_character == pytest.approx(math.log2(6) / 2)
    assert found.nats_per_character == pytest.approx(math.log(6) / 2)
    assert (found.tokens, found.characters, found.unknown) == (50, 100, 0.1)
    uniform = uniform_scores(6, found).scores
    assert uniform.model_dump() == pytest.approx(found.model_dump())


def test_sum_is_kept_in_double_precision() -> None:
    """Ten million float32 values of -0.1 must not drift."""
    found = score_log_probabilities(np.full(10**7, -0.1, np.float32), characters=1)
    assert found.nats_per_token == pytest.approx(0.1, rel=1e-6)


def test_a_model_that_diverged_can_be_recorded() -> None:
    found = score_log_probabilities(np.full(3, -1e6), characters=3)
    assert LanguageModelScores.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("model", "baseline", "words", "loses"),
    [
        (110.0, 141.2, "beats its baseline, Kneser-Ney 5-gram", False),
        (150.0, 141.2, "loses to its baseline", True),
        (141.2, 141.2, "as good as its baseline", False),
    ],
)
def test_verdict_in_words(model: float, baseline: float, words: str, loses: bool) -> None:
    found = evaluation(model, baseline)
    assert words in found.verdict()
    assert f"perplexity {model:.2f} against {baseline:.2f}" in found.verdict()
    assert found.loses_to_baseline is loses
    assert found.summary()["loses_to_baseline"] is loses
    assert "single tokens" not in found.verdict()
    assert "unknown" not in found.verdict()


def test_verdict_names_what_makes_it_doubtful() -> None:
    assert "single tokens" in evaluation(700.0, 141.2).verdict()
    assert "3.0 % of the tokens are unknown" in evaluation(110.0, 141.2, unknown=30).verdict()


def test_rows_put_the_helped_model_below_the_plain_one() -> None:
    plain = evaluation(110.0, 141.2)
    helped = plain.model_copy(
        update={"cache": NamedScores(name="with a cache", scores=scores(100.0))}
    )
    assert [row.name for row in helped.rows()][:3] == [
        "this model", "with a cache", "Kneser-Ney 5-gram",
    ]  # fmt: skip
    assert len(plain.rows()) == 4
    assert "cache" not in plain.summary()
    assert helped.summary()["cache"]["perplexity"] == pytest.approx(100.0)
    # The verdict is on the model as it is shipped.
    assert helped.verdict() == plain.verdict()


def test_unigram_yardstick_is_the_entropy_of_the_frequencies() -> None:
    """With many counts, discounting hardly moves them."""
    ids = np.repeat([0, 1, 2], [7000, 2000, 1000])
    model = KneserNey.fit(ids, order=1, vocabulary_size=3)
    shares = np.array([0.7, 0.2, 0.1])
    expected = -(shares * np.log(shares)).sum()
    assert -model.log_probabilities(ids).mean() == pytest.approx(expected, abs=1e-3)
    assert model.name == "unigram frequencies"
