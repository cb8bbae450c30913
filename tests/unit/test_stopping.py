"""Stop strings and growing texts, however the text is cut into tokens."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rnn_toolkit.decoding.stopping import GrowingText, StopStrings


def bytes_to_text(ids: Sequence[int]) -> str:
    """A decoder whose ids are bytes, as byte-level subwords are."""
    return bytes(ids).decode("utf-8", errors="replace")


def words(ids: Sequence[int]) -> str:
    """A decoder that puts spaces between words."""
    return " ".join("abcdefgh"[number] for number in ids)


def test_the_first_stop_string_counts() -> None:
    stops = StopStrings(["END", "\n\n"])
    assert stops.find("a\n\nb END") == 1
    assert stops.find("a\n\nb END", 2) == 5
    assert stops.find("a\nb EN") is None
    assert StopStrings([]).find("anything") is None


def test_a_tail_that_may_become_a_stop_string_is_held_back() -> None:
    stops = StopStrings(["abab", "xy"])
    found = [stops.held_back(text) for text in ("", "q", "qa", "qab", "qaba", "x", "xx")]
    assert found == [0, 0, 1, 2, 3, 1, 1]


def test_a_stop_string_over_several_tokens_is_cut_off() -> None:
    growing = GrowingText(
        lambda ids: "".join(["one S", "T", "OP two"][number] for number in ids), stops=["STOP"]
    )
    growing.add(0)
    assert growing.news() == "one "
    growing.add(1)
    assert growing.news() == ""
    growing.add(2)
    assert growing.stopped
    assert growing.text == "one "
    assert growing.news(last=True) == ""


def test_a_tail_that_became_no_stop_string_is_given_after_all() -> None:
    growing = GrowingText(bytes_to_text, stops=["STOP"])
    pieces = []
    for byte in b"a STONE S":
        growing.add(byte)
        pieces.append(growing.news())
    assert "".join(pieces) == "a STONE "
    growing.finish()
    assert growing.news(last=True) == "S"


def test_a_stop_string_that_does_not_count_yet_never_will() -> None:
    growing = GrowingText(bytes_to_text, stops=["."])
    for byte in b"a. b.":
        growing.add(byte, may_stop=False)
    growing.add(ord("c"))
    assert not growing.stopped
    growing.add(ord("."))
    assert growing.text == "a. b.c"


@given(st.text(max_size=20))
def test_half_characters_wait_and_nothing_is_lost(text: str) -> None:
    growing = GrowingText(bytes_to_text)
    pieces = []
    for byte in text.encode("utf-8"):
        growing.add(byte)
        pieces.append(growing.news())
    growing.finish()
    pieces.append(growing.news(last=True))
    # A replacement character looks like a half one; at the very end it is dropped.
    assert "".join(pieces) == growing.text == text.rstrip("\ufffd")


@given(st.lists(st.integers(0, 255), max_size=20))
def test_invalid_bytes_are_decoded_as_the_whole_would_be(ids: list[int]) -> None:
    growing = GrowingText(bytes_to_text)
    for byte in ids:
        growing.add(byte)
    growing.finish()
    assert growing.text == bytes_to_text(ids).rstrip("\ufffd")


def test_half_a_character_at_the_end_is_dropped() -> None:
    growing = GrowingText(bytes_to_text)
    for byte in "aé".encode()[:-1]:
        growing.add(byte)
    assert growing.news() == "a"
    growing.finish()
    assert growing.text == "a"


def test_a_space_between_tokens_belongs_to_the_new_text() -> None:
    growing = GrowingText(words, context=[0, 1])
    pieces = []
    for number in (2, 3):
        growing.add(number)
        pieces.append(growing.news())
    assert pieces == [" c", " d"]


@given(st.text("ab.", max_size=15), st.lists(st.text("ab.", min_size=1, max_size=4), max_size=3))
def test_streamed_text_ends_where_the_first_stop_string_begins(text: str, stops: list[str]) -> None:
    growing = GrowingText(bytes_to_text, stops=stops)
    given_out = ""
    for byte in text.encode():
        growing.add(byte)
        given_out += growing.news()
        if growing.stopped:
            break
    growing.finish()
    given_out += growing.news(last=True)
    # Read one by one, the stop string that is complete first wins; of those, the longest.
    ends = {len(text[:n]) for n in range(1, len(text) + 1) if text[:n].endswith(tuple(stops))}
    if not stops or not ends:
        assert given_out == text
    else:
        read = text[: min(ends)]
        longest = max((stop for stop in stops if read.endswith(stop)), key=len)
        assert given_out == read[: len(read) - len(longest)]
