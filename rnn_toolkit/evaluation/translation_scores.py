"""BLEU and chrF of translations, by sacreBLEU."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from rnn_toolkit.config import Settings
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.train_side_tokenizers import unspaced

_KANA = ("\u3040", "\u30ff")
_LOOKED_AT = 2000  # references that show how a language is written


class TranslationScores(Settings):
    """Scores of one set of translations; BLEU and chrF lie between 0 and 100.

    Args:
        bleu: with letters as they are.
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
    first, last = _KANA
    kana = any(first <= letter <= last for text in looked_at for letter in text)
    return "char" if kana else "zh"


def corpus_bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """BLEU alone, with letters as they are."""
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(tokenize=bleu_tokenizer(references))
    return float(metric.corpus_score(list(translations), [list(references)]).score)


def score_translations(translations: Sequence[str], references: Sequence[str]) -> TranslationScores:
    """Scores translations against one reference each.

    Args:
        translations: one per reference.
        references: what a person wrote.

    Raises:
        DataError: there is nothing to score, or the numbers differ.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    if not references or len(translations) != len(references):
        raise DataError(
            f"There are {len(translations)} translations for {len(references)} references."
        )
    tokenizer = bleu_tokenizer(references)
    plain, lowercased = BLEU(tokenize=tokenizer), BLEU(tokenize=tokenizer, lowercase=True)
    chrf = CHRF()
    given, wanted = list(translations), [list(references)]
    found = plain.corpus_score(given, wanted)
    return TranslationScores(
        bleu=round(float(found.score), 4),
        bleu_lowercased=round(float(lowercased.corpus_score(given, wanted).score), 4),
        bleu_signature=str(plain.get_signature()),
        chrf=round(float(chrf.corpus_score(given, wanted).score), 4),
        chrf_signature=str(chrf.get_signature()),
        exact=_share_equal(translations, references),
        length_ratio=round(found.sys_len / max(found.ref_len, 1), 4),
        sentences=len(references),
    )


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
