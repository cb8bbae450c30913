"""How a gradient norm changes with the distance it has travelled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HELD_BY_FLOAT32 = 1e-30  # below it the squares inside a norm, and soon the norm itself, vanish
_SMALLEST = 1e-38
_ROWS_NEEDED = 0.1
_LITTLE = 0.01


@dataclass(frozen=True)
class DecayCurve:
    """Norms by distance, over rows; the lists begin at distance 0.

    Args:
        rows: how many rows reach each distance; distances that fewer than a tenth of the rows
            reach are left out.
        mean: mean over these rows.
        mean_log: mean of the natural logarithm of the norm; its exponential is the norm of a
            typical row, which a few large ones do not move.
        low: the tenth percentile over rows.
        high: the ninetieth.
        rate: factor per step, by least squares; None where two distances are not to be had.
        largest: the largest norm of any row at any distance.
    """

    rows: tuple[int, ...]
    mean: tuple[float, ...]
    mean_log: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    rate: float | None
    largest: float

    @property
    def half_life(self) -> float | None:
        """Steps in which the norm halves; None where it does not shrink."""
        if self.rate is None or self.rate >= 1:
            return None
        return -math.log(2) / math.log(self.rate) if self.rate > 0 else 0.0

    @property
    def span(self) -> int | None:
        """The first distance from which on a typical row keeps less than a hundredth.

        None where the norm is still above a hundredth at the largest distance.
        """
        if not self.mean_log:
            return None
        enough = [value >= self.mean_log[0] + math.log(_LITTLE) for value in self.mean_log]
        first = max((at for at, value in enumerate(enough) if value), default=-1) + 1
        return first if first < len(enough) else None

    @property
    def growth(self) -> float:
        """The largest mean norm, as a multiple of that at distance 0."""
        return max(self.mean, default=0.0) / max(self.mean[0] if self.mean else 0.0, _SMALLEST)

    def typical(self, distance: int) -> float | None:
        """The norm of a typical row at a distance, None beyond the last."""
        return math.exp(self.mean_log[distance]) if distance < len(self.mean_log) else None


def decay_curve(norms: NDArray[np.float64]) -> DecayCurve:
    """Sums up norms [rows, distances], NaN where a row does not reach.

    The rate is the slope of ln(norm) over the distance, from distance 1 on, within rows: each
    row has a level of its own, so that long rows do not bend the line where short ones end. A
    row counts up to where its norm leaves what 32-bit numbers hold.

    Args:
        norms: [rows, distances].
    """
    present = ~np.isnan(norms)
    rows = present.sum(axis=0)
    kept = int((rows >= max(1.0, _ROWS_NEEDED * rows.max(initial=0))).sum())
    norms, present, rows = norms[:, :kept], present[:, :kept], rows[:kept]
    if not kept:
        return DecayCurve((), (), (), (), (), None, 0.0)
    logs = np.log(np.maximum(norms, _SMALLEST))
    low, high = np.nanpercentile(norms, (10, 90), axis=0)
    return DecayCurve(
        rows=tuple(int(count) for count in rows),
        mean=tuple(float(value) for value in np.nanmean(norms, axis=0)),
        mean_log=tuple(float(value) for value in np.nanmean(logs, axis=0)),
        low=tuple(float(value) for value in low),
        high=tuple(float(value) for value in high),
        rate=_rate(norms, logs),
        largest=float(np.nanmax(norms)),
    )


def _rate(norms: NDArray[np.float64], logs: NDArray[np.float64]) -> float | None:
    held = np.logical_and.accumulate(~(norms[:, 1:] < _HELD_BY_FLOAT32), axis=1)
    counted = held & ~np.isnan(norms[:, 1:])
    distances = np.broadcast_to(np.arange(1, norms.shape[1]), counted.shape)
    number = np.maximum(counted.sum(axis=1, keepdims=True), 1)

    def centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        values = np.where(counted, values, 0.0)
        return np.where(counted, values - values.sum(axis=1, keepdims=True) / number, 0.0)

    across, up = centred(distances.astype(np.float64)), centred(logs[:, 1:])
    spread = float((across**2).sum())
    return math.exp(float((across * up).sum()) / spread) if spread > 0 else None
