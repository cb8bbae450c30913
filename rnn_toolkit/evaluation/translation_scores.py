"""BLEU and chrF of translations, by sacreBLEU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from rnn_toolkit.config import Settings
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.train_side_tokenizers import unspaced

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU

_KANA = (("\u3041", "\u3096"), ("\u30a1", "\u30fa"))
_JAPANESE = 0.1  # share of letters that are kana; Chinese has a few in names
_LOOKED_AT = 2000  # references that show how a language is written
_FEWEST_RESAMPLED = 30  # pairs; fewer say too little about others to draw from them
_RESAMPLED, _RESAMPLED_AT_ONCE, _RESAMPLING_SEED = 1000, 50, 12345


class TranslationScores(Settings):
    """Scores of one set of translations; BLEU and chrF lie between 0 and 100.

    Args:
        bleu: with letters as they are.
        bleu_interval: of 95 %; where BLEU would lie on other sentences of the same kind.
        bleu_lowercased: of both sides in lower case; never to be compared with the other.
        bleu_signature: how sacreBLEU computed it (Post 2018, A call for clarity in reporting
            BLEU scores).
        chrf: F-score of character n-grams (Popovic 2015).
        chrf_signature: how sacreBLEU computed it.
        exact: share of translations that are the reference, letter by letter.
        length_ratio: tokens of the translations over those of the references.
        sentences: number of pairs.
    """

    bleu: float
    bleu_interval: tuple[float, float] | None = None
    bleu_lowercased: float
    bleu_signature: str
    chrf: float
    chrf_signature: str
    exact: float
    length_ratio: float
    sentences: int = Field(ge=1)


def bleu_tokenizer(references: Sequence[str]) -> str:
    """The name of sacreBLEU's tokenizer for texts like these.

    Chinese needs one of its own and Japanese is taken letter by letter, because neither sets
    spaces between words; 13a, the usual one, serves everything else.
    """
    looked_at = references[:_LOOKED_AT]
    if not unspaced(looked_at):
        return "13a"
    letters = [letter for text in looked_at for letter in text if letter.isalpha()]
    kana = sum(first <= letter <= last for letter in letters for first, last in _KANA)
    return "char" if kana > _JAPANESE * len(letters) else "zh"


def corpus_bleu(
    translations: Sequence[str], references: Sequence[str], *, tokenizer: str | None = None
) -> float:
    """BLEU alone, with letters as they are.

    Args:
        translations: one per reference.
        references: what a person wrote.
        tokenizer: of sacreBLEU; None chooses it by the references.
    """
    metric = _bleu(tokenizer or bleu_tokenizer(references))
    return float(metric.corpus_score(list(translations), [list(references)]).score)


def _bleu(tokenizer: str, *, lowercase: bool = False, one_by_one: bool = False) -> BLEU:
    from sacrebleu.metrics.bleu import BLEU

    # Without `force`, texts that end in " ." bring a warning at every epoch; the score is the same.
    return BLEU(tokenize=tokenizer, lowercase=lowercase, effective_order=one_by_one, force=True)


def score_translations(
    translations: Sequence[str], references: Sequence[str], *, interval: bool = False
) -> TranslationScores:
    """Scores translations against one reference each.

    Args:
        translations: one per reference.
        references: what a person wrote.
        interval: whether BLEU gets an interval; of fewer than 30 pairs there is none.

    Raises:
        DataError: there is nothing to score, or the numbers differ.
    """
    from sacrebleu.metrics.chrf import CHRF

    if not references or len(translations) != len(references):
        raise DataError(
            f"There are {len(translations)} translations for {len(references)} references.",
            "Give at least one pair, and one translation for each reference.",
        )
    tokenizer = bleu_tokenizer(references)
    plain, lowercased = _bleu(tokenizer), _bleu(tokenizer, lowercase=True)
    chrf = CHRF()
    given, wanted = list(translations), [list(references)]
    interval = interval and len(references) >= _FEWEST_RESAMPLED
    found = plain.corpus_score(given, wanted)
    return TranslationScores(
        bleu=round(float(found.score), 4),
        bleu_interval=_interval(given, references, tokenizer) if interval else None,
        bleu_lowercased=round(float(lowercased.corpus_score(given, wanted).score), 4),
        bleu_signature=str(plain.get_signature()),
        chrf=round(float(chrf.corpus_score(given, wanted).score), 4),
        chrf_signature=str(chrf.get_signature()),
        exact=_share_equal(translations, references),
        length_ratio=round(found.sys_len / max(found.ref_len, 1), 4),
        sentences=len(references),
    )


def _interval(
    translations: Sequence[str], references: Sequence[str], tokenizer: str
) -> tuple[float, float]:
    """The middle 95 % of BLEU over pairs drawn with replacement (Koehn 2004, Statistical
    significance tests for machine translation evaluation).
    """
    plain, single = _bleu(tokenizer), _bleu(tokenizer, one_by_one=True)
    pairs = zip(translations, references, strict=True)
    found = [single.sentence_score(given, [wanted]) for given, wanted in pairs]
    counts = np.array(  # [pairs, 10]; sums of these make the BLEU of any set of pairs
        [[*one.counts, *one.totals, one.sys_len, one.ref_len] for one in found], np.float64
    )
    random, number = np.random.default_rng(_RESAMPLING_SEED), len(counts)
    scores = []
    for _ in range(_RESAMPLED // _RESAMPLED_AT_ONCE):
        drawn = random.multinomial(number, np.full(number, 1 / number), size=_RESAMPLED_AT_ONCE)
        for row in (drawn @ counts).astype(np.int64).tolist():
            right, total, (length, wanted) = row[:4], row[4:8], row[8:]
            score = plain.compute_bleu(right, total, length, wanted, plain.smooth_method)
            scores.append(score.score)
    low, high = np.quantile(scores, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def _share_equal(translations: Sequence[str], references: Sequence[str]) -> float:
    pairs = zip(translations, references, strict=True)
    return round(
        sum(given.strip() == wanted.strip() for given, wanted in pairs) / len(references), 4
    )


def sentence_scores(translations: Sequence[str], references: Sequence[str]) -> list[float]:
    """The chrF of each translation alone; BLEU means little for one sentence."""
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF()
    return [
        float(metric.sentence_score(translation, [reference]).score)
        for translation, reference in zip(translations, references, strict=True)
    ]
