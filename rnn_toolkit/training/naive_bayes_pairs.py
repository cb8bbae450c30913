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

from rnn_toolkit.data.batching import EncodedTexts, pad_rows, with_every_class
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
    keeps_earlier: bool = False

    def sentence(self) -> str:
        """The mixture in words."""
        part = f" of {self.rows:,} texts" if self.rows < self.of_rows else ""
        more = " and those of the model begun with" if self.keeps_earlier else ""
        return (
            f"words and word pairs by naive Bayes ratios{part}, share {self.share:.1f}{more}: "
            f"validation {self.loss_before:.4f} -> {self.validation_loss:.4f}, "
            f"{self.validation_accuracy:.4f}"
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
        model: a trained classifier, whose table of pairs is all zeros or that of the model it
            began with; validation rows say whether that one stays too.
        training: rows to learn from.
        validation: rows that choose factor and share.
        seed: of the regression, and of the texts drawn.
    """
    layer = model.get_layer(PAIR_LAYER)
    chosen = _enough_rows(training, seed)
    table, bias = _fit(
        _features(layer, [training.ids[row] for row in chosen]),
        training.labels[chosen],
        training.weights[chosen],
        layer.classes,
        seed,
    )
    earlier = np.asarray(layer.table.value, np.float64)
    layer.table.assign(np.zeros_like(earlier, np.float32))
    network = _network_logits(model, validation.ids)
    mixture = _mix(
        network,
        _pair_logits(layer, validation.ids, earlier) if earlier.any() else None,
        _pair_logits(layer, validation.ids, table) + bias,
        validation.labels,
        (len(chosen), len(training)),
    )
    head = model.get_layer(LOGITS_LAYER)
    weight = mixture.factor * mixture.share
    head.kernel.assign(mixture.factor * head.kernel.value)
    head.bias.assign(mixture.factor * head.bias.value + (weight * bias).astype(np.float32))
    table = weight * table + mixture.factor * mixture.keeps_earlier * earlier
    layer.table.assign(table.astype(np.float32))
    return mixture


def _enough_rows(training: EncodedTexts, seed: int) -> NDArray[np.intp]:
    """All rows, or as many at random as make a matrix of the largest size."""
    entries = 2 * row_lengths(training.ids)
    if entries.sum() <= _MOST_ENTRIES:
        return np.arange(len(training))
    order = np.random.default_rng(seed).permutation(len(training))
    enough = int(np.searchsorted(np.cumsum(entries[order]), _MOST_ENTRIES))
    return with_every_class(order[:enough], training.labels)


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


def _pair_logits(
    layer: WordPairLogits, rows: Sequence[NDArray[np.int32]], table: NDArray[np.float64]
) -> Logits:
    """What the layer would add with such a table, [rows, classes]."""
    starts = range(0, len(rows), _AT_ONCE)
    return np.concatenate([_features(layer, rows[at : at + _AT_ONCE]) @ table for at in starts])


def _fit(
    features: csr_matrix,
    labels: NDArray[np.int32],
    weights: NDArray[np.float32],
    classes: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The table [buckets, classes] and a bias [classes]; of two classes only the second's."""
    table, bias = np.zeros((features.shape[1], classes)), np.zeros(classes)
    present = features.astype(bool).astype(np.float64)
    for label in range(1 if classes == 2 else 0, classes):
        is_label = labels == label
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
            regression.fit(features.multiply(ratio).tocsr(), is_label, sample_weight=weights)
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
    network: Logits,
    earlier: Logits | None,
    pairs: Logits,
    labels: NDArray[np.int32],
    rows: tuple[int, int],
) -> Mixture:
    """The factor and the share with the lowest cross-entropy."""
    before = _cross_entropy(network, labels)
    bases = [network] if earlier is None else [network, network + earlier]
    loss, factor, share, base = min(
        (_cross_entropy(factor * (logits + share * pairs), labels), factor, share, number)
        for number, logits in enumerate(bases)
        for factor in _FACTORS
        for share in _SHARES
    )
    if loss >= before:
        loss, factor, share, base = before, 1.0, 0.0, 0
    answers = (bases[base] + share * pairs).argmax(axis=1)
    accuracy = float((answers == labels).mean())
    return Mixture(float(factor), float(share), before, loss, accuracy, *rows, base == 1)


def _cross_entropy(logits: Logits, labels: NDArray[np.int32]) -> float:
    highest = logits.max(axis=1)
    total = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(labels)), labels]).mean())
