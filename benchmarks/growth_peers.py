"""The default text classifier at one point of a growth curve: training, TFLite, bytes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from benchmarks.pairing import Peer
from benchmarks.peers_keras import training_step
from rnn_toolkit.config import NetworkConfig
from rnn_toolkit.data.batching import EncodedTexts, epoch_batches
from rnn_toolkit.export.base import signature_of
from rnn_toolkit.export.table import exporter
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.networks.faces import sequence_face


@dataclass(frozen=True)
class Size:
    """What grows; the others stay as they are here."""

    length: int = 100
    units: int = 64
    rows: int = 64
    vocabulary: int = 20_000


BATCH = 64


def network(size: Size) -> keras.Model:
    """The default classifier without word pairs, from ids to probabilities."""
    keras.utils.set_random_seed(1)
    config = NetworkConfig(units=size.units, pair_buckets=0)
    return build_classifier(config, vocabulary_size=size.vocabulary, classes=2, seed=1)


def random_rows(size: Size) -> EncodedTexts:
    """Rows of one length, words drawn evenly."""
    shape = (size.rows, size.length)
    ids = np.random.default_rng(1).integers(2, size.vocabulary, shape).astype(np.int32)
    labels = (np.arange(size.rows) % 2).astype(np.int32)
    return EncodedTexts(list(ids), labels, np.ones(size.rows, np.float32))


def training(model: keras.Model, size: Size) -> Peer:
    """Every row once, in batches of 64: one step, or an epoch where there are more rows."""
    logits = keras.Model(model.input, model.get_layer("logits").output)
    step = training_step(logits, keras.optimizers.Adam(1e-3, global_clipnorm=1.0))
    rows = random_rows(size)

    def epoch() -> float:
        for ids, labels, _ in epoch_batches(rows, batch_size=BATCH, seed=1, epoch=0):
            loss = step(tf.constant(ids), tf.constant(labels))
        return float(loss)

    return Peer(epoch)


def tflite(model: keras.Model, size: Size, rows: int) -> tuple[Peer, int]:
    """The exported file on so many rows at once, and its bytes."""
    face = sequence_face(model, name="predict", output="probabilities")
    ids = np.stack(random_rows(replace(size, rows=rows)).ids)
    with tempfile.TemporaryDirectory() as folder:
        files = exporter("tflite").write(model, [face], Path(folder))
        path = Path(folder) / files["predict"]
        signature = signature_of(face, files["predict"])
        opened = exporter("tflite").open(Path(folder), {"predict": signature})
        length = path.stat().st_size
    return Peer(lambda: opened.run("predict", {"ids": ids})), length


def growth_peers(axis: str, values: list[int]) -> dict[str, Peer]:
    """Peers named `training VALUE`, `tflite VALUE` and `bytes VALUE`; the last only answers."""
    peers = {}
    for value in values:
        size = replace(Size(), **{axis: value})
        model = network(size)
        answering, length = tflite(model, size, rows=value if axis == "rows" else 1)
        peers[f"tflite {value}"] = answering
        peers[f"training {value}"] = training(model, size)
        if axis == "rows":  # the file does not grow; what is held in memory does
            length = sum(row.nbytes for row in random_rows(size).ids)
        peers[f"bytes {value}"] = Peer(lambda length=length: length)  # type: ignore[misc]
    return peers
