"""BLEU against the formula, its interval, the tokenizer it needs, and whole evaluations."""

from __future__ import annotations

import json
import logging
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from rnn_toolkit.errors import DataError
from rnn_toolkit.evaluation.translation import TranslationEvaluation, evaluate_translations
from rnn_toolkit.evaluation.translation_scores import (
    bleu_tokenizer,
    corpus_bleu,
    score_translations,
    sentence_scores,
)
from rnn_toolkit.evaluation.word_dictionary import WordDictionary
from rnn_toolkit.runtime.translator import Candidate, Translation
from rnn_toolkit.runtime.word_alignment import WordAlignment

REFERENCES = [
    "two small dogs run across the wet grass",
    "a man in a red shirt plays the guitar on a stage",
    "several children are sitting at a long table",
    "an old woman looks out of the window",
]
TRANSLATIONS = [
    "two little dogs run across the grass",
    "a man in a red shirt plays guitar on the stage",
    "several children are sitting at a table",
    "an old woman looks out of the window",
]


def formula(translations: Sequence[str], references: Sequence[str]) -> float:
    """BLEU-4 of Papineni et al. (2002) over words between spaces."""
    logarithms = []
    for order in range(1, 5):
        right = total = 0
        for given, wanted in zip(translations, references, strict=True):
            counts = [
                Counter(tuple(words[place : place + order]) for place in range(len(words)))
                for words in (given.split(), wanted.split())
            ]
            grams, allowed = (
                Counter({gram: count for gram, count in found.items() if len(gram) == order})
                for found in counts
            )
            right += sum((grams & allowed).values())
            total += sum(grams.values())
        logarithms.append(math.log(right / total))
    written, wanted_length = (
        sum(len(text.split()) for text in texts) for texts in (translations, references)
    )
    brevity = min(0.0, 1 - wanted_length / written)
    return 100 * math.exp(brevity + sum(logarithms) / 4)


def test_bleu_is_the_formula() -> None:
    wanted = formula(TRANSLATIONS, REFERENCES)
    assert 20 < wanted < 80
    scores = score_translations(TRANSLATIONS, REFERENCES)
    assert scores.bleu == pytest.approx(wanted, abs=1e-4)
    assert corpus_bleu(TRANSLATIONS, REFERENCES) == pytest.approx(wanted)
    assert scores.exact == 0.25
    words = [sum(len(text.split()) for text in side) for side in (TRANSLATIONS, REFERENCES)]
    assert scores.length_ratio == round(words[0] / words[1], 4)
    assert scores.sentences == 4
    assert scores.bleu_interval is None


def test_lower_cased_bleu_is_a_figure_of_its_own() -> None:
    scores = score_translations([text.upper() for text in REFERENCES], REFERENCES)
    assert scores.bleu == 0
    assert scores.bleu_lowercased == pytest.approx(100)
    assert "case:mixed" in scores.bleu_signature
    assert "case:mixed" in scores.chrf_signature


def test_signatures_name_tokenizer_and_version() -> None:
    scores = score_translations(TRANSLATIONS, REFERENCES)
    assert {"nrefs:1", "tok:13a", "smooth:exp"} <= set(scores.bleu_signature.split("|"))
    assert "version:" in scores.bleu_signature
    assert {"nc:6", "nw:0"} <= set(scores.chrf_signature.split("|"))


@pytest.mark.parametrize(
    ("references", "tokenizer"),
    [
        (["Two dogs run."], "13a"),
        (["Deux chiens \u4f60 courent."], "13a"),
        (["两只狗在跑。"], "zh"),
        (["汤姆住在波士顿。", "日语的\u201cの\u201d是什么意思？我不知道它是什么意思。"], "zh"),
        (["弗拉基米尔\u30fb普京", "乔\u30fb史密斯"], "zh"),  # a dot between names is no kana
        (["犬が二匹走っています。"], "char"),
        (["\uff12\uff10"], "13a"),
        ([""], "13a"),
    ],
)
def test_tokenizer_of_the_references(references: list[str], tokenizer: str) -> None:
    assert bleu_tokenizer(references) == tokenizer
    assert f"tok:{tokenizer}" in score_translations(references, references).bleu_signature


def test_chinese_is_scored_by_characters() -> None:
    given, wanted = ["两只小狗在草地上跑。"], ["两只狗在草地上跑着。"]
    spaced = formula([" ".join(given[0])], [" ".join(wanted[0])])
    assert score_translations(given, wanted).bleu == pytest.approx(spaced, abs=1e-4)


