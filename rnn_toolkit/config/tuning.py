"""Settings of a search for the best settings."""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field, field_validator, model_validator

from rnn_toolkit.config.settings import Settings

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)


def parse_bytes(text: str) -> int:
    """A size in words as a number of bytes.

    Args:
        text: for example "2MB" (2,000,000), "1.5 MiB" (1,572,864), "500 KB" or "800000".

    Raises:
        ValueError: it is no size; the message says what one looks like.
    """
    found = _SIZE.fullmatch(text.strip())
    factor = None if found is None else _UNITS.get(found[2].lower())
    if found is None or factor is None:
        raise ValueError("a size is a number with a unit, such as 2MB, 500 KB or 1.5MiB")
    return int(float(found[1]) * factor)


class TuningConfig(Settings):
    """How long to search, and how large the exported model may be.

    Args:
        max_minutes: for everything from reading the data to the judged winner.
        max_size: bytes of the exported bundle, or text such as "2MB"; see parse_bytes.
        trials: how many settings are tried at most.
        seed: of the proposals, of the split and of every training.
    """

    max_minutes: float | None = Field(default=None, gt=0)
    max_size: int | None = Field(default=None, gt=0)
    trials: int | None = Field(default=None, ge=1)
    seed: int = Field(default=1, ge=0, lt=2**31)

    @field_validator("max_size", mode="before")
    @classmethod
    def _bytes(cls, value: Any) -> Any:
        return parse_bytes(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ends(self) -> TuningConfig:
        if self.max_minutes is None and self.trials is None:
            raise ValueError("a search needs an end: give max_minutes, trials or both")
        return self
