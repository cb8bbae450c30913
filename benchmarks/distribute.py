"""Measures what a second worker brings: rows per second, and bytes of gradients per step.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.distribute

Three ways take turns on the same batches of IMDB reviews, 64 rows of 200 tokens: one process with
both cores; one process held to one core; and two workers (`--distribute multi-worker`) on the
loopback address, held to one core each. The last two show what a second machine of the same kind
would bring over a network without delay; the first, what the two cores give without any of it.
Linux only, since processes are held to cores. Writes benchmarks/results/distribute.json and the
tables of docs/distributed.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pairing import ratios, read_result, shown, spread, write_result

NAME = "distribute"
TEXTS, ROWS, LENGTH, UNITS = 4_000, 64, 200, (64, 256)
WAYS = {
    "one process, two cores": (2, 1),
    "one process, one core": (1, 1),
    "two workers, one core each": (1, 2),
}
"""Cores of each process, and processes."""
TWO, ONE, WORKERS = WAYS
_STEPS, _WARM = 5, 3
_Batch = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]


def batches(data: Path) -> list[_Batch]:
    """Real rows: ids [64, 200], one-hot targets and weights."""
    from rnn_toolkit.config import TokenizerConfig
    from rnn_toolkit.data.labelled import read_labelled
    from rnn_toolkit.text.train_tokenizer import train_tokenizer

    texts = read_labelled(data).subset(np.arange(TEXTS))
    tokenizer = train_tokenizer(texts.texts, TokenizerConfig(maximum_length=LENGTH))
    encoded = [row for row in tokenizer.encode_batch(texts.texts) if len(row) == LENGTH]
    targets = np.eye(2, dtype=np.float32)[np.arange(ROWS) % 2]
    return [
        (np.asarray(encoded[at : at + ROWS], np.int32), targets, np.ones(ROWS, np.float32))
        for at in range(0, 10 * ROWS, ROWS)
    ]


def trainer(connection: Connection, cores: Sequence[int], place: str, units: int) -> None:
    """The life of a process: does so many steps as it is told, until None comes.

    Args:
        connection: to whoever tells it; answers with seconds and with the bytes of a step.
        cores: that it may use.
        place: TF_CONFIG, empty for a process of its own.
        units: of the network.
    """
    os.sched_setaffinity(0, cores)
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(len(cores))
    os.environ["TF_CONFIG"] = place
    import keras

    from rnn_toolkit.config import NetworkConfig, ObjectiveConfig
    from rnn_toolkit.networks.classifier import build_classifier
    from rnn_toolkit.training.classifier_step import ClassifierStep
    from rnn_toolkit.training.distribution import open_distribution

    distribution = open_distribution("multi-worker" if place else "none", note=lambda text: None)
    rows = batches(Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / "train.csv.gz")
    with distribution.scope():
        keras.utils.set_random_seed(1)
        model = build_classifier(
            NetworkConfig(units=units), vocabulary_size=20_000, classes=2, seed=1
        )
        step = ClassifierStep(
            model,
            keras.optimizers.Adam(2e-3),
            objective=ObjectiveConfig(),
            gradient_clip=1.0,
            distribution=distribution,
        )
        connection.send(gradient_bytes(model, rows[0][0]))
        while (steps := connection.recv()) is not None:
            began = time.perf_counter()
            for number in range(steps):
                step.update(*rows[number % len(rows)])
                distribution.agreed("")  # as after each batch of a training
            connection.send(time.perf_counter() - began)


def gradient_bytes(model: Any, ids: NDArray[np.int32]) -> dict[str, int]:
    """What a replica with all rows of a batch would send: whole weights, and rows of tables."""
    from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, PAIR_LAYER

    words, pairs = model.get_layer(EMBEDDING_LAYER), model.get_layer(PAIR_LAYER)
    found, _ = pairs.pair_rows(ids)
    looked_up = {
        "word table": (len(np.unique(ids)), int(words.output_dim)),
        "pair table": (len(np.unique(np.asarray(found))), int(pairs.classes)),
    }
    tables = {id(words.embeddings), id(pairs.table)}
    whole = sum(
        int(np.prod(weight.shape))
        for weight in model.trainable_variables
        if id(weight) not in tables
    )
    rows = {name: count * (4 * width + 8) for name, (count, width) in looked_up.items()}
    return {"other weights": 4 * whole, **rows}


def places(workers: int) -> list[str]:
    """TF_CONFIG of each worker on the loopback address."""
    if workers == 1:
        return [""]
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(workers)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    return [
        json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})
        for index in range(workers)
    ]


class Team:
    """The processes of one way."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self.bytes: dict[str, int] = {}
        for each in connections:
            self.bytes = each.recv()

    def seconds(self, steps: int) -> float:
        """Of so many steps, of the slowest process."""
        for each in self._connections:
            each.send(steps)
        return max(each.recv() for each in self._connections)


