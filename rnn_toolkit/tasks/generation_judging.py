"""Judges a language model on a text, beside models that only count."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np

from rnn_toolkit._version import __version__
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.evaluation.dynamic import dynamic_evaluation
from rnn_toolkit.evaluation.kneser_ney import KneserNey, default_order
from rnn_toolkit.evaluation.language_model import (
    LanguageModelEvaluation,
    LanguageModelScores,
    NamedScores,
    score_log_probabilities,
    uniform_scores,
)
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.evaluation.token_probabilities import token_log_probabilities
from rnn_toolkit.text.description import UNKNOWN_ID
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer

TRAINING_IDS_KEPT = 10_000_000


@dataclass
class LanguageModelJudge:
    """What does not change from one text to the next.

    Args:
        model: the language model.
        tokenizer: its tokenizer.
        training: what the n-gram models count.
        seed: of the training.
    """

    model: keras.Model
    tokenizer: GenerationTokenizer
    training: TokenStream
    seed: int

    @cached_property
    def baseline(self) -> KneserNey:
        """The n-gram model."""
        return self._counted(default_order(self.tokenizer.kind))

    def _counted(self, order: int) -> KneserNey:
        return KneserNey.fit(
            self.training.ids,
            order=order,
            vocabulary_size=self.tokenizer.vocabulary_size,
            starts=None if self.training.starts is None else self.training.begins(),
        )

    def judge(
        self,
        stream: TokenStream,
        *,
        data: str,
        sha256: str,
        split: str,
        cache: NeuralCache | None = None,
        dynamic_rate: float | None = None,
    ) -> LanguageModelEvaluation:
        """Scores the model and the n-gram models on the same tokens.

        Args:
            stream: the text.
            data: its name.
            sha256: its checksum.
            split: what it is: "validation" or "test".
            cache: adds the scores of the model helped by such a cache.
            dynamic_rate: adds the scores of the model that goes on learning at this rate.
        """
        began = time.perf_counter()
        own = self._scores(token_log_probabilities(self.model, stream), stream)
        seconds = time.perf_counter() - began
        unigram = self._counted(1)
        cached = dynamic = None
        if cache is not None:
            found = token_log_probabilities(self.model, stream, cache=cache)
            cached = NamedScores(name=cache.name, scores=self._scores(found, stream))
        if dynamic_rate is not None:
            nats = dynamic_evaluation(self.model, stream, rate=dynamic_rate)
            dynamic = NamedScores(
                name=f"this model, dynamic evaluation (rate {dynamic_rate:g})",
                scores=self._scores(nats, stream),
            )
        return LanguageModelEvaluation(
            data=data,
            data_sha256=sha256,
            split=split,
            documents=1 if stream.starts is None else len(stream.starts),
            seed=self.seed,
            toolkit_version=__version__,
            seconds=round(seconds, 2),
            model=own,
            baseline=self._ngram_scores(self.baseline, stream),
            unigram=self._ngram_scores(unigram, stream),
            uniform=uniform_scores(self.tokenizer.vocabulary_size, own),
            cache=cached,
            dynamic=dynamic,
        )

    def _ngram_scores(self, ngram: KneserNey, stream: TokenStream) -> NamedScores:
        starts = None if stream.starts is None else stream.begins()
        found = ngram.log_probabilities(np.asarray(stream.ids), starts=starts)
        return NamedScores(name=ngram.name, scores=self._scores(found[stream.predicted()], stream))

    def _scores(self, found: np.ndarray, stream: TokenStream) -> LanguageModelScores:
        unknown = int((np.asarray(stream.ids)[stream.predicted()] == UNKNOWN_ID).sum())
        return score_log_probabilities(found, characters=stream.characters, unknown=unknown)
