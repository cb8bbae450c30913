"""Heat maps: every word and weight where it belongs, in any script, on every kind of page."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from rnn_toolkit.errors import OptionError
from rnn_toolkit.report import attention_map
from rnn_toolkit.report.attention_map import (
    HeatMap,
    attention_page,
    attention_picture,
    write_attention,
)
from rnn_toolkit.runtime.translator import Candidate, Translation
from rnn_toolkit.runtime.word_alignment import WordAlignment

EVIL = "<script>alert('x')</script>&\""


class Tables(HTMLParser):
    """The heat maps of a page: what stands on top, and per row its word and its cells."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.upright: list[bool] = []
        self.tables: list[list[tuple[list[str], list[tuple[str, str]]]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = {name: value or "" for name, value in attrs}
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append(([], []))
        elif tag == "th":
            self.tables[-1][-1][0].append("")
        elif tag == "td":
            self.tables[-1][-1][1].append((found["style"], found["title"]))
        elif tag == "span":
            self.upright.append(found.get("class") == "upright")

    def handle_data(self, data: str) -> None:
        if self.tables and self.tables[-1] and data.strip("\n"):
            self.tables[-1][-1][0][-1] += data


def heat_map(source: str, target: str, weights: object = None) -> HeatMap:
    rows, columns = target.split(), source.split()
    given = np.full((len(rows), len(columns)), 0.25) if weights is None else np.asarray(weights)
    return HeatMap(source=tuple(columns), target=tuple(rows), weights=given.tolist())


def translation(source: str, target: str, weights: object) -> Translation:
    alignment = WordAlignment(
        tuple(source.split()), tuple(target.split()), np.asarray(weights, np.float32)
    )
    other = WordAlignment(("other",), ("other",), np.ones((1, 1), np.float32))
    return Translation(
        source,
        tuple(Candidate(target, 0.0, 0.0, "end mark", found) for found in (alignment, other)),
        cut=False,
    )


DOGS = translation("两 只 狗 跑", "two dogs run", np.eye(4)[[0, 2, 3]] * 0.87654)
NOTHING = translation("", "", np.zeros((0, 0)))


def test_page_shows_every_word_and_weight() -> None:
    weights = [[0.9, 0.1], [0.256, 0.744], [0.0, 1.0]]
    head, *rows = Tables(attention_page([heat_map("ein Hund", "a dog runs", weights)])).tables[0]
    assert head == (["", "ein", "Hund"], [])
    assert [words for words, _ in rows] == [["a"], ["dog"], ["runs"]]
    assert rows[1][1] == [
        ("background:rgba(26,92,168,0.256)", "dog \u2190 ein: 0.26"),
        ("background:rgba(26,92,168,0.744)", "dog \u2190 Hund: 0.74"),
    ]


words = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1).filter(
        str.strip
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(source=words, target=words)
def test_words_are_shown_as_they_are(source: list[str], target: list[str]) -> None:
    found = HeatMap(
        source=tuple(source),
        target=tuple(target),
        weights=tuple((0.5,) * len(source) for _ in target),
    )
    read = Tables(attention_page([found]))
    head, *rows = read.tables[0]
    assert head[0] == ["", *source]
    assert [shown for shown, _ in rows] == [[word] for word in target]
    assert [title for _, title in rows[0][1]] == [f"{target[0]} \u2190 {w}: 0.50" for w in source]


def test_markup_in_words_stays_text() -> None:
    found = HeatMap(source=(EVIL,), target=(EVIL,), weights=((1.0,),))
    page = attention_page([found])
    assert EVIL not in page
    assert not {"script", "img", "link"} & set(Tables(page).tags)
    assert "://" not in page  # nothing is loaded from elsewhere


def test_chinese_stands_upright_and_latin_is_turned() -> None:
    found = heat_map("两 狗 dog 。 １２ 👍 über 한국", "a")
    upright = [True, True, False, True, True, False, False, True]
    assert Tables(attention_page([found])).upright == upright


@pytest.mark.parametrize("name", ["a.html", "deep/er/b.HTML"])
def test_written_page_shows_the_best_answers(tmp_path: Path, name: str) -> None:
    write_attention(tmp_path / name, [DOGS, NOTHING])
    page = (tmp_path / name).read_text(encoding="utf-8")
    head, *rows = Tables(page).tables[0]
    assert head[0] == ["", "两", "只", "狗", "跑"]
    assert rows[1][1][2] == ("background:rgba(26,92,168,0.877)", "dogs \u2190 狗: 0.88")
    assert "other" not in page.split("<body>")[1].replace("of that", "")
    assert "(An empty translation.)" in page


def test_written_numbers(tmp_path: Path) -> None:
    write_attention(str(tmp_path / "a.json"), [DOGS, NOTHING])
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert "狗" in text
    first, second = json.loads(text)
    assert first["source"] == ["两", "只", "狗", "跑"]
    assert first["target"] == ["two", "dogs", "run"]
    assert np.array(first["weights"]).tolist() == (np.eye(4)[[0, 2, 3]] * 0.877).tolist()
    assert second == {"source": [], "target": [], "weights": []}


@pytest.mark.parametrize("name", ["a.pdf", "a", "html", "a.html.gz"])
def test_another_ending_is_one_clear_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=r"\.html, \.png or \.json, not as") as caught:
        write_attention(tmp_path / "new" / name, [DOGS])
    assert name in str(caught.value)
    assert not (tmp_path / "new").exists()


def dark_places(picture: bytes) -> list[tuple[int, int]]:
    """Row and column, as quarters of the map, of the fields that are nearly full."""
    pixels = imread(io.BytesIO(picture))[:, :, :3]
    blue = (pixels[:, :, 2] > 0.25) & (pixels[:, :, 0] < 0.1)
    down, across = np.nonzero(blue)
    edges = [np.linspace(axis.min(), axis.max() + 1, 5) for axis in (down, across)]
    counts, _, _ = np.histogram2d(down, across, bins=edges)
    return [(int(row), int(column)) for row, column in np.argwhere(counts > 0.9 * counts.max())]


def test_picture_has_dark_fields_where_weights_are_high(tmp_path: Path) -> None:
    places = [(0, 1), (1, 0), (2, 3), (3, 2)]
    weights = np.zeros((4, 4))
    weights[tuple(zip(*places, strict=True))] = 1
    write_attention(tmp_path / "a.png", [translation("a b c d", "w x y z", weights), NOTHING])
    assert dark_places((tmp_path / "a.png").read_bytes()) == places


def test_dollars_and_backslashes_are_letters_in_a_picture() -> None:
    # The first is no formula, so that reading it as one would be an error.
    assert attention_picture([heat_map(r"$\frac$ $x$ \alpha", r"$$ {a}_b^c %")])


def test_the_same_picture_every_time() -> None:
    found = heat_map("ein Hund", "a dog")
    assert attention_picture([found]) == attention_picture([found])


def test_chinese_in_a_picture() -> None:
    try:
        picture = attention_picture([heat_map("两 只 狗", "two dogs")])
    except OptionError as error:
        pytest.skip(error.message)  # there is no font; the next test looks at the message
    # A box for each unknown letter would make these pictures equal.
    assert picture != attention_picture([heat_map("三 头 牛", "two dogs")])


def test_no_boxes_in_place_of_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_map, "_UNSPACED_FONTS", ())
    assert attention_picture([heat_map("der Fuß", "нога")])
    with pytest.raises(OptionError, match="these characters: 狗跑") as caught:
        attention_picture([heat_map("狗 跑 a", "dog run")])
    assert ".html" in caught.value.remedy


def test_a_long_text_makes_a_picture_of_bounded_size() -> None:
    long = " ".join(f"w{number}" for number in range(250))
    high, wide = imread(io.BytesIO(attention_picture([heat_map(long, "a b")]))).shape[:2]
    assert wide > 10 * high
    assert wide <= 32_000
    with pytest.raises(OptionError, match="inches"):
        attention_picture([heat_map(" ".join("a" * 3000), "a")])
    with pytest.raises(OptionError, match="inches"):
        attention_picture([heat_map(" ".join("a" * 600), " ".join("b" * 600))])


def test_nothing_to_draw(tmp_path: Path) -> None:
    for translations in ([], [NOTHING]):
        with pytest.raises(OptionError, match="no attention to draw"):
            write_attention(tmp_path / "a.png", translations)
    assert not (tmp_path / "a.png").exists()
