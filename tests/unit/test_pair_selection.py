"""Filters, held-out parts and leakage of pairs, and the made-up dates."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_toolkit.config import PairsConfig
from rnn_toolkit.data.date_pairs import sample_pairs
from rnn_toolkit.data.pair_filters import filter_pairs
from rnn_toolkit.data.pair_split import leakage, sentence_keys, split_pairs
from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.text.plain_line import plain_line

Pair = tuple[str, str]


def parallel(pairs: list[Pair]) -> ParallelText:
    return ParallelText([s for s, _ in pairs], [t for _, t in pairs], "pairs.tsv")


def pairs_of(found: ParallelText) -> list[Pair]:
    return list(zip(found.sources, found.targets, strict=True))


def test_each_filter_counts_what_it_leaves_out() -> None:
    usual = [(letter * 40, letter * 10) for letter in "abcdefgh"]  # a quarter as long
    too_long = [("s" * 601, "t" * 150), ("s" * 40, "t" * 601)]
    odd = [("s" * 40, "t" * 41), ("s" * 21, "t")]
    fine = [("s" * 40, "t" * 40), ("s" * 600, "t" * 150), ("s" * 20, "t"), ("s", "t" * 20)]
    kept, report = filter_pairs(
        parallel([*usual, *too_long, *odd, *fine, usual[0], usual[0]]), PairsConfig()
    )
    assert pairs_of(kept) == [*usual, *fine]
    assert (report.too_long, report.out_of_proportion, report.duplicates) == (2, 2, 2)
    assert (report.read, report.kept) == (18, 12)
    assert report.usual_ratio == 0.25
    assert [sentence.split(" ")[0] for sentence in report.sentences()] == ["2", "2", "2"]
    assert "more than 600 characters" in report.sentences()[0]
    assert "4 times out of the usual proportion (target / source 0.25" in report.sentences()[1]


def test_filters_that_leave_nothing_out_say_nothing() -> None:
    pairs = ParallelText(["one", "two"], ["eins", "zwei"], "a", notes=["read"], problems=["line 3"])
    kept, report = filter_pairs(pairs, PairsConfig())
    assert kept == pairs
    assert report.sentences() == []
    with pytest.raises(DataError, match=r"Nothing remains of a: 2 of 2 pairs with a side of more"):
        filter_pairs(pairs, PairsConfig(maximum_characters=2))
    _, report = filter_pairs(parallel([("a", "b")] * 2), PairsConfig())
    assert report.sentences() == ["1 of 2 pairs that repeat an earlier pair was left out."]


def test_sentences_are_recognised_without_case_and_punctuation() -> None:
    same = ["Don't go!", "don\u2019t go", "DON'T  GO .", "\u00bb Don't go. \u00ab"]
    assert len(set(sentence_keys(same))) == 1
    apart = [
        "a b",
        "ab",
        "1 + 1",
        "1 1",
        "\u0915\u093f",
        "\u0915\u093e",
        "?!",
        "...",
        "\u4f60\u597d",
    ]
    assert len(set(sentence_keys(apart))) == len(apart)
    assert "" not in sentence_keys([*apart, "?"])


words = st.sampled_from([f"word {letter}" for letter in "abcdefghijklmnopqrstuvwxyz"])
several = st.lists(st.tuples(words, words), min_size=2, max_size=60)


@given(several, st.floats(0.01, 0.5), st.integers(0, 5))
def test_no_source_stands_on_both_sides(pairs: list[Pair], share: float, seed: int) -> None:
    if len({source for source, _ in pairs}) < 2:
        with pytest.raises(DataError, match="have the same source"):
            split_pairs(parallel(pairs), share, seed)
        return
    training, held_out = split_pairs(parallel(pairs), share, seed)
    assert sorted(pairs_of(training) + pairs_of(held_out)) == sorted(pairs)
    assert len(training)
    assert len(held_out)
    report = leakage(training, held_out)
    assert report.seen_sources == report.seen_pairs == 0
    if "sources or targets" in held_out.notes[0]:
        assert report.seen_targets == 0
    again = split_pairs(parallel(pairs), share, seed)
    assert (training, held_out) == again


def test_held_out_pairs_are_new_on_both_sides() -> None:
    pairs = [(f"s{n}{'.' * (n % 2)}", f"t{n}") for n in range(2000)]
    pairs += [(f"S{n}", f"other {n}") for n in range(0, 2000, 3)]
    pairs += [(f"more {n}", f"T{n}!") for n in range(0, 2000, 5)]
    training, held_out = split_pairs(parallel(pairs), 0.05, 1)
    assert len(held_out) == round(0.05 * len(pairs))
    report = leakage(training, held_out)
    assert (report.seen_sources, report.seen_targets) == (0, 0)
    assert "none of their sources or targets occurs" in held_out.notes[0]
    order = {pair: place for place, pair in enumerate(pairs)}
    for part in (training, held_out):
        places = [order[pair] for pair in pairs_of(part)]
        assert places == sorted(places)
    assert pairs_of(split_pairs(parallel(pairs), 0.05, 2)[1]) != pairs_of(held_out)
    # Sentences with several translations are held out as often as others.
    repeated = sum(leakage(held_out, held_out.subset([n])).seen_sources for n in range(3))
    assert repeated == 3
    families = defaultdict(list)
    for source, _ in pairs_of(held_out):
        families[sentence_keys([source])[0]].append(source)
    assert sum(len(members) > 1 for members in families.values()) > 10


def test_targets_that_recur_everywhere_are_no_obstacle() -> None:
    pairs = [(f"question {n}", "yes" if n % 3 else "no") for n in range(300)]
    training, held_out = split_pairs(parallel(pairs), 0.1, 1)
    assert len(held_out) == 30
    assert set(held_out.targets) == set(training.targets) == {"yes", "no"}
    assert "their targets may" in held_out.notes[0]
    assert leakage(training, held_out).seen_targets == 30


def test_a_large_family_stays_in_training() -> None:
    crowd = [(f"greeting {n}", "Hello.") for n in range(200)]
    pairs = [*crowd, *((f"s {n}", f"t {n}") for n in range(400))]
    for seed in range(5):
        _, held_out = split_pairs(parallel(pairs), 0.5, seed)
        assert len(held_out) == 300
        assert "Hello." not in held_out.targets


def test_how_much_is_held_out() -> None:
    pairs = parallel([(f"s {n}", f"t {n}") for n in range(500)])
    assert len(split_pairs(pairs, 0.5, 1, at_most=40)[1]) == 40
    assert len(split_pairs(pairs, 0.0001, 1)[1]) == 1
    assert [len(part) for part in split_pairs(pairs.subset([0, 1]), 0.99, 1)] == [1, 1]


def test_leakage_counts_sources_and_pairs() -> None:
    training = parallel([("How are you?", "Wie geht's?"), ("Go.", "Geh."), ("Yes.", "Ja.")])
    other = parallel(
        [("how are you", "Wie geht's"), ("Go!", "Los!"), ("No.", "Ja."), ("Where?", "Wo?")]
    )
    report = leakage(training, other)
    assert (report.pairs, report.seen_sources, report.seen_pairs) == (4, 2, 1)
    assert report.seen_targets == 2
    assert report.sentences() == [
        "2 of the 4 sources of pairs.tsv occur in training too, 1 of them with the same target "
        "(case and punctuation aside): scores on them are flattering."
    ]
    assert leakage(training, other.subset([3])).sentences() == [
        "No source of pairs.tsv occurs in training."
    ]


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first
    twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh
    twenty-eighth twenty-ninth thirtieth thirty-first
""".split()


