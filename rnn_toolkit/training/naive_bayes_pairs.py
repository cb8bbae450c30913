"""Fits the linear part of a classifier apart from its network, and mixes the two."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from rnn_toolkit.data.batching import EncodedTexts, pad_rows
from rnn_toolkit.data.spool import row_lengths
from rnn_toolkit.layers.word_pairs import WordPairLogits
from rnn_toolkit.networks.classifier import LOGITS_LAYER, PAIR_LAYER, logits_model
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.classifier import batches_by_length

Logits = NDArray[np.float64]

_PENALTY = 6.0  # C of the regression; see docs/recipes.md
_SHARES = np.arange(0.0, 4.01, 0.1)
_FACTORS = np.arange(0.3, 1.31, 0.1)
_MOST_ENTRIES = 20_000_000  # of the matrix of the regression, which takes 1 GB then
_AT_ONCE = 1000


@dataclass(frozen=True)
class Mixture:
    """How the network and the linear part were put together.

    logits = factor * (network + share * pairs); both are chosen by the validation rows. `rows` of
    the `of_rows` training texts were enough for the linear part.
    """

    factor: float
    share: float
    loss_before: float
    validation_loss: float
    validation_accuracy: float
    rows: int
    of_rows: int

    def sentence(self) -> str:
        """The mixture in words."""
        part = f" of {self.rows:,} texts" if self.rows < self.of_rows else ""
        return (
            f"words and word pairs by naive Bayes ratios{part}, share {self.share:.1f}: validation "
            f"{self.loss_before:.4f} -> {self.validation_loss:.4f}, {self.validation_accuracy:.4f}"
        )


def add_naive_bayes_pairs(
    model: keras.Model, training: EncodedTexts, validation: EncodedTexts, *, seed: int
) -> Mixture:
    """Fits word pairs on their own, and gives them the share that validation rows ask for.

    The weight of a feature is r w: r is its log-count ratio between a class and the others,
    ln((1 + count in class) / total) - ln((1 + count in others) / total of others), over texts
    that hold it, and w comes from a penalised logistic regression on features times r (Wang and
    Manning 2012, Baselines and bigrams). A feature that says nothing hardly gets a weight. The
    regression is trained on texts that the network knows by heart, hence apart from it. Of a very
    large corpus it takes as many texts, drawn at random, as keep it within a gigabyte.

    Args:
        model: a trained classifier whose table of pairs is all zeros.
        training: rows to learn from.
        validation: rows that choose factor and share.
        seed: of the regression, and of the texts drawn.
    """
    layer = model.get_layer(PAIR_LAYER)
    chosen = _enough_rows(training.ids, seed)
    features = _features(layer, [training.ids[row] for row in chosen])
    table, bias = _fit(features, training.labels[chosen], layer.classes, seed)
    del features
    network = _network_logits(model, validation.ids)
    pairs = np.concatenate(
        [
            _features(layer, validation.ids[start : start + _AT_ONCE]) @ table + bias
            for start in range(0, len(validation), _AT_ONCE)
        ]
    )
    mixture = _mix(network, pairs, validation.labels, (len(chosen), len(training)))
    head = model.get_layer(LOGITS_LAYER)
    weight = mixture.factor * mixture.share
    head.kernel.assign(mixture.factor * head.kernel.value)
    head.bias.assign(mixture.factor * head.bias.value + (weight * bias).astype(np.float32))
    layer.table.assign((weight * table).astype(np.float32))
    return mixture


def _enough_rows(rows: Sequence[NDArray[np.int32]], seed: int) -> NDArray[np.intp]:
    """All rows, or as many at random as make a matrix of the largest size."""
    entries = 2 * row_lengths(rows)
    if entries.sum() <= _MOST_ENTRIES:
        return np.arange(len(rows))
    order = np.random.default_rng(seed).permutation(len(rows))
    enough = int(np.searchsorted(np.cumsum(entries[order]), _MOST_ENTRIES))
    return np.sort(order[:enough])


def _features(layer: WordPairLogits, rows: Sequence[NDArray[np.int32]]) -> csr_matrix:
    """What the layer multiplies its table with: scale x count / sqrt(n) [rows, buckets]."""
    places = [layer.rows_of(row) for row in rows]
    lengths = np.asarray([len(found) for found in places])
    values = np.repeat(layer.scale / np.sqrt(np.maximum(lengths, 1)), lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    features = csr_matrix(
        (values, np.concatenate(places), starts), shape=(len(rows), layer.buckets)
    )
    features.sum_duplicates()
    return features


def _fit(
    features: csr_matrix, labels: NDArray[np.int32], classes: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The table [buckets, classes] and a bias [classes]; of two classes only the second's."""
    table, bias = np.zeros((features.shape[1], classes)), np.zeros(classes)
    present = features.astype(bool).astype(np.float64)
    for label in range(1 if classes == 2 else 0, classes):
        is_label = labels == label
        if is_label.all() or not is_label.any():  # a rare class, of which no text was drawn
            continue
        inside, outside = (
            1 + np.asarray(present[chosen].sum(axis=0)).ravel() for chosen in (is_label, ~is_label)
        )
        ratio = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        regression = LogisticRegression(
            C=_PENALTY, solver="liblinear", dual=True, tol=1e-2, max_iter=100, random_state=seed
        )
        with warnings.catch_warnings():
            # Weights that still move a little are as good: validation rows judge them.
            warnings.simplefilter("ignore", ConvergenceWarning)
            regression.fit(features.multiply(ratio).tocsr(), is_label)
        table[:, label] = ratio * regression.coef_[0]
        bias[label] = regression.intercept_[0]
    return table, bias


def _network_logits(model: keras.Model, rows: Sequence[NDArray[np.int32]]) -> Logits:
    run = keras_runner(logits_model(model))
    found = np.zeros((len(rows), int(model.output_shape[-1])))
    for chosen in batches_by_length(row_lengths(rows).tolist()):
        found[chosen] = run(pad_rows(rows, np.asarray(chosen)))
    return found


def _mix(
    network: Logits, pairs: Logits, labels: NDArray[np.int32], rows: tuple[int, int]
) -> Mixture:
    """The factor and the share with the lowest cross-entropy."""
    before = _cross_entropy(network, labels)
    found = min(
        (_cross_entropy(factor * (network + share * pairs), labels), factor, share)
        for factor in _FACTORS
        for share in _SHARES
    )
    loss, factor, share = (float(value) for value in found)
    if loss >= before:
        loss, factor, share = before, 1.0, 0.0
    answers = (network + share * pairs).argmax(axis=1)
    return Mixture(factor, share, before, loss, float((answers == labels).mean()), *rows)


def _cross_entropy(logits: Logits, labels: NDArray[np.int32]) -> float:
    highest = logits.max(axis=1)
    total = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(labels)), labels]).mean())
