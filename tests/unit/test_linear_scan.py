"""The parallel scan equals the loop it stands for: values, gradients, length, extremes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.cells.base import LinearRecurrence
from rnn_toolkit.cells.table import CELLS, make_cell
from rnn_toolkit.layers.recurrent import Recurrent
from rnn_toolkit.layers.scan import linear_scan

LINEAR = ("min_gru", "min_lstm", "sru", "qrnn")
LONG = 4096
LENGTHS = (1, 2, 7, 8, 9, 63, 64, 65, 513)


def problem(time: int, batch: int = 2, units: int = 3) -> list[tf.Tensor]:
    """log_decay, inflow and initial, 64 bits; some steps forget all, some nothing."""
    generator = np.random.default_rng(time)
    log_decay = -np.exp(generator.normal(scale=2.0, size=(batch, time, units)))
    log_decay[generator.random(log_decay.shape) < 0.1] = 0.0
    inflow = generator.normal(size=(batch, time, units))
    return [tf.constant(each) for each in (log_decay, inflow, generator.normal(size=(batch, 3)))]


def naive(log_decay: Any, inflow: Any, initial: Any) -> Any:
    state, states = initial, []
    for decay, new in zip(tf.unstack(log_decay, axis=1), tf.unstack(inflow, axis=1), strict=True):
        state = tf.exp(decay) * state + new
        states.append(state)
    return tf.stack(states, axis=1)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("time", LENGTHS)
def test_scan_and_its_gradients_equal_the_loop(time: int, training: bool) -> None:
    given = problem(time)
    pull = tf.constant(np.random.default_rng(0).normal(size=given[1].shape))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(given)
        expected = naive(*given)
        found = linear_scan(*given, training=training)
        losses = [tf.reduce_sum(pull * each) for each in (expected, found)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    for wanted, got in zip(*(tape.gradient(loss, given) for loss in losses), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-11)


@pytest.mark.parametrize("time", [LONG, 3 * LONG + 5])
def test_scan_of_a_length_that_is_known_late(time: int) -> None:
    given = problem(time, batch=1)
    shape = tf.TensorSpec([None, None, 3], tf.float64)
    scan = tf.function(
        linear_scan, input_signature=[shape, shape, tf.TensorSpec([None, 3], tf.float64)]
    )
    given[0] = given[0] * 1e-4  # so that what is 4,096 steps away still counts
    decay, inflow, state = (each.numpy() for each in given)
    expected = np.zeros_like(inflow)
    for step in range(time):
        state = np.exp(decay[:, step]) * state + inflow[:, step]
        expected[:, step] = state
    np.testing.assert_allclose(scan(*given), expected, atol=1e-11)


def test_which_cells_are_linear() -> None:
    found = [name for name, kind in CELLS.items() if hasattr(kind, "linear_terms")]
    assert tuple(found) == LINEAR
    assert isinstance(make_cell("min_gru", 2), LinearRecurrence)


def by_step_and_by_scan(name: str, x: Any, weights: Callable[[Any], Any]) -> tuple[Any, Any, Any]:
    """The same cell in Keras' loop over time and in this toolkit's layer, with that layer."""
    by_scan = Recurrent(make_cell(name, 4), return_sequences=True)
    by_scan.build(x.shape)
    for weight in by_scan.trainable_variables:
        weight.assign(weights(weight.shape))
    by_step = keras.layers.RNN(by_scan.cell, return_sequences=True)
    return tf.function(by_step)(x), by_scan(x), by_scan


@pytest.mark.parametrize("name", LINEAR)
def test_thousands_of_steps_agree(name: str) -> None:
    x = np.random.default_rng(4).normal(size=(2, LONG, 3)).astype(np.float32)
    generator = np.random.default_rng(3)
    stepped, scanned, _ = by_step_and_by_scan(name, x, lambda shape: generator.normal(size=shape))
    np.testing.assert_allclose(scanned, stepped, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", LINEAR)
def test_extreme_gates_stay_finite(name: str, training: bool) -> None:
    """Every gate's sum is +80 or -80 at every step."""

    def extreme(shape: tuple[int, ...]) -> Any:
        return np.zeros(shape) if len(shape) == 1 else np.full(shape, 80.0)

    x = np.random.default_rng(5).choice([-1.0, 1.0], size=(2, LONG, 1)).astype(np.float32)
    stepped, scanned, layer = by_step_and_by_scan(name, x, extreme)
    np.testing.assert_allclose(scanned, stepped, atol=1e-5, rtol=1e-5)
    watched = [tf.constant(x), *(weight.value for weight in layer.trainable_variables)]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        loss = tf.reduce_mean(tf.square(layer(watched[0], training=training)))
    for gradient in tape.gradient(loss, watched):
        assert np.isfinite(gradient).all()