def parsed(text: str) -> date:
    """A reading of the spellings that shares nothing with how they are written."""
    text = text.lower()
    month = next((n for n, name in enumerate(MONTHS, 1) if re.search(rf"\b{name}", text)), None)
    if month is None:
        if text.isdecimal() and len(text) == 8:
            return datetime.strptime(text, "%Y%m%d").date()
        figures = [int(figure) for figure in re.findall(r"\d+", text)]
        return date(*(figures[::-1] if "." in text else figures))
    (year,) = re.findall(r"\d{4}|(?<=')\d{2}", text)
    day = re.findall(r"(?<![\d'])\d{1,2}(?!\d)", text)
    number = int(day[0]) if day else DAYS.index(re.findall(r"the ([a-z-]+)", text)[0]) + 1
    century = 0 if len(year) == 4 else 1900 if int(year) >= 30 else 2000
    return date(century + int(year), month, number)


def test_made_up_dates_have_one_reading() -> None:
    made = sample_pairs(6000, seed=2)
    assert len(made) == len(set(made.sources)) == 6000
    for source, target in pairs_of(made):
        assert parsed(source).isoformat() == target, source
        assert plain_line(source) == source
    for name, day in zip(("Monday", "sun"), (0, 6), strict=True):
        found = [target for source, target in pairs_of(made) if source.startswith(name)]
        assert found
        assert {date.fromisoformat(target).weekday() for target in found} == {day}
    ordinals = set(re.findall(r"\d+(?:st|nd|rd|th)", " ".join(made.sources)))
    assert {"1st", "2nd", "3rd", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th"} < ordinals
    assert len(ordinals) == 31
    shapes = {
        re.sub(r"[a-z]+", "w", re.sub(r"\d+", "9", source.lower())) for source in made.sources
    }
    assert len(shapes) >= 15
    assert sample_pairs(50, seed=2).sources == made.sources[:50]
    assert sample_pairs(50, seed=3).sources != made.sources[:50]


@pytest.mark.parametrize("count", [0, -3, 40_000])
def test_a_count_of_dates_that_cannot_be(count: int) -> None:
    with pytest.raises(OptionError, match="count must be between 1 and"):
        sample_pairs(count)
