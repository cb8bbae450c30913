"""Measures what a second worker brings: seconds of a step, and bytes of its gradients.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.distribute

All ways take turns on the same IMDB reviews of 200 tokens: one process with both cores; one
process held to one core; and two workers (`--distribute multi-worker`) on the loopback address,
held to one core each. The last two show what a second machine of the same kind would bring over a
network without delay; the first, what the two cores give without any of it. Linux only, since
processes are held to cores. Writes benchmarks/results/distribute.json; `python -m
benchmarks.distributed_page` puts the tables into docs/distributed.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pairing import ratios, read_result, shown, spread, write_result
from benchmarks.quiet import PATIENCE, Quiet

NAME = "distribute"
TEXTS, ROWS, LENGTH, UNITS = 2_000, 64, 200, (64, 256)
TEAMS = {"all cores": (2, 1), "alone": (1, 1), "workers": (1, 2)}
"""Cores of each process, and processes."""
WAYS = {
    "one process, two cores": ("all cores", ROWS),
    "one process, one core": ("alone", ROWS),
    "one process, one core, half the rows": ("alone", ROWS // 2),
    "two workers, one core each": ("workers", ROWS),
    "two workers, one core each, twice the rows": ("workers", 2 * ROWS),
}
"""A team, and the rows of a step, of all its processes together."""
TWO, ONE, HALF, WORKERS, DOUBLED = WAYS
_STEPS, _WARM = 5, 3
_Batch = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]
_Batches = dict[int, list[_Batch]]


def batches(data: Path, rows: int = ROWS) -> list[_Batch]:
    """640 real reviews in batches: ids [rows, 200], one-hot targets and weights."""
    from rnn_toolkit.config import TokenizerConfig
    from rnn_toolkit.data.labelled import read_labelled
    from rnn_toolkit.text.train_tokenizer import train_tokenizer

    texts = read_labelled(data).subset(np.arange(TEXTS))
    tokenizer = train_tokenizer(texts.texts, TokenizerConfig(maximum_length=LENGTH))
    encoded = [row for row in tokenizer.encode_batch(texts.texts) if len(row) == LENGTH]
    targets = np.eye(2, dtype=np.float32)[np.arange(rows) % 2]
    return [
        (np.asarray(encoded[at : at + rows], np.int32), targets, np.ones(rows, np.float32))
        for at in range(0, 10 * ROWS, rows)
    ]


def trainer(
    connection: Connection,
    cores: Sequence[int],
    place: str,
    units: int,
    rows: _Batches,
) -> None:
    """The life of a process: does as many steps as it is told, until None comes.

    Args:
        connection: to whoever tells it; answers with seconds and with the bytes of a step.
        cores: that it may use.
        place: TF_CONFIG, empty for a process of its own.
        units: of the network.
        rows: batches to train on, by their size.
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
        connection.send(gradient_bytes(model, rows[ROWS][0][0]))
        while (told := connection.recv()) is not None:
            steps, size = told
            began = time.perf_counter()
            for number in range(steps):
                step.update(*rows[size][number % len(rows[size])])
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
    """The processes of one training."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self.bytes: dict[str, int] = {}
        for each in connections:
            self.bytes = each.recv()

    def seconds(self, steps: int, rows: int) -> float:
        """Of a step with so many rows, in the slowest process, as the mean of some."""
        for each in self._connections:
            each.send((steps, rows))
        return max(each.recv() for each in self._connections) / steps


@contextmanager
def team(cores: int, workers: int, units: int, rows: _Batches) -> Iterator[Team]:
    """Starts the processes of a team."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        connections = []
        for index, place in enumerate(places(workers)):
            ours, theirs = context.Pipe()
            own = [index] if cores == 1 else list(range(cores))
            process = context.Process(target=trainer, args=(theirs, own, place, units, rows))
            process.start()
            theirs.close()  # so that the end of the process is noticed
            stack.callback(process.join)
            stack.callback(ours.send, None)
            connections.append(ours)
        yield Team(connections)


def quiet_rounds(
    takes: Mapping[str, Callable[[], float]], rounds: int, patience: float
) -> dict[str, list[float]]:
    """Takes all in turns; a round in which another program uses the processors is taken again.

    Args:
        takes: each returns seconds.
        rounds: how often each has its turn.
        patience: seconds to wait for quiet in all.
    """
    watch = Quiet(patience)
    found: dict[str, list[float]] = {name: [] for name in takes}
    while len(next(iter(found.values()))) < rounds:
        watch.wait()
        taken = {name: take() for name, take in takes.items()}
        if watch.patient and not watch.quiet():
            continue
        for name, seconds in taken.items():
            found[name].append(seconds)
    return found


def measure(units: int, rounds: int, rows: _Batches, patience: float) -> dict[str, Any]:
    """All ways in turns, with one network."""
    with ExitStack() as stack:
        teams = {name: stack.enter_context(team(*of, units, rows)) for name, of in TEAMS.items()}
        for name, size in WAYS.values():
            teams[name].seconds(_WARM, size)
        takes = {
            way: partial(teams[name].seconds, _STEPS, size) for way, (name, size) in WAYS.items()
        }
        times = quiet_rounds(takes, rounds, patience)
        sent = teams["alone"].bytes
    return {
        "units": units,
        "milliseconds": {way: spread([1000 * s for s in of], 1) for way, of in times.items()},
        "rows_per_second": {
            way: spread([WAYS[way][1] / s for s in of], 1) for way, of in times.items()
        },
        "half_the_rows_over_all": ratios(times[HALF], times[ONE]),
        "second_worker_gains": ratios(times[ONE], times[WORKERS]),
        "second_worker_gains_with_twice_the_rows": ratios(
            [2 * s for s in times[ONE]], times[DOUBLED]
        ),
        "gradient_bytes": sent,
    }


def speed_table(rows: Sequence[dict[str, Any]]) -> str:
    """Time of a step and rows per second as a Markdown table."""
    lines = [
        "| units | way | rows of a step | ms per step | rows/s |",
        "|---:|---|---:|---:|---:|",
    ]
    for row in rows:
        for way, (_, size) in WAYS.items():
            name = way.removesuffix(", half the rows").removesuffix(", twice the rows")
            lines.append(
                f"| {row['units']} | {name} | {size} | {shown(row['milliseconds'][way], 0)} | "
                f"{shown(row['rows_per_second'][way], 0)} |"
            )
    return "\n".join(lines)


def gain_table(rows: Sequence[dict[str, Any]]) -> str:
    """Ratios within a round as a Markdown table."""
    lines = [
        "| units | time of half the rows, to that of all | a second worker, the same batch | "
        "a second worker, twice the batch |",
        "|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['units']} | {shown(row['half_the_rows_over_all'])} | "
        f"{shown(row['second_worker_gains'])} | "
        f"{shown(row['second_worker_gains_with_twice_the_rows'])} |"
        for row in rows
    ]
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
    return {"speed": speed_table(rows), "gain": gain_table(rows), "bytes": bytes_table(rows)}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds, per network")
    arguments = parser.parse_args()
    rounds, patience = arguments.rounds, arguments.patience
    data = Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / "train.csv.gz"
    found = {size: batches(data, size) for size in sorted({size for _, size in WAYS.values()})}
    rows = [measure(units, rounds, found, patience) for units in UNITS]
    body = {"seed": 1, "rounds": rounds, "length": LENGTH, "rows": rows}
    write_result(NAME, "python -m benchmarks.distribute", body)
    print(speed_table(rows), gain_table(rows), bytes_table(rows), sep="\n\n")


if __name__ == "__main__":
    main()
