"""Where the time of the default IMDB training goes, and what of it is not matrix products.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.waste

Counts processor seconds, which other programs disturb less than the clock: first of each phase
of a training (one epoch), then of one update with parts of the network left out. Reads the
training file only. Writes benchmarks/results/waste.json and prints the tables.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.pairing import write_result
from rnn_toolkit.config import NetworkConfig, ObjectiveConfig, SentimentConfig
from rnn_toolkit.data.batching import EncodedTexts, epoch_groups, pad_rows
from rnn_toolkit.data.labelled import label_ids, label_names, read_labelled, stratified_split
from rnn_toolkit.evaluation.baselines import TfidfBaseline
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, build_classifier
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.runtime.classifier import batches_by_length
from rnn_toolkit.text.train_tokenizer import train_tokenizer
from rnn_toolkit.training.classifier_step import ClassifierStep

BATCH = 64
TIMED = 24  # batches for each network
SEED = 1
NETWORKS: dict[str, tuple[dict[str, Any], bool]] = {
    "all of it": ({}, True),
    "without word pairs": ({"pair_buckets": 0}, True),
    "vectors kept as they are": ({}, False),
    "mean pooling only": ({"pooling": "mean"}, True),
    "without dropouts": (
        {"word_dropout": 0.0, "embedding_dropout": 0.0, "output_dropout": 0.0},
        True,
    ),
    "the recurrent layer alone": (
        {
            "pair_buckets": 0,
            "pooling": "mean",
            "word_dropout": 0.0,
            "embedding_dropout": 0.0,
            "output_dropout": 0.0,
        },
        False,
    ),
}
"""What is changed, and whether the vectors are trained."""


def processor_seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """What a call cost all processors together, and its result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def matrix_peak() -> float:
    """Float32 operations per processor second of a large matrix product."""
    some = tf.random.normal((2048, 2048), seed=SEED)
    product = tf.function(lambda: tf.reduce_sum(tf.matmul(some, some)))
    product().numpy()
    cost = min(processor_seconds(lambda: product().numpy())[0] for _ in range(5))
    return 2 * 2048**3 / cost


def lstm_operations(network: NetworkConfig, words: int) -> float:
    """Of the matrix products of forward and backward pass: 3 x 2 x words x 4u (f + u)."""
    width = network.embedding_size + network.units
    directions = 2 if network.bidirectional else 1
    return directions * 3 * 2 * words * 4 * network.units * width


def step_costs(rows: EncodedTexts, vocabulary: int) -> list[dict[str, Any]]:
    """Median processor milliseconds of an update, for each network of NETWORKS."""
    groups = list(epoch_groups(rows.ids, batch_size=BATCH, seed=(SEED, 0)))[:TIMED]
    batches = [pad_rows(rows.ids, chosen) for chosen in groups]
    targets = np.eye(2, dtype=np.float32)[rows.labels]
    steps = {}
    for name, (changes, trained) in NETWORKS.items():
        keras.utils.set_random_seed(SEED)
        network = NetworkConfig().model_copy(update=changes)
        model = build_classifier(network, vocabulary_size=vocabulary, classes=2, seed=SEED)
        model.get_layer(EMBEDDING_LAYER).trainable = trained
        steps[name] = ClassifierStep(
            model, keras.optimizers.Adam(1e-3), objective=ObjectiveConfig(), gradient_clip=1.0
        )
    costs: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(2):  # the first traces and allocates
        for chosen, ids in zip(groups, batches, strict=True):
            weights = np.ones(len(chosen), np.float32)
            for name, step in steps.items():
                cost, _ = processor_seconds(
                    lambda step=step, ids=ids, chosen=chosen, weights=weights: step.update(
                        ids, targets[chosen], weights
                    )
                )
                if turn:
                    costs[name].append(1000 * cost)
    words = statistics.mean(ids.size for ids in batches)
    floor = 1000 * lstm_operations(NetworkConfig(), round(words)) / matrix_peak()
    found = [
        {"network": name, "milliseconds": round(statistics.median(values), 1)}
        for name, values in costs.items()
    ]
    return [*found, {"network": "its matrix products at peak", "milliseconds": round(floor, 1)}]


