"""Monotonic alignment (Raffel et al. 2017): attention that only ever moves forward."""

from __future__ import annotations

from keras import ops

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.layers.scan import linear_scan


def expected_alignment(energies: Tensor, previous: Tensor, real: Tensor) -> Tensor:
    """Where attention comes to rest on average, one target step after `previous`.

    Online and linear-time attention by enforcing monotonic alignments, equations 12 to 14:
    p_j = sigmoid(e_j);  q_j = (1 - p_{j-1}) q_{j-1} + previous_j;  a_j = p_j q_j

    The paper's closed form divides by a product of the 1 - p, which vanishes in a long memory.
    Here q is a scan over sums of log(1 - p) = -softplus(e), without any division.

    Args:
        energies: e, [batch, time].
        previous: the alignment at the step before, [batch, time].
        real: True at real steps, [batch, time].

    Returns:
        a, [batch, time]; its sum is at most that of `previous`: what is missing has passed
        the end of the memory.
    """
    nothing = ops.zeros_like(energies)
    stop = ops.where(real, ops.sigmoid(energies), nothing)
    log_pass = ops.where(real, -ops.softplus(energies), nothing)
    log_pass_earlier = ops.concatenate([nothing[:, :1], log_pass[:, :-1]], axis=1)
    arriving = linear_scan(  # [batch, time, 1]
        ops.expand_dims(log_pass_earlier, -1), ops.expand_dims(previous, -1), nothing[:, :1]
    )
    return stop * ops.squeeze(arriving, -1)


def hard_alignment(energies: Tensor, previous: Tensor, real: Tensor) -> Tensor:
    """The first step from the previous position on where sigmoid(e) > 0.5 (Raffel et al. 2017).

    Args:
        energies: e, [batch, time].
        previous: the alignment at the step before, one 1 in each row or none, [batch, time].
        real: True at real steps, [batch, time].

    Returns:
        1 at that step and 0 elsewhere, [batch, time]; all 0 if there is no such step, and from
        then on for good.
    """
    reached = ops.cumsum(previous, axis=1) > 0
    candidate = ops.logical_and(ops.logical_and(real, reached), energies > 0)
    first = ops.cumsum(ops.cast(candidate, "int32"), axis=1) == 1
    return ops.cast(ops.logical_and(candidate, first), energies.dtype)
