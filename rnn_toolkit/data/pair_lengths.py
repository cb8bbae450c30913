"""How long translations get, learnt from the training pairs."""

from __future__ import annotations

import math

import numpy as np

from rnn_toolkit.config import LengthBounds
from rnn_toolkit.data.pair_batches import EncodedPairs

_EXTRA = 20  # ids beyond the ratio that decoding allows anyway
_SHARE, _ROOM = 99.9, 1.5  # percent of the pairs that shall fit, with half as much again


def length_bounds(pairs: EncodedPairs) -> LengthBounds:
    """Bounds that real translations do not meet; never narrower than the usual ones.

    Characters under subwords, or long answers to short questions, need more ids per source id
    than most pairs of languages do.

    Args:
        pairs: the training pairs.
    """
    usual = LengthBounds()
    sources = np.asarray([max(len(source), 1) for source in pairs.sources])
    targets = np.asarray([len(target) + 1 for target in pairs.targets])  # with the end mark
    ratio = _ROOM * float(np.percentile((targets - _EXTRA) / sources, _SHARE))
    return LengthBounds(
        length_ratio=max(usual.length_ratio, math.ceil(10 * ratio) / 10),
        maximum_length=max(usual.maximum_length, math.ceil(_ROOM * int(targets.max()))),
    )
