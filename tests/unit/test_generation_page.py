"""The report and the card of a language model: whole, escaped, and right in any script."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_toolkit.report import plots
from rnn_toolkit.report.generation_card import generation_card
from rnn_toolkit.report.generation_page import (
    GenerationReport,
    LanguageModelLine,
    LanguageModelSection,
    Sample,
    render_generation,
)
from rnn_toolkit.report.surprise import SurprisingToken, surprise_page, surprise_picture, visible

EVIL = '<script>alert("x")</script> & \'</pre>'


class Reader(HTMLParser):
    """Collects tags, titles and the text of <pre>."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.titles: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.preformatted = ""
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.titles += [value or "" for name, value in attrs if name == "title"]
        self.inside = self.inside or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        self.preformatted += data if self.inside else ""


def section(title: str, *, loses: bool = False) -> LanguageModelSection:
    line = LanguageModelLine(
        name=EVIL, nats_per_token=1.5, perplexity=12_345.678, bits_per_character=2.25
    )
    return LanguageModelSection(
        title=title, facts=(("seed", "1"),), verdict=f"v {title}", loses=loses, scores=(line, line)
    )


def report() -> GenerationReport:
    return GenerationReport(
        title=f"Poems {EVIL}",
        facts=(("data", EVIL),),
        training_loss=(6.2, 5.0, 4.6),
        validation_loss=(5.9, 5.2, 5.1),
        best_epoch=3,
        baseline=("Kneser-Ney 5-gram", 4.95),
        sections=(section("Validation: 唐诗.txt"),),
        epoch_samples=(Sample(prompt="春眠", text="不不\n不", how="after epoch 1"),),
        samples=(Sample(prompt="春眠不觉晓，\n", text=f"处处闻啼鸟。\n{EVIL}", how="seed 1"),),
        novelty=(("4-grams found in training", "40.0 %", "33.3 %"),),
        longest_copy="花落\n知多少",
        copied_lines=(EVIL,),
        surprise=(SurprisingToken(text="春", bits=3.5, alternative="秋"),),
    )


def test_page_shows_everything_and_refers_to_nothing_outside() -> None:
    page = render_generation(report())
    for expected in (
        "春眠不觉晓，\n", "处处闻啼鸟。\n", "12,345.68", "2.2500", "after epoch 1", "33.3 %",
        "花落\n知多少", "Kneser-Ney 5-gram", "kept: epoch 3", "nats per token", ">perplexity<",
    ):  # fmt: skip
        assert expected in page, expected
    read = Reader(page)
    assert "script" not in read.tags
    assert "<b>春眠不觉晓，\n</b>处处闻啼鸟。\n" in page  # the prompt stands out
    assert EVIL in read.preformatted
    outside = [value for name, value in read.attributes if name in ("src", "href") and value]
    assert all(value.startswith("#") for value in outside)
    assert not re.search(r"url\((?!#)|@import", page)


def test_page_of_a_report_without_the_optional_parts() -> None:
    bare = GenerationReport(title="t", facts=(), training_loss=(), validation_loss=(), best_epoch=1)
    page = render_generation(bare)
    for absent in ("Samples", "What is copied", "What surprises", "How the texts changed", "<svg"):
        assert absent not in page
    alone = bare.model_copy(update={"novelty": (("longest copy", "3", ""),)})
    assert "held-out text</th>" not in render_generation(alone)


def test_a_lost_comparison_is_marked() -> None:
    lost = report().with_section(section("Test: a", loses=True))
    assert render_generation(lost).count('class="verdict loses"') == 1
    assert [old.title for old in lost.sections] == ["Test: a", "Validation: 唐诗.txt"]
    replaced = lost.with_section(section("Validation: 唐诗.txt", loses=True))
    assert [old.title for old in replaced.sections] == ["Validation: 唐诗.txt", "Test: a"]
    assert replaced.sections[0].loses


def test_report_survives_its_json() -> None:
    assert GenerationReport.model_validate_json(report().model_dump_json()) == report()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=12))