def test_interval_is_that_of_sacrebleu() -> None:
    from sacrebleu.metrics.bleu import BLEU

    random = np.random.default_rng(0)
    words = [f"w{number}" for number in range(30)]
    references = [" ".join(random.choice(words, 12)) for _ in range(300)]
    translations = [
        " ".join(random.choice(words) if random.random() < share else word for word in text.split())
        for text, share in zip(references, random.random(300), strict=True)
    ]
    scores = score_translations(translations, references, interval=True)
    assert scores.bleu_interval is not None
    low, high = scores.bleu_interval
    metric = BLEU(tokenize="13a")
    theirs = metric.corpus_score(translations, [references], n_bootstrap=1000)
    text = theirs.format(width=4, is_json=True, signature=str(metric.get_signature()))
    half = json.loads(text)["confidence_var"]
    assert (high - low) / 2 == pytest.approx(half, rel=0.12)
    assert (high + low) / 2 == pytest.approx(scores.bleu, abs=0.2 * half)
    assert score_translations(translations, references, interval=True) == scores


def test_interval_where_all_or_nothing_is_right_and_of_few_pairs() -> None:
    right = score_translations(REFERENCES[:1] * 30, REFERENCES[:1] * 30, interval=True)
    assert right.bleu_interval == (100, 100)
    wrong = score_translations([""] * 30, REFERENCES[:1] * 30, interval=True)
    assert (wrong.bleu, wrong.bleu_interval, wrong.chrf) == (0, (0, 0), 0)
    assert wrong.length_ratio == 0
    few = score_translations(TRANSLATIONS * 7, REFERENCES * 7, interval=True)  # 28
    assert few.bleu_interval is None


def test_chrf_of_single_sentences() -> None:
    same, half, none = sentence_scores(["a red dog", "a red cat", "xyz"], ["a red dog"] * 3)
    assert same == pytest.approx(100)
    # By hand, without spaces: 4 of 7 letters, 3 of 6 pairs, 2 of 5, 1 of 4, and none above.
    # Both sides are equally long, so that precision, recall and their F-score are one number.
    assert half == pytest.approx(100 * (4 / 7 + 3 / 6 + 2 / 5 + 1 / 4) / 6)
    assert none == 0


def test_texts_that_look_tokenized_bring_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    texts = [f"{text} ." for text in REFERENCES * 50]
    with caplog.at_level(logging.WARNING):
        score_translations(texts, texts, interval=True)
    assert not caplog.records


@pytest.mark.parametrize(("given", "wanted"), [([], []), (["a"], []), (["a"], ["a", "b"])])
def test_numbers_of_texts_must_agree(given: list[str], wanted: list[str]) -> None:
    with pytest.raises(DataError, match=f"{len(given)} translations for {len(wanted)} references"):
        score_translations(given, wanted)


