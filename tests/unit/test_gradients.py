"""Gradient norms against closed forms and finite differences, and what is read from them."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.cells.table import CELLS
from rnn_toolkit.config import NetworkConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.evaluation.gradient_advice import findings
from rnn_toolkit.evaluation.gradients import measure_gradients
from rnn_toolkit.layers.recurrent import LSTM, SimpleRNN, recurrent_layer
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.training.gradient_norms import GradientNormCallback, GradientNormLog

Array = np.ndarray[Any, Any]
UNITS = 4


def orthogonal(seed: int = 0) -> Array:
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(UNITS, UNITS)))
    return matrix.astype(np.float32)


def linear_rnn(scale: float, *, backwards: bool = False, masked: bool = False) -> keras.Model:
    """h_t = x_t + h_{t-1} (scale * Q), of which the last is read."""
    inputs = keras.Input((None, UNITS))
    hidden = keras.layers.Masking()(inputs) if masked else inputs
    layer = SimpleRNN(UNITS, activation="linear", go_backwards=backwards, name="linear")
    model = keras.Model(inputs, layer(hidden))
    layer.set_weights([np.eye(UNITS), scale * orthogonal(), np.zeros(UNITS)])
    return model


def rows_of(lengths: list[int], time: int) -> Array:
    x = np.random.default_rng(1).normal(size=(len(lengths), time, UNITS)).astype(np.float32)
    for row, length in enumerate(lengths):
        x[row, length:] = 0
    return x


def squared_norm(labels: Any, outputs: Any) -> Any:
    return 0.5 * tf.reduce_sum(outputs**2, axis=1)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("scale", [0.9, 1.0, 1.1])
def test_a_scaled_orthogonal_matrix_gives_its_scale_to_every_step(
    scale: float, backwards: bool
) -> None:
    model = linear_rnn(scale, backwards=backwards)
    x = rows_of([60, 60], 60)
    found = measure_gradients(model, x, np.zeros(2, np.int32), loss=squared_norm)
    (layer,) = found.layers
    assert (layer.layer, layer.cell) == ("linear", "SimpleRNNCell")
    assert layer.direction == ("backward" if backwards else "forward")
    np.testing.assert_allclose(layer.memory.mean, scale ** np.arange(60), rtol=1e-4)
    assert layer.memory.rate == pytest.approx(scale, rel=1e-5)
    last = np.linalg.norm(np.asarray(model(x)), axis=1)
    powers = scale ** np.arange(60)  # by position: the first step is the farthest, or the last
    expected = last[:, None] * (powers if backwards else powers[::-1])
    np.testing.assert_allclose(layer.loss_by_step, expected, rtol=1e-4)
    np.testing.assert_allclose(layer.loss.mean, last.mean() * powers, rtol=1e-4)
    if scale == 0.9:
        assert layer.memory.half_life == pytest.approx(math.log(0.5) / math.log(0.9), rel=1e-4)
        assert layer.memory.span == 44  # 0.9 ** 44 is the first power below a hundredth
    else:
        assert layer.memory.half_life is None or scale == 1.0
        assert layer.memory.span is None
    assert layer.memory.growth == pytest.approx(max(1.0, scale**59), rel=1e-4)


def test_norms_beyond_32_bits_are_large_numbers_and_an_explosion() -> None:
    model = linear_rnn(1000.0)
    x = rows_of([60, 60], 60)
    found = measure_gradients(model, x, np.zeros(2, np.int32), loss=squared_norm)
    (layer,) = found.layers
    assert np.isfinite([*layer.memory.mean, *layer.loss.mean, found.global_norm]).all()
    assert layer.memory.mean[5] == pytest.approx(1e15, rel=1e-3)
    assert layer.memory.largest == 1e38
    assert findings(found)[0].verdict == "explodes"


@pytest.mark.parametrize("backwards", [False, True])
def test_distances_are_counted_from_each_rows_own_end(backwards: bool) -> None:
    model = linear_rnn(0.9, backwards=backwards, masked=True)
    x = rows_of([12, 5, 1], 12)
    (layer,) = measure_gradients(model, x, np.zeros(3, np.int32), loss=squared_norm).layers
    alone = measure_gradients(model, x[1:2, :5], np.zeros(1, np.int32), loss=squared_norm)
    np.testing.assert_allclose(
        layer.loss_by_step[1, :5], alone.layers[0].loss_by_step[0], rtol=1e-5
    )
    assert np.isnan(layer.loss_by_step[1, 5:]).all()
    assert np.isnan(layer.loss_by_step[2, 1:]).all()
    assert layer.memory.rows == (3, 2, 2, 2, 2, *[1] * 7)
    np.testing.assert_allclose(layer.memory.mean, 0.9 ** np.arange(12), rtol=1e-4)


def sigmoid(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def test_lstm_gradients_equal_finite_differences() -> None:
    """Loss and memory with respect to (h_t, c_t), with a head that reads every step."""
    keras.utils.set_random_seed(5)
    inputs = keras.Input((None, 3))
    layer = LSTM(UNITS, return_sequences=True, name="lstm")
    pooled = keras.layers.GlobalAveragePooling1D()(layer(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(pooled))
    x = np.random.default_rng(2).normal(size=(2, 6, 3)).astype(np.float32)
    labels = np.asarray([0, 1], np.int32)
    w, u, b, kernel, bias = (v.numpy().astype(np.float64) for v in model.trainable_variables)

    def run(row: int, step: int, change: Array) -> tuple[float, Array]:
        """The row's loss and its last state, with `change` added to (h, c) after a step."""
        h, c, total = np.zeros(UNITS), np.zeros(UNITS), np.zeros(UNITS)
        for t in range(x.shape[1]):
            i, f, g, o = np.split(x[row, t] @ w + h @ u + b, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            if t == step:
                h, c = h + change[:UNITS], c + change[UNITS:]
            total = total + h
        scores = np.exp(total / x.shape[1] @ kernel + bias)
        return -np.log(scores[labels[row]] / scores.sum()), np.concatenate([h, c])

    found = measure_gradients(model, x, labels, projections=1, seed=7)
    (layer_found,) = found.layers
    vector = np.random.default_rng(7).normal(size=2 * UNITS)
    vector /= np.linalg.norm(vector)
    memory = np.zeros((2, 6))
    for row in range(2):
        for step in range(6):
            slopes = []
            for axis in np.eye(2 * UNITS) * 1e-5:
                up, down = run(row, step, axis), run(row, step, -axis)
                slopes.append(((up[0] - down[0]) / 2e-5, vector @ (up[1] - down[1]) / 2e-5))
            loss_norm, memory_norm = np.linalg.norm(np.asarray(slopes), axis=0)
            assert layer_found.loss_by_step[row, step] == pytest.approx(loss_norm, rel=1e-3)
            memory[row, 5 - step] = memory_norm
    np.testing.assert_allclose(layer_found.memory.mean, memory.mean(axis=0), rtol=1e-3)


def test_an_output_that_is_no_state_counts_too() -> None:
    """SRU: c_T hangs on c_t by the forget gates alone, the loss on h_t as well."""
    keras.utils.set_random_seed(6)
    inputs = keras.Input((None, UNITS))
    layer = recurrent_layer("sru", UNITS, name="sru")
    model = keras.Model(inputs, layer(inputs))
    x = np.random.default_rng(3).normal(size=(1, 7, UNITS)).astype(np.float32)
    found = measure_gradients(
        model, x, np.zeros(1, np.int32), loss=squared_norm, projections=1, seed=2
    )
    vector = np.random.default_rng(2).normal(size=UNITS)
    vector /= np.linalg.norm(vector)
    cell = layer.cell
    forget = sigmoid((x[0] @ cell.kernel.numpy() + cell.bias.numpy())[:, UNITS : 2 * UNITS])
    expected = [np.linalg.norm(vector * np.prod(forget[7 - k :], axis=0)) for k in range(7)]
    np.testing.assert_allclose(found.layers[0].memory.mean, expected, rtol=1e-4)
    last = np.linalg.norm(np.asarray(model(x)))
    # At the last step h_T is read, c_T only through it: exactly the gradient of the output.
    assert found.layers[0].loss_by_step[0, -1] == pytest.approx(last, rel=1e-4)


def classifier(cell: str, **options: Any) -> keras.Model:
    keras.utils.set_random_seed(8)
    network = NetworkConfig(
        **{"cell": cell, "units": 5, "embedding_size": 6, "pair_buckets": 0, **options}
    )
    return build_classifier(network, vocabulary_size=20, classes=3, seed=1)


def padded_ids() -> tuple[Array, Array]:
    ids = np.random.default_rng(4).integers(1, 20, (3, 8)).astype(np.int32)
    ids[1, 5:] = 0
    return ids, np.asarray([0, 2, 1], np.int32)


@pytest.mark.parametrize("cell", list(CELLS))
def test_watching_changes_no_answer_in_any_cell(cell: str) -> None:
    model = classifier(cell, layers=2)
    ids, labels = padded_ids()
    seen = []

    def loss(labels: Any, outputs: Any) -> Any:
        seen.append(np.asarray(outputs))
        return tf.reduce_sum(outputs**2, axis=1)

    found = measure_gradients(model, ids, labels, loss=loss, projections=1)
    np.testing.assert_allclose(seen[0], np.asarray(model(ids)), atol=1e-5)
    names = [(layer.layer, layer.direction) for layer in found.layers]
    assert names == [
        (f"{cell}_{number}", way) for number in (1, 2) for way in ("forward", "backward")
    ]
    assert found.lengths == (8, 5, 8)
    for layer in found.layers:
        assert layer.memory.mean[0] == pytest.approx(1.0, abs=1e-5)
        assert np.isfinite(layer.memory.mean).all()
        assert layer.memory.rows == (3,) * 5 + (2,) * 3


def test_weight_norms_are_those_of_the_mean_loss() -> None:
    model = classifier("gru", pooling="last")
    ids, labels = padded_ids()
    ids[0] = 7  # the slices of a repeated id add up
    found = measure_gradients(model, ids, labels)
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(labels, model(ids, training=False))
        loss = tf.reduce_mean(losses)
    weights = [weight.value for weight in model.trainable_variables]
    gradients = [np.asarray(tf.convert_to_tensor(g)) for g in tape.gradient(loss, weights)]
    assert found.weights["embedding"] == pytest.approx(np.linalg.norm(gradients[0]), rel=1e-4)
    total = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    assert found.global_norm == pytest.approx(total, rel=1e-4)
    assert set(found.weights) == {"embedding", "forward_gru_1", "backward_gru_1", "logits"}
    squares = sum(norm**2 for norm in found.weights.values())
    assert math.sqrt(squares) == pytest.approx(total, rel=1e-4)


def test_models_without_recurrent_layers_of_this_toolkit_are_refused() -> None:
    inputs = keras.Input((None, 3))
    plain = keras.Model(inputs, keras.layers.LSTM(2, name="plain")(inputs))
    with pytest.raises(OptionError, match="plain LSTM of Keras"):
        measure_gradients(plain, np.zeros((1, 2, 3)), np.zeros(1))
    layer = recurrent_layer("gru", 3, return_sequences=True, name="shared")
    twice = keras.Model(inputs, layer(layer(inputs)))
    with pytest.raises(OptionError, match="shared ran 2 times"):
        measure_gradients(twice, np.zeros((1, 2, 3)), np.zeros(1), loss=lambda labels, y: y[:, 0])


def test_fit_logs_the_norms_of_each_layer(tmp_path: Path) -> None:
    model = classifier("gru")
    ids, labels = padded_ids()
    found = measure_gradients(model, ids, labels)  # before training
    log = GradientNormLog(tmp_path / "norms.csv")
    still = keras.optimizers.SGD(0.0)
    model.compile(still, "sparse_categorical_crossentropy", jit_compile=False)
    callback = GradientNormCallback(log, ids, labels, every=2)
    model.fit(ids, labels, batch_size=1, epochs=2, verbose=0, callbacks=[callback])
    with (tmp_path / "norms.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [(line["epoch"], line["batch"]) for line in lines] == [("1", "2"), ("2", "2")]
    for name, norm in {"all": found.global_norm, **found.weights}.items():
        assert float(lines[0][name]) == pytest.approx(norm, rel=1e-3)
