"""Counts what was wrong with the rows of a file, and says where the first of them stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

_PLACES_NAMED = 5


class Problem(Enum):
    """What can be wrong with one row; the value says what was done about it."""

    WIDTH = "without a word and {dimensions} numbers skipped"
    NOT_FINITE = "with a number that is not finite skipped"
    DUPLICATE = "repeating an earlier word ignored, the first one counts"
    ENCODING = "whose word is not UTF-8 read as Windows-1252"


@dataclass
class RowProblems:
    """The problems met in one file.

    Args:
        dimensions: numbers that a row should have.
        unit: what a place in the file is called.
    """

    dimensions: int
    unit: Literal["line", "row"] = "line"
    _counts: Counter[Problem] = field(default_factory=Counter)
    _places: dict[Problem, list[int]] = field(default_factory=dict)

    def add(self, problem: Problem, place: int) -> None:
        """Counts one problem.

        Args:
            problem: what was wrong.
            place: the line or row, counted from one.
        """
        self._counts[problem] += 1
        places = self._places.setdefault(problem, [])
        if len(places) < _PLACES_NAMED:
            places.append(place)

    def notes(self) -> list[str]:
        """One sentence for each kind of problem that was met."""
        return [self._sentence(problem) for problem in Problem if self._counts[problem]]

    def _sentence(self, problem: Problem) -> str:
        count = self._counts[problem]
        rows = "row" if count == 1 else "rows"
        units = self.unit if count == 1 else f"{self.unit}s"
        places = ", ".join(f"{place:,}" for place in self._places[problem])
        more = ", ..." if count > _PLACES_NAMED else ""
        what = problem.value.format(dimensions=self.dimensions)
        return f"{count:,} {rows} {what} ({units} {places}{more})."
