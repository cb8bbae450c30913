"""How good an exported file is, on rows of the validation part: one score for each task."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnn_toolkit.evaluation.translation_scores import corpus_bleu
from rnn_toolkit.export.subject import Judge
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.scoring import score_ids
from rnn_toolkit.runtime.translator import TranslatorPredictor


def accuracy_judge(rows: Sequence[Sequence[int]], labels: Sequence[int]) -> Judge | None:
    """Accuracy in percent; None without labels.

    Args:
        rows: ids of texts.
        labels: the number of each text's class.
    """
    if not len(labels):
        return None

    def accuracy(predictor: ClassifierPredictor) -> float:
        cut = [predictor.tokenizer.truncate(list(row)) for row in rows]
        found = predictor.probabilities_of_ids(cut).argmax(axis=1)
        return 100 * float((found == np.asarray(labels)).mean())

    return Judge("accuracy", len(rows), accuracy)


def perplexity_judge(rows: Sequence[Sequence[int]]) -> Judge | None:
    """Perplexity of the ids after the first one of each row; None without any.

    Args:
        rows: ids of texts.
    """
    long_enough = [row for row in rows if len(row) > 1]
    if not long_enough:
        return None

    def perplexity(predictor: GeneratorPredictor) -> float:
        found = [
            value
            for row in long_enough
            for value in score_ids(predictor.model, row[:1], [row[1:]])[0]
        ]
        return math.exp(-math.fsum(found) / len(found))

    return Judge("perplexity", len(long_enough), perplexity)


def bleu_judge(sources: Sequence[str], references: Sequence[str]) -> Judge | None:
    """BLEU of beam searches with the model's own defaults; None without references.

    Args:
        sources: texts.
        references: a translation of each.
    """
    if not references:
        return None

    def bleu(predictor: TranslatorPredictor) -> float:
        return corpus_bleu([found.text for found in predictor.translate(sources)], references)

    return Judge("BLEU", len(sources), bleu)