def test_surprise_keeps_the_text_whatever_it_is(texts: list[str]) -> None:
    tokens = [SurprisingToken(text=text, bits=1.0, alternative=text) for text in texts]
    picture = surprise_picture(tokens)
    picture.encode("utf-8")
    read = Reader(picture)
    shown = read.preformatted.replace("\u21b5\n", "\n")
    # HTML readers may treat no-break space and the like as they are, but never drop one.
    assert shown == "".join(visible(text) for text in texts)
    assert set(read.tags) <= _PICTURE_TAGS
    assert len(read.titles) == len(texts)


_PICTURE_TAGS = {
    "p", "i", "div", "pre", "span", "s", "figure", "svg", "metadata", "defs", "style", "g", "path",
    "use", "text", "clippath", "rect",
}  # fmt: skip


def test_surprise_tells_bits_and_alternative() -> None:
    tokens = [
        SurprisingToken(text="\n", bits=0.0, alternative='"\n', alternative_probability=0.312),
        SurprisingToken(text="春", bits=40.0),
        SurprisingToken(text="", bits=2.0, alternative=""),
        *[SurprisingToken(text="a", bits=1.0)] * 40,
    ]
    picture = surprise_picture(tokens)
    first, second, third = Reader(picture).titles[:3]
    assert first == '0.00 bits; likeliest: \u201c"\u21b5\u201d (31.2 %)'
    assert second == "40.00 bits"
    assert third == "2.00 bits; likeliest: the end of the text"
    strengths = [
        float(value)
        for value in re.findall(r'span style="background:rgba\([^)]*,(0\.\d+)\)', picture)
    ]
    assert strengths[0] == 0
    assert strengths[1] == 0.75 == max(strengths)  # one outlier does not wash out the others
    assert strengths[3] > 0.1
    assert "4 bits or more" in picture


def test_surprise_page_counts() -> None:
    page = surprise_page([SurprisingToken(text="a", bits=3.0)] * 2000, title=EVIL)
    assert "2,000 tokens, 3.000 bits per token, perplexity 8.00" in page
    assert "1,000 more tokens" in page
    assert "script" not in Reader(page).tags
    assert unescape(re.search(r"<title>(.*)</title>", page)[1]) == EVIL  # type: ignore[index]


def test_control_characters_become_visible() -> None:
    assert visible("a\x00\x1b\r\x7f\t\n春\ud800") == "a\u2400\u241b\u240d\u2421\t\n春\ufffd"


@pytest.mark.parametrize("tokens", [1, 2, 39, 400, 401, 5000])
def test_plot_of_surprise_is_valid_for_any_length(tokens: int) -> None:
    picture = plots.surprise_by_position([float(place % 7) for place in range(tokens)])
    ElementTree.fromstring(picture.replace("xlink:href", "href"))
    assert "position (tokens)" in picture


@pytest.mark.parametrize(
    ("losses", "labels"),
    [
        ([2.0, 1.4, 1.2], ["4", "5", "6", "7"]),
        ([6.5, 4.7, 4.5], ["100", "200", "500"]),
        ([4.40, 4.39, 4.385], ["80.4", "81"]),
        ([300.0, 2.0], []),
        ([0.0], ["1"]),
    ],
)
def test_perplexity_axis_has_round_labels(losses: list[float], labels: list[str]) -> None:
    picture = plots.learning_curves(losses, losses, 1, unit="nats per token", perplexity=True)
    shown = re.findall(r">([^<>]+)</text>", picture)
    assert "perplexity" in shown
    assert set(labels) <= set(shown)


def test_card_holds_scores_verdict_and_a_sample_that_cannot_escape() -> None:
    card = generation_card(
        name="saved_models/唐诗",
        facts=[("data", "a|b")],
        scores=[("validation", "this model", 1234.5, 2.5)],
        verdict="This model loses.",
        novelty=[("lines copied whole", "1.0 %", "0.5 %")],
        prompt='He said "go"\n',
        sample="``` and ````\n",
    )
    assert "| validation | this model | 1,234.50 | 2.5000 |" in card
    assert "This model loses." in card
    assert "| data | a\\|b |" in card
    assert "| lines copied whole | 1.0 % | 0.5 % |" in card
    assert '\n`````text\nHe said "go"\n``` and ````\n\n`````\n' in card
    program = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert program is not None
    compile(program[1], "card", "exec")
    assert 'load("saved_models/唐诗")' in card