def test_importing_the_toolkit_imports_no_sacrebleu() -> None:
    program = (
        "import sys, rnn_toolkit, rnn_toolkit.evaluation.translation; "
        "sys.exit('sacrebleu' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# Whole evaluations


def answer(source: str, text: str, ended: str = "end mark") -> Translation:
    alignment = WordAlignment((), (), np.zeros((0, 0), np.float32))
    return Translation(source, (Candidate(text, 0.0, 0.0, ended, alignment),), cut=False)  # type: ignore[arg-type]


def evaluate(
    sources: Sequence[str], references: Sequence[str], answers: Sequence[str], ended: str = ""
) -> TranslationEvaluation:
    return evaluate_translations(
        sources,
        references,
        lambda texts: [
            answer(source, text, ended if ended and place == 0 else "end mark")
            for place, (source, text) in enumerate(zip(texts, answers, strict=True))
        ],
        dictionary=WordDictionary({"rot": ("red", 1.0), "gut": ("good", 1.0)}),
        data="pairs.tsv",
        sha256="0" * 64,
        split="test",
        seed=7,
        decoding="beam 5",
    )


# Eleven sources of 5 words, twelve of 6; the longer ones are all translated wrongly but one.
SOURCES = [f"s{number} a b c d" for number in range(11)] + [
    f"s{number} a b c d e" for number in range(12)
]
WANTED = [f"t{number} w x y" for number in range(11)] + [
    f"t{number} w x y z z" for number in range(12)
]
ANSWERS = [*WANTED[:12], *("q" * length for length in range(1, 12))]


def test_evaluation_stands_beside_its_baselines() -> None:
    found = evaluate(SOURCES, WANTED, ANSWERS, ended="length")
    assert [row.name for row in found.rows] == [
        "model",
        "copy of the source",
        "word by word (IBM model 1)",
    ]
    assert found.model == score_translations(ANSWERS, WANTED, interval=True)
    assert found.rows[1].scores == score_translations(SOURCES, WANTED)
    assert found.ended == {"end mark": 22, "length": 1}
    assert not found.loses_to_baseline
    assert f"{found.model.bleu:.2f} BLEU above its strongest baseline" in found.verdict()
    assert "interval" not in found.verdict()  # of 23 pairs
    assert found.seconds > 0


def test_the_verdict_tells_the_interval() -> None:
    found = evaluate(SOURCES * 2, WANTED * 2, ANSWERS * 2)
    assert found.model.bleu_interval is not None
    low, high = found.model.bleu_interval
    assert low < found.model.bleu < high
    assert f"{low:.2f} to {high:.2f} (95 % interval)" in found.verdict()


def test_the_dictionary_translates_the_sources() -> None:
    sources = ["rot rot gut gut gut", "gut rot rot gut rot"]
    references = [source.replace("rot", "red").replace("gut", "good") for source in sources]
    found = evaluate(sources, references, ["red", "good"])
    assert found.rows[2].scores.bleu == pytest.approx(100)
    assert found.loses_to_baseline
    assert found.strongest_baseline.name == "word by word (IBM model 1)"
    assert "does NOT beat word by word (IBM model 1)" in found.verdict()


def test_a_model_that_only_copies_does_not_beat_copying() -> None:
    found = evaluate(SOURCES, SOURCES, SOURCES)
    assert found.loses_to_baseline
    assert found.verdict().startswith("The model does NOT beat copy of the source: BLEU 100.00")


def test_bleu_by_length_of_the_source() -> None:
    found = evaluate(SOURCES, WANTED, ANSWERS).by_length
    assert [(entry.words, entry.sentences) for entry in found] == [("1-5", 11), ("6-10", 12)]
    assert found[0].bleu == 100
    assert found[1].bleu == round(corpus_bleu(ANSWERS[11:], WANTED[11:]), 2) < 50
    few = evaluate(SOURCES[:12], WANTED[:12], ANSWERS[:12]).by_length
    assert [entry.words for entry in few] == ["1-5"]  # one sentence has no BLEU of its own
    long = evaluate(["a " * 51] * 10, ["b " * 51] * 10, ["b"] * 10).by_length
    assert [entry.words for entry in long] == ["51 or more"]


def test_all_lengths_are_scored_with_one_tokenizer() -> None:
    # The short references alone look Chinese, all of them together do not.
    sources = ["a b"] * 10 + ["a b c d e f g"] * 10
    references = ["狗在草地上跑"] * 10 + ["many dogs are running on the green and wet grass"] * 10
    found = evaluate(sources, references, ["狗在草地上走"] * 10 + references[10:])
    assert "tok:13a" in found.model.bleu_signature
    assert found.by_length[0].bleu == 0  # one word for 13a; zh would find most of it right


def test_best_and_worst_translations() -> None:
    found = evaluate(SOURCES, WANTED, ANSWERS)
    assert len(found.best) == len(found.worst) == 8
    assert found.best[0].translation == found.best[0].reference == WANTED[11]  # longest first
    assert {entry.chrf for entry in found.best} == {100.0}
    assert {entry.chrf for entry in found.worst} == {0.0}
    assert not {entry.translation for entry in found.worst} & set(WANTED)
    places = {entry.source: entry for entry in (*found.best, *found.worst)}
    for source, entry in places.items():
        assert entry.reference == WANTED[SOURCES.index(source)]
        assert entry.translation == ANSWERS[SOURCES.index(source)]


def test_nothing_is_shown_as_worst_that_is_right() -> None:
    found = evaluate(SOURCES, WANTED, WANTED)
    assert len(found.best) == 8
    assert found.worst == ()
    one = evaluate(SOURCES[:1], WANTED[:1], ["q"])
    assert [entry.translation for entry in (*one.best, *one.worst)] == ["q"]


def test_evaluation_survives_its_json() -> None:
    found = evaluate(SOURCES, WANTED, ANSWERS)
    summary = found.summary()
    assert summary.pop("verdict") == found.verdict()
    assert TranslationEvaluation.model_validate(summary) == found
