"""Cells in models: saved and loaded, written by a user, and refused in one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from rnn_toolkit.cells.base import HasNativeOperator, LinearRecurrence, LinearTerms, TwoPhaseCell
from rnn_toolkit.cells.table import CELLS, make_cell
from rnn_toolkit.cells.views import two_phase
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.recurrent import GRU, Recurrent, recurrent_layer

LOADER = """
import sys
from pathlib import Path
import keras, numpy as np
import rnn_toolkit.layers.recurrent

folder = Path(sys.argv[1])
x, mask = np.load(folder / "x.npy"), np.load(folder / "mask.npy")
for path in sorted(folder.glob("*.keras")):
    np.save(path.with_suffix(".npy"), keras.models.load_model(path)([x, mask], training=False))
"""
NOISE: dict[str, Any] = {"zoneout": 0.2, "weight_drop": 0.3, "recurrent_dropout": 0.1}


def small_model(**options: Any) -> keras.Model:
    x, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    return keras.Model([x, mask], recurrent_layer(units=4, **options)(x, mask=mask))


@pytest.mark.slow
def test_every_cell_is_saved_and_loaded_by_another_process(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 3)).astype(np.float32)
    mask = np.arange(6) < np.array([6, 2, 0])[:, None]
    models = {name: small_model(cell=name, bidirectional=True) for name in CELLS}
    for name in ("simple_rnn", "lstm", "gru"):
        models[f"{name}_noise"] = small_model(
            cell=name, recurrent_initializer="tied_orthogonal", **NOISE
        )
    models["lstm_bias"] = small_model(cell="lstm", forget_bias=2.0)
    models["slstm_bias"] = small_model(
        cell="slstm", forget_bias=2.0, recurrent_initializer="identity"
    )
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "mask.npy", mask)
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
    command = [sys.executable, "-c", LOADER, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    for name, model in models.items():
        expected = np.asarray(model([x, mask], training=False))
        assert np.abs(expected[:2]).max() > 0
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, atol=1e-6)


class PlainCell(keras.layers.Layer):
    """A Keras cell with nothing but `call`."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.state_size = self.output_size = units
        self.dense = keras.layers.Dense(units, activation="tanh")

    def call(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        hidden = self.dense(ops.concatenate([inputs, states[0]], axis=-1))
        return hidden, [hidden]


class DecayCell(TwoPhaseCell):
    """A two-phase cell: h_t = f_t * h_{t-1} + (1 - f_t) * tanh(W x_t + U h_{t-1} + b)."""

    gates = 2
    forget_gate = 0

    def step(self, projected: Any, states: Any) -> tuple[Any, list[Any]]:
        sums = projected + ops.matmul(states[0], self.recurrent_kernel)
        forget, candidate = ops.split(sums, 2, axis=-1)
        forget = ops.sigmoid(forget)
        hidden = forget * states[0] + (1 - forget) * ops.tanh(candidate)
        return hidden, [hidden]


class LeakyCell(TwoPhaseCell):
    """A two-phase cell with a scan: h_t = 0.5 * h_{t-1} + W x_t + b."""

    has_recurrent_kernel = False

    def step(self, projected: Any, states: Any) -> tuple[Any, list[Any]]:
        hidden = 0.5 * states[0] + projected
        return hidden, [hidden]

    def linear_terms(self, projected: Any, states: Any, mask: Any) -> LinearTerms:
        return LinearTerms(ops.full_like(projected, np.log(0.5)), projected)

    def read_out(self, terms: LinearTerms, scanned: Any) -> Any:
        return scanned

    def other_states(self, projected: Any, states: Any, mask: Any) -> list[Any]:
        return []


@pytest.mark.parametrize("kind", [PlainCell, DecayCell, LeakyCell])
def test_a_cell_of_the_user_trains_and_equals_keras_loop(kind: Any) -> None:
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)
    mask = np.arange(5) < np.array([5, 3, 1, 5])[:, None]
    layer = Recurrent(kind(6))
    model = keras.Sequential([keras.layers.Masking(), layer, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    before = None
    for _ in range(2):
        loss = float(model.train_on_batch(x, np.ones((4, 1), np.float32)))
        assert np.isfinite(loss)
        assert before is None or loss < before
        before = loss
    assert len(layer.trainable_variables) >= 2
    expected = keras.layers.RNN(layer.cell)(x, mask=mask)
    np.testing.assert_allclose(layer(x, mask=mask), expected, atol=1e-6)


ZEROS = np.zeros((2, 3, 4), np.float32)
REFUSED: dict[str, tuple[Any, str]] = {
    "no units": (lambda: recurrent_layer("gru", 0), "whole number above 0, not 0"),
    "negative units": (lambda: recurrent_layer("sru", -3), "whole number above 0, not -3"),
    "half a unit": (lambda: recurrent_layer("lstm", 2.5), "whole number above 0, not 2.5"),  # type: ignore[arg-type]
    "truth as units": (lambda: make_cell("min_gru", True), "whole number above 0, not True"),
    "units of a class": (lambda: CELLS["slstm"](0), "SLSTMCell: units"),
    "rounds": (lambda: make_cell("mogrifier_lstm", 2, rounds=0), "rounds must be"),
    "depth": (lambda: make_cell("recurrent_highway", 2, depth=1.0), "depth must be"),
    "limit": (lambda: make_cell("ind_rnn", 2, recurrent_limit=0), "recurrent_limit must be"),
    "unknown cell": (lambda: recurrent_layer("lstn", 3), "Choose from: simple_rnn, lstm, gru, "),
    "misspelt": (lambda: make_cell("mogrifier_lstm", 2, round=3), "Choose from: rounds, "),
    "initialiser": (
        lambda: recurrent_layer("gru", 2, recurrent_initializer="zeroes"),
        "Choose from: orthogonal, per_gate_orthogonal, ",
    ),
    "no kernel": (
        lambda: recurrent_layer("ind_rnn", 2, recurrent_initializer="identity"),
        "Choose from: recurrent_limit, kernel_initializer.",
    ),
    **{
        f"forget bias {cell}": (
            lambda cell=cell: recurrent_layer(cell, 2, forget_bias=1.0),
            f"not for {cell}. It belongs to lstm, peephole_lstm, ",
        )
        for cell in ("gru", "min_gru", "ind_rnn", "recurrent_highway", "layer_norm_gru")
    },
    **{
        f"{option} of another cell": (
            lambda option=option: recurrent_layer("sru", 2, **dict[str, Any]({option: 0.1})),
            f"{option} is for simple_rnn, lstm and gru, not for sru",
        )
        for option in NOISE
    },
    **{
        f"{option} of {value}": (
            lambda option=option, value=value: recurrent_layer(
                "gru", 2, **dict[str, Any]({option: value})
            ),
            f"{option} must be at least 0 and below 1, not {value}",
        )
        for option in NOISE
        for value in (-0.1, 1.0)
    },
    "zoneout of a cell": (lambda: Recurrent(make_cell("sru", 2), zoneout=0.1), "They belong to"),
    "two dropouts": (lambda: GRU(2, zoneout=0.1, dropout=0.1), "SpatialDropout1D"),
    **{
        f"rank for {cell}": (
            lambda cell=cell, both=both: recurrent_layer(cell, 2, bidirectional=both)(ZEROS[0]),
            "needs inputs [batch, time, features]",
        )
        for cell, both in (("gru", False), ("gru", True), ("sru", False), ("slstm", True))
    },
    "rank 4": (lambda: recurrent_layer("lstm", 2)(ZEROS[None]), "[batch, time, features]"),
    "width": (
        lambda: recurrent_layer("qrnn", 2)(keras.Input((None, None))),
        "a known number of features",
    ),
    "width of a cell": (lambda: make_cell("qrnn", 2).build((None, None)), "Declare it"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_cannot_be_is_refused_in_one_line(case: str) -> None:
    attempt, said = REFUSED[case]
    with pytest.raises(OptionError) as caught:
        attempt()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cell", ["gru", "sru"])
def test_a_built_layer_still_refuses_a_wrong_rank(cell: str) -> None:
    layer = recurrent_layer(cell, 2)
    layer(ZEROS)
    with pytest.raises(ValueError, match="expected ndim=3"):
        layer(ZEROS[0])


PAGE = Path(__file__).parents[2] / "docs" / "cells.md"


def test_the_page_lists_every_cell_as_it_is() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| ([\d,]+)(?: ¹)? \| (\w+) \| (\w+) \|.*\|$",
        PAGE.read_text("utf-8"),
        re.M,
    )
    assert [name for name, *_ in rows] == list(CELLS)
    for name, parameters, scan, native in rows:
        cell = make_cell(name, 64)
        cell.build((None, 64))
        assert int(parameters.replace(",", "")) == cell.count_params(), name
        assert (scan == "yes") is isinstance(two_phase(cell), LinearRecurrence), name
        assert (native == "yes") is isinstance(two_phase(cell), HasNativeOperator), name


def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    names: dict[str, Any] = {}
    for example in examples:
        exec(example, names)
    said = re.findall(r"^print\(.*# (.*)$", "\n".join(examples), re.M)
    assert capsys.readouterr().out.splitlines() == said
    assert len(said) == 3
