"""Keras, this toolkit and PyTorch compute the textbook equations of the three classic cells."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from rnn_toolkit.cells import equations
from rnn_toolkit.cells.views import two_phase
from rnn_toolkit.layers import recurrent

Array = NDArray[np.float64]
ROWS, STEPS, FEATURES, UNITS = 3, 9, 4, 5
STANDARD = {"simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
ONE_GATE: dict[str, int] = {"simple_rnn": 1, "lstm": 4, "gru": 3}
TOLERANCE = 1e-5


def weights(cell: str, reset_after: bool = True) -> tuple[Array, Array, Array]:
    """Random kernel, recurrent kernel and bias in Keras' layout."""
    generator = np.random.default_rng(5)
    wide = ONE_GATE[cell] * UNITS
    bias = (2, wide) if cell == "gru" and reset_after else (wide,)
    shapes = ((FEATURES, wide), (UNITS, wide), bias)
    kernel, recurrent_kernel, drawn = (generator.normal(scale=0.7, size=shape) for shape in shapes)
    return kernel, recurrent_kernel, drawn


def inputs() -> Array:
    return np.random.default_rng(6).normal(size=(ROWS, STEPS, FEATURES))


def states(cell: str) -> tuple[Array, ...]:
    generator = np.random.default_rng(7)
    return tuple(generator.normal(size=(ROWS, UNITS)) for _ in range(2 if cell == "lstm" else 1))


def agree(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found), expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("owner", [keras.layers, recurrent], ids=["keras", "toolkit"])
@pytest.mark.parametrize("cell", list(STANDARD))
def test_layers_compute_the_equations(cell: str, owner: Any) -> None:
    given = weights(cell)
    hidden, final = getattr(equations, cell)(inputs(), *given, states(cell))
    layer = getattr(owner, STANDARD[cell])(UNITS, return_sequences=True, return_state=True)
    layer.build((None, None, FEATURES))
    layer.set_weights(given)
    found, *found_states = layer(
        inputs().astype("float32"), initial_state=[s.astype("float32") for s in states(cell)]
    )
    agree(found, hidden)
    agree(np.stack(found_states), np.stack(final))


@pytest.mark.parametrize("cell", list(STANDARD))
def test_no_initial_state_means_zeros(cell: str) -> None:
    given = weights(cell)
    run = getattr(equations, cell)
    zeros = tuple(np.zeros_like(state) for state in states(cell))
    np.testing.assert_array_equal(run(inputs(), *given)[0], run(inputs(), *given, zeros)[0])


def steps_of(keras_cell: Any, given: tuple[Array, ...]) -> Any:
    keras_cell.build((None, FEATURES))
    keras_cell.set_weights(given)
    return two_phase(keras_cell)


@pytest.mark.parametrize("cell", list(STANDARD))
def test_two_phases_compute_the_equations(cell: str) -> None:
    given = weights(cell)
    hidden, final = getattr(equations, cell)(inputs(), *given, states(cell))
    steps = steps_of(getattr(keras.layers, f"{STANDARD[cell]}Cell")(UNITS), given)
    assert steps.state_sizes == (UNITS,) * len(final)
    run_steps(steps, states(cell), hidden, final)


def run_steps(steps: Any, start: Any, hidden: Array, final: tuple[Array, ...]) -> None:
    projected = steps.project(inputs().astype("float32"))
    reached: Any = [state.astype("float32") for state in start]
    for step in range(STEPS):
        output, reached = steps.step(projected[:, step], reached)
        agree(output, hidden[:, step])
    agree(np.stack(reached), np.stack(final))


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("reset_after", [True, False])
def test_both_forms_of_the_gru(reset_after: bool, use_bias: bool) -> None:
    kernel, recurrent_kernel, bias = weights("gru", reset_after)
    given = (kernel, recurrent_kernel, bias if use_bias else np.zeros_like(bias))
    hidden, final = equations.gru(inputs(), *given, states("gru"), reset_after=reset_after)
    keras_cell = keras.layers.GRUCell(UNITS, reset_after=reset_after, use_bias=use_bias)
    run_steps(steps_of(keras_cell, given[: 3 if use_bias else 2]), states("gru"), hidden, final)
    layer = keras.layers.RNN(keras_cell, return_sequences=True)
    agree(layer(inputs().astype("float32"), initial_state=states("gru")[0].astype("f")), hidden)


