"""The recipe `fast` and Keras' tutorial network side by side: test accuracy against wall time.

Each runs in a process of its own; only one works at a time, and they change places after every
quarter of an epoch. Waiting and evaluating are not counted; reading, cutting and validating are.
At each point `fast` is a whole classifier: fitting its linear part then is counted too, once.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ladder import OURS, TUTORIAL
from benchmarks.ladder_data import accuracy, test_rows

QUARTERS = 4
Probabilities = Callable[[], NDArray[np.float32]]


class _Turns:
    """What a training process says and hears."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._labels = test_rows().labels
        connection.recv()
        self._began, self._away = time.perf_counter(), 0.0

    def after_batch(
        self,
        batch: int,
        batches: int,
        probabilities: Probabilities,
        finish: Callable[[], None] = lambda: None,
    ) -> None:
        """At a quarter of the epoch: reports, and waits for the next turn.

        Args:
            batch: how many of the epoch are done.
            batches: of an epoch.
            probabilities: of the test texts.
            finish: makes a classifier of what is trained so far; its time counts at this point.
        """
        if batch * QUARTERS // batches == (batch - 1) * QUARTERS // batches:
            return
        stopped = time.perf_counter()
        finish()
        point = {
            "minutes": round((time.perf_counter() - self._began - self._away) / 60, 3),
            "test_accuracy": round(accuracy(probabilities(), self._labels), 4),
        }
        self._connection.send(point)
        self._connection.recv()
        self._away += time.perf_counter() - stopped


def _tutorial(connection: Connection, seed: int) -> None:
    from benchmarks.ladder_data import training_and_validation
    from benchmarks.ladder_tutorial import Tutorial

    texts = test_rows().texts
    turns = _Turns(connection)
    tutorial = Tutorial(training_and_validation(seed)[0], seed)
    found: list[NDArray[np.int32]] = []

    def probabilities() -> NDArray[np.float32]:
        if not found:
            found.append(tutorial.ids(texts))
        return tutorial.probabilities(found[0])

    tutorial.fit(lambda batch, batches: turns.after_batch(batch, batches, probabilities))
    connection.send(None)


def _fast(connection: Connection, seed: int) -> None:
    """The task's own steps, with an observer that takes turns."""
    from functools import partial

    import keras

    from benchmarks.ladder_data import training_and_validation
    from rnn_toolkit import SentimentClassifier
    from rnn_toolkit.config import ObjectiveConfig
    from rnn_toolkit.data.batching import EncodedTexts
    from rnn_toolkit.networks.classifier import build_classifier
    from rnn_toolkit.networks.run import keras_runner
    from rnn_toolkit.runtime.classifier import ClassifierPredictor
    from rnn_toolkit.text.train_tokenizer import train_tokenizer
    from rnn_toolkit.training.fit import ClassifierFit
    from rnn_toolkit.training.naive_bayes_pairs import add_naive_bayes_pairs
    from rnn_toolkit.training.observer import BatchRecord, SilentObserver

    texts = test_rows().texts
    turns = _Turns(connection)
    config = SentimentClassifier(recipe="fast", seed=seed).config
    training, validation = training_and_validation(seed)
    tokenizer = train_tokenizer(training.texts, config.tokenizer)
    encoded, held_out = (
        EncodedTexts(
            tokenizer.encode_rows(part.texts),
            part.labels,
            np.ones(len(part.labels), np.float32),
        )
        for part in (training, validation)
    )
    keras.utils.set_random_seed(seed)
    build = partial(
        build_classifier, vocabulary_size=tokenizer.vocabulary_size, classes=2, seed=seed
    )
    model = build(config.network.model_copy(update={"pair_buckets": 0}))
    whole = build(config.network)
    predictor = ClassifierPredictor(tokenizer, ("0", "1"), keras_runner(whole))

    def finish() -> None:
        for layer in model.layers:
            whole.get_layer(layer.name).set_weights(layer.get_weights())
        add_naive_bayes_pairs(whole, encoded, held_out, seed=seed)

    class Watching(SilentObserver):
        def batch_ended(self, record: Any) -> None:
            if isinstance(record, BatchRecord):
                turns.after_batch(
                    record.batch,
                    record.batches,
                    lambda: predictor.probabilities(texts)[:, 1],
                    finish,
                )

    ClassifierFit(
        model,
        encoded,
        held_out,
        config.training,
        objective=ObjectiveConfig(),
        observer=Watching(),
        checkpoint_path=None,
        identity={},
    ).run(resume=False)
    connection.send(None)


def side_by_side(seed: int) -> dict[str, list[dict[str, float]]]:
    """Both curves.

    Args:
        seed: of the split, weights and order of both.
    """
    context = multiprocessing.get_context("spawn")
    connections, processes = {}, []
    for name, run in ((OURS, _fast), (TUTORIAL, _tutorial)):
        ours, theirs = context.Pipe()
        process = context.Process(target=run, args=(theirs, seed))
        process.start()
        connections[name] = ours
        processes.append(process)
    curves: dict[str, list[dict[str, float]]] = {name: [] for name in connections}
    waiting = list(connections)
    while waiting:
        for name in list(waiting):
            connections[name].send("go")
            point = connections[name].recv()
            if point is None:
                waiting.remove(name)
            else:
                curves[name].append(point)
                print(name, point, flush=True)
    for process in processes:
        process.join()
    return curves
