"""Made-up pairs for a first training: dates as people write them, and as ISO 8601 has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import numpy as np

from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.errors import OptionError

_FIRST, _LAST = date(1930, 1, 1), date(2029, 12, 31)
# Not from calendar: its names follow the locale of the machine.
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second", "twenty-third",
    "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth",
    "twenty-ninth", "thirtieth", "thirty-first",
)  # fmt: skip

Writer = Callable[[date], str]


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def _short_month(day: date) -> str:
    return "Sept" if day.month == 9 else _month(day)[:3]


def _ordinal(day: date) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if day.day in (11, 12, 13) else endings.get(day.day % 10, "th")
    return f"{day.day}{ending}"


def _weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


# The month is a name, or its place is beyond doubt: 3/4/1998 is not among them.
_WRITERS: Final[tuple[Writer, ...]] = (
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_ordinal(day)} of {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {_ordinal(day)}, {day.year}",
    lambda day: f"the {_ordinal(day)} of {_month(day)}, {day.year}",
    lambda day: f"the {_ORDINALS[day.day - 1]} of {_month(day)} {day.year}",
    lambda day: f"{_month(day)} the {_ORDINALS[day.day - 1]}, {day.year}",
    lambda day: f"{_weekday(day)}, {day.day} {_month(day)} {day.year}",
    lambda day: f"{_weekday(day)}, {_month(day)} {_ordinal(day)} {day.year}",
    lambda day: f"{_weekday(day)[:3]} {day.day} {_short_month(day)} {day.year}",
    lambda day: f"{day.day} {_short_month(day)} {day.year}",
    lambda day: f"{_short_month(day)}. {day.day}, {day.year}",
    lambda day: f"{day.day}-{_short_month(day)}-{day.year}",
    lambda day: f"{day.day} {_short_month(day)} '{day.year % 100:02}",
    lambda day: f"{_month(day)} {day.day}, '{day.year % 100:02}",
    lambda day: f"{day.year}, {_month(day)} {day.day}",
    lambda day: f"in {day.year}, on the {_ordinal(day)} of {_month(day)}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}{day.month:02}{day.day:02}",
    lambda day: f"{day.year}\u5e74{day.month}\u6708{day.day}\u65e5",
)  # fmt: skip
_CASES: Final[tuple[Callable[[str], str], ...]] = (str, str, str.lower, str.upper)


def sample_pairs(count: int = 5000, seed: int = 1) -> ParallelText:
    """Makes pairs such as "Tuesday, 3 March 1998" and "1998-03-03", for lack of real ones.

    Dates from 1930 to 2029 in some twenty spellings, in full and abbreviated, with words,
    ordinals and figures, in several orders and cases. Each has one reading only: two figures
    for a year mean the one of those hundred, points stand in the order day, month, year, and
    figures between slashes begin with the year.

    Args:
        count: pairs, all different.
        seed: of the choice.

    Raises:
        OptionError: the count is less than 1, or more than there are different pairs.
    """
    days = (_LAST - _FIRST).days + 1
    if not 1 <= count <= days:
        raise OptionError(f"count must be between 1 and {days:,}, not {count}.")
    generator = np.random.default_rng(seed)
    made: dict[str, str] = {}
    while len(made) < count:
        day = _FIRST + timedelta(days=int(generator.integers(days)))
        writer = _WRITERS[int(generator.integers(len(_WRITERS)))]
        text = _CASES[int(generator.integers(len(_CASES)))](writer(day))
        made.setdefault(text, day.isoformat())
    note = f"{count:,} made-up pairs of a date and its ISO 8601 form, seed {seed}"
    return ParallelText(list(made), list(made.values()), "made-up dates", "date", "iso", [note])
