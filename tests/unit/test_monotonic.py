"""Monotonic alignment against the loops of Raffel et al. 2017."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.layers.monotonic import expected_alignment, hard_alignment

BATCH, TARGET, TIME = 3, 4, 6
LENGTHS = (4, TIME, 0)


def random(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(np.float32)


def close(got: object, want: object, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=0, atol=tolerance)


def expected_by_loop(energies: np.ndarray, previous: np.ndarray, length: int) -> np.ndarray:
    """Equation 9: a_j = p_j sum_{k<=j} previous_k prod_{k<=l<j} (1 - p_l), in double precision."""
    p = [1 / (1 + math.exp(-float(e))) if j < length else 0.0 for j, e in enumerate(energies)]
    alignment = np.zeros(len(energies))
    for j in range(len(energies)):
        for k in range(j + 1):
            alignment[j] += p[j] * previous[k] * math.prod(1 - p[m] for m in range(k, j))
    return alignment


def test_expected_alignment_follows_the_paper() -> None:
    energies = random(BATCH, TARGET, TIME, scale=2)
    real = np.arange(TIME) < np.array(LENGTHS)[:, None]
    got = np.tile(np.eye(TIME, dtype=np.float32)[0], (BATCH, 1))
    want = got.astype(float)
    for t in range(TARGET):
        got = expected_alignment(tf.constant(energies[:, t]), got, real)
        want = np.array(
            [expected_by_loop(energies[i, t], want[i], LENGTHS[i]) for i in range(BATCH)]
        )
        close(got, want)
    assert want[0].sum() > 0.01


def test_expected_alignment_is_stable_in_a_long_memory() -> None:
    """The paper's closed form divides by a product of 1 - p, here far below the smallest float."""
    time = 3000
    energies = random(1, time, scale=4)
    energies[0, ::97] = 60
    previous = np.abs(random(1, time, seed=1))
    previous /= previous.sum()
    q, want = 0.0, []
    for j in range(time):
        p = 1 / (1 + math.exp(-float(energies[0, j])))
        passed = 1 / (1 + math.exp(float(energies[0, j - 1]))) if j else 0.0
        q = passed * q + float(previous[0, j])
        want.append(p * q)
    variable = tf.Variable(energies)
    with tf.GradientTape() as tape:
        got = expected_alignment(variable, previous, np.ones((1, time), bool))
        loss = tf.reduce_sum(got * np.arange(time, dtype=np.float32))
    close(got[0], want, 1e-7)
    gradient = tape.gradient(loss, variable)
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from([-900.0, 900.0]), min_size=5, max_size=5), max_size=4))
def test_hard_alignment_follows_the_paper_and_is_the_limit_of_the_expected(
    energies: list[list[float]],
) -> None:
    length, position = 4, 0
    real = np.arange(5)[None] < length
    hard = soft = np.eye(5, dtype=np.float32)[:1]
    for step in energies:
        want = np.zeros(5)
        while position < length and step[position] <= 0:  # sigmoid(e) > 0.5 stops
            position += 1
        if position < length:
            want[position] = 1
        now = np.array([step], np.float32)
        hard, soft = hard_alignment(now, hard, real), expected_alignment(now, soft, real)
        close(hard[0], want, 0)
        close(soft[0], want, 0)
