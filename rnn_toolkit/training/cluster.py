"""The workers of a training on several machines, as TF_CONFIG lists them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from rnn_toolkit.errors import OptionError

EXAMPLE = (
    '{"cluster": {"worker": ["192.168.1.10:2222", "192.168.1.11:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)
_REMEDY = f"On the first of two machines: export TF_CONFIG='{EXAMPLE}'; on the second, index 1."
_ADDRESS = re.compile(r"\S+:\d+")


@dataclass(frozen=True)
class Cluster:
    """All workers, and which of them this process is.

    Args:
        workers: host:port of each; the first is the chief.
        index: of this process.
    """

    workers: tuple[str, ...]
    index: int

    @property
    def own_address(self) -> str:
        """Where this process listens."""
        return self.workers[self.index]


def read_cluster(text: str | None) -> Cluster:
    """Reads the value of TF_CONFIG.

    Args:
        text: JSON with `cluster` (lists of addresses under "worker", perhaps one more under
            "chief") and `task` (type and index of this process); None where it is not set.

    Raises:
        OptionError: it is absent or not of this form; the message has an example.
    """
    if not text:
        raise OptionError("--distribute multi-worker needs the variable TF_CONFIG.", _REMEDY)
    try:
        value: Any = json.loads(text)
        lists = {kind: list(value["cluster"].get(kind, [])) for kind in ("chief", "worker")}
        others = sorted(set(value["cluster"]) - set(lists))
        kind, index = value["task"]["type"], value["task"]["index"]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _bad(f"{type(error).__name__}: {error}") from None
    if others:
        raise _bad(f"a cluster has workers and a chief, not {others[0]!r}")
    if kind not in lists:
        raise _bad(f"the type of a task is worker or chief, not {kind!r}")
    if len(lists["chief"]) > 1:
        raise _bad("there is one chief at most")
    workers = (*lists["chief"], *lists["worker"])
    for address in workers:
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            raise _bad(f"an address is host:port, not {address!r}")
    if len(set(workers)) < len(workers):
        raise _bad("an address stands there twice")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(lists[kind]):
        raise _bad(f"there is no {kind} of index {index!r} among {len(lists[kind])}")
    return Cluster(workers, index + (len(lists["chief"]) if kind == "worker" else 0))


def _bad(reason: str) -> OptionError:
    return OptionError(f"TF_CONFIG cannot be used: {reason}.", _REMEDY)
