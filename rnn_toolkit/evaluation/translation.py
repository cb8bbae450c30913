"""How good a translator is on pairs it never saw, beside copying and a dictionary."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnn_toolkit.config import Settings
from rnn_toolkit.evaluation.translation_scores import (
    TranslationScores,
    bleu_tokenizer,
    corpus_bleu,
    score_translations,
    sentence_scores,
)
from rnn_toolkit.evaluation.word_dictionary import WordDictionary, words_of
from rnn_toolkit.runtime.translator import Translation

MODEL, COPY, DICTIONARY = "model", "copy of the source", "word by word (IBM model 1)"
_LENGTHS = (5, 10, 15, 20, 30, 50)
_FEWEST = 10  # sentences of a length, below which a BLEU says nothing
_SHOWN = 8


class ScoredTranslator(Settings):
    """Who translated, and how well."""

    name: str
    scores: TranslationScores


class LengthScore(Settings):
    """BLEU of the source texts of a range of lengths, in words."""

    words: str
    sentences: int
    bleu: float


class ShownTranslation(Settings):
    """A translation beside what a person wrote; `chrf` is its own score."""

    source: str
    reference: str
    translation: str
    chrf: float


class TranslationEvaluation(Settings):
    """All that one evaluation found; the model's scores come first.

    Args:
        split: the name of the pairs, such as "test".
        data: where they came from.
        sha256: of the pairs.
        seed: of the training.
        decoding: the options of decoding, in words.
        rows: the model and its baselines.
        by_length: the model's BLEU by source length.
        best: translations with the highest scores.
        worst: translations with the lowest scores.
        ended: how many translations ended by what.
        seconds: that the model took.
    """

    split: str
    data: str
    sha256: str
    seed: int
    decoding: str
    rows: tuple[ScoredTranslator, ...]
    by_length: tuple[LengthScore, ...]
    best: tuple[ShownTranslation, ...]
    worst: tuple[ShownTranslation, ...]
    ended: dict[str, int]
    seconds: float

    @property
    def model(self) -> TranslationScores:
        """The model's own scores."""
        return self.rows[0].scores

    @property
    def strongest_baseline(self) -> ScoredTranslator:
        """The baseline with the highest BLEU."""
        return max(self.rows[1:], key=lambda row: row.scores.bleu)

    @property
    def loses_to_baseline(self) -> bool:
        """Whether a baseline is at least as good."""
        return self.strongest_baseline.scores.bleu >= self.model.bleu

    def verdict(self) -> str:
        """What the scores say of the model and its baselines."""
        rival = self.strongest_baseline
        interval = self.model.bleu_interval
        sure = interval and (
            f" Resampling the pairs gives a BLEU of {interval[0]:.2f} to {interval[1]:.2f} "
            "(95 % interval)."
        )
        if self.loses_to_baseline:
            return (
                f"The model does NOT beat {rival.name}: BLEU {self.model.bleu:.2f} against "
                f"{rival.scores.bleu:.2f}. Train longer, or on more pairs.{sure or ''}"
            )
        return (
            f"The model is {self.model.bleu - rival.scores.bleu:.2f} BLEU above its strongest "
            f"baseline, {rival.name}.{sure or ''}"
        )

    def summary(self) -> dict[str, Any]:
        """Everything as plain values, ready to be written as JSON."""
        return {**self.model_dump(mode="json"), "verdict": self.verdict()}


def evaluate_translations(
    sources: Sequence[str],
    references: Sequence[str],
    translate: Callable[[Sequence[str]], list[Translation]],
    *,
    dictionary: WordDictionary,
    data: str,
    sha256: str,
    split: str,
    seed: int,
    decoding: str,
) -> TranslationEvaluation:
    """Translates and scores.

    Args:
        sources: texts to translate.
        references: what a person wrote.
        translate: the model.
        dictionary: learnt from the model's training pairs.
        data: where the pairs came from.
        sha256: of the pairs.
        split: name of the pairs.
        seed: of the training.
        decoding: the options of decoding, in words.
    """
    began = time.perf_counter()
    translations = translate(sources)
    seconds = time.perf_counter() - began
    texts = [found.text for found in translations]
    ends = [found.candidates[0].ended for found in translations]
    best, worst = _extremes(sources, references, texts)
    return TranslationEvaluation(
        split=split,
        data=data,
        sha256=sha256,
        seed=seed,
        decoding=decoding,
        rows=(
            ScoredTranslator(
                name=MODEL, scores=score_translations(texts, references, interval=True)
            ),
            ScoredTranslator(name=COPY, scores=score_translations(sources, references)),
            ScoredTranslator(
                name=DICTIONARY,
                scores=score_translations(
                    [dictionary.translate(source) for source in sources], references
                ),
            ),
        ),
        by_length=_by_length(sources, references, texts),
        best=best,
        worst=worst,
        ended={end: ends.count(end) for end in sorted(set(ends))},
        seconds=max(round(seconds, 3), 0.001),  # pairs per second are shown
    )


def _by_length(
    sources: Sequence[str], references: Sequence[str], texts: Sequence[str]
) -> tuple[LengthScore, ...]:
    lengths = np.asarray([len(words_of(source)) for source in sources])
    places = np.digitize(lengths, np.asarray(_LENGTHS) + 1)
    tokenizer = bleu_tokenizer(references)
    found = []
    for place in sorted(set(places.tolist())):
        rows = np.flatnonzero(places == place).tolist()
        if len(rows) < _FEWEST:
            continue
        low = 1 if place == 0 else _LENGTHS[place - 1] + 1
        high = f"-{_LENGTHS[place]}" if place < len(_LENGTHS) else " or more"
        bleu = corpus_bleu(
            [texts[row] for row in rows], [references[row] for row in rows], tokenizer=tokenizer
        )
        found.append(LengthScore(words=f"{low}{high}", sentences=len(rows), bleu=round(bleu, 2)))
    return tuple(found)


def _extremes(
    sources: Sequence[str], references: Sequence[str], texts: Sequence[str]
) -> tuple[tuple[ShownTranslation, ...], tuple[ShownTranslation, ...]]:
    """The best translations, and of the others the worst; of equally good ones, the longest."""
    scores = sentence_scores(texts, references)
    count = min(_SHOWN, -(-len(texts) // 2))
    best = sorted(range(len(texts)), key=lambda row: (-scores[row], -len(sources[row])))[:count]
    wrong = {row for row, text in enumerate(texts) if text.strip() != references[row].strip()}
    worst = sorted(wrong - {*best}, key=lambda row: (scores[row], -len(sources[row]), row))[:count]

    def shown(rows: Sequence[int]) -> tuple[ShownTranslation, ...]:
        return tuple(
            ShownTranslation(
                source=sources[row],
                reference=references[row],
                translation=texts[row],
                chrf=round(scores[row], 1),
            )
            for row in rows
        )

    return shown(best), shown(worst)
