"""What a training can begin with: the weights and tokens of an earlier model, and what fits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import keras
import numpy as np

from rnn_toolkit.config import (
    GenerationTokenizerConfig,
    LanguageModelConfig,
    NetworkConfig,
    SentimentConfig,
    Seq2SeqConfig,
    StackConfig,
    TokenizerConfig,
    TranslationTokenizerConfig,
)
from rnn_toolkit.errors import OptionError
from rnn_toolkit.networks import classifier, language_model, seq2seq
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer
from rnn_toolkit.training.warm_start import warm_start

StackType = TypeVar("StackType", bound=StackConfig)


@dataclass(frozen=True)
class ClassifierStart:
    """A trained classifier to begin with.

    Args:
        network: its shape.
        model: with its weights.
        tokenizer: its own.
        tokenizer_kind: of it.
        labels: in the order of its outputs.
    """

    network: NetworkConfig
    model: keras.Model
    tokenizer: Tokenizer
    tokenizer_kind: str
    labels: tuple[str, ...]

    def settings(self) -> dict[str, dict[str, Any]]:
        """What a new model has to have in common, by part of SentimentConfig.

        How strongly it is regularised is not of it: that is the training's choice.
        """
        shape = {
            name: value
            for name, value in self.network.model_dump().items()
            if "drop" not in name and name != "zoneout"
        }
        tokens = {"kind": self.tokenizer_kind, "lowercase": self.tokenizer.lowercases}
        return {"network": shape, "tokenizer": tokens}

    def check(self, config: SentimentConfig) -> None:
        """Raises OptionError where a setting would overwrite what the start brings."""
        if config.vectors.file or config.vectors.train or config.pretraining.epochs:
            raise OptionError(
                "A model to start from brings its word vectors; none can be read or trained too.",
                "Leave out --start-from, or the word vectors and recipes that train them.",
            )

    def tokenizer_for(self, settings: TokenizerConfig) -> Tokenizer | None:
        """The start's tokenizer, so that words that new data lacks stay known.

        Args:
            settings: of the training.

        Returns:
            It, with the lengths of `settings`; None where these ask for another kind, so that a
            new one has to be trained.
        """
        same = (self.tokenizer_kind, self.tokenizer.lowercases) == (
            settings.kind,
            settings.lowercase,
        )
        if not same:
            return None
        return Tokenizer(
            self.tokenizer.fast_tokenizer,
            maximum_length=settings.maximum_length,
            head_length=settings.head_length,
        )

    def give_weights(self, model: keras.Model, tokenizer: Tokenizer, labels: Sequence[str]) -> str:
        """Fills a new model with the weights that fit; a sentence says which.

        Word vectors are matched by word and outputs by label. Word pairs are hashed by their
        ids, so that they mean the same only with the same vocabulary and labels; else their
        table stays as it is. A model whose pairs are fitted apart has none yet: see `give_pairs`.

        Args:
            model: built by `build_classifier`.
            tokenizer: of the new model.
            labels: of the new model, in the order of its outputs.
        """
        mine, theirs = tokenizer.vocabulary(), self.tokenizer.vocabulary()
        without = () if self._same_pairs(tokenizer, labels) else (classifier.PAIR_LAYER,)
        vocabularies = {
            classifier.EMBEDDING_LAYER: (mine, theirs),
            classifier.LOGITS_LAYER: (labels, self.labels),
        }
        return warm_start(model, self.model, vocabularies, without=without).sentence()

    def give_pairs(self, model: keras.Model, tokenizer: Tokenizer, labels: Sequence[str]) -> None:
        """Fills the table of word pairs where the start's means the same.

        Args:
            model: built by `build_classifier`, with pairs that are fitted apart.
            tokenizer: of the new model.
            labels: of the new model, in the order of its outputs.
        """
        if not (self.network.pairs_apart and self._same_pairs(tokenizer, labels)):
            return
        mine, theirs = (each.get_layer(classifier.PAIR_LAYER) for each in (model, self.model))
        if mine.table.shape == theirs.table.shape:
            mine.set_weights(theirs.get_weights())

    def _same_pairs(self, tokenizer: Tokenizer, labels: Sequence[str]) -> bool:
        same_words = tokenizer.vocabulary() == self.tokenizer.vocabulary()
        return same_words and tuple(labels) == self.labels


@dataclass(frozen=True)
class GeneratorStart:
    """A trained language model to begin with; see ClassifierStart."""

    network: LanguageModelConfig
    model: keras.Model
    tokenizer: GenerationTokenizer

    def tokenizer_for(
        self,
        texts: Iterable[str],
        settings: GenerationTokenizerConfig,
        conditions: Sequence[str],
    ) -> GenerationTokenizer:
        """A tokenizer for new texts that still knows the start's tokens.

        A model that could no longer write most of what it knew would have to learn anew which
        few tokens are left. Byte-level subwords can write anything, so that they stay as they
        are; to characters and words those of the new texts are added.

        Args:
            texts: of the training part, gone through once.
            settings: of the training.
            conditions: labels that get an id each.
        """
        mine = self.tokenizer
        if settings.kind != mine.kind:
            return train_generation_tokenizer(texts, settings, conditions=conditions)
        if mine.kind == "subword" and tuple(conditions) == mine.conditions:
            return mine
        special = frozenset(mine.special_ids)
        known = [token for n, token in enumerate(mine.vocabulary()) if n not in special]
        often = settings.minimum_frequency or 2
        return train_generation_tokenizer(
            chain(texts, known * often), settings, conditions=conditions
        )

    def give_weights(self, model: keras.Model, tokenizer: GenerationTokenizer) -> str:
        """Fills a new model with the weights that fit, tokens matched; a sentence says which."""
        tokens = (tokenizer.vocabulary(), self.tokenizer.vocabulary())
        vocabularies = {
            language_model.EMBEDDING_LAYER: tokens,
            language_model.LOGITS_LAYER: tokens,
        }
        return warm_start(model, self.model, vocabularies).sentence()


@dataclass(frozen=True)
class TranslatorStart:
    """A trained translation model to begin with; see ClassifierStart."""

    network: Seq2SeqConfig
    model: keras.Model
    tokenizers: SideTokenizers
    tokenizer_settings: TranslationTokenizerConfig

    def tokenizers_for(self, settings: TranslationTokenizerConfig) -> SideTokenizers | None:
        """The start's tokenizers, so that words that new pairs lack stay known.

        Args:
            settings: of the training.

        Returns:
            They; None where an option about tokens was set, so that new ones are to be trained.
        """
        if settings.model_fields_set - {"maximum_length"}:
            return None
        mine = self.tokenizers
        return SideTokenizers(mine.source, mine.target, maximum_length=settings.maximum_length)

    def give_weights(self, model: keras.Model, tokenizers: SideTokenizers) -> str:
        """Fills a new model with the weights that fit, tokens matched; a sentence says which."""
        source = (tokenizers.source.vocabulary(), self.tokenizers.source.vocabulary())
        target = (tokenizers.target.vocabulary(), self.tokenizers.target.vocabulary())
        vocabularies = {
            seq2seq.SOURCE_EMBEDDING: source,
            seq2seq.TARGET_EMBEDDING: target,
            seq2seq.LOGITS_LAYER: target,
        }
        return warm_start(model, self.model, vocabularies).sentence()


def weights_sha256(model: keras.Model) -> str:
    """A checksum of all weights, by which a resumed training knows its beginning again."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def network_of(start: StackType, given: StackType) -> StackType:
    """The network of a start, but for what was asked for otherwise.

    Args:
        start: its network.
        given: settings of the training, of which only those that were set count.
    """
    chosen = {name: getattr(given, name) for name in given.model_fields_set}
    return start.model_copy(update=chosen)
