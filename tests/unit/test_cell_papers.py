"""Every cell beyond the classic three against an independent reading of its paper, in numpy.

One row and one step at a time, weights by their names, no masks: a row that is padded on the
right is simply shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from rnn_toolkit.cells import equations
from rnn_toolkit.cells.table import CELLS, make_cell
from rnn_toolkit.layers.recurrent import Recurrent, recurrent_layer

Array = NDArray[np.float64]
Weights = dict[str, Array]
Step = Callable[[Array, list[Array], Weights], tuple[Array, list[Array]]]
FEATURES, UNITS, LENGTHS = 4, 5, (8, 3, 1, 0)
TOLERANCE = 1e-5


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def layer_norm(values: Array, gain: Array) -> Array:
    return gain * (values - values.mean()) / np.sqrt(values.var() + 1e-5)


def lstm_tail(sums: Array, c: Array) -> tuple[Array, list[Array]]:
    i, f, g, o = np.split(sums, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def peephole_lstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    h, c = states
    i, f, g, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
    p_i, p_f, p_o = w["peepholes"]
    new = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * np.tanh(g)
    h = sigmoid(o + p_o * new) * np.tanh(new)
    return h, [h, new]


def cifg_lstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    h, c = states
    f, g, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 3)
    keep = sigmoid(f)
    c = keep * c + (1 - keep) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def layer_norm_lstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    h, c = states
    sums = layer_norm(x @ w["kernel"], w["input_gain"])
    sums = sums + layer_norm(h @ w["recurrent_kernel"], w["recurrent_gain"]) + w["bias"]
    i, f, g, o = np.split(sums, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(layer_norm(c, w["memory_gain"]) + w["memory_bias"])
    return h, [h, c]


def layer_norm_gru(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    (h,) = states
    gates, new = slice(0, 2 * UNITS), slice(2 * UNITS, None)
    into, onward = x @ w["kernel"], h @ w["recurrent_kernel"]
    sums = layer_norm(into[gates], w["input_gain"][gates]) + w["bias"][gates]
    z, r = np.split(sigmoid(sums + layer_norm(onward[gates], w["recurrent_gain"][gates])), 2)
    onward_new = layer_norm(onward[new], w["recurrent_gain"][new])
    g = np.tanh(layer_norm(into[new], w["input_gain"][new]) + w["bias"][new] + r * onward_new)
    h = z * h + (1 - z) * g
    return h, [h]


def min_gru(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    z, g = np.split(x @ w["kernel"] + w["bias"], 2)
    h = (1 - sigmoid(z)) * states[0] + sigmoid(z) * g
    return h, [h]


def min_lstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    i, f, g = np.split(x @ w["kernel"] + w["bias"], 3)
    i, f = sigmoid(i), sigmoid(f)
    h = f / (f + i) * states[0] + i / (f + i) * g
    return h, [h]


def sru(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    candidate, f, r = np.split(x @ w["kernel"] + w["bias"], 3)
    f, r = sigmoid(f), sigmoid(r)
    c = f * states[0] + (1 - f) * candidate
    skip = x @ w["skip_kernel"] if "skip_kernel" in w else x
    return r * np.tanh(c) + (1 - r) * skip, [c]


def qrnn(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    c, earlier = states
    z, f, o = np.split(earlier + x @ w["kernel"] + w["bias"], 3)
    c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(z)
    return sigmoid(o) * c, [c, x @ w["previous_kernel"]]


def ind_rnn(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    h = np.maximum(x @ w["kernel"] + w["recurrent_weights"] * states[0] + w["bias"], 0)
    return h, [h]


def mogrifier_lstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    h, c = states
    x = 2 * sigmoid(h @ w["modulator_1"]) * x
    h = 2 * sigmoid(x @ w["modulator_2"]) * h
    x = 2 * sigmoid(h @ w["modulator_3"]) * x
    h = 2 * sigmoid(x @ w["modulator_4"]) * h
    x = 2 * sigmoid(h @ w["modulator_5"]) * x
    return lstm_tail(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], c)


def multiplicative_lstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    h, c = states
    m = (x @ w["middle_kernel"]) * (h @ w["middle_recurrent_kernel"])
    return lstm_tail(x @ w["kernel"] + m @ w["recurrent_kernel"] + w["bias"], c)


def recurrent_highway(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    (s,) = states
    for number in (1, 2, 3):
        suffix = "" if number == 1 else f"_{number}"
        sums = s @ w[f"recurrent_kernel{suffix}"] + w[f"bias{suffix}"]
        g, t = np.split(sums + x @ w["kernel"] if number == 1 else sums, 2)
        s = sigmoid(t) * np.tanh(g) + (1 - sigmoid(t)) * s
    return s, [s]


def slstm(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
    """Without the stabiliser: n and c here are those of the cell times exp(m)."""
    h, c, n = states[:3]
    i, f, g, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4)
    c = sigmoid(f) * c + np.exp(i) * np.tanh(g)
    n = sigmoid(f) * n + np.exp(i)
    h = sigmoid(o) * c / n
    return h, [h, c, n, states[3]]


def classic(name: str) -> Step:
    """One step of the textbook equations."""

    def step(x: Array, states: list[Array], w: Weights) -> tuple[Array, list[Array]]:
        given = w["kernel"], w["recurrent_kernel"], w["bias"]
        rows = tuple(state[None] for state in states)
        _, final = getattr(equations, name)(x[None, None], *given, rows)
        return final[0][0], [state[0] for state in final]

    return step


PAPERS: dict[str, Step] = {
    **{name: classic(name) for name in ("simple_rnn", "lstm", "gru")},
    **{step.__name__: step for step in (
        peephole_lstm, cifg_lstm, layer_norm_lstm, layer_norm_gru, min_gru, min_lstm, sru, qrnn,
        ind_rnn, mogrifier_lstm, multiplicative_lstm, recurrent_highway, slstm,
    )},
}  # fmt: skip


def randomize(layer: Any, seed: int = 1) -> Any:
    generator = np.random.default_rng(seed)
    for weight in layer.trainable_variables:
        weight.assign(generator.normal(scale=0.6, size=weight.shape))
    return layer


def sequences(features: int = FEATURES) -> tuple[Any, Any]:
    """Rows of LENGTHS steps, with misleading values under the padding, and their mask."""
    x = np.random.default_rng(2).normal(size=(len(LENGTHS), max(LENGTHS), features))
    mask = np.arange(max(LENGTHS)) < np.array(LENGTHS)[:, None]
    return np.where(mask[:, :, None], x, 7.0).astype(np.float32), mask


def by_the_paper(name: str, cell: Any, x: Any, backwards: bool = False) -> list[Any]:
    """For each row: outputs [length, units] in the order of processing, and final states."""
    weights = {w.name: np.asarray(w, np.float64) for w in cell.trainable_variables}
    rows = []
    sizes = cell.state_size if isinstance(cell.state_size, (list, tuple)) else [cell.state_size]
    for row, length in zip(x.astype(np.float64), LENGTHS, strict=True):
        states, outputs = [np.zeros(size) for size in sizes], []
        for step in row[:length][:: -1 if backwards else 1]:
            output, states = PAPERS[name](step, states, weights)
            outputs.append(output)
        rows.append((np.array(outputs).reshape(length, UNITS), states))
    return rows


def agree(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found), expected, atol=TOLERANCE, rtol=TOLERANCE)


def test_every_cell_has_its_equations() -> None:
    assert set(PAPERS) == set(CELLS)


@pytest.mark.parametrize("owner", [Recurrent, keras.layers.RNN], ids=["toolkit", "keras"])
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("name", list(CELLS))
def test_cells_compute_their_equations(name: str, backwards: bool, owner: Any) -> None:
    x, mask = sequences()
    layer = owner(
        make_cell(name, UNITS), return_sequences=True, return_state=True, go_backwards=backwards
    )
    layer.build((None, None, FEATURES))
    randomize(layer)
    outputs, *states = (np.asarray(each) for each in layer(x, mask=mask))
    last = owner(layer.cell, go_backwards=backwards)(x, mask=mask)
    rows = by_the_paper(name, layer.cell, x, backwards)
    for row, (length, (expected, final)) in enumerate(zip(LENGTHS, rows, strict=True)):
        real = slice(len(x[0]) - length, None) if backwards else slice(0, length)
        agree(outputs[row, real], expected)
        agree(last[row], expected[-1] if length else np.zeros(UNITS))
        if name == "slstm":  # the equations above need no stabiliser
            scale = np.exp(states[3][row])
            agree(states[1][row] * scale, final[1])
            agree(states[2][row] * scale, final[2])
        else:
            for found, each in zip(states, final, strict=True):
                agree(found[row], each)


@pytest.mark.parametrize("name", list(CELLS))
def test_both_directions_compute_the_equations(name: str) -> None:
    x, mask = sequences()
    layer = recurrent_layer(name, UNITS, bidirectional=True, return_sequences=True)
    layer.build((None, None, FEATURES))
    randomize(layer)
    outputs = np.asarray(layer(x, mask=mask))
    onwards = by_the_paper(name, layer.forward_layer.cell, x)
    backwards = by_the_paper(name, layer.backward_layer.cell, x, backwards=True)
    for row, length in enumerate(LENGTHS):
        expected = np.concatenate([onwards[row][0], backwards[row][0][::-1]], axis=-1)
        agree(outputs[row, :length], expected)


def test_sru_skips_without_a_kernel_where_the_widths_agree() -> None:
    x, mask = sequences(UNITS)
    layer = recurrent_layer("sru", UNITS, return_sequences=True)
    layer.build((None, None, UNITS))
    randomize(layer)
    assert len(layer.trainable_variables) == 2
    outputs = np.asarray(layer(x, mask=mask))
    for row, (expected, _) in enumerate(by_the_paper("sru", layer.cell, x)):
        agree(outputs[row, : len(expected)], expected)


@pytest.mark.parametrize("name", list(CELLS))
def test_weights_that_begin_random_begin_different(name: str) -> None:
    """A Keras initialiser that is called twice repeats itself."""
    layer = recurrent_layer(name, 8, bidirectional=True)
    layer.build((None, None, 8))
    drawn = [np.ravel(w) for w in layer.trainable_variables if np.unique(w).size > 3]
    for number, first in enumerate(drawn):
        for second in drawn[:number]:
            size = min(len(first), len(second))
            assert abs(np.corrcoef(first[:size], second[:size])[0, 1]) < 0.98


def test_ind_rnn_returns_from_its_limit() -> None:
    """u stops at the limit after an update, and can be moved away from it again."""
    layer = Recurrent(make_cell("ind_rnn", 2, recurrent_limit=0.5))
    layer.build((None, None, 1))
    model = keras.Sequential([layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    layer.set_weights([np.ones((1, 2)), np.zeros(2), np.full(2, 0.45)])
    x = np.ones((1, 2, 1), np.float32)
    for target, expected in ((3.0, 0.5), (0.0, -0.5)):
        layer.set_weights([np.ones((1, 2)), np.zeros(2), layer.cell.recurrent_weights.numpy()])
        model.train_on_batch(x, np.full((1, 2), target, np.float32))
        agree(layer.cell.recurrent_weights, np.full(2, expected))
