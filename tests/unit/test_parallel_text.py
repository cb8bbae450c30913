"""Reading pairs: columns, quotes, line counts and defects, each with a defined result."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_toolkit.data.pair_columns import named_pair
from rnn_toolkit.data.parallel_text import ParallelText, read_pairs, read_parallel
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.text.plain_line import plain_line

ROWS = [("Where is it?", "Wo ist es?"), ("It is here, I think.", 'Ich glaube "hier".')]
ATTRIBUTION = "CC-BY 2.0 (France) Attribution: tatoeba.org #538123 (CM) & #891077 (Martha)"
TATOEBA = [
    ("Go.", "Va !"),
    ("Hi.", "Salut !"),
    ('"Look," she said.', 'Elle a dit "regarde".'),
    ('He said "no', 'Il a dit "non'),
    ('"Trust me."', '"Fais-moi confiance."'),
    ("What is 2 x 2?", "Combien font 2 x 2 ?"),
]


def write(path: Path, text: str | bytes) -> Path:
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def pairs_of(found: ParallelText) -> list[tuple[str, str]]:
    return list(zip(found.sources, found.targets, strict=True))


@pytest.mark.parametrize(
    "name", ["a.tsv", "a.csv", "a.jsonl", "a.parquet", "a.tsv.gz", "a.csv.gz", "a.jsonl.gz"]
)
def test_every_format_gives_the_same_pairs(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame(ROWS, columns=["source", "target"])
    frame.insert(0, "id", [11, 12])
    path = tmp_path / name
    if ".jsonl" in name:
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    elif ".parquet" in name:
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if ".tsv" in name else ",")
    found = read_pairs(path)
    assert pairs_of(found) == ROWS
    assert (found.name, found.source_name, found.target_name) == (name, "source", "target")
    assert "source column 'source', target column 'target'; not read: id" in found.notes[0]
    assert str(tmp_path) not in found.notes[0]


@pytest.mark.parametrize("extra", ["", f"\t{ATTRIBUTION}"])
def test_a_file_of_tatoeba_keeps_its_first_row_and_its_quotes(tmp_path: Path, extra: str) -> None:
    text = "".join(f"{source}\t{target}{extra}\n" for source, target in TATOEBA)
    found = read_pairs(write(tmp_path / "fra.txt", text))
    assert pairs_of(found) == TATOEBA
    assert not found.problems
    assert "quotes are text" in found.notes[0]
    assert ("not read: column 3" in found.notes[0]) == bool(extra)


def test_one_odd_row_does_not_let_a_quote_swallow_the_rest(tmp_path: Path) -> None:
    rows = [f"sentence {n}.\tphrase {n}.\n" for n in range(40)]
    rows[5] = '"What now?\tEt alors ?\n'
    rows[9] = "a\tb\tc\td\n"
    rows[30] = 'He asked "why?\tIl demande "pourquoi ?\n'
    found = read_pairs(write(tmp_path / "a.tsv", "".join(rows)))
    assert len(found) == 39
    assert '"What now?' in found.sources
    assert found.problems == ["line 10: 4 fields where 2 were expected"]


def test_quotes_of_a_writer_are_not_text(tmp_path: Path) -> None:
    rows = [('He said "no".', "Il dit\tnon."), ("Two\nlines.", "Deux lignes."), ("Go.", "Va.")]
    pd.DataFrame(rows).to_csv(tmp_path / "a.tsv", sep="\t", index=False, header=False)
    expected = [('He said "no".', "Il dit non."), ("Two lines.", "Deux lignes."), ("Go.", "Va.")]
    assert pairs_of(read_pairs(tmp_path / "a.tsv")) == expected
    text = '"en"\t"fr"\n' + "".join(f'"One {n}."\t"Un {n}."\n' for n in range(5))
    found = read_pairs(write(tmp_path / "b.tsv", text))
    assert pairs_of(found)[0] == ("One 0.", "Un 0.")
    assert (len(found), found.source_name, found.target_name) == (5, "en", "fr")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["src", "tgt"], ("src", "tgt")),
        (["trg", "SRC"], ("SRC", "trg")),
        (["id", "output", "input"], ("input", "output")),
        (["summary", "title", "text"], ("text", "summary")),
        (["id", "de", "en", "fr"], ("de", "en")),
        (["en-US", "zh_CN"], ("en-US", "zh_CN")),
        (["English", "german"], ("English", "german")),
        (["text_en", "de_text"], ("text_en", "de_text")),
        (["id", "en"], None),
        (["Go.", "Va !"], None),
        (["en.", "fr."], None),
        (["Hi!", "Ja."], None),
        (["text", "label"], None),
    ],
)
def test_names_that_go_together(names: list[str], expected: tuple[str, str] | None) -> None:
    assert named_pair(names) == expected


def test_sides_are_told_by_what_columns_hold(tmp_path: Path) -> None:
    lines = [
        f"{n}\tsentence number {n}\teng\t{9 * n}\tphrase {chr(97 + n % 26)}\n" for n in range(99)
    ]
    found = read_pairs(write(tmp_path / "a.tsv", "".join(lines)))
    assert (found.source_name, found.target_name) == ("column 2", "column 5")
    assert len(found) == 99
    assert "chosen by what they hold" in found.notes[0]
    headed = write(tmp_path / "b.tsv", "nr\tphrase\tc\td\tmeaning\n" + "".join(lines))
    found = read_pairs(headed)
    assert (found.source_name, found.target_name, len(found)) == ("phrase", "meaning", 99)
    dates = "".join(f"march {n}, 1998\t1998-03-{n:02}\n" for n in range(1, 30)) + "spoilt, row\n"
    assert read_pairs(write(tmp_path / "c.tsv", dates)).targets[3] == "1998-03-04"


def test_the_user_turns_the_direction_round(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "en,de,fr\none,eins,un\ntwo,zwei,deux\n")

    def first(source: str | None, target: str | None) -> tuple[str, str]:
        found = read_pairs(path, source_column=source, target_column=target)
        return found.sources[0], found.targets[0]

    assert first(None, None) == ("one", "eins")
    assert first("de", "en") == ("eins", "one")
    assert first("3", "1") == ("un", "one")
    assert first("de", None) == ("eins", "one")
    assert first(None, "en") == ("eins", "one")
    assert first("fr", None) == ("un", "eins")
    bare = write(tmp_path / "b.tsv", "one\teins\ntwo\tzwei\n")
    assert read_pairs(bare, source_column="2", target_column="1").sources == ["eins", "zwei"]
    named = write(tmp_path / "c.tsv", "theirs\tours\none\teins\ntwo\tzwei\n")
    assert read_pairs(named, source_column="ours").sources == ["eins", "zwei"]
    assert read_pairs(named, header=True).sources == ["one", "two"]
    assert read_pairs(path, header=False).sources[0] == "en"


def test_nested_translations_are_columns(tmp_path: Path) -> None:
    rows = [{"id": n, "translation": {"en": f"one {n}", "de": f"eins {n}"}} for n in range(3)]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    found = read_pairs(write(tmp_path / "a.jsonl", text))
    assert (found.source_name, found.targets) == ("en", ["eins 0", "eins 1", "eins 2"])
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    assert pairs_of(read_pairs(tmp_path / "a.parquet", source_column="de"))[2] == (
        "eins 2",
        "one 2",
    )


def test_empty_sides_are_problems_with_their_line(tmp_path: Path) -> None:
    text = "en\tfr\nYes.\tOui.\n \u00a0\tNon.\nHello.\t\nGo.\tVa.\nHm.\n"
    found = read_pairs(write(tmp_path / "a.tsv", text))
    assert pairs_of(found) == [("Yes.", "Oui."), ("Go.", "Va.")]
    assert found.problems == [
        "line 6: 1 field where 2 were expected",
        "line 3: source is empty",
        "line 4: target is empty",
    ]
    lines = (
        '{"src": "one", "tgt": null}\n{"src": "two", "tgt": 2}\n{"src": 3.5, "tgt": ["a", "b"]}\n'
    )
    found = read_pairs(write(tmp_path / "a.jsonl", lines))
    assert pairs_of(found) == [("two", "2"), ("3.5", "a b")]
    assert found.problems == ["line 1: target is empty"]
    numbers = '{"src": "one", "tgt": null}\n{"src": "two", "tgt": 2}\n'
    assert read_pairs(write(tmp_path / "b.jsonl", numbers)).targets == ["2"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_two_files_stay_in_step(tmp_path: Path, ending: str, suffix: str) -> None:
    sources = ["one", "two\u2028halves", "a\x0cfeed", "next\x85line", "a\x1csign", "last"]
    targets = [f"Satz {n}" for n in range(6)]
    first = write(tmp_path / f"train.en{suffix}", ending.join(sources))
    second = write(tmp_path / f"train.de{suffix}", ending.join(targets) + ending)
    found = read_parallel(first, second)
    assert found.targets == targets
    assert found.sources == ["one", "two halves", "a feed", "next line", "a sign", "last"]
    assert found.name == f"train.en{suffix} and train.de{suffix}"
    assert found.source_name == f"train.en{suffix}"


def test_blank_lines_of_two_files_are_reported(tmp_path: Path) -> None:
    first = write(tmp_path / "a", "one\n\n\ntwo\n")
    second = write(tmp_path / "b", "eins\n\nrest\nzwei\n")
    found = read_parallel(first, second)
    assert pairs_of(found) == [("one", "eins"), ("two", "zwei")]
    assert found.problems == [
        "line 2: source and target are empty",
        "line 3: source is empty",
    ]


def test_different_line_counts_are_one_error(tmp_path: Path) -> None:
    first = write(tmp_path / "train.en", "one\ntwo\nthree\n")
    second = write(tmp_path / "train.de", "eins\n\nzwei\ndrei\n")
    with pytest.raises(DataError, match=r"train\.en has 3 lines but .*train\.de has 4\."):
        read_parallel(first, second)


def test_json_lines_break_at_newlines_only(tmp_path: Path) -> None:
    rows = [{"src": f"next\x85line {n}\u2028", "tgt": f"t\u2029 {n}"} for n in range(3)]
    text = "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    found = read_pairs(write(tmp_path / "a.jsonl", text))
    assert pairs_of(found)[1] == ("next line 1", "t 1")
    assert not found.problems


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("a.tsv", b"just words\nmore words\n", {}, "only one column.*source and a target column"),
        ("a.jsonl", b'{"text": "one"}\n', {}, "only one column, 'text'"),
        ("a.txt", b"Yes, it is.\nA man\nA dog\nA cat\n", {}, "not a table of pairs.*--source"),
        ("a.tsv", b"\x89PNG\r\n\x1a\n\x00\x01", {}, "a PNG picture"),
        ("a.tsv", b"a\tb\x00\n", {}, "binary file"),
        ("a.tsv", b" \n", {}, "is empty"),
        ("a.tsv", b"en\tde\none\teins\n", {"source_column": "fr"}, "'fr'.*1 'en', 2 'de'"),
        ("a.tsv", b"en\tde\none\teins\n", {"target_column": "3"}, "--target-column"),
        ("a.tsv", b"en\tde\n\tb\nc\t\n", {}, "no usable pair: line 2: source is empty"),
        ("a.tsv", b"en\tde\n", {}, "a header but no rows"),
    ],
)
def test_defects_are_one_sentence(
    tmp_path: Path, name: str, content: bytes, options: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=f"(?s){message}"):
        read_pairs(write(tmp_path / name, content), **options)  # type: ignore[arg-type]


def test_what_is_not_there_and_what_is_no_file(tmp_path: Path) -> None:
    one = write(tmp_path / "one", "one\n")
    with pytest.raises(DataError, match="There is no file"):
        read_pairs(tmp_path / "absent.tsv")
    with pytest.raises(DataError, match=r"There is no file .*absent"):
        read_parallel(one, tmp_path / "absent")
    with pytest.raises(DataError, match="is a folder"):
        read_pairs(tmp_path)
    with pytest.raises(DataError, match="is a folder"):
        read_parallel(one, tmp_path)
    both = write(tmp_path / "a.tsv", "en\tde\none\teins\n")
    with pytest.raises(OptionError, match="both column 'en'"):
        read_pairs(both, source_column="en", target_column="1")


def test_pairs_from_python() -> None:
    found = ParallelText.of_pairs([("a  b", "c\u202f!"), ["", "d"], ("e", "f")])
    assert pairs_of(found) == [("a b", "c !"), ("e", "f")]
    assert found.problems == ["pair 2: source is empty"]
    for wrong in ("ab", ("a", "b", "c"), ("a", 1)):
        with pytest.raises(OptionError, match="Pair 2 is not a source and a target"):
            ParallelText.of_pairs([("a", "b"), wrong])  # type: ignore[list-item]
    with pytest.raises(DataError, match="no usable pair"):
        ParallelText.of_pairs([])


def test_the_checksum_sees_every_change() -> None:
    pairs = [("ab", "c"), ("d", "e")]
    variants = [pairs, pairs[::-1], [("a", "bc"), ("d", "e")], [("c", "ab"), ("d", "e")], pairs[:1]]
    assert len({ParallelText.of_pairs(variant).sha256() for variant in variants}) == 5
    assert ParallelText.of_pairs(pairs).subset([1, 0]).sha256() == (
        ParallelText.of_pairs(pairs[::-1]).sha256()
    )


def test_a_plain_line_has_plain_spaces_and_composed_letters() -> None:
    text = " \ufeffE\u0301t\u00e9\u202f!\tOui\u00a0\u2009:\r\n\u3000rien \u2028 \u2019 "
    assert plain_line(text) == "\ufeff\u00c9t\u00e9 ! Oui : rien \u2019"


@given(st.text())
def test_a_plain_line_stays_as_it_is(text: str) -> None:
    line = plain_line(text)
    assert plain_line(line) == line
    assert line == line.strip()
    assert "  " not in line
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("name", "pairs", "quotes"),
    [("tatoeba/fra.txt.gz", 167_130, 295), ("tatoeba/cmn.txt", 29_155, 99)],
)
def test_every_row_of_a_real_file_of_pairs(
    real_data: Path, name: str, pairs: int, quotes: int
) -> None:
    found = read_pairs(real_data / name)
    assert (len(found), found.problems) == (pairs, [])
    assert sum('"' in source for source in found.sources) == quotes
    assert not any(odd in target for odd in "\u00a0\u202f" for target in found.targets)


@pytest.mark.parametrize(
    ("split", "lines"), [("train", 29_000), ("val", 1014), ("test_2016_flickr", 1000)]
)
def test_every_line_of_real_parallel_files(real_data: Path, split: str, lines: int) -> None:
    folder = real_data / "multi30k"
    for target in ("en", "fr"):
        found = read_parallel(folder / f"{split}.de.gz", folder / f"{split}.{target}.gz")
        assert (len(found), found.problems) == (lines, [])
