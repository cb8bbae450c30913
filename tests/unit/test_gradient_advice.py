"""What is read from gradient norms: rates, verdicts, advice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from rnn_toolkit.evaluation.decay import decay_curve
from rnn_toolkit.evaluation.gradient_advice import (
    DiagnosedNetwork,
    advice,
    findings,
    forget_bias_for,
)
from rnn_toolkit.evaluation.gradients import Gradients, LayerGradients

Array = np.ndarray[Any, Any]


def test_the_rate_is_that_within_rows_however_long_and_high_they_are() -> None:
    norms = np.full((3, 40), np.nan)
    norms[0] = 0.8 ** np.arange(40)
    norms[1, :10] = 1000 * 0.8 ** np.arange(10)  # its end would bend a line through the means
    norms[2, :20] = 0.001 * 0.8 ** np.arange(20)
    curve = decay_curve(norms)
    assert curve.rate == pytest.approx(0.8, rel=1e-9)
    assert curve.rows == (3,) * 10 + (2,) * 10 + (1,) * 20
    assert curve.typical(0) == pytest.approx(1.0)
    assert curve.mean[0] == pytest.approx(1001.001 / 3)
    assert curve.largest == 1000
    assert curve.typical(40) is None


def test_rows_few_reach_and_vanished_norms_do_not_count() -> None:
    norms = np.full((20, 30), np.nan)
    norms[:, :10] = 0.5
    norms[0] = 0.5
    assert len(decay_curve(norms).rows) == 10  # one row of twenty is fewer than a tenth
    vanished = np.maximum(0.01 ** np.arange(30.0), 1e-45)[None]
    assert decay_curve(vanished).rate == pytest.approx(0.01, rel=1e-6)
    short = decay_curve(np.ones((2, 1)))
    assert (short.rate, short.half_life, short.span) == (None, None, None)


def gradients_of(norms: Array, lengths: list[int], global_norm: float = 0.5) -> Gradients:
    curve = decay_curve(norms[None])
    layer = LayerGradients("lstm_1", "forward", "LSTMCell", norms[None], curve, curve)
    return Gradients((layer,), {}, global_norm, tuple(lengths))


@pytest.mark.parametrize(
    ("rate", "median", "verdict"),
    [
        (0.5, 100, "forgets"),  # a hundredth after 7 steps
        (0.9, 100, "fades"),  # after 44
        (0.9, 40, "holds"),
        (0.99, 100, "holds"),
        (1.0, 100, "holds"),
        (1.02, 100, "explodes"),
        (1.005, 600, "explodes"),  # to 19 times within the rows
    ],
)
def test_verdicts_follow_their_thresholds(rate: float, median: int, verdict: str) -> None:
    measured = gradients_of(rate ** np.arange(600.0 if median == 600 else 120.0), [median])
    (finding,) = findings(measured)
    assert finding.verdict == verdict
    lines = advice(DiagnosedNetwork("lstm", "last", 1.0), measured, [finding])
    assert ("Keep clipping" in lines[0]) == (verdict == "explodes")
    assert ("--forget-bias" in lines[0]) == (verdict in ("forgets", "fades"))
    assert ("Nothing needs to change" in lines[0]) == (verdict == "holds")


def test_a_bump_on_short_texts_is_no_explosion() -> None:
    norms = np.asarray([1.0, 0.1, 0.2, 0.3, 0.4])
    assert findings(gradients_of(norms, [5]))[0].verdict == "holds"


def test_advice_fits_the_cell_and_what_was_already_done() -> None:
    measured = gradients_of(0.5 ** np.arange(120.0), [100], global_norm=2.0)
    found = findings(measured)

    def text(cell: str, pooling: str = "mean", **options: Any) -> str:
        return " ".join(advice(DiagnosedNetwork(cell, pooling, 1.0, **options), measured, found))

    assert "Take a cell with gates" in text("simple_rnn")
    assert "identity" not in text("simple_rnn", recurrent_initializer="identity")
    assert "--forget-bias 3.1" in text("lstm")
    assert "--forget-bias" not in text("lstm", forget_bias=4.0)
    assert "Take a cell whose forget gate" in text("gru")
    assert "per_gate_orthogonal" not in text("min_gru")
    assert "--pooling mean_max" in text("lstm", "last")
    assert "--pooling mean_max" not in text("lstm", "mean")
    assert "windows longer than 7 steps" in text("lstm")
    assert "norm 2, above gradient_clip 1" in text("lstm")


def test_advice_against_explosion_fits_what_was_set() -> None:
    measured = gradients_of(1.1 ** np.arange(120.0), [100])
    found = findings(measured)

    def text(cell: str, **options: Any) -> str:
        return " ".join(advice(DiagnosedNetwork(cell, "mean", 0.7, **options), measured, found))

    assert "gradient_clip is 0.7" in text("lstm")
    assert "--forget-bias 3.1 instead of 4.9" in text("lstm", forget_bias=4.9)
    assert "--forget-bias" not in text("lstm", forget_bias=3.0)
    assert "initializer" in text("gru")
    assert "initializer" not in text("gru", recurrent_initializer="per_gate_orthogonal")
    assert "Take a cell with gates" in text("simple_rnn")


def test_the_forget_bias_keeps_a_hundredth_over_the_span() -> None:
    for span in (5, 50, 187):
        assert (1 / (1 + math.exp(-forget_bias_for(span)))) ** span == pytest.approx(0.01)
    assert forget_bias_for(1e6) == 5.0
