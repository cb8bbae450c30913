"""Truncated back-propagation against hand-written recurrences and whole sequences."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.cells.table import CELLS
from rnn_toolkit.data.lanes import Window, documents, windows
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.layers.recurrent import recurrent_layer
from rnn_toolkit.training.gradient_norms import GradientNormLog
from rnn_toolkit.training.truncated import TruncatedBackpropagation

FEATURES, UNITS, OUTPUTS = 3, 4, 2
CROSS_ENTROPY = "sparse_categorical_crossentropy"


def language_model(cell: str, layers: int = 1, vocabulary: int = 11) -> keras.Model:
    keras.utils.set_random_seed(3)
    ids = keras.Input((None,), dtype="int32")
    hidden = keras.layers.Embedding(vocabulary, 6, name="embedding")(ids)
    for number in range(layers):
        hidden = recurrent_layer(cell, 5, return_sequences=True, name=f"{cell}_{number}")(hidden)
    outputs = keras.layers.Dense(vocabulary, activation="softmax", name="next")(hidden)
    return keras.Model(ids, outputs)


def regressor(cell: str) -> keras.Model:
    keras.utils.set_random_seed(4)
    inputs = keras.Input((None, FEATURES))
    hidden = recurrent_layer(cell, UNITS, return_sequences=True, name="rnn")(inputs)
    return keras.Model(inputs, keras.layers.Dense(OUTPUTS, name="head")(hidden))


def ids_of(steps: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(1, 11, steps).astype(np.int32)


def trainer(model: keras.Model, **options: Any) -> TruncatedBackpropagation:
    return TruncatedBackpropagation(model, **{"loss": CROSS_ENTROPY, **options})


def values(model: keras.Model) -> list[np.ndarray[Any, Any]]:
    return [variable.numpy() for variable in model.trainable_variables]


@pytest.mark.parametrize("cell", list(CELLS))
def test_windows_with_carried_states_equal_the_whole_sequence(cell: str) -> None:
    model = language_model(cell, layers=2)
    stream = ids_of(121)
    whole = np.asarray(model(stream[:-1].reshape(3, 40)))
    of_target = np.take_along_axis(whole, stream[1:].reshape(3, 40, 1), axis=2)
    expected = -np.log(of_target).mean()
    found = trainer(model).evaluate(windows(stream, 3, 7))
    assert found.loss == pytest.approx(expected, abs=1e-5)
    assert (found.steps, found.windows) == (120, 6)


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru", "min_lstm", "slstm"])
def test_one_window_is_full_back_propagation(cell: str) -> None:
    model = language_model(cell)
    stream = ids_of(31)
    inputs, targets = stream[:-1].reshape(2, 15), stream[1:].reshape(2, 15)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(
            keras.losses.sparse_categorical_crossentropy(targets, model(inputs, training=True))
        )
    expected = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    before = values(model)
    teacher = trainer(model, optimizer=keras.optimizers.SGD(1.0), gradient_clip=None)
    teacher.train(windows(stream, 2, 100))
    for gradient, old, new in zip(expected, before, values(model), strict=True):
        np.testing.assert_allclose(old - new, tf.convert_to_tensor(gradient), atol=1e-5)


def simple_rnn_step(x: Any, states: list[Any], w: Any, u: Any, b: Any) -> list[Any]:
    return [tf.tanh(x @ w + states[0] @ u + b)]


def lstm_step(x: Any, states: list[Any], w: Any, u: Any, b: Any) -> list[Any]:
    h, c = states
    i, f, g, o = tf.split(x @ w + h @ u + b, 4, axis=-1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return [tf.sigmoid(o) * tf.tanh(c), c]


STEPS = {"simple_rnn": (simple_rnn_step, 1), "lstm": (lstm_step, 2)}


def by_hand(
    cell: str, weights: list[Any], pieces: list[tuple[Any, Any]], rate: float, stop: bool
) -> list[np.ndarray[Any, Any]]:
    """SGD on each piece in turn; states go on from piece to piece."""
    step, count = STEPS[cell]
    states = [tf.zeros((2, UNITS))] * count
    for inputs, targets in pieces:
        variables = [tf.Variable(weight) for weight in weights]
        with tf.GradientTape() as tape:
            losses = []
            w, u, b, kernel, bias = (tf.convert_to_tensor(variable) for variable in variables)
            for t in range(inputs.shape[1]):
                states = step(inputs[:, t], states, w, u, b)
                losses.append(tf.reduce_mean((states[0] @ kernel + bias - targets[:, t]) ** 2))
            loss = tf.reduce_mean(tf.stack(losses))
        gradients = tape.gradient(loss, variables)
        pairs = zip(variables, gradients, strict=True)
        weights = [np.asarray(variable - rate * gradient) for variable, gradient in pairs]
        states = [tf.stop_gradient(state) if stop else tf.zeros_like(state) for state in states]
    return weights


@pytest.mark.parametrize("cell", list(STEPS))
def test_two_windows_have_the_gradient_computed_by_hand(cell: str) -> None:
    model = regressor(cell)
    generator = np.random.default_rng(1)
    x = generator.normal(size=(2, 9, FEATURES)).astype(np.float32)
    y = generator.normal(size=(2, 9, OUTPUTS)).astype(np.float32)
    pieces = [(x[:, :5], y[:, :5]), (x[:, 5:], y[:, 5:])]
    expected = by_hand(cell, values(model), pieces, 0.5, stop=True)
    forgetful = by_hand(cell, values(model), pieces, 0.5, stop=False)
    stream, targets = x.reshape(18, FEATURES), y.reshape(18, OUTPUTS)
    teacher = trainer(
        model,
        loss="mean_squared_error",
        optimizer=keras.optimizers.SGD(0.5),
        gradient_clip=None,
    )
    teacher.train(windows(stream, 2, 5, targets=targets))
    for hand, other, found in zip(expected, forgetful, values(model), strict=True):
        np.testing.assert_allclose(found, hand, atol=1e-5)
        assert np.abs(hand - other).max() > 1e-4  # the carried state makes a difference


def test_lanes_restart_on_request() -> None:
    model = language_model("gru")
    stream = ids_of(41)
    first, second = windows(stream, 2, 10)
    fresh = trainer(model).evaluate([second])  # begins anew in every lane
    still = keras.optimizers.SGD(0.0)
    teacher = trainer(model, optimizer=still)
    teacher.train([first])
    carried = teacher.train([second], go_on=True)
    teacher.train([first])
    teacher.restart([0, 1])
    restarted = teacher.train([second], go_on=True)
    assert restarted.loss == pytest.approx(fresh.loss, abs=1e-6)
    assert abs(carried.loss - fresh.loss) > 1e-4
    teacher.train([first])
    teacher.restart([1])
    one = teacher.train([second], go_on=True)
    assert one.loss != pytest.approx(carried.loss, abs=1e-6)
    assert one.loss != pytest.approx(fresh.loss, abs=1e-6)
    assert teacher.train([second]).loss == pytest.approx(fresh.loss, abs=1e-6)
    teacher.restart([2])
    with pytest.raises(OptionError, match="no lane 2"):
        teacher.train([second], go_on=True)


def test_documents_never_see_one_another() -> None:
    model = language_model("lstm")
    rows = [ids_of(steps, seed) for seed, steps in enumerate((23, 4, 17, 9, 2, 31))]
    total = steps = 0.0
    for row in rows:
        alone = trainer(model).evaluate(windows(row, 1, 100))
        total, steps = total + alone.loss * alone.steps, steps + alone.steps
    found = trainer(model).evaluate(documents(iter(rows), 3, 5))
    assert found.steps == steps == sum(len(row) - 1 for row in rows)
    assert found.loss == pytest.approx(total / steps, abs=1e-5)


def test_the_learning_rate_follows_the_scale_for_one_window() -> None:
    changes = []
    for scale in (1.0, 0.25):
        model = language_model("gru")
        before = values(model)
        optimizer = keras.optimizers.SGD(1.0)
        (window,) = windows(ids_of(21), 2, 10)
        scaled = Window(window.inputs, window.targets, window.weights, window.restarts, scale)
        trainer(model, optimizer=optimizer, gradient_clip=None).train([scaled])
        changes.append([new - old for new, old in zip(values(model), before, strict=True)])
        assert float(optimizer.learning_rate) == 1.0
    for whole, quarter in zip(*changes, strict=True):
        np.testing.assert_allclose(quarter, whole / 4, atol=1e-6)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    teacher = trainer(language_model("gru"), optimizer=keras.optimizers.SGD(schedule))
    with pytest.raises(OptionError, match="schedule"):
        teacher.train([scaled])


def test_clipping_bounds_the_global_norm_and_is_counted(tmp_path: Path) -> None:
    model = language_model("lstm")
    model.get_layer("next").kernel.assign(model.get_layer("next").kernel * 30)
    before = values(model)
    log = GradientNormLog(tmp_path / "norms.csv")
    optimizer = keras.optimizers.SGD(1.0)
    teacher = trainer(model, optimizer=optimizer, gradient_clip=0.01, log=log)
    result = teacher.train(windows(np.tile(np.int32([1, 2]), 41), 2, 40))  # ids repeat
    change = np.sqrt(
        sum(((new - old) ** 2).sum() for new, old in zip(values(model), before, strict=True))
    )
    assert change == pytest.approx(0.01, rel=1e-3)
    assert result.clipped_windows == 1
    assert result.largest_gradient_norm > 0.01
    with (tmp_path / "norms.csv").open() as file:
        (line,) = csv.DictReader(file)
    assert list(line) == ["epoch", "batch", "all", "embedding", "lstm_0", "next"]
    assert float(line["all"]) == pytest.approx(result.largest_gradient_norm, rel=1e-4)
    assert float(line["embedding"]) > 0.1 * float(line["all"])
    parts = sum(float(line[name]) ** 2 for name in ("embedding", "lstm_0", "next"))
    assert np.sqrt(parts) == pytest.approx(float(line["all"]), rel=1e-4)


def test_a_gradient_that_is_no_number_leaves_the_weights_alone() -> None:
    model = regressor("gru")
    before = values(model)
    stream = np.ones((10, FEATURES), np.float32)
    targets = np.full((10, OUTPUTS), np.inf, np.float32)
    with pytest.raises(DataError, match="Window 1"):
        trainer(model, loss="mean_squared_error").train(windows(stream, 2, 5, targets=targets))
    for old, new in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(old, new)


def stack(*layers: keras.layers.Layer) -> keras.Model:
    hidden = inputs = keras.Input((None, FEATURES))
    for layer in layers:
        hidden = layer(hidden)
    return keras.Model(inputs, hidden)


def test_models_that_cannot_go_on_are_refused() -> None:
    both = stack(recurrent_layer("lstm", 3, bidirectional=True, return_sequences=True, name="pair"))
    shared = recurrent_layer("gru", FEATURES, return_sequences=True, name="shared")
    cases = [
        (both, "pair reads backwards"),
        (stack(recurrent_layer("gru", 3, name="last")), "last gives only its last step"),
        (stack(keras.layers.GRU(3, return_sequences=True)), "plain GRU of Keras"),
        (stack(keras.layers.Dense(3)), "no recurrent layer"),
    ]
    for model, message in cases:
        with pytest.raises(OptionError, match=message):
            trainer(model)
    twice = trainer(stack(shared, shared), loss="mean_squared_error")
    stream = np.zeros((9, FEATURES), np.float32)
    with pytest.raises(OptionError, match="shared stands in the model twice"):
        twice.evaluate(windows(stream, 2, 5))


def test_bad_options_are_one_sentence() -> None:
    with pytest.raises(OptionError, match="gradient_clip"):
        trainer(language_model("gru"), gradient_clip=0.0)
    two, three = next(windows(ids_of(30), 2, 5)), next(windows(ids_of(30), 3, 5))
    with pytest.raises(OptionError, match="3 lanes, but the one before had 2"):
        trainer(language_model("gru")).evaluate([two, three])
    with pytest.raises(DataError, match="no window"):
        trainer(language_model("gru")).evaluate([])
