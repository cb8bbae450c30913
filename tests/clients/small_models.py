"""Small untrained models of every task and tokenizer, with clear choices, ready to be exported."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.config import (
    GenerationTokenizerConfig,
    LanguageModelConfig,
    NetworkConfig,
    Seq2SeqConfig,
    TokenizerConfig,
    TranslationConfig,
    TranslationTokenizerConfig,
)
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.export.classifier import ClassifierToExport
from rnn_toolkit.export.language_model import LanguageModelToExport
from rnn_toolkit.export.translation import TranslationToExport
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.networks.language_model import build_language_model
from rnn_toolkit.networks.seq2seq import build_seq2seq
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer
from rnn_toolkit.text.train_side_tokenizers import train_side_tokenizers
from rnn_toolkit.text.train_tokenizer import train_tokenizer

LANGUAGE_TEXTS = [
    "The sea, the sea!  It's grey -- and\tgrey again.\n\nWho goes there? We'll see 12 of 34.\n",
    "a slow start, but the ending is great. \u975e\u5e38\u597d\u770b\uff0c\u63a8\u8350\uff01\n",
    "na\u00efve caf\u00e9 stra\u00dfe \u03c3\u03b1\u03c2 \U0001f600 good good bad\n",
    "\u0444\u0438\u043b\u044c\u043c 5/5\n",
]
_SOURCES = ["ein Hund l\u00e4uft .", "zwei Hunde schlafen ruhig .", "Ein Vogel singt am Fluss !"]
_TARGETS = ["a dog runs .", "two dogs sleep quietly .", "A bird sings by the river !"]
_CHINESE = [
    "\u4e00\u53ea\u72d7\u8dd1\u3002",
    "\u4e24\u53ea\u72d7\u7761\u89c9\u3002",
    "\u9e1f\u5728\u5531\u6b4c\uff01",
]


def _shaken(model: keras.Model, scale: float, seed: int) -> keras.Model:
    """The same network with large weights: its answers differ clearly from text to text."""
    generator = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        noise = generator.normal(scale=scale, size=weight.shape)
        weight.assign(2 * weight.numpy() + noise.astype(np.float32))
    return model


def classifiers(*, lowercase_too: bool = False) -> dict[str, ClassifierToExport]:
    """A classifier for each kind of tokenizer.

    Args:
        lowercase_too: whether to add tokenizers that keep capitals.
    """
    found = {
        f"sentiment-{kind}": _classifier(kind, lowercase=True)
        for kind in ("word", "subword", "char")
    }
    if lowercase_too:
        found["sentiment-subword-cased"] = _classifier("subword", lowercase=False)
    return found


def _classifier(kind: Any, *, lowercase: bool) -> ClassifierToExport:
    config = TokenizerConfig(
        kind=kind,
        lowercase=lowercase,
        vocabulary_size=400,
        minimum_frequency=1,
        maximum_length=24,
        head_length=9,
    )
    tokenizer = train_tokenizer([*GOLDEN_TEXTS, *LANGUAGE_TEXTS] * 3, config)
    network = NetworkConfig(cell="gru", units=8, embedding_size=8)
    keras.utils.set_random_seed(3)
    model = build_classifier(network, vocabulary_size=tokenizer.vocabulary_size, classes=3, seed=3)
    return ClassifierToExport(
        task="sentiment",
        model=_shaken(model, 0.3, 5),
        tokenizer=tokenizer,
        tokenizer_kind=kind,
        labels=("negative", "neutral", "positive"),
        network=network,
        rows=tokenizer.encode_batch(LANGUAGE_TEXTS),
    )


def language_models() -> dict[str, LanguageModelToExport]:
    """A language model for each kind of tokenizer; that of words writes documents."""
    kinds: tuple[Any, ...] = ("char", "subword", "word", "whitespace")
    return {f"generation-{kind}": _language_model(kind, kind == "word") for kind in kinds}


def _language_model(kind: Any, documents: bool) -> LanguageModelToExport:
    tokenizer = train_generation_tokenizer(
        LANGUAGE_TEXTS * 3,
        GenerationTokenizerConfig(kind=kind, vocabulary_size=330, minimum_frequency=1),
        conditions=("happy", "sad") if documents else (),
    )
    network = LanguageModelConfig(cell="lstm", units=9, embedding_size=9, tied=False)
    keras.utils.set_random_seed(3)
    model = build_language_model(network, vocabulary_size=tokenizer.vocabulary_size, seed=1)
    return LanguageModelToExport(
        model=_shaken(model, 0.5, 5),
        tokenizer=tokenizer,
        network=network,
        documents=documents,
        rows=tokenizer.encode_batch(LANGUAGE_TEXTS),
    )


def translators() -> dict[str, TranslationToExport]:
    """Translation models by their tokenizers."""
    return {
        "translation-subword": _translator(_TARGETS),
        "translation-shared": _translator(_TARGETS, shared=True),
        "translation-char": _translator(_CHINESE),
        "translation-word": _translator(_TARGETS, source="word", target="word"),
    }


def _translator(targets: list[str], **tokenizer: Any) -> TranslationToExport:
    config = TranslationTokenizerConfig(vocabulary_size=300, minimum_frequency=1, **tokenizer)
    tokenizers, config = train_side_tokenizers(_SOURCES * 4, targets * 4, config)
    network = Seq2SeqConfig(units=8, embedding_size=8)
    keras.utils.set_random_seed(7)
    model = build_seq2seq(
        network,
        source_size=tokenizers.source_size,
        target_size=tokenizers.target_size,
        seed=7,
    )
    return TranslationToExport(
        model=_shaken(model, 0.3, 7),
        tokenizers=tokenizers,
        config=TranslationConfig(tokenizer=config, network=network),
        rows=_SOURCES,
        defaults=TranslationOptions(length_ratio=1.5, extra_length=3),
    )
