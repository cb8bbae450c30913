"""Finds the source and the target column of a table of pairs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from rnn_toolkit.data.tables import Table
from rnn_toolkit.errors import DataError, OptionError

_KNOWN_PAIRS: Final = (
    ("source", "target"), ("src", "tgt"), ("src", "trg"), ("source_text", "target_text"),
    ("source_sentence", "target_sentence"), ("input", "output"), ("input_text", "target_text"),
    ("inputs", "targets"), ("prompt", "response"), ("prompt", "completion"),
    ("instruction", "response"), ("question", "answer"), ("text", "summary"),
    ("document", "summary"), ("article", "highlights"), ("article", "summary"),
    ("dialogue", "summary"), ("sentence", "translation"), ("text", "translation"),
    ("original", "translation"), ("word", "pronunciation"), ("word", "phonemes"),
    ("noisy", "clean"), ("\u539f\u6587", "\u8bd1\u6587"), ("\u6e90", "\u76ee\u6807"),
    ("\u95ee\u9898", "\u7b54\u6848"), ("\u82f1\u6587", "\u4e2d\u6587"),
    ("\u4e2d\u6587", "\u82f1\u6587"),
)  # fmt: skip
# Without "id" and "no", which name numbers far more often than Indonesian and Norwegian.
_LANGUAGES: Final = frozenset(
    """
    af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy is
    it ja ka kk km kn ko la lt lv mk ml mn mr ms my nb ne nl nn pa pl ps pt ro ru si sk sl sq sr
    sv sw ta te th tl tr uk ur uz vi yi zh zu
    ara bul ces cmn dan deu ell eng epo est fas fin fra fre ger heb hin hun ind ita jpn kor lat
    lit mar nld nob pol por ron rus slk slv spa srp swe tha tur ukr vie yue zho
    arabic bengali bulgarian catalan chinese croatian czech danish dutch english esperanto
    estonian finnish french german greek hebrew hindi hungarian icelandic indonesian italian
    japanese korean latin latvian lithuanian norwegian persian polish portuguese romanian russian
    serbian slovak slovenian spanish swahili swedish tamil thai turkish ukrainian urdu vietnamese
    deutsch fran\u00e7ais espa\u00f1ol italiano portugu\u00eas \u4e2d\u6587 \u82f1\u6587
    """.split()
)
_REGION = re.compile(r"[-_](?:[a-z]{2}|hans|hant|latn|cyrl)$")
_COMPOUND = re.compile(r"(?:text|sentence|lang|caption)_(\w+)|(\w+)_(?:text|sentence|lang|caption)")
_SAMPLE_ROWS = 1000
_FEW = 5


@dataclass(frozen=True)
class PairColumns:
    """The names of the two columns.

    Args:
        source: what is read.
        target: what is to be written.
        recognised: whether the names say so; otherwise what the columns hold does.
    """

    source: str
    target: str
    recognised: bool = True


def find_pair_columns(
    table: Table, *, source: str | None = None, target: str | None = None
) -> PairColumns:
    """Chooses the two columns as the user says, else by name, else by what they hold.

    Args:
        table: the table.
        source: name of the source column, or its number from 1.
        target: name of the target column, or its number from 1.

    Raises:
        DataError: a named column does not exist, or there is only one; the message lists all.
        OptionError: both are the same column.
    """
    names = [str(name) for name in table.frame.columns]
    if len(names) < 2:
        raise DataError(
            f"{table.path} has only one column, {names[0]!r}."
            if names
            else f"{table.path} has no column.",
            "Give a source and a target column.",
        )
    chosen_source = _chosen(table, names, source, "--source-column")
    chosen_target = _chosen(table, names, target, "--target-column")
    if chosen_source is not None and chosen_source == chosen_target:
        raise OptionError(
            f"Source and target are both column {chosen_source!r} of {table.path}.",
            f"Choose two of: {_listed(names)}.",
        )
    if chosen_source is not None and chosen_target is not None:
        return PairColumns(chosen_source, chosen_target)
    named = named_pair(names)
    sides = named or _by_content(table.frame, names)
    # With one side chosen, the other is what is left of the usual two.
    if chosen_source is not None:
        other = sides[0] if chosen_source == sides[1] else sides[1]
        return PairColumns(chosen_source, other, named is not None)
    if chosen_target is not None:
        other = sides[1] if chosen_target == sides[0] else sides[0]
        return PairColumns(other, chosen_target, named is not None)
    return PairColumns(*sides, named is not None)


def _chosen(table: Table, names: list[str], wanted: str | None, option: str) -> str | None:
    if wanted is None or wanted in names:
        return wanted
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise DataError(
        f"{table.path} has no column {wanted!r} ({option}).", f"It has: {_listed(names)}."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"{number} {name!r}" for number, name in enumerate(names, start=1))


def named_pair(names: Sequence[str]) -> tuple[str, str] | None:
    """The two of these column names that are known to go together, source first.

    Args:
        names: of all columns, in their order.

    Returns:
        A known pair such as input and output, or the first two languages; None without either.
    """
    by_lower = {name.strip().lower(): name for name in names}
    for source, target in _KNOWN_PAIRS:
        if source in by_lower and target in by_lower:
            return by_lower[source], by_lower[target]
    languages = [name for name in names if _is_language(name)]
    return (languages[0], languages[1]) if len(languages) > 1 else None


def _is_language(name: str) -> bool:
    lower = name.strip().lower()
    compound = _COMPOUND.fullmatch(lower)
    if compound:
        lower = compound[1] or compound[2]
    return _REGION.sub("", lower) in _LANGUAGES


def names_pair_columns(records: list[list[str]]) -> bool:
    """Whether the first record of a table of pairs names its columns.

    A first sentence looks much like a name ("Go." and "Va !"), so it takes known names, or a
    column that holds numbers from the second row on.

    Args:
        records: the first rows.
    """
    first, rest = records[0], records[1:]
    if named_pair(first) is not None:
        return True
    for position, name in enumerate(first):
        below = [record[position] for record in rest]
        if below and not _is_number(name) and all(map(_is_number, below)):
            return True
    return False


def _is_number(value: str) -> bool:
    return value.strip().replace(".", "", 1).lstrip("-").isdecimal()


def _by_content(frame: pd.DataFrame, names: list[str]) -> tuple[str, str]:
    """The first two columns that hold texts, else the first two."""
    if len(names) > 2:
        texts = [name for name in names if _holds_texts(frame[name].head(_SAMPLE_ROWS).tolist())]
        if len(texts) > 1:
            return texts[0], texts[1]
    return names[0], names[1]


def _holds_texts(values: Sequence[object]) -> bool:
    """Whether values are written in letters, and more varied than a category is."""
    texts = [value for value in values if isinstance(value, str) and value.strip()]
    lettered = sum(any(map(str.isalpha, text)) for text in texts)
    category = len(texts) > 10 * _FEW and len(set(texts)) <= _FEW
    return not category and lettered > len(values) / 2