def phases(path: Path) -> tuple[list[dict[str, Any]], EncodedTexts, int]:
    """Processor seconds of each phase; the last two are the encoded rows and the vocabulary."""
    config = SentimentConfig()
    costs: list[tuple[str, float]] = []

    def phase(name: str, work: Callable[[], Any]) -> Any:
        cost, result = processor_seconds(work)
        costs.append((name, cost))
        return result

    data = phase("reading the table", lambda: read_labelled(path))
    training, held_out = stratified_split(data.labels, data.texts, share=0.1, seed=SEED)
    texts, chosen = data.subset(training), data.subset(held_out)
    tokenizer = phase(
        "training the tokenizer", lambda: train_tokenizer(texts.texts, config.tokenizer)
    )

    def encoded(of: Any) -> EncodedTexts:
        ids = tokenizer.encode_rows(of.texts)
        labels = label_ids(of.labels, label_names(data.labels), source=of.source)
        return EncodedTexts(ids, labels, np.ones(len(ids), np.float32))

    rows = phase("tokenizing", lambda: encoded(texts))
    judged = phase("tokenizing validation rows", lambda: encoded(chosen))
    keras.utils.set_random_seed(SEED)
    model = phase(
        "building the network",
        lambda: build_classifier(
            config.network, vocabulary_size=tokenizer.vocabulary_size, classes=2, seed=SEED
        ),
    )
    step = ClassifierStep(
        model, keras.optimizers.Adam(2e-3), objective=ObjectiveConfig(), gradient_clip=1.0
    )
    targets = np.eye(2, dtype=np.float32)[rows.labels]
    groups = list(epoch_groups(rows.ids, batch_size=BATCH, seed=(SEED, 0)))
    batches = phase("padding, an epoch", lambda: [pad_rows(rows.ids, group) for group in groups])
    first = groups[0]
    phase(
        "tracing the update",
        lambda: step.update(batches[0], targets[first], rows.weights[first]),
    )

    def epoch() -> None:
        for group, ids in zip(groups, batches, strict=True):
            step.update(ids, targets[group], rows.weights[group])

    phase("updates, an epoch", epoch)
    run = keras_runner(model)

    def validate() -> None:
        for group in batches_by_length([len(row) for row in judged.ids]):
            run(pad_rows(judged.ids, np.asarray(group)))

    phase("validation, an epoch", validate)
    phase(
        "the baseline",
        lambda: TfidfBaseline.fit(
            texts.texts, rows.labels, normalize=tokenizer.normalize, seed=SEED
        ),
    )
    real = sum(len(row) for row in rows.ids)
    padding = 1 - real / sum(ids.size for ids in batches)
    found = [{"phase": name, "seconds": round(cost, 2)} for name, cost in costs]
    return (
        [*found, {"phase": "share of padding", "share": round(padding, 4)}],
        rows,
        (tokenizer.vocabulary_size),
    )


def main() -> None:
    """Runs the benchmark."""
    path = Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / "train.csv.gz"
    parts, rows, vocabulary = phases(path)
    steps = step_costs(rows, vocabulary)
    write_result(
        "waste",
        "python -m benchmarks.waste",
        {"data": "imdb/train.csv.gz", "seed": SEED, "phases": parts, "update": steps},
    )
    print("| phase | processor seconds |\n|---|---|")
    for part in parts:
        if "seconds" in part:
            print(f"| {part['phase']} | {part['seconds']:.2f} |")
    print("\n| an update of 64 reviews | processor milliseconds |\n|---|---|")
    for part in steps:
        print(f"| {part['network']} | {part['milliseconds']:.1f} |")


if __name__ == "__main__":
    main()
