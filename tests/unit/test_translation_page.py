"""The report and the card of a translation model: whole, escaped, and right in any script."""

from __future__ import annotations

import re
import shlex
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from rnn_toolkit.report import plots
from rnn_toolkit.report.attention_map import HeatMap
from rnn_toolkit.report.translation_card import translation_card
from rnn_toolkit.report.translation_page import (
    SideBySide,
    TranslationLine,
    TranslationReport,
    TranslationSection,
    render_translation,
)

EVIL = '<script>alert("x")</script> & \'</pre></table>'


class Reader(HTMLParser):
    """Collects tags, attributes, and the cells of each row of a table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.headings: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag in ("h2", "h3"):
            self.headings.append("")

    def handle_data(self, data: str) -> None:
        open_tag = next((tag for tag in reversed(self.tags) if tag not in ("b", "span")), "")
        if open_tag in ("td", "th") and data.strip():
            self.rows[-1][-1] += data
        elif open_tag in ("h2", "h3") and data.strip():
            self.headings[-1] += data


def line(name: str, bleu: float) -> TranslationLine:
    return TranslationLine(
        name=name, bleu=bleu, bleu_lowercased=bleu + 1, chrf=54.321, exact=0.0315, length_ratio=0.9
    )


def shown(translation: str, chrf: float) -> SideBySide:
    return SideBySide(source=EVIL, reference="两只狗。", translation=translation, chrf=chrf)


def section(title: str, *, loses: bool = False) -> TranslationSection:
    return TranslationSection(
        title=title,
        facts=(("BLEU", "nrefs:1|tok:13a"),),
        verdict=f"verdict on {title}",
        loses=loses,
        scores=(line("model", 33.456), line("copy of the source", 2.0)),
        by_length=(("1-5", 1234, 40.0), ("6-10", 20, 30.0)),
        best=(shown("two dogs", 99.94),),
        worst=(shown("", 0.0),),
    )


def report() -> TranslationReport:
    return TranslationReport(
        title=f"de to en {EVIL}",
        facts=(("data", EVIL), ("seed", "17")),
        findings=("2 sources also occur in training.", EVIL),
        training_loss=(5.0, 3.0, 2.0),
        validation_loss=(4.5, 3.5, 3.2),
        validation_bleu=(3.0, 21.0, 30.0),
        best_epoch=2,
        epoch_samples=("ein Hund\na a a", "ein Hund\na dog"),
        sections=(section("test: pairs"),),
        attention=(
            HeatMap(source=("两", "狗"), target=("two", "dogs"), weights=((0.9, 0.1), (0.2, 0.8))),
            HeatMap(source=(), target=(), weights=()),
        ),
    )


def test_page_shows_everything_and_refers_to_nothing_outside() -> None:
    page = render_translation(report())
    for expected in (
        "verdict on test: pairs", "2 sources also occur in training.", "kept: epoch 2",
        "epoch 2 kept", "nats per target token", "after epoch 2", "ein Hund\na dog", "chrF 99.9",
        "(1,234)", "dogs &#8592; 狗: 0.80",
    ):  # fmt: skip
        assert expected in page, expected
    read = Reader(page)
    for row in (
        ["model", "33.46", "34.46", "54.32", "3.1\xa0%", "0.900"],
        ["copy of the source", "2.00", "3.00", "54.32", "3.1\xa0%", "0.900"],
        ["data", EVIL],
        ["seed", "17"],
        ["source", EVIL],
        ["model", "two dogs"],
        ["model", "(nothing)"],
        ["person", "两只狗。"],
        ["BLEU", "nrefs:1|tok:13a"],
    ):
        assert row in read.rows, row
    assert "script" not in read.tags
    assert read.tags.count("table") == 2 + 3 + 1  # facts, scores, two examples, one heat map
    assert [name for name in read.headings if name.split()[0] in ("Worst", "Best")] == [
        "Worst translations",
        "Best translations",
    ]
    outside = [value for name, value in read.attributes if name in ("src", "href") and value]
    assert all(value.startswith("#") for value in outside)
    assert not re.search(r"url\((?!#)|@import", page)


def test_page_of_a_report_without_the_optional_parts() -> None:
    bare = TranslationReport(
        title="t",
        facts=(),
        findings=(),
        training_loss=(),
        validation_loss=(),
        validation_bleu=(),
        best_epoch=1,
    )
    page = render_translation(bare)
    for absent in ("<svg", "Attention</h2>", "How one translation", "The pairs", 'class="verdict'):
        assert absent not in page
    right = section("test").model_copy(update={"worst": (), "by_length": ()})
    page = render_translation(bare.with_section(right))
    assert "Best translations" in page
    assert "Worst translations" not in page
    assert "<svg" not in page


def test_a_lost_comparison_is_marked() -> None:
    lost = report().with_section(section("validation: pairs", loses=True))
    assert render_translation(lost).count('class="verdict loses"') == 1
    assert [old.title for old in lost.sections] == ["validation: pairs", "test: pairs"]
    replaced = lost.with_section(section("test: pairs", loses=True))
    assert [old.title for old in replaced.sections] == ["test: pairs", "validation: pairs"]
    assert replaced.sections[0].loses


def test_only_the_model_is_bold() -> None:
    page = render_translation(report())
    assert re.findall(r'<tr class="?model"?><td>(.*?)</td>', page) == ["model"]


def test_report_survives_its_json() -> None:
    assert TranslationReport.model_validate_json(report().model_dump_json()) == report()


@pytest.mark.parametrize("epochs", [1, 2, 30])
def test_plot_of_bleu_by_epoch(epochs: int) -> None:
    picture = plots.bleu_by_epoch([20.0 + epoch for epoch in range(epochs)], epochs)
    ElementTree.fromstring(picture.replace("xlink:href", "href"))
    assert f"epoch {epochs} kept" in picture
    assert ">1.5</text>" not in picture


def test_plot_of_bleu_by_length_names_each_range() -> None:
    picture = plots.bleu_by_length([("1-5", 10, 40.0), ("51 or more", 2000, 0.0)])
    ElementTree.fromstring(picture.replace("xlink:href", "href"))
    for label in ("1-5", "51 or more", "(2,000)", "BLEU"):
        assert label in picture


# The card


def card(name: str = "de-en", example: tuple[str, str] = ("ein Hund", "a dog")) -> str:
    return translation_card(
        name=name,
        facts=[("data", "a|b\nc")],
        scores=[("test: pairs|x", line("model", 33.456)), ("test", line("copy", 2.0))],
        signatures=["BLEU nrefs:1|tok:13a", "beam 5"],
        verdict="The model does NOT beat copying.",
        example=example,
    )


def blocks(text: str) -> dict[str, str]:
    found = re.findall(r"^(`{3,})(sh|python)\n(.*?)\n\1$", text, re.MULTILINE | re.DOTALL)
    return {language: block for _, language, block in found}


def test_card_holds_scores_signatures_and_verdict() -> None:
    text = card()
    assert text.startswith("# de-en\n")
    for expected in (
        "| data | a\\|b c |\n",
        "| test: pairs\\|x | model | 33.46 | 34.46 | 54.32 |\n",
        "| test | copy | 2.00 | 3.00 | 54.32 |\n",
        "- `BLEU nrefs:1|tok:13a`\n",
        "The model does NOT beat copying.\n",
        "## Limits\n",
    ):
        assert expected in text, expected


@pytest.mark.parametrize(
    "source",
    [
        "ein Hund",
        'l\'homme dit "oui" \\ $HOME `ls` !',
        "--beam",
        "```\nein\tHund\u2028```` ''' \"\"\"",
        "两只狗。",
    ],
)
def test_commands_of_the_card_work_whatever_the_text(source: str) -> None:
    text = card("my models/l'un", (source, "```` a\n---\n# b"))
    plain = " ".join(source.split())
    found = blocks(text)
    command = shlex.split(found["sh"])
    assert command[:3] == ["rnn-toolkit", "translate", "my models/l'un"]
    assert command[3:] == (["--", plain] if plain.startswith("-") else [plain])
    asked: list[str] = []

    class Loaded:
        text = "done"

        def translate(self, given: str) -> Loaded:
            asked.append(given)
            return self

    class Toolkit:
        @staticmethod
        def load(path: str) -> Loaded:
            asked.append(path)
            return Loaded()

    program = compile(found["python"].replace("import rnn_toolkit\n", ""), "card", "exec")
    exec(program, {"rnn_toolkit": Toolkit})
    assert asked == ["my models/l'un", plain]
    assert found["python"].endswith("# ```` a --- # b")


def test_card_without_an_example() -> None:
    found = blocks(card(example=("", "")))
    assert found["sh"] == "rnn-toolkit translate de-en ..."
    assert "#" not in found["python"]
