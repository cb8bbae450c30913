"""The cost of attending to the same steps again."""

from __future__ import annotations

from keras import ops

from rnn_toolkit.cells.base import Tensor


def coverage_loss(
    weights: Tensor, target_mask: Tensor | None = None, state: Tensor | None = None
) -> Tensor:
    """The cost of attending twice, sum_j min(a_tj, c_tj) for each target step t (See et al. 2017).

    c_t is the sum of the weights before step t.

    Args:
        weights: [batch, target_time, time].
        target_mask: True at real target steps, [batch, target_time].
        state: coverage before the first step, [batch, time]; zeros if None.

    Returns:
        [batch, target_time], 0 at padding.
    """
    before = ops.zeros_like(weights[:, :1]) if state is None else ops.expand_dims(state, 1)
    shifted = ops.concatenate([before, weights[:, :-1]], axis=1)
    loss = ops.sum(ops.minimum(weights, ops.cumsum(shifted, axis=1)), axis=-1)
    if target_mask is None:
        return loss
    return ops.where(ops.cast(target_mask, "bool"), loss, ops.zeros_like(loss))
