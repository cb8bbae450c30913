"""Starting from an earlier model whose vocabulary may be another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.networks.seq2seq import DECODER_LAYER

_NUMBERED = re.compile(r"(_cell|multi_head_attention)_\d+/")


@dataclass(frozen=True)
class WarmStart:
    """What was taken over from an earlier model.

    Args:
        taken: weights taken over whole.
        matched: rows of vocabularies taken over, of `rows`.
        rows: rows of all weights that belong to a vocabulary.
        fresh: names of weights that begin anew, because the shapes differ.
    """

    taken: int
    matched: int
    rows: int
    fresh: tuple[str, ...]

    def sentence(self) -> str:
        """What was taken over, in words."""
        anew = f"; anew: {', '.join(self.fresh)}" if self.fresh else ""
        return (
            f"Started from an earlier model: {self.taken} weights whole, "
            f"{self.matched:,} of {self.rows:,} vocabulary rows by token{anew}"
        )


def warm_start(
    model: keras.Model,
    earlier: keras.Model,
    vocabularies: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    *,
    without: Collection[str] = (),
) -> WarmStart:
    """Gives a model the weights of an earlier one where they fit.

    Args:
        model: the new model, with its initial weights.
        earlier: a model built in the same way.
        vocabularies: for each layer whose weights have a row (or, in a kernel, a column) per
            token, the tokens of the new and of the earlier model in the order of their ids.
        without: layers that begin anew.
    """
    known = dict(named_weights(earlier))
    taken = matched = rows = 0
    fresh = []
    for (layer, place), weight in named_weights(model):
        old = known.get((layer, place))
        if old is None or layer in without:
            fresh.append(f"{layer}/{place}")
            continue
        value = np.asarray(old.numpy())
        if layer in vocabularies:
            new_tokens, old_tokens = vocabularies[layer]
            axis = len(weight.shape) - 1 if weight.name == "kernel" else 0
            if _others_fit(weight.shape, value.shape, axis):
                found = _by_token(weight.numpy(), value, new_tokens, old_tokens, axis)
                weight.assign(found[0])
                matched, rows = matched + found[1], rows + len(new_tokens)
                continue
        if tuple(weight.shape) != value.shape:
            fresh.append(f"{layer}/{place}")
            continue
        weight.assign(value)
        taken += 1
    return WarmStart(taken, matched, rows, tuple(fresh))


def named_weights(model: keras.Model) -> Iterator[tuple[tuple[str, str], keras.Variable]]:
    """Every weight with its layer's name and its place in the layer.

    Paths alone will not do: those in a bidirectional layer are others after reading it from a
    file, so that its weights are counted, and what has no name of its own is numbered in the
    order in which a process makes it. The decoder's are reliable otherwise, and it may have
    gained a part.
    """
    for layer in model.layers:
        for number, weight in enumerate(layer.weights, start=1):
            path = weight.path.removeprefix(f"{layer.name}/")
            counted = f"{number}_{weight.name}"
            of_decoder = layer.name == DECODER_LAYER
            yield (
                (layer.name, _NUMBERED.sub(r"\1/", path) if of_decoder else counted),
                weight,
            )


def _others_fit(new: Sequence[int], old: Sequence[int], axis: int) -> bool:
    if len(new) != len(old):
        return False
    return all(a == b for place, (a, b) in enumerate(zip(new, old, strict=True)) if place != axis)


def _by_token(
    new: NDArray[np.float32],
    old: NDArray[np.float32],
    new_tokens: Sequence[str],
    old_tokens: Sequence[str],
    axis: int,
) -> tuple[NDArray[np.float32], int]:
    """The new weights with the rows of tokens that the earlier model knew too."""
    places = {token: place for place, token in enumerate(old_tokens)}
    pairs = [(place, places[token]) for place, token in enumerate(new_tokens) if token in places]
    found = np.moveaxis(new.copy(), axis, 0)
    before = np.moveaxis(old, axis, 0)
    if pairs:
        here, there = (np.asarray(side) for side in zip(*pairs, strict=True))
        found[here] = before[there]
    return np.moveaxis(found, 0, axis), len(pairs)
