"""Golden vectors: texts with the ids and answers that every client must reproduce."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from rnn_toolkit.config import Settings, SettingsType
from rnn_toolkit.errors import BundleError

GOLDEN_NAME = "golden.jsonl"

# Rows that catch what clients get wrong: Unicode, emoji, markup, nothing at all, unknown
# words only, over-long texts, repetition.
GOLDEN_TEXTS: tuple[str, ...] = (
    "A wonderful film.",
    "Not good, not bad - just boring!",
    "I don\u2019t like it; it isn't what I'd hoped for.",
    "",
    "   \t\n ",
    "zzxqj qqqvx",
    "<br />Great &amp; funny<br />",
    "na\u00efve caf\u00e9 cafe\u0301 \u00c5\u0130 STRASSE stra\u00dfe \u03a3\u03a3",
    "\u975e\u5e38\u597d\u770b\uff0c\u63a8\u8350\uff01 \u670d\u52a1\u592a\u5dee\u3002",
    "\U0001f600\U0001f44d\U0001f3fd \U0001f468\u200d\U0001f469\u200d\U0001f467 5/5!!!",
    "\u041f\u0440\u0435\u043a\u0440\u0430\u0441\u043d\u044b\u0439 \u0444\u0438\u043b\u044c\u043c",
    "\u0627\u0644\u0641\u064a\u0644\u0645 \u0631\u0627\u0626\u0639",
    "\u0020\u00a0\u3000 zero\u200bwidth \ufeffmark \x07bell",
    "good good good good good good good good",
    "good",
    "1,000.50 $ 10% #1 C++ [PAD] [UNK] ##ing",
    "A slow start, but the ending is great. " * 120,
)


def write_golden(path: Path, rows: Sequence[Settings]) -> None:
    """Writes one JSON object per line."""
    path.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), encoding="utf-8")


def read_golden(path: Path, row: type[SettingsType]) -> list[SettingsType]:
    """Reads golden.jsonl.

    Args:
        path: the file.
        row: what a line holds.

    Raises:
        BundleError: the file is missing or a line is not a golden row.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        raise BundleError(f"{path} is missing.", "Export the model again.") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(row.model_validate_json(line))
        except ValidationError:
            raise BundleError(
                f"{path}, line {number}, is not a golden row.", "Export the model again."
            ) from None
    return rows
