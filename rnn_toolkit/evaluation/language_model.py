"""A language model, its baselines and its data in one record."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import Settings

UNIFORM_NAME = "every id equally likely"


class LanguageModelScores(Settings):
    """How well one model predicts a text.

    Perplexity depends on how the text is cut into tokens; bits per character do not, and compare
    models of any tokenizer on the same text. Where part of the text is unknown, both flatter: an
    unknown token is predicted without its characters.

    Args:
        tokens: how many were predicted.
        characters: of the text that these tokens stand for.
        nats_per_token: mean of -ln p.
        perplexity: e to the power of that.
        nats_per_character: all nats over all characters.
        bits_per_character: the same in bits.
        unknown: share of the tokens that are the unknown token, 0 to 1.
    """

    tokens: int
    characters: int
    nats_per_token: float
    perplexity: float
    nats_per_character: float
    bits_per_character: float
    unknown: float


class NamedScores(Settings):
    """The scores of a baseline, or of a model with help."""

    name: str
    scores: LanguageModelScores


class LanguageModelEvaluation(Settings):
    """Scores on one text, with all that is needed to judge them.

    Args:
        data: the file.
        data_sha256: of its text.
        split: what the text is: "validation" or "test".
        documents: how many texts; 1 for one stream.
        seed: of the training.
        toolkit_version: that measured.
        seconds: the model took.
        model: its scores.
        baseline: the n-gram model's, fitted on the same training text.
        unigram: scores of a model that knows only how frequent each token is.
        uniform: scores of a model that knows nothing.
        cache: the model helped by a cache of what the text said before.
        dynamic: the model that goes on learning from the text as it reads.
    """

    data: str
    data_sha256: str
    split: str
    documents: int
    seed: int
    toolkit_version: str
    seconds: float
    model: LanguageModelScores
    baseline: NamedScores
    unigram: NamedScores
    uniform: NamedScores
    cache: NamedScores | None = None
    dynamic: NamedScores | None = None

    @property
    def loses_to_baseline(self) -> bool:
        """Whether the n-gram model predicts the text better."""
        return self.model.nats_per_token > self.baseline.scores.nats_per_token

    def verdict(self) -> str:
        """One or two sentences that compare the model with its baseline."""
        ours, theirs, name = self.model, self.baseline.scores, self.baseline.name
        against = f"perplexity {ours.perplexity:,.2f} against {theirs.perplexity:,.2f}"
        if round(ours.perplexity, 2) == round(theirs.perplexity, 2):
            found = f"This model is as good as its baseline, {name}: {against}."
        elif self.loses_to_baseline:
            found = (
                f"This model loses to its baseline: counting n-grams ({name}) predicts the text "
                f"better, {against}."
            )
        else:
            saved = 1 - ours.nats_per_token / theirs.nats_per_token
            found = (
                f"This model beats its baseline, {name}: {against}, {100 * saved:.1f} % fewer bits."
            )
        if ours.nats_per_token > self.unigram.scores.nats_per_token:
            found += " It does not even reach the frequencies of single tokens."
        if ours.unknown >= 0.005:
            found += f" {100 * ours.unknown:.1f} % of the tokens are unknown, which flatters both."
        return found

    def rows(self) -> tuple[NamedScores, ...]:
        """All scores in the order of a table, the model first."""
        helped = [scores for scores in (self.cache, self.dynamic) if scores is not None]
        model = NamedScores(name="this model", scores=self.model)
        return (model, *helped, self.baseline, self.unigram, self.uniform)

    def summary(self) -> dict[str, Any]:
        """Plain values for --json: scores, baselines, data and seed."""
        found: dict[str, Any] = {
            **self.model.model_dump(),
            "baseline": _brief(self.baseline),
            "unigram": _brief(self.unigram),
            "uniform": _brief(self.uniform),
        }
        for name, scores in (("cache", self.cache), ("dynamic", self.dynamic)):
            if scores is not None:
                found[name] = _brief(scores)
        kept = {"split", "documents", "data", "data_sha256", "seed", "seconds"}
        return {
            **found,
            "loses_to_baseline": self.loses_to_baseline,
            **self.model_dump(include=kept),
        }


def score_log_probabilities(
    log_probabilities: NDArray[np.floating[Any]], *, characters: int, unknown: int = 0
) -> LanguageModelScores:
    """The scores of a model from what it gave each token.

    Args:
        log_probabilities: [tokens], natural logarithms, at least one.
        characters: of the text that these tokens stand for, at least one.
        unknown: how many of the tokens are the unknown token.
    """
    total = -float(np.sum(log_probabilities, dtype=np.float64))
    return score_nats(total, tokens=len(log_probabilities), characters=characters, unknown=unknown)


def score_nats(nats: float, *, tokens: int, characters: int, unknown: int) -> LanguageModelScores:
    """The scores of a model from the sum of its -ln p.

    Args:
        nats: the sum over all tokens.
        tokens: how many, at least one.
        characters: of the text that these tokens stand for, at least one.
        unknown: how many of the tokens are the unknown token.
    """
    per_token = nats / tokens
    return LanguageModelScores(
        tokens=tokens,
        characters=characters,
        nats_per_token=per_token,
        # A model that diverged must still be recorded: beyond this, floats overflow.
        perplexity=math.exp(min(per_token, 700.0)),
        nats_per_character=nats / characters,
        bits_per_character=nats / characters / math.log(2),
        unknown=unknown / tokens,
    )


def uniform_scores(vocabulary_size: int, like: LanguageModelScores) -> NamedScores:
    """The yardstick that gives every id the same probability.

    Args:
        vocabulary_size: how many ids there are.
        like: scores on the same text.
    """
    nats = like.tokens * math.log(vocabulary_size)
    unknown = round(like.unknown * like.tokens)
    return NamedScores(
        name=UNIFORM_NAME,
        scores=score_nats(nats, tokens=like.tokens, characters=like.characters, unknown=unknown),
    )


def _brief(named: NamedScores) -> dict[str, Any]:
    scores = named.scores
    return {
        "name": named.name,
        "nats_per_token": scores.nats_per_token,
        "perplexity": scores.perplexity,
        "bits_per_character": scores.bits_per_character,
    }
