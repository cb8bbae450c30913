"""Times peers in turns, so that whatever slows the machine down slows all of them down.

A round runs every peer once (A B C A B C ...); a ratio is taken within a round, and the median
and the range over rounds are what is published. Each library has a process of its own, since the
idle threads of one would take time from the other; only one process works at a time.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from benchmarks.quiet import PATIENCE, Quiet

RESULTS = Path(__file__).parent / "results"
_PEERS = ("torch", "fasttext-wheel", "pandas")
_BLOCK_SECONDS = 0.02
_MOST_CALLS = 50


@dataclass(frozen=True)
class Peer:
    """Something to time.

    Args:
        call: does the work once, to the end, and returns its answer, an array.
        prepare: runs before each round of it, untimed, for example to set threads.
    """

    call: Callable[[], Any]
    prepare: Callable[[], object] = lambda: None

    def round(self, calls: int) -> float:
        """Median seconds of some calls, after one not counted; a long call counts at once."""
        self.prepare()
        if calls > 1:
            self.call()
        return statistics.median(_seconds(self.call) for _ in range(calls))

    def calls_per_round(self) -> int:
        """How many calls fit into 20 ms: at least 1, at most 50."""
        self.prepare()
        self.call()  # compiles, traces, allocates
        seconds = min(_seconds(self.call) for _ in range(2))
        return max(1, min(_MOST_CALLS, int(_BLOCK_SECONDS / max(seconds, 1e-9))))


MakePeers = Callable[..., Mapping[str, Peer]]
"""A function of a module; it imports its library, and runs in a process of its own."""


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _serve(connection: Connection, make: MakePeers, arguments: tuple[Any, ...]) -> None:
    """The life of a process: makes its peers, then does as it is told until None comes."""
    peers = make(*arguments)
    connection.send(list(peers))
    while (message := connection.recv()) is not None:
        what, name, calls = message
        peer = peers[name]
        if what == "round":
            connection.send(peer.round(calls))
        else:
            connection.send(peer.calls_per_round() if what == "calibrate" else peer.call())


class RemotePeer:
    """A peer in another process."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def _ask(self, what: str, calls: int = 1) -> Any:
        self._connection.send((what, self._name, calls))
        return self._connection.recv()

    def answer(self) -> Any:
        """What one call returns."""
        return self._ask("answer")

    def calls_per_round(self) -> int:
        """See Peer."""
        return int(self._ask("calibrate"))

    def round(self, calls: int) -> float:
        """See Peer."""
        return float(self._ask("round", calls))


@contextmanager
def in_processes(*makers: tuple[Any, ...]) -> Iterator[dict[str, RemotePeer]]:
    """Peers by name, each maker's in a process of its own.

    Args:
        *makers: a MakePeers and its arguments each.
    """
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        peers = {}
        for make, *arguments in makers:
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, make, tuple(arguments)))
            process.start()
            theirs.close()
            stack.callback(process.join)
            stack.callback(ours.close)
            stack.callback(ours.send, None)
            peers.update({name: RemotePeer(ours, name) for name in ours.recv()})
        yield peers


Rounds = dict[str, list[float]]
"""Seconds per call of each peer, one figure per round."""


def interleaved(
    peers: Mapping[str, RemotePeer], *, rounds: int, patience: float = PATIENCE
) -> Rounds:
    """Times all peers in turns.

    A round waits until other programs leave the processors alone, and is taken again where they
    do not at its end.

    Args:
        peers: by name; the order is that of each round.
        rounds: how often each has its turn.
        patience: seconds to wait in all; with none the rounds are taken as they come, for
            example under a raised priority (nice -n -19).
    """
    watch = Quiet(patience)
    watch.wait()
    calls = {name: peer.calls_per_round() for name, peer in peers.items()}
    found: Rounds = {name: [] for name in peers}
    while len(next(iter(found.values()))) < rounds:
        watch.wait()
        taken = {name: peer.round(calls[name]) for name, peer in peers.items()}
        if watch.patient and not watch.quiet():
            continue
        for name, seconds in taken.items():
            found[name].append(seconds)
    return found


def faster(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """The better of two peers in each round."""
    return [min(pair) for pair in zip(one, other, strict=True)]


def spread(values: Sequence[float], digits: int = 4) -> dict[str, float]:
    """Median, least and most, rounded."""
    return {
        "median": round(statistics.median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


def ratios(over: Sequence[float], under: Sequence[float], digits: int = 3) -> dict[str, float]:
    """The spread of over / under within each round."""
    return spread([a / b for a, b in zip(over, under, strict=True)], digits)


def shown(found: Mapping[str, float], digits: int = 2) -> str:
    """A spread as text: median (least-most)."""
    return f"{found['median']:.{digits}f} ({found['min']:.{digits}f}-{found['max']:.{digits}f})"


def facts() -> dict[str, object]:
    """Machine, date and versions, peers included where they are installed."""
    found: dict[str, Any] = machine_facts()
    versions = dict(found["versions"])
    for name in _PEERS:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {"versions": versions}


def write_result(name: str, command: str, body: Mapping[str, Any]) -> Path:
    """Writes benchmarks/results/NAME.json, whole or not at all.

    Args:
        name: of the benchmark.
        command: what was run.
        body: the figures.
    """
    path = RESULTS / f"{name}.json"
    record = {"command": command, **facts(), **body}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    temporary.replace(path)
    return path


def read_result(name: str) -> dict[str, Any]:
    """What `write_result` wrote; empty where nothing was."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def require_torch() -> None:
    """Ends with one line on how to install PyTorch where it is absent."""
    if find_spec("torch") is None:
        sys.exit(
            "This benchmark pairs the toolkit with PyTorch, which is not installed. "
            "Install it with: pip install 'rnn-toolkit[benchmarks]'"
        )
