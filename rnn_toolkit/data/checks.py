"""What a person should know about a data set before believing a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnn_toolkit.data.labelled import LabelledTexts, text_key


@dataclass(frozen=True)
class Duplicates:
    """Texts that occur more than once."""

    extra_rows: int
    contradicting_texts: int


def duplicates_inside(data: LabelledTexts) -> Duplicates:
    """Counts rows that repeat an earlier text, and texts that carry different labels."""
    label_of: dict[int, str] = {}
    contradicting: set[int] = set()
    for text, label in zip(data.texts, data.labels, strict=True):
        key = text_key(text.strip())
        if label_of.setdefault(key, label) != label:
            contradicting.add(key)
    return Duplicates(len(data) - len(label_of), len(contradicting))


def rows_also_in(data: LabelledTexts, fingerprints: set[str] | Sequence[str]) -> int:
    """How many rows have a text whose fingerprint is given."""
    known = set(fingerprints)
    return sum(fingerprint(text) in known for text in data.texts)


def fingerprint(text: str) -> str:
    """Eight bytes of a text's SHA-256, enough to recognise it among millions."""
    import hashlib

    return hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest()[:16]


def shown_problems(problems: Sequence[str], source: str, *, most: int = 5) -> list[str]:
    """Lines that report the rows left out: how many, and the first few."""
    if not problems:
        return []
    rows = "row was" if len(problems) == 1 else "rows were"
    lines = [f"{source}: {len(problems):,} {rows} left out:"]
    lines += [f"  {problem}" for problem in problems[:most]]
    if len(problems) > most:
        lines.append(f"  ... and {len(problems) - most:,} more")
    return lines
