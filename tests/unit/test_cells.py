"""Cells, layers and exports against the textbook equations in numpy, and against Keras."""

from __future__ import annotations

from itertools import pairwise

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from rnn_toolkit.cells.table import CELLS, check_cell_name
from rnn_toolkit.cells.views import two_phase
from rnn_toolkit.config import ConnectionName, NetworkConfig, PoolingName, StackConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.loop import without_empty_rows
from rnn_toolkit.layers.pooling import pooling_layer
from rnn_toolkit.layers.recurrent import recurrent_layer
from rnn_toolkit.layers.word_pairs import WordPairLogits
from rnn_toolkit.networks.classifier import PAIR_LAYER, build_classifier
from rnn_toolkit.networks.stack import recurrent_stack

Array = NDArray[np.float64]
STANDARD = ["simple_rnn", "lstm", "gru"]


def sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def numpy_lstm(x: Array, w: Array, u: Array, b: Array) -> Array:
    units = u.shape[0]
    h, c = np.zeros((len(x), units)), np.zeros((len(x), units))
    for t in range(x.shape[1]):
        z = x[:, t] @ w + h @ u + b
        i, f, g, o = (z[:, k * units : (k + 1) * units] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h


def numpy_gru(x: Array, w: Array, u: Array, b: Array) -> Array:
    units = u.shape[0]
    h = np.zeros((len(x), units))
    for t in range(x.shape[1]):
        p, q = x[:, t] @ w + b[0], h @ u + b[1]
        z = sigmoid(p[:, :units] + q[:, :units])
        r = sigmoid(p[:, units : 2 * units] + q[:, units : 2 * units])
        g = np.tanh(p[:, 2 * units :] + r * q[:, 2 * units :])
        h = z * h + (1 - z) * g
    return h


def numpy_simple_rnn(x: Array, w: Array, u: Array, b: Array) -> Array:
    h = np.zeros((len(x), u.shape[0]))
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ w + h @ u + b)
    return h


ORACLES = {"lstm": numpy_lstm, "gru": numpy_gru, "simple_rnn": numpy_simple_rnn}


def built(cell: str, units: int = 5, features: int = 4) -> keras.layers.RNN:
    layer = recurrent_layer(cell, units)
    layer.build((None, None, features))
    generator = np.random.default_rng(0)
    for weight in layer.weights:
        if "seed" not in weight.path:
            weight.assign(generator.normal(size=weight.shape) * 0.5)
    return layer


@pytest.mark.parametrize("cell", STANDARD)
def test_keras_and_steps_agree_with_the_equations(cell: str) -> None:
    layer = built(cell)
    x = np.random.default_rng(1).normal(size=(3, 7, 4)).astype(np.float32)
    inner = layer.cell
    expected = ORACLES[cell](x, *(np.asarray(v) for v in inner.trainable_variables))
    np.testing.assert_allclose(np.asarray(layer(x)), expected, atol=1e-5)
    steps = two_phase(inner)
    projected = steps.project(x)
    states = [np.zeros((3, size), np.float32) for size in steps.state_sizes]
    for t in range(7):
        output, states = steps.step(projected[:, t], states)
    np.testing.assert_allclose(np.asarray(output), expected, atol=1e-5)


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_variants_step_like_keras(use_bias: bool, reset_after: bool) -> None:
    cell = keras.layers.GRUCell(5, use_bias=use_bias, reset_after=reset_after)
    cell.build((None, 4))
    generator = np.random.default_rng(0)
    for weight in cell.trainable_variables:
        weight.assign(generator.normal(size=weight.shape))
    x, h = generator.normal(size=(2, 4)).astype("f"), generator.normal(size=(2, 5)).astype("f")
    steps = two_phase(cell)
    expected, _ = cell(x, [h])
    found, _ = steps.step(steps.project(x), [h])
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-6)


def test_unknown_cell_lists_the_choices() -> None:
    with pytest.raises(OptionError, match="Choose from: simple_rnn, lstm, gru"):
        check_cell_name("lstn")


@pytest.mark.parametrize("name", ["mean", "max", "mean_max", "attention"])
def test_pooling_never_sees_padding(name: str) -> None:
    layer = pooling_layer(name)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, 5, 3)).astype(np.float32)
    mask = np.array([[True, True, True, False, False], [False] * 5])
    short = np.asarray(layer(x[:1, :3], mask=mask[:1, :3]))
    x[0, 3:] = 100.0
    padded = np.asarray(layer(x, mask=mask))
    np.testing.assert_allclose(padded[0], short[0], atol=1e-6)
    np.testing.assert_array_equal(padded[1], np.zeros_like(padded[1]))


def test_pooling_values() -> None:
    x = np.array([[[1.0, -5.0], [3.0, -7.0], [99.0, 99.0]]], np.float32)
    mask = np.array([[True, True, False]])
    found = np.asarray(pooling_layer("mean_max")(x, mask=mask))
    np.testing.assert_allclose(found, [[2.0, -6.0, 3.0, -5.0]])


