"""The encoder and decoder: every step as the whole, padding, oracles, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.config import Seq2SeqConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.attention_decoder import AttentionDecoder
from rnn_toolkit.layers.copying import CopyLogits
from rnn_toolkit.networks.seq2seq import build_seq2seq, parts
from rnn_toolkit.networks.seq2seq_steps import KerasEncoderDecoder
from rnn_toolkit.tasks.directory import load_keras_model

IDS = np.array([[4, 5, 6, 0, 0], [7, 8, 9, 10, 11]], np.int32)
LENGTHS = np.array([3, 5], np.int32)
TARGETS = np.array([[2, 5, 6, 7], [2, 8, 9, 4]], np.int32)

SHAPES: dict[str, dict[str, Any]] = {
    "default": {},
    "no input feeding": {"input_feeding": False},
    "lstm, two layers": {"cell": "lstm", "decoder_layers": 2, "layer_dropout": 0.2},
    "simple_rnn, one direction": {"cell": "simple_rnn", "bidirectional": False},
    "custom cell": {"cell": "min_gru", "layers": 2},
    "coverage": {"coverage": True},
    "coverage at once": {"coverage": True, "input_feeding": False},
    "copying": {"copy_words": True},
    "untied, zeros": {"tied": False, "bridge": "zeros"},
    "dot": {"attention": "dot"},
    "scaled_dot": {"attention": "scaled_dot", "input_feeding": False},
    "general": {"attention": "general"},
    "concat": {"attention": "concat"},
    "multi_head": {"attention": "multi_head", "heads": 2},
    "multi_head at once": {"attention": "multi_head", "heads": 2, "input_feeding": False},
    "monotonic": {"attention": "monotonic"},
    "noise": {"recurrent_dropout": 0.2, "zoneout": 0.1},
}


def _model(**options: Any) -> keras.Model:
    keras.utils.set_random_seed(3)
    if options.get("bidirectional") is False:
        options["decoder_units"] = 8
    network = Seq2SeqConfig(units=8, embedding_size=6, **options)
    return build_seq2seq(network, source_size=20, target_size=20, seed=3)


def _logits(model: keras.Model, ids: Any = IDS, targets: Any = TARGETS) -> Any:
    return model([ids, targets], training=False).numpy()


@pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES.keys())
def test_step_by_step_is_the_whole(options: dict[str, Any], tmp_path: Path) -> None:
    model = _model(**options)
    whole = _logits(model)
    steps = KerasEncoderDecoder(model)
    states = steps.encode(IDS, LENGTHS)
    for place in range(TARGETS.shape[1]):
        logits, states = steps.step(TARGETS[:, place], states)
        np.testing.assert_allclose(logits, whole[:, place], atol=1e-5)
        assert (states["attention"][0, 3:] == 0).all()
    alone = steps.encode(IDS[:1, :3], LENGTHS[:1])
    logits, _ = steps.step(TARGETS[:1, 0], alone)
    np.testing.assert_allclose(logits, whole[:1, 0], atol=1e-5)

    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(_logits(load_keras_model(tmp_path)), whole, atol=1e-6)


@pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES.keys())
def test_every_weight_learns(options: dict[str, Any]) -> None:
    model = _model(**options)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model([IDS, TARGETS], training=True)))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    idle = [
        variable.path
        for variable, gradient in zip(variables, gradients, strict=True)
        if gradient is None
    ]
    assert idle == []


def test_the_decoder_never_sees_what_comes_later() -> None:
    model = _model()
    before = _logits(model)
    changed = TARGETS.copy()
    changed[:, 2] = 12
    after = _logits(model, targets=changed)
    np.testing.assert_array_equal(after[:, :2], before[:, :2])
    assert not np.allclose(after[:, 2], before[:, 2])


def test_input_feeding_is_bahdanaus_recurrence() -> None:
    """One step by hand: GRU over [y; c], then attention, then the read-out."""
    model = _model()
    network = parts(model)
    decoder = network.decoder
    memory = tf.constant(np.random.default_rng(1).normal(size=(1, 3, 16)), tf.float32)
    real = tf.constant([[True, True, False]])
    embedded = tf.constant(np.random.default_rng(2).normal(size=(1, 6)), tf.float32)
    fed = tf.constant(np.random.default_rng(4).normal(size=(1, 16)), tf.float32)
    first = decoder.first_states(memory, real)
    mean = memory.numpy()[0, :2].mean(axis=0)
    bridge = decoder.bridges[0]
    np.testing.assert_allclose(
        first["decoder_1_state_0"][0],
        np.tanh(mean @ bridge.kernel.numpy() + bridge.bias.numpy()),
        atol=1e-6,
    )
    states = {**first, "fed": fed}
    read_out, attention, after = decoder.step(embedded, states, memory, decoder.keys(memory), real)
    cell = decoder.recurrents[0].cell
    hidden, _ = cell(tf.concat([embedded, fed], -1), [first["decoder_1_state_0"]])
    weights = {name: value.numpy() for name, value in decoder.attention.score_weights.items()}
    query = hidden.numpy()[0] @ weights["query_kernel"] + weights["bias"]
    scores = [
        weights["score_kernel"] @ np.tanh(query + step @ weights["memory_kernel"])
        for step in memory.numpy()[0, :2]
    ]
    expected = np.exp(scores) / np.sum(np.exp(scores))
    np.testing.assert_allclose(attention[0, :2], expected, atol=1e-5)
    assert float(attention[0, 2]) == 0
    context = expected @ memory.numpy()[0, :2]
    np.testing.assert_allclose(after["fed"][0], context, atol=1e-5)
    joined = np.concatenate([hidden.numpy()[0], context, embedded.numpy()[0]])
    dense = decoder.readout
    np.testing.assert_allclose(
        read_out[0], np.tanh(joined @ dense.kernel.numpy() + dense.bias.numpy()), atol=1e-5
    )


def test_copying_adds_what_attention_points_at() -> None:
    layer = CopyLogits()
    logits = tf.constant([[[0.0, 1.0, 2.0, -1.0]]])
    read_out = tf.constant([[[0.5, -0.2]]])
    attention = tf.constant([[[0.5, 0.3, 0.2]]])
    found = np.exp(layer(logits, read_out, attention, tf.constant([[3, 1, 3]])).numpy()[0, 0])
    gate = 1 / (1 + np.exp(-(np.array([0.5, -0.2]) @ layer.gate.kernel.numpy())[0]))
    softmax = np.exp([0.0, 1.0, 2.0, -1.0])
    softmax /= softmax.sum()
    pointed = np.array([0, 0.3, 0, 0.7])
    np.testing.assert_allclose(found, gate * softmax + (1 - gate) * pointed, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"attention": "telepathy"}, "telepathy"),
        ({"attention": "multi_head", "coverage": True}, "coverage"),
        ({"attention": "dot", "coverage": True}, "coverage"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], named: str) -> None:
    with pytest.raises(OptionError, match=named):
        AttentionDecoder("gru", 8, width=4, **options)
