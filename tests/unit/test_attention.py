"""Attention against the papers' equations, Keras and PyTorch, and its masks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_toolkit.layers.attention import Attention, attention_layer
from rnn_toolkit.layers.attention_scores import ATTENTION_SCORES
from rnn_toolkit.layers.coverage import coverage_loss
from rnn_toolkit.layers.monotonic import expected_alignment
from rnn_toolkit.layers.multi_head import MultiHeadAttention
from rnn_toolkit.layers.structured_pooling import SelfAttentivePooling

BATCH, TARGET, TIME, WIDTH = 3, 4, 6, 5
LENGTHS = (4, TIME, 0)

VARIANTS: dict[str, Callable[[], Attention]] = {
    **{name: lambda name=name: attention_layer(name, units=7) for name in ATTENTION_SCORES},
    "coverage": lambda: Attention(coverage=True, units=7),
    "concat coverage": lambda: Attention("concat", coverage=True),
    "monotonic": lambda: Attention("general", monotonic=True, offset=0.0),
}
STEPWISE = ("coverage", "concat coverage", "monotonic")


def random(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(np.float32)


def mask_for(lengths: tuple[int, ...] = LENGTHS, time: int = TIME) -> np.ndarray:
    return np.arange(time) < np.array(lengths)[:, None]


def batch(seed: int = 0, memory_width: int = WIDTH) -> tuple[np.ndarray, np.ndarray]:
    return random(BATCH, TARGET, WIDTH, seed=seed), random(BATCH, TIME, memory_width, seed=seed + 9)


def ready(layer: Any, memory_width: int = WIDTH) -> Any:
    """Built, with weights that are all different from 0."""
    layer.build((None, None, WIDTH), (None, None, memory_width))
    for number, weight in enumerate(layer.weights):
        if weight.dtype == "float32":
            weight.assign(random(*weight.shape, seed=100 + number, scale=0.6))
    return layer


def close(got: Any, want: Any, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=0, atol=tolerance)


# --- scores -------------------------------------------------------------------------------

Named = dict[str, np.ndarray]
ORACLES: dict[str, Callable[[Named, np.ndarray, np.ndarray], float]] = {
    "additive": lambda w, s, h: (
        w["score_kernel"] @ np.tanh(s @ w["query_kernel"] + h @ w["memory_kernel"] + w["bias"])
    ),
    "concat": lambda w, s, h: w["score_kernel"] @ np.tanh(np.concatenate([s, h]) @ w["kernel"]),
    "dot": lambda w, s, h: s @ h,
    "general": lambda w, s, h: h @ w["kernel"] @ s,
    "scaled_dot": lambda w, s, h: s @ h / math.sqrt(len(h)),
}


def weights_by_loop(score: Callable[[np.ndarray, int], float], length: int) -> np.ndarray:
    """exp(e_j) / sum_k exp(e_k) over the first steps, 0 after them."""
    exponentials = np.array([math.exp(score(j)) for j in range(length)] + [0.0] * (TIME - length))
    return exponentials / exponentials.sum() if length else exponentials


@pytest.mark.parametrize("name", ATTENTION_SCORES)
def test_weights_and_context_follow_the_paper(name: str) -> None:
    memory_width = WIDTH if "dot" in name else 8
    layer = ready(attention_layer(name, units=7), memory_width)
    query, memory = batch(memory_width=memory_width)
    context, weights = layer(query, memory, mask=mask_for())
    named = {key: value.numpy().astype(float) for key, value in layer.score_weights.items()}
    for row, length in enumerate(LENGTHS):
        for t in range(TARGET):
            s, h = query[row, t].astype(float), memory[row].astype(float)
            want = weights_by_loop(lambda j, s=s, h=h: ORACLES[name](named, s, h[j]), length)
            close(weights[row, t], want)
            close(context[row, t], sum(want[j] * h[j] for j in range(TIME)), 2e-6)


def test_additive_and_dot_agree_with_keras() -> None:
    query, memory = batch()
    mask = [None, mask_for((4, 6, 1))]
    additive = attention_layer("additive", units=WIDTH)
    additive.build(query.shape, memory.shape)
    v = random(WIDTH, seed=3)
    additive.set_weights([np.eye(WIDTH), np.eye(WIDTH), np.zeros(WIDTH), v])
    theirs = keras.layers.AdditiveAttention()
    theirs.build([query.shape, memory.shape])
    theirs.scale.assign(v)
    for mine, other in ((additive, theirs), (attention_layer("dot"), keras.layers.Attention())):
        want = other([query, memory], mask=mask, return_attention_scores=True)
        for got, expected in zip(mine(query, memory, mask=mask[1]), want, strict=True):
            close(got, expected, 2e-6)


def test_scaled_dot_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    query, memory = batch()
    mask = mask_for((4, 6, 1))
    want = torch.nn.functional.scaled_dot_product_attention(
        torch.tensor(query),
        torch.tensor(memory),
        torch.tensor(memory),
        attn_mask=torch.tensor(mask)[:, None],
    )
    close(attention_layer("scaled_dot")(query, memory, mask=mask)[0], want)


# --- coverage -----------------------------------------------------------------------------


def test_coverage_follows_the_paper() -> None:
    layer = ready(VARIANTS["coverage"]())
    query, memory = batch()
    _, weights = layer(query, memory, mask=mask_for())
    w = {key: value.numpy().astype(float) for key, value in layer.score_weights.items()}
    w_c = layer.coverage_kernel.numpy()[0].astype(float)
    losses = np.zeros((BATCH, TARGET))
    for row, length in enumerate(LENGTHS):
        coverage = np.zeros(TIME)
        for t in range(TARGET):

            def score(j: int, row: int = row, t: int = t, c: np.ndarray = coverage) -> float:
                inside = query[row, t] @ w["query_kernel"] + memory[row, j] @ w["memory_kernel"]
                return float(w["score_kernel"] @ np.tanh(inside + w_c * c[j] + w["bias"]))

            want = weights_by_loop(score, length)
            close(weights[row, t], want)
            losses[row, t] = sum(min(want[j], coverage[j]) for j in range(TIME))
            coverage = coverage + want
    assert losses[:2, 1:].min() > 0.1
    close(coverage_loss(weights), losses, 2e-6)
    close(coverage_loss(weights, mask_for((2, 4, 0), TARGET))[0], [*losses[0, :2], 0, 0], 2e-6)
    half = layer.next_state(weights[:, :2], layer.initial_state(BATCH, TIME))
    close(coverage_loss(weights[:, 2:], state=half), losses[:, 2:], 2e-6)


# --- monotonic ----------------------------------------------------------------------------


def test_monotonic_is_soft_in_training_and_hard_otherwise() -> None:
    layer = ready(VARIANTS["monotonic"]())
    query, memory = batch()

    def read(**options: bool) -> np.ndarray:
        return np.asarray(layer(query, memory, mask=mask_for(), **options)[1])

    assert set(np.unique(read())) <= {0.0, 1.0}
    close(read(training=True), read(hard=False), 0)
    close(read(training=True, hard=True), read(), 0)
    energies = np.einsum("btq,bjm,mq->btj", query, memory, layer.score_weights["kernel"].numpy())
    energies += layer.energy_offset.numpy()
    previous = np.tile(np.eye(TIME, dtype=np.float32)[0], (BATCH, 1))
    for t in range(TARGET):
        previous = expected_alignment(energies[:, t], previous, mask_for())
        close(read(hard=False)[:, t], previous)


def test_noise_only_in_training() -> None:
    layer = Attention("dot", monotonic=True, noise=1.0, seed=1)
    query, memory = batch()
    first, second = (layer(query, memory, training=True)[1] for _ in range(2))
    assert np.abs(first - second).max() > 0.01
    close(layer(query, memory, hard=False)[1], layer(query, memory, hard=False)[1], 0)


# --- step by step, masks ------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("hard", [False, True])
def test_steps_with_an_explicit_state_agree_with_the_whole_sequence(name: str, hard: bool) -> None:
    layer = ready(VARIANTS[name]())
    query, memory = batch()
    whole = layer(query, memory, mask=mask_for(), hard=hard)
    state = layer.initial_state(BATCH, TIME)
    assert (state is not None) == layer.has_state == (name in STEPWISE)
    keys = layer.keys(memory)
    for t in range(TARGET):
        step = layer(query[:, t], memory, mask=mask_for(), state=state, keys=keys, hard=hard)
        state = layer.next_state(step[1], state)
        for got, want in zip(step, whole, strict=True):
            assert got.shape == want[:, t].shape
            close(got, want[:, t])
    if layer.has_state:
        close(layer.next_state(whole[1], layer.initial_state(BATCH, TIME)), state)


def all_layers() -> dict[str, Callable[[], Any]]:
    """Everything that reads a memory, called alike."""

    class Pooling(SelfAttentivePooling):
        def build(self, query_shape: Any, memory_shape: Any) -> None:
            super().build(memory_shape)

        def call(self, query: Any, memory: Any, mask: Any = None, training: bool = False) -> Any:
            return super().call(memory, mask, return_weights=True)

    return {
        **VARIANTS,
        "multi_head": lambda: MultiHeadAttention(2, 3),
        "causal": lambda: MultiHeadAttention(2, 3, causal=True),
        "pooling": lambda: Pooling(3),
    }


@pytest.mark.parametrize("name", all_layers())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(lengths=st.tuples(*[st.integers(0, TIME)] * BATCH), seed=st.integers(0, 99))
def test_padding_never_changes_an_answer(name: str, lengths: Any, seed: int) -> None:
    layer = ready(all_layers()[name]())
    query, memory = batch(seed)
    mask = mask_for(lengths)
    memory = np.where(mask[..., None], memory, random(*memory.shape, scale=1e4))
    output, weights = (np.asarray(x) for x in layer(query, memory, mask=mask, training=True))
    assert (weights >= 0).all()
    at_padding = ~mask.reshape(BATCH, *[1] * (weights.ndim - 2), TIME)
    assert not (weights * at_padding).any()
    for row, length in enumerate(lengths):
        if length == 0:
            assert not output[row].any()
            continue
        alone = layer(query[row : row + 1], memory[row : row + 1, :length], training=True)
        close(alone[0][0], output[row], 2e-6)
        close(alone[1][0], weights[row, ..., :length])
        if name != "monotonic":
            close(weights[row].sum(-1), np.ones(weights[row].shape[:-1]))


@pytest.mark.parametrize("name", all_layers())
def test_gradients_reach_every_weight_and_never_padding(name: str) -> None:
    layer = ready(all_layers()[name]())
    query, memory = map(tf.Variable, batch())
    with tf.GradientTape() as tape:
        output, _ = layer(query, memory, mask=mask_for(), training=True)
        loss = tf.reduce_sum(output * random(*output.shape, seed=5))
    wanted = [memory, *(weight.value for weight in layer.trainable_weights)]
    gradients = [np.asarray(gradient) for gradient in tape.gradient(loss, wanted)]
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert not gradients[0][~mask_for()].any()
    assert np.abs(gradients[0][:2, :4]).min() > 0
    for weight, gradient in zip(layer.trainable_weights, gradients[1:], strict=True):
        no_effect = weight.path.endswith("key/bias")  # adds the same to all scores of a query
        assert no_effect or np.abs(gradient).max() > 1e-5, weight.path
