"""TF_CONFIG, well-formed and not; and what must agree between processes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.training.cluster import EXAMPLE, read_cluster
from rnn_toolkit.training.distribution import Distribution

TWO = ["10.0.0.1:2222", "10.0.0.2:2222"]


def config(cluster: Any, kind: str = "worker", index: Any = 0) -> str:
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def test_the_example_can_be_used() -> None:
    found = read_cluster(EXAMPLE)
    assert len(found.workers) == 2
    assert found.own_address == found.workers[0]


def test_a_chief_comes_before_the_workers() -> None:
    cluster = {"worker": TWO, "chief": ["10.0.0.9:1"]}
    assert read_cluster(config(cluster, "chief")).index == 0
    found = read_cluster(config(cluster, "worker", 1))
    assert (found.index, found.own_address) == (2, TWO[1])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "needs the variable TF_CONFIG"),
        ("", "needs the variable TF_CONFIG"),
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"cluster": {"worker": ["a:1"]}}', "KeyError: 'task'"),
        (config({"worker": TWO}, "ps"), "worker or chief, not 'ps'"),
        (config({"worker": TWO, "ps": ["a:1"]}), "not 'ps'"),
        (config({"worker": TWO}, index=2), "no worker of index 2 among 2"),
        (config({"worker": TWO}, index=-1), "no worker of index -1"),
        (config({"worker": TWO}, index="0"), "no worker of index '0'"),
        (config({"worker": TWO}, index=True), "no worker of index True"),
        (config({"worker": ["10.0.0.1"]}), "host:port, not '10.0.0.1'"),
        (config({"worker": [1, 2]}), "host:port, not 1"),
        (config({"worker": [TWO[0], TWO[0]]}), "twice"),
        (config({"worker": []}), "no worker of index 0 among 0"),
        (config({"chief": TWO}, "chief"), "one chief at most"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line_with_an_example(
    text: str | None, reason: str
) -> None:
    with pytest.raises(OptionError) as caught:
        read_cluster(text)
    told = str(caught.value)
    assert reason in told
    assert EXAMPLE in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"recipe": "adversarial"}, "the recipe adversarial does more"),
        ({"recipe": "pretrained-lm", "unlabelled": "u.txt"}, "labels alone"),
        ({"recipe": "vectors"}, "Several workers cannot train vectors"),
        ({"recipe": "fast", "unlabelled": "u.txt"}, "Several workers cannot train vectors"),
    ],
)
def test_what_several_workers_cannot_do_is_told(options: dict[str, str], reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        sentiment_config({**options, "distribute": "multi-worker"})


def test_devices_of_one_machine_may_train_vectors() -> None:
    options = {"recipe": "vectors", "distribute": "mirrored", "unlabelled": "u.txt"}
    assert sentiment_config(options).training.distribute == "mirrored"


def test_an_earlier_config_has_neither_option() -> None:
    values = SentimentConfig().model_dump()
    for name in ("distribute", "precision"):
        del values["training"][name]
    training = SentimentConfig.model_validate(values).training
    assert (training.distribute, training.precision) == ("none", "float32")


class Pair(Distribution):
    """One of two workers, as if the other said `other`."""

    def __init__(self, worker: int, other: float = 0.0) -> None:
        super().__init__(worker=worker, workers=2)
        self.other = other

    def total(self, values: Any) -> list[float]:
        return [value + self.other for value in values]


def test_all_stop_when_one_wants_to() -> None:
    assert Pair(0, other=0).agreed("") == ""
    assert Pair(0, other=1).agreed("") == "another worker stopped"
    assert Pair(1, other=0).agreed("stopped by Ctrl-C") == "stopped by Ctrl-C"
    assert Distribution().agreed("") == ""


def test_workers_with_other_data_are_told() -> None:
    with pytest.raises(DataError, match="different data, settings or versions"):
        Pair(0, other=1.0).check_same("a")
    Distribution().check_same("a")


@pytest.mark.parametrize(("rows", "after"), [(1, 3), (3, 3), (4, 6)])
def test_every_replica_gets_as_many_rows(rows: int, after: int) -> None:
    distribution = Distribution()
    distribution.replicas = 3
    ids, weights = np.ones((rows, 5), np.int32), np.ones(rows, np.float32)
    evened = distribution.evened(ids, weights)
    assert [of.shape for of in evened] == [(after, 5), (after,)]
    assert [of.dtype for of in evened] == [np.int32, np.float32]
    assert [float(of.sum()) for of in evened] == [rows * 5, rows]