def test_the_forms_of_the_gru_differ() -> None:
    kernel, recurrent_kernel, bias = weights("gru")
    after, _ = equations.gru(inputs(), kernel, recurrent_kernel, bias)
    before, _ = equations.gru(inputs(), kernel, recurrent_kernel, bias[0], reset_after=False)
    assert np.abs(after - before).max() > 0.1


def torch_weights(cell: str) -> list[Array]:
    """Keras' weights as PyTorch's weight_ih, weight_hh, bias_ih and bias_hh."""
    kernel, recurrent_kernel, bias = weights(cell)
    into, onward = bias if cell == "gru" else (bias, np.zeros_like(bias))
    order = [1, 0, 2] if cell == "gru" else list(range(ONE_GATE[cell]))  # r, z, g there
    moved = []
    for weight in (kernel, recurrent_kernel, into, onward):
        blocks = np.split(weight, len(order), axis=-1)
        moved.append(np.concatenate([blocks[number] for number in order], axis=-1).T)
    return moved


@pytest.mark.parametrize("cell", list(STANDARD))
def test_pytorch_computes_the_equations(cell: str) -> None:
    torch = pytest.importorskip("torch")
    kinds = {"simple_rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    layer = kinds[cell](FEATURES, UNITS, batch_first=True)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    given = {
        name: torch.tensor(weight) for name, weight in zip(names, torch_weights(cell), strict=True)
    }
    layer.load_state_dict(given)
    start = [torch.tensor(state[None], dtype=torch.float32) for state in states(cell)]
    with torch.no_grad():
        found, final = layer(
            torch.tensor(inputs(), dtype=torch.float32),
            tuple(start) if cell == "lstm" else start[0],
        )
    hidden, expected = getattr(equations, cell)(inputs(), *weights(cell), states(cell))
    agree(found, hidden)
    agree(np.stack(final)[:, 0] if cell == "lstm" else final, np.stack(expected))


def test_readout_is_a_dense_layer() -> None:
    hidden, _ = equations.lstm(inputs(), *weights("lstm"))
    generator = np.random.default_rng(8)
    kernel, bias = generator.normal(size=(UNITS, 2)), generator.normal(size=2)
    layer = keras.layers.Dense(2)
    layer.build((None, None, UNITS))
    layer.set_weights([kernel, bias])
    agree(layer(hidden.astype("float32")), equations.readout(hidden, kernel, bias))
    agree(layer(hidden[:, -1].astype("f")), equations.readout(hidden[:, -1], kernel, bias))


def test_equations_by_hand() -> None:
    """One unit, one feature, weights 1: numbers that a pocket calculator gives."""
    x = np.array([[[1.0], [2.0]]])
    hidden, _ = equations.simple_rnn(x, [[1.0]], [[1.0]], [0.0])
    agree(hidden[0, :, 0], [np.tanh(1.0), np.tanh(2.0 + np.tanh(1.0))])
    gate = 1 / (1 + np.exp(-1.0))
    hidden, (_, cell_state) = equations.lstm(
        x[:, :1], np.ones((1, 4)), np.ones((1, 4)), np.zeros(4)
    )
    agree(cell_state, [[gate * np.tanh(1.0)]])
    agree(hidden[0, 0], gate * np.tanh(gate * np.tanh(1.0)))
    hidden, _ = equations.gru(x[:, :1], np.ones((1, 3)), np.ones((1, 3)), np.zeros((2, 3)))
    agree(hidden[0, 0, 0], (1 - gate) * np.tanh(1.0))


def test_sigmoid_does_not_overflow() -> None:
    with np.errstate(all="raise", under="ignore"):
        found = equations.sigmoid(np.array([-1e4, -1.0, 0.0, 1.0, 1e4]))
    agree(found, [0.0, 1 / (1 + np.e), 0.5, np.e / (1 + np.e), 1.0])
