"""One training on several devices or machines (tf.distribute)."""

from __future__ import annotations

import os
import signal
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.config import DistributeName
from rnn_toolkit.errors import DataError, OptionError, WorkerLostError
from rnn_toolkit.training.cluster import read_cluster
from rnn_toolkit.training.gradient_norms import one_slice_per_row

_SUM = tf.distribute.ReduceOp.SUM
_APART = 2**32  # between the random numbers of two replicas, far more than a training draws


class Distribution:
    """The replicas of a model: one here, one on each device, or some on each of many machines.

    Every replica has all the weights and takes its share of the rows of each batch. Gradients
    are summed over the replicas before they are clipped, so that what is learned does not
    depend on how many there are; only dropout hides something else on each.

    Args:
        strategy: of tf.distribute; None for one replica here.
        worker: the number of this process; 0 is the chief, which alone writes files.
        workers: how many processes there are.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy | None = None,
        *,
        worker: int = 0,
        workers: int = 1,
    ) -> None:
        self.strategy, self.worker, self.workers = strategy, worker, workers
        self.replicas = 1 if strategy is None else int(strategy.num_replicas_in_sync)
        self._total = tf.function(self._sum_over_workers, reduce_retracing=True)

    @property
    def chief(self) -> bool:
        """Whether this process writes files and reports."""
        return self.worker == 0

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Variables made inside the block are replicated, and must be used inside it.

        Raises:
            WorkerLostError: another process has ended or cannot be reached.
        """
        if self.strategy is None:
            yield
            return
        try:
            with self.strategy.scope():
                yield
        except tf.errors.OpError as error:
            if self.workers == 1 or not isinstance(error, _LOST):
                raise
            raise WorkerLostError(
                "A worker has ended or cannot be reached.",
                "Start all of them again; --resume continues after the last whole epoch.",
            ) from error

    def evened(self, *arrays: NDArray[Any]) -> list[NDArray[Any]]:
        """Rows of zeros behind a batch, so that every replica gets as many as the others.

        Args:
            *arrays: [rows, ...] each, of one batch.
        """
        missing = -len(arrays[0]) % self.replicas
        if not missing:
            return list(arrays)
        return [np.pad(of, [(0, missing), *[(0, 0)] * (of.ndim - 1)]) for of in arrays]

    def run(self, step: Callable[..., Any], *batch: Tensor) -> Any:
        """Calls `step` on every replica, each with its share of the rows; for a tf.function.

        Args:
            step: takes as many tensors as there are in `batch`, and returns the same on every
                replica.
            *batch: [rows, ...] each, evened; the same in every process.

        Returns:
            What `step` returned here.
        """
        if self.strategy is None:
            return step(*batch)

        def replica(*batch: Tensor) -> Any:
            first = tf.distribute.get_replica_context().replica_id_in_sync_group
            # Rows are sorted by length: dealt out like cards, no replica gets all long ones.
            return step(*(part[first :: self.replicas] for part in batch))

        found = self.strategy.run(replica, args=batch)
        return [self.strategy.experimental_local_results(value)[0] for value in found]

    def summed(self, gradients: Sequence[Tensor], *numbers: Tensor) -> tuple[Any, ...]:
        """Sums over the replicas, from within `run`.

        Args:
            gradients: one per weight, None where there is none.
            *numbers: scalars.

        Returns:
            The gradients, those of embeddings with one slice per row, and the numbers.
        """
        found = [one_slice_per_row(gradient) for gradient in gradients]
        if self.strategy is None:
            return found, *numbers
        context = tf.distribute.get_replica_context()
        present = [gradient for gradient in found if gradient is not None]
        *present, scalars = context.all_reduce(_SUM, [*present, tf.stack(numbers)])
        left = iter(present)
        found = [None if old is None else one_slice_per_row(next(left)) for old in found]
        return found, *tf.unstack(scalars, len(numbers))

    def apply(
        self, optimizer: keras.optimizers.Optimizer, pairs: Sequence[tuple[Tensor, Any]]
    ) -> None:
        """Changes the weights, from within `run`, by gradients that are already summed.

        Args:
            optimizer: built within `scope`.
            pairs: gradients and Keras variables.
        """
        if self.strategy is None:
            optimizer.apply_gradients(pairs)
            return
        # `apply_gradients` would sum once more. The same update on every replica keeps them equal.
        rate = optimizer.learning_rate
        for gradient, variable in pairs:
            optimizer.update_step(gradient, variable, rate)
        optimizer.iterations.assign_add(1)

    def part_noise(self, states: Sequence[keras.Variable]) -> None:
        """Gives every replica random numbers of its own.

        Args:
            states: of the generators, the same on every replica.
        """
        if self.strategy is None:
            return

        def move() -> None:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            apart = tf.cast(replica, tf.int64) * _APART
            for state in states:
                ahead = tf.cast(tf.stack([tf.zeros_like(apart), apart]), state.value.dtype)
                state.assign(state.value + ahead)

        tf.function(lambda: self.strategy.run(move))()

    def total(self, values: Sequence[float]) -> list[float]:
        """Sums over the processes; every one of them must ask for it."""
        if self.workers == 1:
            return list(values)
        return [float(value) for value in self._total(tf.constant(values, tf.float64))]

    def agreed(self, reason: str) -> str:
        """Why to stop, the same moment for all processes; empty where none wants to."""
        (wishes,) = self.total([float(bool(reason))])
        return reason or ("another worker stopped" if wishes else "")

    def check_same(self, described: str) -> None:
        """Makes sure that all processes train the same.

        Raises:
            DataError: they have other settings, data or versions.
        """
        own = float(zlib.crc32(described.encode()))
        (found,) = self.total([own])
        if found != own * self.workers:
            raise DataError(
                "The workers have different data, settings or versions of the software.",
                "Give every one of them the same command, and the same files.",
            )

    def from_chief(self, path: Path | None, folder: Path, *, wanted: bool) -> Path | None:
        """A file of the chief's, or a copy of it.

        Args:
            path: where the chief has it; there need be none.
            folder: for the copy.
            wanted: whether it will be read at all.
        """
        if path is None or self.workers == 1 or not wanted:
            return path
        content = path.read_bytes() if self.chief and path.exists() else b""
        (size,) = self.total([float(len(content))])
        if not size:
            return path if self.chief else None
        words = np.zeros(-(-int(size) // 4), np.int32)
        words.view(np.uint8)[: len(content)] = np.frombuffer(content, np.uint8)
        words = np.asarray(self._total(tf.constant(words)))  # the others add zeros
        if self.chief:
            return path
        copy = folder / path.name
        copy.write_bytes(words.tobytes()[: int(size)])
        return copy

    def _sum_over_workers(self, values: Tensor) -> Tensor:
        if self.strategy is None:
            return values

        def replica() -> Tensor:
            context = tf.distribute.get_replica_context()
            here = self.replicas // self.workers  # replicas of a process; the first one speaks
            speaks = tf.equal(context.replica_id_in_sync_group % here, 0)
            said = tf.where(speaks, values, tf.zeros_like(values))
            return context.all_reduce(_SUM, said)

        return self.strategy.experimental_local_results(self.strategy.run(replica))[0]


@contextmanager
def _mortal() -> Iterator[None]:
    """Lets Ctrl-C end the process at once, since native code that waits does not listen to it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
)


def open_distribution(name: DistributeName, *, note: Callable[[str], None]) -> Distribution:
    """Where a model shall be trained.

    Args:
        name: "none"; "mirrored", on every device of this machine; or "multi-worker", on those
            of every machine that TF_CONFIG lists, which must be asked for before TensorFlow
            has computed anything.
        note: is told what was found.

    Raises:
        OptionError: TF_CONFIG cannot be used, or its address, or it is too late.
    """
    if name == "none":
        return Distribution()
    if name == "mirrored":
        kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
        devices = [device.name for device in tf.config.list_logical_devices(kind)]
        note(f"Training on {len(devices)} {kind} device{'s' * (len(devices) > 1)}")
        if len(devices) == 1:
            note("With one device --distribute mirrored gains nothing.")
        return Distribution(tf.distribute.MirroredStrategy(devices))
    cluster = read_cluster(os.environ.get("TF_CONFIG"))
    workers = len(cluster.workers)
    note(f"Worker {cluster.index + 1} of {workers}, at {cluster.own_address}; waiting for all")
    try:
        with _mortal():
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError:
        raise OptionError(
            "TensorFlow has already computed something in this process.",
            "Train with several workers in a fresh one; they cannot begin with an earlier model.",
        ) from None
    except tf.errors.OpError as error:
        raise OptionError(
            f"Worker {cluster.index + 1} of {workers} cannot listen at {cluster.own_address}, or "
            f"the others cannot be reached: {error.message.splitlines()[0]}."
        ) from None
    return Distribution(strategy, worker=cluster.index, workers=workers)
