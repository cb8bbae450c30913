"""Several heads and structured pooling; attention in models that are saved, trained, exported."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import tf2onnx
from ai_edge_litert.interpreter import Interpreter

from rnn_toolkit.errors import OptionError
from rnn_toolkit.export.tflite import inspect_tflite
from rnn_toolkit.layers.attention import Attention, attention_layer
from rnn_toolkit.layers.attention_scores import ATTENTION_SCORES
from rnn_toolkit.layers.multi_head import MultiHeadAttention
from rnn_toolkit.layers.structured_pooling import SelfAttentivePooling

BATCH, TARGET, TIME, WIDTH = 3, 4, 6, 5
MASK = np.arange(TIME) < np.array([4, TIME, 0])[:, None]


def random(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(np.float32)


QUERY, MEMORY = random(BATCH, TARGET, WIDTH, seed=1), random(BATCH, TIME, WIDTH, seed=2)

LAYERS: dict[str, Callable[[], Any]] = {
    **{name: lambda name=name: attention_layer(name, units=7) for name in ATTENTION_SCORES},
    "coverage": lambda: Attention(coverage=True, units=7),
    "monotonic": lambda: Attention("general", monotonic=True, offset=0.5, noise=0.1, seed=3),
    "multi_head": lambda: MultiHeadAttention(2, 3, dropout=0.1),
    "causal": lambda: MultiHeadAttention(2, 3, causal=True),
}
STEPWISE = ("coverage", "monotonic")


def ready(layer: Any, *shapes: Any) -> Any:
    layer.build(*shapes)
    for number, weight in enumerate(layer.weights):
        if weight.dtype == "float32":
            weight.assign(random(*weight.shape, seed=100 + number, scale=0.6))
    return layer


def close(got: Any, want: Any, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=0, atol=tolerance)


# --- several heads ------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [False, True])
def test_multi_head_attention_agrees_with_torch(causal: bool) -> None:
    torch = pytest.importorskip("torch")
    heads, size, width = 2, 3, 6
    x, mask = random(BATCH, TIME, width), np.arange(TIME) < np.array([4, TIME, 1])[:, None]
    mine = ready(MultiHeadAttention(heads, size, causal=causal), x.shape, x.shape)
    theirs = torch.nn.MultiheadAttention(width, heads, batch_first=True)
    q, bq, k, bk, v, bv, o, bo = (torch.tensor(array) for array in mine.get_weights())
    with torch.no_grad():
        kernels = [kernel.reshape(width, width).T for kernel in (q, k, v)]
        theirs.in_proj_weight.copy_(torch.cat(kernels))
        theirs.in_proj_bias.copy_(torch.cat([bias.reshape(-1) for bias in (bq, bk, bv)]))
        theirs.out_proj.weight.copy_(o.reshape(width, width).T)
        theirs.out_proj.bias.copy_(bo)
        want = theirs(
            *[torch.tensor(x)] * 3,
            key_padding_mask=torch.tensor(~mask),
            attn_mask=torch.triu(torch.ones(TIME, TIME, dtype=torch.bool), 1) if causal else None,
            average_attn_weights=False,
        )
    output, weights = mine(x, x, mask=mask)
    assert weights.shape == (BATCH, heads, TIME, TIME)
    close(output, want[0], 2e-6)
    close(weights, want[1])


def test_causal_steps_before_the_first_real_one_read_nothing() -> None:
    layer = ready(MultiHeadAttention(2, 3, causal=True), MEMORY.shape, MEMORY.shape)
    mask = np.arange(TIME) >= 2
    output, weights = layer(MEMORY, MEMORY, mask=np.tile(mask, (BATCH, 1)))
    assert not np.asarray(output)[:, :2].any()
    close(np.asarray(weights).sum(-1), np.broadcast_to(mask, (BATCH, 2, TIME)))


# --- structured pooling -------------------------------------------------------------------


def test_self_attentive_pooling_follows_the_paper() -> None:
    layer = ready(SelfAttentivePooling(3, units=8, penalty=0.7), MEMORY.shape)
    pooled, weights = layer(MEMORY, MASK, return_weights=True)
    w1, w2 = (value.astype(float) for value in layer.get_weights())
    penalties = []
    for row, length in enumerate((4, TIME)):
        scores = np.array([np.tanh(h @ w1) @ w2 for h in MEMORY[row, :length].astype(float)])
        a = np.exp(scores).T / np.exp(scores).sum(0)[:, None]  # [heads, length]
        close(weights[row, :, :length], a)
        close(pooled[row], (a @ MEMORY[row, :length]).reshape(-1), 2e-6)
        penalties.append(((a @ a.T - np.eye(3)) ** 2).sum())
    assert not np.asarray(pooled)[2].any()
    close(layer.losses[0], 0.7 * np.mean(penalties))  # the empty row has no part in it
    free = SelfAttentivePooling(3)
    assert free(MEMORY).shape == (BATCH, 3 * WIDTH)
    assert not free.losses


# --- models -------------------------------------------------------------------------------


def test_masks_that_keras_carries_along() -> None:
    """The memory's own mask counts, never the query's, which stays with the context."""
    source, target = np.array([[5, 6, 0, 0]]), np.array([[7, 8, 0]])
    embed = keras.layers.Embedding(9, WIDTH, mask_zero=True)
    ids, target_ids = keras.Input((None,)), keras.Input((None,))
    memory, query = embed(ids), embed(target_ids)
    for layer in (Attention(), MultiHeadAttention(2, 3)):
        context, weights = layer(query, memory)
        mean = keras.layers.GlobalAveragePooling1D()(context)  # heeds the context's mask
        model = keras.Model([ids, target_ids], [context, weights, mean])
        got, weights, mean = model([source, target])
        assert not np.asarray(weights)[..., 2:].any()
        close(mean, np.asarray(got)[:, :2].mean(1))
        close(np.asarray(weights).sum(-1), np.ones(weights.shape[:-1]))
        alone = layer(embed(target), embed(source[:, :2]))
        close(alone[0], got)
    pooled = SelfAttentivePooling(2)
    close(pooled(embed(source)), pooled(embed(source[:, :2])))


@pytest.mark.parametrize("name", [*LAYERS, "pooling"])
def test_a_model_is_saved_loaded_and_trained(name: str, tmp_path: Path) -> None:
    inputs = [keras.Input((None, WIDTH)), keras.Input((None, WIDTH)), keras.Input((None,))]
    if name == "pooling":
        layer: Any = SelfAttentivePooling(3, units=4, penalty=0.1)
        outputs = layer(inputs[1], mask=inputs[2], return_weights=True)
    else:
        layer = LAYERS[name]()
        outputs = layer(inputs[0], inputs[1], mask=inputs[2])
    head = keras.layers.Dense(1)(outputs[0])
    model = keras.Model(inputs, [head, outputs[1]])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    data = [QUERY, MEMORY, MASK.astype(np.float32)]
    for got, want in zip(loaded(data), model(data), strict=True):
        close(got, want, 0)
    again = loaded.get_layer(layer.name)
    assert type(again) is type(layer)
    config = layer.get_config()
    assert again.get_config() == config
    assert set(inspect.signature(type(layer)).parameters) - {"kwargs"} <= set(config)
    before = loaded.get_weights()
    trained = keras.Model(loaded.inputs, loaded.outputs[0])
    trained.compile("sgd", "mse")
    trained.fit(data, np.ones(trained(data).shape), verbose=0)
    changed = [
        np.abs(new - old).max() for new, old in zip(loaded.get_weights(), before, strict=True)
    ]
    assert np.isfinite(changed).all()
    assert np.count_nonzero(changed) >= len(layer.trainable_weights)


@pytest.mark.parametrize("name", LAYERS)
def test_half_precision_stays_near_single_precision(name: str) -> None:
    layer = ready(LAYERS[name](), QUERY.shape, MEMORY.shape)
    config = {**layer.get_config(), "dtype": "mixed_float16"}
    half = type(layer).from_config(config)
    half.build(QUERY.shape, MEMORY.shape)
    half.set_weights(layer.get_weights())
    got, want = half(QUERY, MEMORY, mask=MASK), layer(QUERY, MEMORY, mask=MASK)
    for narrow, wide in zip(got, want, strict=True):
        assert narrow.dtype == "float16"
        close(narrow, wide, 2e-2)


Signature = tuple[Callable[..., dict[str, Any]], list[tf.TensorSpec], dict[str, np.ndarray]]


def exported(name: str) -> tuple[Any, Signature]:
    """A layer, and a function of dynamic batch and time: one step where there is a state."""
    one_step = name in STEPWISE
    layer = ready(LAYERS[name](), QUERY.shape, MEMORY.shape)

    def read(query: Any, memory: Any, mask: Any, state: Any = None) -> dict[str, Any]:
        options = {"state": state} if one_step else {}
        context, weights = layer(query, memory, mask=mask, **options)
        answer = {"context": context, "weights": weights}
        return {**answer, "next": layer.next_state(weights, state)} if one_step else answer

    query = QUERY[:, 0] if one_step else QUERY
    specs = [
        tf.TensorSpec([*[None] * (query.ndim - 1), WIDTH], name="query"),
        tf.TensorSpec([None, None, WIDTH], name="memory"),
        tf.TensorSpec([None, None], tf.bool, name="mask"),
    ]
    feeds = {"query": query, "memory": MEMORY, "mask": MASK}
    if one_step:
        specs.append(tf.TensorSpec([None, None], name="state"))
        feeds["state"] = np.asarray(layer.initial_state(BATCH, TIME))
    return layer, (read, specs, feeds)


@pytest.mark.parametrize("name", LAYERS)
def test_tflite_with_builtin_operators_agrees(name: str) -> None:
    layer, (read, specs, feeds) = exported(name)
    module = tf.Module()
    module.values = [variable.value for variable in layer.variables]
    module.read = tf.function(read, input_signature=specs)
    with tempfile.TemporaryDirectory() as folder:
        signatures = {"read": module.read.get_concrete_function()}
        tf.saved_model.save(module, folder, signatures=signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["read"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        content = converter.convert()
    assert inspect_tflite(content) == ([], 0)
    run = Interpreter(model_content=content).get_signature_runner("read")
    for rows in (slice(None), slice(0, 1)):
        given = {key: value[rows] for key, value in feeds.items()}
        got = run(**given)
        for key, want in read(**given).items():
            close(got[key], want, 1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_onnx_agrees(name: str) -> None:
    _, (read, specs, feeds) = exported(name)
    model, _ = tf2onnx.convert.from_function(
        tf.function(read, input_signature=specs), input_signature=specs, opset=17
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    for rows in (slice(None), slice(0, 1)):
        given = {key: value[rows] for key, value in feeds.items()}
        want = read(**given)
        for got, key in zip(session.run(None, given), sorted(want), strict=True):
            close(got, want[key], 1e-5)


@pytest.mark.slow
def test_the_examples_of_the_page_run() -> None:
    page = (Path(__file__).parents[2] / "docs" / "attention.md").read_text("utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    result = subprocess.run(
        [sys.executable, "-c", "".join(examples)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["[5 1 4 1 3]", "[4 3 2 1 0]"]


# --- options ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: attention_layer("cosine"), "additive, concat, dot, general, scaled_dot"),
        (lambda: Attention("dot", units=4), "no units"),
        (lambda: Attention("additive", units=0), "whole number above 0"),
        (lambda: Attention("dot", coverage=True), "additive, concat"),
        (lambda: Attention(coverage=True, monotonic=True), "Choose one"),
        (lambda: Attention(noise=1.0), "monotonic"),
        (lambda: Attention("dot")(QUERY, random(BATCH, TIME, 9)), "5 and 9"),
        (lambda: Attention()(QUERY, MEMORY[0]), r"\[batch, time, width\]"),
        (lambda: MultiHeadAttention(0, 3), "heads"),
        (lambda: MultiHeadAttention(2, 3, dropout=1.0), "dropout"),
        (lambda: MultiHeadAttention(2, 3)(QUERY[:, 0], MEMORY), "target_time"),
        (lambda: SelfAttentivePooling(penalty=-1.0), "penalty"),
    ],
)
def test_errors_say_what_to_do(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        make()
