"""Zoneout, dropped weights, recurrent dropout and initialisers do what their papers say."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from rnn_toolkit.cells import equations
from rnn_toolkit.cells.initializers import (
    RECURRENT_INITIALIZERS,
    GateBias,
    PerGate,
    another,
    recurrent_initializer,
)
from rnn_toolkit.cells.table import CELLS, cell_options, make_cell
from rnn_toolkit.layers.recurrent import GRU, LSTM, SimpleRNN, recurrent_layer

Array = NDArray[np.float64]
STANDARD = ("simple_rnn", "lstm", "gru")


def batch(rows: int = 3, steps: int = 6, features: int = 4) -> Any:
    return np.random.default_rng(0).normal(size=(rows, steps, features)).astype(np.float32)


def built(cell: str, units: int = 5, **options: Any) -> Any:
    layer = recurrent_layer(cell, units, return_sequences=True, **options)
    layer.build((None, None, 4))
    for number, weight in enumerate(layer.trainable_variables):
        weight.assign(np.random.default_rng(number).normal(scale=0.6, size=weight.shape))
    return layer


def given(layer: Any) -> list[Array]:
    return [np.asarray(weight, np.float64) for weight in layer.trainable_variables]


@pytest.mark.parametrize("cell", STANDARD)
def test_zoneout_at_inference_is_the_expected_state(cell: str) -> None:
    rate, x = 0.3, batch()
    layer = built(cell, zoneout=rate)
    old = [np.zeros((3, 5)) for _ in range(2 if cell == "lstm" else 1)]
    expected = []
    for step in range(x.shape[1]):
        _, states = getattr(equations, cell)(x[:, step : step + 1], *given(layer), tuple(old))
        old = [rate * before + (1 - rate) * new for before, new in zip(old, states, strict=True)]
        expected.append(old[0])
    np.testing.assert_allclose(layer(x), np.stack(expected, axis=1), atol=1e-5)


@pytest.mark.parametrize("cell", STANDARD)
def test_zoneout_in_training_keeps_or_replaces_each_value(cell: str) -> None:
    """Of many equal rows, a share `rate` stays 0 after one step and the rest are new."""
    rate, rows = 0.3, 4000
    keras.utils.set_random_seed(0)
    layer = built(cell, zoneout=rate)
    layer.return_state = True
    x = np.repeat(batch(rows=1, steps=1), rows, axis=0)
    _, *found = layer(x, training=True)
    _, expected = getattr(equations, cell)(x[:1], *given(layer))
    for state, new in zip(found, expected, strict=True):
        stays = np.asarray(state) == 0
        np.testing.assert_allclose(
            np.asarray(state)[~stays], np.tile(new, (rows, 1))[~stays], atol=1e-5
        )
        assert np.abs(stays.mean(axis=0) - rate).max() < 5 * np.sqrt(rate * (1 - rate) / rows)


def test_zoneout_is_drawn_anew_and_its_mean_is_the_inference() -> None:
    """A linear cell has the mean of training as its answer at inference, at every step."""
    keras.utils.set_random_seed(0)
    layer = SimpleRNN(5, activation="linear", zoneout=0.4, return_sequences=True)
    x = np.repeat(batch(rows=1), 4000, axis=0)
    found = np.asarray(layer(x, training=True))
    expected = np.asarray(layer(x[:1]))[0]
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - expected) < 5 * error + 1e-6).all()
    stays = np.diff(found, axis=1) == 0
    assert 0.3 < stays.mean() < 0.5
    assert (stays[:, 0] != stays[:, 1]).any()
    assert not np.array_equal(found, np.asarray(layer(x, training=True)))


def test_zoneout_leaves_padding_alone() -> None:
    layer = built("lstm", zoneout=0.3)
    layer.return_sequences = False
    x = batch()
    padded = np.concatenate([x, np.full((3, 2, 4), 9, np.float32)], axis=1)
    mask = np.arange(8)[None].repeat(3, axis=0) < 6
    np.testing.assert_allclose(layer(padded, mask=mask), layer(x), atol=1e-6)


def powers(layer: Any, units: int = 200, steps: int = 5) -> Any:
    """h_t of h_t = h_{t-1} U with U = identity, from h_0 = 1, in training.

    What multiplies a value once multiplies it at every step, if it is the same at each.
    """
    layer.build((None, None, 1))
    layer.set_weights(
        [np.zeros((1, units)), np.eye(units), np.zeros(units), *layer.get_weights()[3:]]
    )
    x, ones = np.zeros((2, steps, 1), np.float32), np.ones((2, units), np.float32)
    np.testing.assert_array_equal(layer(x, initial_state=ones), np.ones((2, steps, units)))
    return np.asarray(layer(x, initial_state=ones, training=True))


@pytest.mark.parametrize(
    ("options", "by_row"),
    [
        ({"weight_drop": 0.5}, False),
        ({"recurrent_dropout": 0.5}, True),
        ({"recurrent_dropout": 0.5, "zoneout": 1e-9}, True),
    ],
)
def test_what_is_hidden_is_hidden_at_every_step(options: dict[str, float], by_row: bool) -> None:
    """Values survive all steps, doubled at each, or vanish at the first."""
    keras.utils.set_random_seed(0)
    layer = SimpleRNN(200, activation="linear", return_sequences=True, **options)
    found = powers(layer)
    survives = found[:, 0] != 0
    expected = survives[:, None] * 2.0 ** np.arange(1, 6)[:, None]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert 0.35 < survives.mean() < 0.65
    assert np.array_equal(survives[0], survives[1]) is not by_row
    assert not np.array_equal(found, powers(layer))


@pytest.mark.parametrize("cell", STANDARD)
def test_weight_drop_runs_the_cell_with_a_thinned_kernel(cell: str) -> None:
    """Training equals a run with the kernel that the layer drew; inference has no noise."""
    layer = built(cell, weight_drop=0.5)
    x = batch()
    kernel, recurrent_kernel, bias = given(layer)
    expected, _ = getattr(equations, cell)(x, kernel, recurrent_kernel, bias)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    state = layer._noise.state.numpy()
    found = layer(x, training=True)
    layer._noise.state.assign(state)
    thinned = np.asarray(layer.steps(training=True, batch=3).kernel_in_use(), np.float64)
    assert 0.2 < (thinned == 0).mean() < 0.8
    np.testing.assert_allclose(thinned[thinned != 0], 2 * recurrent_kernel[thinned != 0], rtol=1e-6)
    expected, _ = getattr(equations, cell)(x, kernel, thinned, bias)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("layer_class", [SimpleRNN, LSTM, GRU])
def test_noise_repeats_with_its_seed_and_survives_a_copy(layer_class: Any) -> None:
    x = batch()
    first = layer_class(5, zoneout=0.2, weight_drop=0.3, recurrent_dropout=0.1, seed=3)
    second = layer_class.from_config(first.get_config())
    assert (second.zoneout, second.weight_drop, second.cell.recurrent_dropout) == (0.2, 0.3, 0.1)
    for layer in (first, second):
        layer.build(x.shape)
    second.set_weights(first.get_weights())
    np.testing.assert_array_equal(first(x, training=True), second(x, training=True))


def blocks(name: str, units: int = 6, gates: int = 4) -> list[Array]:
    keras.utils.set_random_seed(1)
    values = np.asarray(recurrent_initializer(name)((units, gates * units)), np.float64)
    return np.split(values, gates, axis=1)


def is_orthogonal(block: Array) -> bool:
    return bool(np.allclose(block @ block.T, np.eye(len(block)), atol=1e-5))


def test_initializers_fill_each_gate() -> None:
    assert not any(is_orthogonal(block) for block in blocks("orthogonal"))
    per_gate, tied = blocks("per_gate_orthogonal"), blocks("tied_orthogonal")
    assert all(is_orthogonal(block) for block in per_gate + tied)
    assert len({block.tobytes() for block in per_gate}) == 4
    assert len({block.tobytes() for block in tied}) == 1
    assert all(np.array_equal(block, np.eye(6)) for block in blocks("identity"))


@pytest.mark.parametrize("name", list(RECURRENT_INITIALIZERS))
@pytest.mark.parametrize("cell", ["lstm", "peephole_lstm", "recurrent_highway"])
def test_initializers_survive_the_configuration_of_a_layer(cell: str, name: str) -> None:
    layer = recurrent_layer(cell, 6, recurrent_initializer=name)
    copy = type(layer).from_config(layer.get_config())
    for each in (layer, copy):
        each.build((None, None, 4))
        kernel = np.asarray(each.cell.recurrent_kernel, np.float64)
        first, second = kernel[:, :6], kernel[:, 6:12]
        by_gate = name in ("per_gate_orthogonal", "tied_orthogonal", "identity")
        assert is_orthogonal(first) is by_gate
        assert np.array_equal(first, second) is (name in ("tied_orthogonal", "identity"))
    assert copy.get_config() == {**layer.get_config(), "name": copy.name}


def test_a_seed_set_by_hand_repeats_and_still_differs_by_gate() -> None:
    first, second = (PerGate(keras.initializers.Orthogonal(seed=4))((3, 6)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first[:, :3], first[:, 3:])
    assert another(np.zeros, 1) is np.zeros
    tied = another(PerGate(keras.initializers.Orthogonal(seed=4), tied=True), 2)((3, 6))
    assert np.array_equal(tied[:, :3], tied[:, 3:])
    assert not np.allclose(tied, another(PerGate(keras.initializers.Orthogonal(seed=4)), 2)((3, 6)))


@pytest.mark.parametrize("cell", list(CELLS))
def test_forget_bias_goes_to_the_forget_gate(cell: str) -> None:
    """Cells with a forget gate begin at 1, or at what is asked for; others have only zeros."""
    has_gate = cell == "lstm" or "forget_bias" in cell_options(cell)
    for value in (None, 2.5) if has_gate else (None,):
        layer = recurrent_layer(cell, 3, forget_bias=value)
        copy = type(layer).from_config(layer.get_config())
        for each in (layer, copy):
            each.build((None, None, 4))
            bias = np.ravel(each.cell.bias)
            gate = 0 if cell == "cifg_lstm" else 3
            expected = np.zeros_like(bias)
            if has_gate:
                expected[gate : gate + 3] = 1 if value is None else value
            elif cell == "recurrent_highway":
                expected[3:] = -2
            np.testing.assert_array_equal(bias, expected)


def test_gate_bias_and_cells_survive_their_configuration() -> None:
    gate_bias = GateBias(2.0, gate=1, gates=3)
    copy = keras.initializers.deserialize(keras.initializers.serialize(gate_bias))
    np.testing.assert_array_equal(copy((6,)), [0, 0, 2, 2, 0, 0])
    options: dict[str, dict[str, Any]] = {
        "mogrifier_lstm": {"rounds": 2, "forget_bias": 3.0},
        "recurrent_highway": {"depth": 2, "transform_bias": -4.0},
        "ind_rnn": {"recurrent_limit": 0.7},
    }
    for name, given_options in options.items():
        cell = make_cell(name, 3, **given_options)
        second = type(cell).from_config(cell.get_config())
        assert {key: getattr(second, key) for key in given_options} == given_options
