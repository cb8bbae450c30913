"""The one-cycle schedule, by progress rather than by steps."""

from __future__ import annotations

import math

_START = 0.1
_END = 0.005


def one_cycle(progress: float, *, highest: float, warmup: float) -> float:
    """The learning rate at a point of the training (Smith and Topin 2019, Super-convergence).

    It rises along a straight line from a tenth of the highest rate and falls along half a
    cosine to a two-hundredth.

    Args:
        progress: share of the training that is done, 0 to 1.
        highest: the highest rate.
        warmup: the share in which it rises.
    """
    progress = min(max(progress, 0.0), 1.0)
    if progress < warmup:
        return highest * (_START + (1 - _START) * progress / warmup)
    share = (progress - warmup) / max(1 - warmup, 1e-9)
    return highest * (_END + (1 - _END) * 0.5 * (1 + math.cos(math.pi * share)))
