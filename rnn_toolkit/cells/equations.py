"""The three classic recurrent networks as their textbook equations, in numpy alone.

Written to be read and to check faster code against: one statement per equation, one loop over
time, 64-bit floats. Weights have Keras' layout, so that those of a trained layer fit as they
are; vectors are rows, hence x W where a textbook writes W x.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def sigmoid(values: Array) -> Array:
    """1 / (1 + exp(-v)), without overflow for large negative v.

    Args:
        values: of any shape.

    Returns:
        Values between 0 and 1, of the same shape.
    """
    decayed = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, decayed) / (1.0 + decayed)


def simple_rnn(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    initial_states: Sequence[ArrayLike] | None = None,
) -> tuple[Array, tuple[Array]]:
    """The simple recurrent network (Elman 1990, Finding structure in time).

    h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h)

    Args:
        inputs: x, [batch, time, features].
        kernel: W_xh, [features, units].
        recurrent_kernel: W_hh, [units, units].
        bias: b_h, [units].
        initial_states: h_0, [batch, units]; zeros when None.

    Returns:
        The hidden states h_1 .. h_T, [batch, time, units], and (h_T,).
    """
    x, w, u, b = map(_array, (inputs, kernel, recurrent_kernel, bias))
    batch, time, _ = x.shape
    units = len(u)
    (h,) = _initial(initial_states, 1, batch, units)
    hidden_states = np.zeros((batch, time, units))
    for t in range(time):
        h = np.tanh(h @ u + x[:, t] @ w + b)
        hidden_states[:, t] = h
    return hidden_states, (h,)


def lstm(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    initial_states: Sequence[ArrayLike] | None = None,
) -> tuple[Array, tuple[Array, Array]]:
    """Long short-term memory (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000).

    i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)     input gate: how much is written
    f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)     forget gate: how much is kept
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)        candidate: what would be written
    o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)     output gate: how much is shown
    c_t = f_t * c_{t-1} + i_t * g_t                cell state
    h_t = o_t * tanh(c_t)                          hidden state

    Args:
        inputs: x, [batch, time, features].
        kernel: W_i, W_f, W_g and W_o side by side, [features, 4 * units].
        recurrent_kernel: U_i, U_f, U_g and U_o side by side, [units, 4 * units].
        bias: b_i, b_f, b_g and b_o one after another, [4 * units].
        initial_states: h_0 and c_0, [batch, units] each; zeros when None.

    Returns:
        The hidden states h_1 .. h_T, [batch, time, units], and (h_T, c_T).
    """
    x, w, u, b = map(_array, (inputs, kernel, recurrent_kernel, bias))
    batch, time, _ = x.shape
    units = len(u)
    h, c = _initial(initial_states, 2, batch, units)
    hidden_states = np.zeros((batch, time, units))
    for t in range(time):
        sums = x[:, t] @ w + h @ u + b
        sum_i, sum_f, sum_g, sum_o = np.split(sums, 4, axis=-1)
        i, f, o = sigmoid(sum_i), sigmoid(sum_f), sigmoid(sum_o)
        g = np.tanh(sum_g)
        c = f * c + i * g
        h = o * np.tanh(c)
        hidden_states[:, t] = h
    return hidden_states, (h, c)


def gru(
    inputs: ArrayLike,
    kernel: ArrayLike,
    recurrent_kernel: ArrayLike,
    bias: ArrayLike,
    initial_states: Sequence[ArrayLike] | None = None,
    *,
    reset_after: bool = True,
) -> tuple[Array, tuple[Array]]:
    """The gated recurrent unit (Cho et al. 2014, Learning phrase representations with RNNs).

    z_t = sigmoid(W_z x_t + b_z + U_z h_{t-1} + d_z)            update gate: how much stays
    r_t = sigmoid(W_r x_t + b_r + U_r h_{t-1} + d_r)            reset gate
    g_t = tanh(W_g x_t + b_g + U_g (r_t * h_{t-1}))             candidate, of the paper
    g_t = tanh(W_g x_t + b_g + r_t * (U_g h_{t-1} + d_g))       candidate, with reset_after
    h_t = z_t * h_{t-1} + (1 - z_t) * g_t                       hidden state

    The second form of the candidate, which Keras, PyTorch and cuDNN compute, resets after the
    matrix product, so that one product serves all three blocks. Only it has the biases d.

    Args:
        inputs: x, [batch, time, features].
        kernel: W_z, W_r and W_g side by side, [features, 3 * units].
        recurrent_kernel: U_z, U_r and U_g side by side, [units, 3 * units].
        bias: b and d, [2, 3 * units], with reset_after; b alone, [3 * units], without.
        initial_states: h_0, [batch, units]; zeros when None.
        reset_after: which form of the candidate.

    Returns:
        The hidden states h_1 .. h_T, [batch, time, units], and (h_T,).
    """
    x, w, u = map(_array, (inputs, kernel, recurrent_kernel))
    b, d = _array(bias) if reset_after else (_array(bias), np.zeros(w.shape[1]))
    batch, time, _ = x.shape
    units = len(u)
    u_z, u_r, u_g = np.split(u, 3, axis=-1)
    d_z, d_r, d_g = np.split(d, 3)
    (h,) = _initial(initial_states, 1, batch, units)
    hidden_states = np.zeros((batch, time, units))
    for t in range(time):
        into_z, into_r, into_g = np.split(x[:, t] @ w + b, 3, axis=-1)
        z = sigmoid(into_z + h @ u_z + d_z)
        r = sigmoid(into_r + h @ u_r + d_r)
        g = np.tanh(into_g + (r * (h @ u_g + d_g) if reset_after else (r * h) @ u_g))
        h = z * h + (1 - z) * g
        hidden_states[:, t] = h
    return hidden_states, (h,)


def readout(hidden_states: ArrayLike, kernel: ArrayLike, bias: ArrayLike) -> Array:
    """The output layer of a recurrent network, before any softmax.

    y_t = W_hy h_t + b_y

    Args:
        hidden_states: h, [batch, time, units] or [batch, units].
        kernel: W_hy, [units, outputs].
        bias: b_y, [outputs].

    Returns:
        y, [batch, time, outputs] or [batch, outputs].
    """
    return _array(hidden_states) @ _array(kernel) + _array(bias)


def _array(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


def _initial(states: Sequence[ArrayLike] | None, count: int, batch: int, units: int) -> list[Array]:
    """The given states, or zeros."""
    if states is None:
        return [np.zeros((batch, units)) for _ in range(count)]
    return [_array(state) for state in states]