@pytest.mark.parametrize("cell", STANDARD)
@pytest.mark.parametrize("backwards", [False, True])
def test_rows_of_padding_survive_a_loop_that_fails_on_them(cell: str, backwards: bool) -> None:
    layer = recurrent_layer(cell, 4, return_sequences=True)
    layer.go_backwards = backwards
    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype(np.float32)
    mask = np.array([[True] * 6, [True] * 2 + [False] * 4, [False] * 6])
    expected = layer(x, mask=mask)
    states = layer.get_initial_state(3)

    def strict(safe: object) -> object:
        assert np.asarray(safe).any(axis=1).all(), "a row without a real step reached the loop"
        return keras.layers.RNN.inner_loop(layer, x, states, safe)

    last, outputs, _ = without_empty_rows(strict, states, mask)  # type: ignore[arg-type]
    np.testing.assert_allclose(np.asarray(outputs), np.asarray(expected), atol=1e-6)
    np.testing.assert_array_equal(np.asarray(last)[2], np.zeros(4))


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "mean_max", "attention"])
def test_padding_never_changes_an_answer(cell: str, pooling: PoolingName) -> None:
    network = NetworkConfig(
        cell=cell, units=6, layers=2, embedding_size=5, pooling=pooling, pair_buckets=64
    )
    model = build_classifier(network, vocabulary_size=50, classes=3, seed=1)
    model.get_layer(PAIR_LAYER).table.assign(np.random.default_rng(2).normal(size=(64, 3)))
    ids = np.random.default_rng(0).integers(1, 50, (4, 9)).astype(np.int32)
    alone = np.asarray(model(ids, training=False))
    padded = np.asarray(model(np.pad(ids, [[0, 0], [0, 13]]), training=False))
    np.testing.assert_allclose(padded, alone, atol=1e-6)


@pytest.mark.parametrize("connection", ["plain", "residual", "highway", "dense"])
@pytest.mark.parametrize("return_sequences", [True, False])
def test_stacks_connect_as_their_equations_say(
    connection: ConnectionName, return_sequences: bool
) -> None:
    config = StackConfig(cell="gru", units=4, layers=2, bidirectional=False, connection=connection)
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, recurrent_stack(inputs, config, return_sequences=return_sequences))
    x = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)
    first, second = (model.get_layer(f"gru_{number}") for number in (1, 2))
    first.return_sequences = second.return_sequences = True

    def join(before: Array, layer: keras.layers.Layer, name: str) -> Array:
        output = np.asarray(layer(before))
        if connection == "plain":
            return output
        if connection == "residual":
            return before + output
        if connection == "dense":
            return np.concatenate([before, output], axis=-1)
        highway = model.get_layer(f"{name}_highway")
        gate = sigmoid(before @ np.asarray(highway.kernel) + np.asarray(highway.bias))
        return gate * output + (1 - gate) * before

    expected = join(join(x, first, "gru_1"), second, "gru_2")
    second.return_sequences = return_sequences or connection != "plain"
    found = np.asarray(model(x))
    np.testing.assert_allclose(found, expected if return_sequences else expected[:, -1], atol=1e-6)


def test_every_stack_option_builds_and_ignores_padding() -> None:
    for connection in ("plain", "residual", "highway", "dense"):
        network = NetworkConfig(
            cell="lstm", units=4, layers=3, embedding_size=6, pooling="last", layer_norm=True,
            connection=connection, layer_dropout=0.2, recurrent_dropout=0.2, zoneout=0.1,
            weight_drop=0.3, recurrent_initializer="tied_orthogonal", forget_bias=2.0,
        )  # fmt: skip
        model = build_classifier(network, vocabulary_size=20, classes=2, seed=1)
        ids = np.random.default_rng(0).integers(1, 20, (3, 6)).astype(np.int32)
        alone = np.asarray(model(ids, training=False))
        padded = np.asarray(model(np.pad(ids, [[0, 0], [0, 5]]), training=False))
        np.testing.assert_allclose(padded, alone, atol=1e-6)
        assert np.isfinite(np.asarray(model(ids, training=True))).all()


def test_word_pairs_add_up_one_row_per_pair() -> None:
    layer = WordPairLogits(97, 2, scale=3.0)
    ids = np.array([[5, 6, 7, 0], [9, 0, 0, 0], [6, 5, 6, 7]], np.int32)
    layer.build(ids.shape)
    table = np.random.default_rng(0).normal(size=(97, 2)).astype(np.float32)
    layer.table.assign(table)

    def row(before: int, word: int) -> int:
        return (word * 1_000_003 + before) % 2_147_483_647 % 97

    expected = np.zeros((3, 2))
    for index, words in enumerate(ids):
        pairs = [(a, b) for a, b in pairwise(words.tolist()) if b]
        for pair in pairs:
            expected[index] += table[row(*pair)] * 3 / np.sqrt(len(pairs))
    np.testing.assert_allclose(np.asarray(layer(ids)), expected, rtol=1e-5, atol=1e-6)
    assert row(5, 6) != row(6, 5)
