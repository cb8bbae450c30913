"""Models to begin a training with: model directories, and pretrained models by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import keras

from rnn_toolkit.bundle.catalogue import model_path
from rnn_toolkit.bundle.classifier import ClassifierManifest
from rnn_toolkit.bundle.language_model import LanguageModelManifest
from rnn_toolkit.bundle.manifest import Manifest
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.bundle.translation import TranslationManifest
from rnn_toolkit.config import (
    LanguageModelConfig,
    NetworkConfig,
    Seq2SeqConfig,
    StackConfig,
    TokenizerConfig,
)
from rnn_toolkit.errors import OptionError
from rnn_toolkit.networks import classifier, language_model, seq2seq
from rnn_toolkit.runtime.bundle import is_bundle
from rnn_toolkit.runtime.translator_bundle import tokenizers_of
from rnn_toolkit.tasks.load import check_model_directory
from rnn_toolkit.tasks.pretrained_weights import read_weights
from rnn_toolkit.tasks.table import task
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.training.warm_start import warm_start

StackType = TypeVar("StackType", bound=StackConfig)
ManifestType = TypeVar("ManifestType", bound=Manifest)

_SEED = 1  # of initial weights, which are all replaced
_HEAD = "logits"


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
        table stays as it is.

        Args:
            model: built by `build_classifier`.
            tokenizer: of the new model.
            labels: of the new model, in the order of its outputs.
        """
        mine, theirs = tokenizer.vocabulary(), self.tokenizer.vocabulary()
        without = (
            () if mine == theirs and tuple(labels) == self.labels else (classifier.PAIR_LAYER,)
        )
        vocabularies = {
            classifier.EMBEDDING_LAYER: (mine, theirs),
            _HEAD: (labels, self.labels),
        }
        return warm_start(model, self.model, vocabularies, without=without).sentence()


@dataclass(frozen=True)
class GeneratorStart:
    """A trained language model to begin with; see ClassifierStart."""

    network: LanguageModelConfig
    model: keras.Model
    tokenizer: GenerationTokenizer

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


def network_of(start: StackType, given: StackType) -> StackType:
    """The network of a start, but for what was asked for otherwise.

    Args:
        start: its network.
        given: settings of the training, of which only those that were set count.
    """
    chosen = {name: getattr(given, name) for name in given.model_fields_set}
    return start.model_copy(update=chosen)


def classifier_start(path: str | Path) -> ClassifierStart:
    """Opens a classifier to begin with.

    Args:
        path: a model directory, the name of a pretrained model, or a bundle with weights.

    Raises:
        ModelDirectoryError: there is none.
        BundleError: a bundle without weights, or a damaged one.
        OptionError: it is of another task.
    """
    from rnn_toolkit.tasks.sentiment import SentimentClassifier

    directory = model_path(path)
    if not is_bundle(directory):
        found = _trained(directory, SentimentClassifier).trained
        kind = found.config.tokenizer.kind
        network = found.config.network
        return ClassifierStart(network, found.model, found.tokenizer, kind, found.labels)
    manifest = _manifest(directory, ClassifierManifest)
    tokenizer = manifest.tokenizer
    model = classifier.build_classifier(
        manifest.network,
        vocabulary_size=manifest.vocabulary_size,
        classes=len(manifest.labels),
        seed=_SEED,
    )
    read_weights(directory, model)
    return ClassifierStart(
        manifest.network,
        model,
        Tokenizer.from_file(
            directory / tokenizer.file,
            maximum_length=tokenizer.maximum_length,
            head_length=tokenizer.head_length,
        ),
        tokenizer.kind,
        manifest.labels,
    )


def generator_start(path: str | Path) -> GeneratorStart:
    """Opens a language model to begin with; see `classifier_start`."""
    from rnn_toolkit.tasks.generation import TextGenerator

    directory = model_path(path)
    if not is_bundle(directory):
        found = _trained(directory, TextGenerator).trained
        return GeneratorStart(found.config.network, found.model, found.tokenizer)
    manifest = _manifest(directory, LanguageModelManifest)
    spec = manifest.tokenizer
    model = language_model.build_language_model(
        manifest.network, vocabulary_size=manifest.vocabulary_size, seed=_SEED
    )
    read_weights(directory, model)
    conditions = sorted(spec.conditions, key=spec.conditions.__getitem__)
    tokenizer = GenerationTokenizer.from_file(
        directory / spec.file, kind=spec.kind, conditions=conditions
    )
    return GeneratorStart(manifest.network, model, tokenizer)


def translator_start(path: str | Path) -> TranslatorStart:
    """Opens a translation model to begin with; see `classifier_start`."""
    from rnn_toolkit.tasks.translation import Translator

    directory = model_path(path)
    if not is_bundle(directory):
        found = _trained(directory, Translator).trained
        return TranslatorStart(found.config.network, found.model, found.tokenizers)
    manifest = _manifest(directory, TranslationManifest)
    model = seq2seq.build_seq2seq(
        manifest.network,
        source_size=manifest.source_tokenizer.vocabulary_size,
        target_size=manifest.vocabulary_size,
        seed=_SEED,
    )
    read_weights(directory, model)
    return TranslatorStart(manifest.network, model, tokenizers_of(directory, manifest))


TaskType = TypeVar("TaskType")


def _trained(directory: Path, wanted: type[TaskType]) -> TaskType:
    check_model_directory(directory)
    found = task(directory)
    if not isinstance(found, wanted):
        raise _other_task(directory)
    return found


def _manifest(directory: Path, wanted: type[ManifestType]) -> ManifestType:
    manifest = read_manifest(directory)
    if not isinstance(manifest, wanted):
        raise _other_task(directory)
    return manifest


def _other_task(directory: Path) -> OptionError:
    return OptionError(
        f"{directory} is a model of another task, which cannot be the start of this one.",
        "Start from a model of the same task; `rnn-toolkit inspect` tells which it is.",
    )
