"""Bounds on the length of translations follow the training pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnn_toolkit.config import LengthBounds
from rnn_toolkit.data.pair_batches import EncodedPairs
from rnn_toolkit.data.pair_lengths import length_bounds
from rnn_toolkit.decoding.translation_options import TranslationOptions

LENGTHS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 900)), min_size=1, max_size=60)


def pairs(lengths: list[tuple[int, int]]) -> EncodedPairs:
    return EncodedPairs(
        [np.ones(source, np.int32) for source, _ in lengths],
        [np.ones(target, np.int32) for _, target in lengths],
    )


def test_usual_pairs_keep_the_usual_bounds() -> None:
    assert length_bounds(pairs([(10, 12), (3, 20), (1, 19)])) == LengthBounds()


@given(LENGTHS)
def test_few_training_targets_would_be_cut(lengths: list[tuple[int, int]]) -> None:
    bounds = length_bounds(pairs(lengths))
    options = TranslationOptions(**bounds.model_dump())
    cut = sum(target + 1 > options.bound(source) for source, target in lengths)
    assert cut <= 1
    assert bounds.maximum_length > max(target for _, target in lengths)
