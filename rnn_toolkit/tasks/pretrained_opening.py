"""Opens models to begin a training with: model directories, and pretrained models by name."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from rnn_toolkit.bundle.catalogue import model_path
from rnn_toolkit.bundle.classifier import ClassifierManifest
from rnn_toolkit.bundle.language_model import LanguageModelManifest
from rnn_toolkit.bundle.manifest import Manifest
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.bundle.translation import TranslationManifest
from rnn_toolkit.config import TranslationTokenizerConfig
from rnn_toolkit.errors import OptionError
from rnn_toolkit.networks import classifier, language_model, seq2seq
from rnn_toolkit.runtime.bundle import is_bundle
from rnn_toolkit.runtime.translator_bundle import tokenizers_of
from rnn_toolkit.tasks.load import check_model_directory
from rnn_toolkit.tasks.pretrained_start import ClassifierStart, GeneratorStart, TranslatorStart
from rnn_toolkit.tasks.pretrained_weights import read_weights
from rnn_toolkit.tasks.table import task
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.tokenizer import Tokenizer

ManifestType = TypeVar("ManifestType", bound=Manifest)
TaskType = TypeVar("TaskType")

_SEED = 1  # of initial weights, which are all replaced


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
        return TranslatorStart(
            found.config.network, found.model, found.tokenizers, found.config.tokenizer
        )
    manifest = _manifest(directory, TranslationManifest)
    model = seq2seq.build_seq2seq(
        manifest.network,
        source_size=manifest.source_tokenizer.vocabulary_size,
        target_size=manifest.vocabulary_size,
        seed=_SEED,
    )
    read_weights(directory, model)
    source, target = manifest.source_tokenizer, manifest.tokenizer
    settings = TranslationTokenizerConfig(
        source=source.kind,
        target=target.kind,
        shared=manifest.shared_vocabulary,
        lowercase=source.lowercase,
        maximum_length=source.maximum_length,
    )
    return TranslatorStart(manifest.network, model, tokenizers_of(directory, manifest), settings)


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