@contextmanager
def team(cores: int, workers: int, units: int) -> Iterator[Team]:
    """Starts the processes of one way."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        connections = []
        for index, place in enumerate(places(workers)):
            ours, theirs = context.Pipe()
            own = [index] if cores == 1 else list(range(cores))
            process = context.Process(target=trainer, args=(theirs, own, place, units))
            process.start()
            stack.callback(process.join)
            stack.callback(ours.send, None)
            connections.append(ours)
        yield Team(connections)


def measure(units: int, rounds: int) -> dict[str, Any]:
    """All ways in turns, with one network."""
    with ExitStack() as stack:
        teams = {way: stack.enter_context(team(*of, units)) for way, of in WAYS.items()}
        for each in teams.values():
            each.seconds(_WARM)
        times: dict[str, list[float]] = {way: [] for way in teams}
        for _ in range(rounds):
            for way, each in teams.items():
                times[way].append(each.seconds(_STEPS) / _STEPS)
        sent = teams[ONE].bytes
    return {
        "units": units,
        "milliseconds": {way: spread([1000 * s for s in of], 1) for way, of in times.items()},
        "rows_per_second": {way: spread([ROWS / s for s in of], 1) for way, of in times.items()},
        "second_worker_gains": ratios(times[ONE], times[WORKERS]),
        "two_workers_over_two_cores": ratios(times[TWO], times[WORKERS]),
        "gradient_bytes": sent,
    }


def speed_table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows per second as a Markdown table."""
    lines = [
        f"| units | {TWO}, rows/s | {ONE}, rows/s | {WORKERS}, rows/s | "
        "two workers to one worker | two workers to two cores |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        speeds = " | ".join(shown(row["rows_per_second"][way], 0) for way in WAYS)
        lines.append(
            f"| {row['units']} | {speeds} | {shown(row['second_worker_gains'])} | "
            f"{shown(row['two_workers_over_two_cores'])} |"
        )
    return "\n".join(lines)


def bytes_table(rows: Sequence[dict[str, Any]]) -> str:
    """What is sent in a step as a Markdown table."""
    names = list(rows[0]["gradient_bytes"])
    lines = [f"| units | {', kB | '.join(names)}, kB | together, kB |", "|---:" * 5 + "|"]
    for row in rows:
        sizes = [row["gradient_bytes"][name] for name in names]
        cells = " | ".join(f"{size / 1000:,.0f}" for size in (*sizes, sum(sizes)))
        lines.append(f"| {row['units']} | {cells} |")
    return "\n".join(lines)


def page_tables() -> dict[str, str]:
    """Every table of the page that this benchmark makes, by the name of its marker."""
    rows = read_result(NAME)["rows"]
    return {"speed": speed_table(rows), "bytes": bytes_table(rows)}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    rows = [measure(units, rounds) for units in UNITS]
    body = {"seed": 1, "rounds": rounds, "batch": ROWS, "length": LENGTH, "rows": rows}
    write_result(NAME, "python -m benchmarks.distribute", body)
    print(speed_table(rows), bytes_table(rows), sep="\n\n")


if __name__ == "__main__":
    main()
