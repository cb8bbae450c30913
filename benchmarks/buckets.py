"""What length buckets bring: padding and training speed on the lengths of real texts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.pairing import ratios, spread
from benchmarks.peers_keras import training_step
from benchmarks.quiet import Quiet
from rnn_toolkit.config import NetworkConfig, TokenizerConfig
from rnn_toolkit.data.batching import Batch, EncodedTexts, epoch_batches, pad_rows
from rnn_toolkit.data.labelled import label_ids, label_names, read_labelled
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.text.train_tokenizer import train_tokenizer

WAYS = ("shuffled order", "length buckets")
_BATCHES_PER_ROUND = 12


def encoded_rows(path: Path) -> tuple[EncodedTexts, int]:
    """The rows of a file as ids of at most 400 words, and the size of the vocabulary."""
    data = read_labelled(path)
    config = TokenizerConfig()
    tokenizer = train_tokenizer(data.texts, config)
    ids = tokenizer.encode_rows(data.texts)
    labels = label_ids(data.labels, label_names(data.labels), source=path.name)
    rows = EncodedTexts(ids, labels, np.ones(len(labels), np.float32))
    return rows, tokenizer.vocabulary_size


def batches(rows: EncodedTexts, way: str, *, batch_size: int, seed: int) -> Iterator[Batch]:
    """One epoch, in buckets or as shuffled; padded to the longest of each batch either way."""
    if way == "length buckets":
        yield from epoch_batches(rows, batch_size=batch_size, seed=seed, epoch=0)
        return
    order = np.random.default_rng(seed).permutation(len(rows))
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        yield pad_rows(rows.ids, chosen), rows.labels[chosen], rows.weights[chosen]


def padding_share(rows: EncodedTexts, way: str, *, batch_size: int, seed: int) -> float:
    """Share of the positions of an epoch's batches that hold padding."""
    positions = sum(ids.size for ids, _, _ in batches(rows, way, batch_size=batch_size, seed=seed))
    return 1 - sum(len(row) for row in rows.ids) / positions


def measure_buckets(
    path: Path, *, batch_size: int, rounds: int, patience: float, seed: int = 1
) -> dict[str, Any]:
    """Padding and rows per second of the default network, both ways in turns.

    Args:
        path: labelled texts.
        batch_size: texts per batch.
        rounds: of 12 batches each.
        patience: seconds to wait for other programs.
        seed: of weights and order.
    """
    rows, vocabulary = encoded_rows(path)
    keras.utils.set_random_seed(seed)
    network = NetworkConfig(pair_buckets=0)
    model = build_classifier(network, vocabulary_size=vocabulary, classes=2, seed=seed)
    logits = keras.Model(model.input, model.get_layer("logits").output)
    step = training_step(logits, keras.optimizers.Adam(1e-3, global_clipnorm=1.0))
    sources = {way: batches(rows, way, batch_size=batch_size, seed=seed) for way in WAYS}
    for source in sources.values():
        _run(step, list(islice(source, 2)))
    speeds: dict[str, list[float]] = {way: [] for way in WAYS}
    watch = Quiet(patience)
    for _ in range(rounds):
        watch.wait()
        for way, source in sources.items():
            speeds[way].append(_run(step, list(islice(source, _BATCHES_PER_ROUND))))
    lengths = [len(row) for row in rows.ids]
    return {
        "rows": len(rows),
        "median_length": int(statistics.median(lengths)),
        "batch": batch_size,
        "seed": seed,
        "padding_share": {
            way: round(padding_share(rows, way, batch_size=batch_size, seed=seed), 4)
            for way in WAYS
        },
        "rows_per_second": {way: spread(of, 1) for way, of in speeds.items()},
        "buckets_over_shuffled": ratios(speeds["length buckets"], speeds["shuffled order"]),
    }


def _run(step: Any, of: list[Batch]) -> float:
    """Rows per second over some batches."""
    began = time.perf_counter()
    for ids, labels, _ in of:
        loss = step(tf.constant(ids), tf.constant(labels))
    float(loss)
    return sum(len(labels) for _, labels, _ in of) / (time.perf_counter() - began)
