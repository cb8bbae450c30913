"""Several replicas learn what one learns from the same batches: processes, and devices."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_toolkit import OptionError, SentimentClassifier, train_to_directory
from rnn_toolkit.training.observer import SilentObserver

# Each replica hides something else, so that curves are the same only where nothing is hidden.
OPTIONS = {
    "word_dropout": 0.0,
    "embedding_dropout": 0.0,
    "output_dropout": 0.0,
    "units": 6,
    "embedding_size": 8,
    "pair_buckets": 64,
    "epochs": 2,
    "batch_size": 7,  # neither 7 rows nor the last ones can be halved
    "learning_rate": 0.02,
    "gradient_clip": 0.2,
    "class_weights": "balanced",
}
SECONDS = 400
ON_TWO_DEVICES = """
import tensorflow as tf
(processor,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from rnn_toolkit_cli.main import main
main()
"""


def two_ports() -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


@contextmanager
def started(
    program: list[str], data: Path, out: Path, log: Path, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`train sentiment` in a process that is gone after the block."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in OPTIONS.items()]
    command = [sys.executable, *program, "train", "sentiment", "--data", str(data)]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", **more}
    distribute = "multi-worker" if more else "mirrored"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*command, *options, "--distribute", distribute, "--out", str(out)],
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model directories: of one replica, of two processes, of two devices; and their output."""
    folder = tmp_path_factory.mktemp("distributed")
    data = folder / "reviews.csv"
    generator = np.random.default_rng(5)
    with data.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for row in range(61):
            good = bool(row % 3)
            words = [f"word{n}" for n in generator.integers(0, 30, generator.integers(2, 20))]
            words.insert(len(words) // 2, "lovely" if good else "awful")
            writer.writerow([" ".join(words), "good" if good else "bad"])
    addresses = [f"127.0.0.1:{port}" for port in two_ports()]
    module = ["-m", "rnn_toolkit_cli.main"]
    with ExitStack() as stack:
        running = []
        for index in range(2):
            task = {"type": "worker", "index": index}
            place = json.dumps({"cluster": {"worker": addresses}, "task": task})
            log = folder / f"worker{index}.txt"
            process = started(module, data, folder / "workers", log, TF_CONFIG=place)
            running.append(stack.enter_context(process))
        two = started(["-c", ON_TWO_DEVICES], data, folder / "devices", folder / "devices.txt")
        running.append(stack.enter_context(two))
        train_to_directory(str(data), folder / "one", observer=SilentObserver(), **OPTIONS)
        for process in running:
            process.wait(timeout=SECONDS)
        told = "\n".join(log.read_text("utf-8") for log in sorted(folder.glob("*.txt")))
        assert [process.returncode for process in running] == [0, 0, 0], told
    return folder


def curve(model: Path) -> list[dict[str, float]]:
    with (model / "history.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    names = ("loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate")
    return [{name: float(line[name]) for name in names} for line in lines]


def answers(model: Path) -> list[Any]:
    texts = ["lovely word1 word2", "awful word3", "word4 word5 word6 lovely", "", "word7"]
    return [found.probabilities for found in SentimentClassifier.load(model).predict(texts)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["workers", "devices"])
def test_the_loss_curve_is_that_of_one_replica(folder: Path, name: str) -> None:
    wanted = curve(folder / "one")
    assert len(wanted) == 2
    assert abs(wanted[0]["loss"] - wanted[1]["loss"]) > 0.01
    for found, line in zip(curve(folder / name), wanted, strict=True):
        assert found == pytest.approx(line, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["workers", "devices"])
def test_the_answers_are_those_of_one_replica(folder: Path, name: str) -> None:
    for found, wanted in zip(answers(folder / name), answers(folder / "one"), strict=True):
        assert found == pytest.approx(wanted, abs=1e-4)


@pytest.mark.slow
def test_only_the_chief_reports(folder: Path) -> None:
    chief, other = ((folder / f"worker{index}.txt").read_text("utf-8") for index in range(2))
    assert "epoch 2" in chief
    assert f"Saved {folder / 'workers'}" in chief
    assert other.strip().startswith("Worker 2 of 2, at 127.0.0.1:")
    assert len(other.strip().splitlines()) == 1


def test_several_workers_need_their_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(OptionError, match=r"TF_CONFIG.*192\.168\.1\.10:2222"):
        SentimentClassifier(distribute="multi-worker").fit((["a", "b"] * 5, ["x", "y"] * 5))
