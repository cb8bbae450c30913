"""What a check of a bundle against its golden rows found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class GoldenReport:
    """What a check against the golden rows found.

    `milliseconds` is the mean time of one `unit`; each problem is a sentence.
    """

    rows: int
    largest_difference: float
    milliseconds: float
    unit: Literal["text", "token"]
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing at all was wrong."""
        return not self.problems
