"""A linear recurrence computed for all time steps at once."""

from __future__ import annotations

import tensorflow as tf

from rnn_toolkit.cells.base import Tensor

_RADIX = 8  # steps per chunk; the depth is about 2 * 8 * log8(time)
_LEVELS = 4


def linear_scan(
    log_decay: Tensor, inflow: Tensor, initial: Tensor, *, training: bool = True
) -> Tensor:
    """c_t = exp(log_decay_t) * c_{t-1} + inflow_t for every t, in logarithmic depth.

    Decays are multiplied as sums of logarithms (Heinsen 2023, Efficient parallelization of a
    ubiquitous sequential computation), and nothing is ever divided by them, so that thousands
    of steps neither overflow nor lose the recent ones. The gradient is a second scan that runs
    backwards: lambda_t = dL/dc_t + exp(log_decay_{t+1}) * lambda_{t+1}.

    Args:
        log_decay: [batch, time, units], at most 0 for a stable recurrence.
        inflow: [batch, time, units].
        initial: c_0, [batch, units].
        training: whether the gradient will be asked for; without it there is one as well, but a
            slower one, and the graph is an ordinary one that any SavedModel can hold.

    Returns:
        c, [batch, time, units].
    """
    first = inflow[:, :1] + tf.exp(log_decay[:, :1]) * initial[:, None]
    inflow = tf.concat([first, inflow[:, 1:]], axis=1)
    if not training:
        return _scan(log_decay, inflow, _LEVELS)
    return _scan_from_zero(log_decay, inflow)


@tf.custom_gradient
def _scan_from_zero(log_decay: Tensor, inflow: Tensor) -> tuple[Tensor, object]:
    scanned = _scan(log_decay, inflow, _LEVELS)

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
        later = tf.concat([log_decay[:, 1:], tf.zeros_like(log_decay[:, :1])], axis=1)
        adjoint = tf.reverse(_scan(tf.reverse(later, [1]), tf.reverse(upstream, [1]), _LEVELS), [1])
        earlier = tf.concat([tf.zeros_like(scanned[:, :1]), scanned[:, :-1]], axis=1)
        return adjoint * tf.exp(log_decay) * earlier, adjoint

    return scanned, gradient


def _scan(log_decay: Tensor, inflow: Tensor, levels: int) -> Tensor:
    """Scans chunks of `_RADIX` steps side by side, then the chunks' totals, recursively."""
    if levels == 0:
        return _scan_step_by_step(log_decay, inflow)
    time, units = tf.shape(inflow)[1], inflow.shape[2]
    batch = tf.shape(inflow)[0]
    missing = -time % _RADIX
    padding = [[0, 0], [0, missing], [0, 0]]
    chunked = tf.stack([batch, (time + missing) // _RADIX, _RADIX, units])
    decays = tf.unstack(tf.reshape(tf.pad(log_decay, padding), chunked), num=_RADIX, axis=2)
    values = tf.unstack(tf.reshape(tf.pad(inflow, padding), chunked), num=_RADIX, axis=2)
    for step in range(1, _RADIX):
        values[step] = values[step] + tf.exp(decays[step]) * values[step - 1]
        decays[step] = decays[step] + decays[step - 1]
    totals = _scan(decays[-1], values[-1], levels - 1)
    carried = tf.concat([tf.zeros_like(totals[:, :1]), totals[:, :-1]], axis=1)
    whole = [value + tf.exp(decay) * carried for value, decay in zip(values, decays, strict=True)]
    flat = tf.reshape(tf.stack(whole, axis=2), tf.stack([batch, time + missing, units]))
    return flat[:, :time]


def _scan_step_by_step(log_decay: Tensor, inflow: Tensor) -> Tensor:
    """What is left of more than 4,096 steps after four levels: one in 4,096."""
    outputs = tf.scan(
        lambda state, step: step[1] + tf.exp(step[0]) * state,
        (tf.transpose(log_decay, [1, 0, 2]), tf.transpose(inflow, [1, 0, 2])),
        initializer=tf.zeros_like(inflow[:, 0]),
    )
    return tf.transpose(outputs, [1, 0, 2])
