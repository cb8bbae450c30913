"""How large a classifier will be when exported, before it is trained."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import NetworkConfig, TokenizerConfig
from rnn_toolkit.networks.classifier import EMBEDDING_LAYER, build_classifier
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.tasks.tuning_space import SEARCH_SPACE, Ladder
from rnn_toolkit.text.train_tokenizer import train_tokenizer

PHONE_FILES = ("model.tflite", "tokenizer.json", "labels.txt", "manifest.json")
"""What an app needs of a bundle; the rest is for people (README) and for `verify`."""

EXPORT_FORMAT, EXPORT_QUANTIZE = "tflite", "dynamic"
"""The variant whose size counts."""

# What TFLite's dynamic-range variant makes of a network, measured on eleven exports (four cells,
# one and two layers, one and both directions): every model file was 3 to 12 KB smaller.
_SMALLEST_ROUNDED = 1024  # numbers of a tensor; smaller ones stay float32
_BYTES_PER_CHANNEL = 12  # a scale (float32) and a zero point (int64)
_GRAPH = 12_000
_GRAPH_OF_A_DIRECTION = 24_500  # the loop over time, for each layer and direction
_MANIFEST = 3_000
_FRAME_OF_A_TOKENIZER = 1_500  # normalizer, pre-tokenizer
_LONGER_TOKENS = 1.01  # here tokens are counted on all rows, later on the training rows alone


def bundle_bytes(directory: Path) -> int:
    """Bytes of the files of a bundle that an app needs.

    Args:
        directory: the bundle.
    """
    return sum((directory / name).stat().st_size for name in PHONE_FILES)


@dataclass(frozen=True)
class _Vocabulary:
    """Bytes of tokenizer.json by number of tokens, most frequent tokens first."""

    cumulated: NDArray[np.int64]

    def tokens(self, wanted: int) -> int:
        return min(wanted, len(self.cumulated))

    def bytes(self, tokens: int) -> int:
        return _FRAME_OF_A_TOKENIZER + int(_LONGER_TOKENS * self.cumulated[tokens - 1])


class PredictedSize:
    """Bytes of the TFLite bundle (dynamic range) that options lead to.

    Args:
        texts: what tokenizers are trained on.
        labels: the names of the classes.
        fixed: options that are always the same.
    """

    def __init__(
        self, texts: Sequence[str], labels: Sequence[str], fixed: Mapping[str, Any]
    ) -> None:
        self._texts = texts
        self._labels = tuple(labels)
        self._fixed = dict(fixed)
        self._vocabularies: dict[TokenizerConfig, _Vocabulary] = {}
        self.slowest_tokenizer = 0.0

    def __call__(self, options: Mapping[str, Any]) -> int:
        """The bytes of PHONE_FILES.

        Args:
            options: by name, as for SentimentClassifier.
        """
        config = sentiment_config({**self._fixed, **options})
        network = config.network
        vocabulary = self._vocabulary(config.tokenizer)
        tokens = vocabulary.tokens(config.tokenizer.vocabulary_size)
        labels = sum(len(label.encode()) + 1 for label in self._labels)
        return (
            _weight_bytes((tokens, network.embedding_size), channels=False)
            + _weight_bytes((network.pair_buckets, len(self._labels)), channels=False)
            + _bytes_of_the_rest(_essence(network), len(self._labels))
            + vocabulary.bytes(tokens)
            + labels
            + _MANIFEST
        )

    def _vocabulary(self, config: TokenizerConfig) -> _Vocabulary:
        """Of a tokenizer as large as any of the search; smaller ones have its first tokens."""
        ladder = SEARCH_SPACE["vocabulary_size"]
        largest = ladder.values[-1] if isinstance(ladder, Ladder) else 0
        largest = max(largest, config.vocabulary_size)
        config = config.model_copy(update={"vocabulary_size": largest})
        if config not in self._vocabularies:
            began = time.perf_counter()
            words = train_tokenizer(self._texts, config).vocabulary()
            self.slowest_tokenizer = max(self.slowest_tokenizer, time.perf_counter() - began)
            # As tokenizer.json has it:      "word": 12345,
            sizes = [
                len(json.dumps(word, ensure_ascii=False).encode("utf-8", "replace"))
                + len(f"      : {number},\n")
                for number, word in enumerate(words)
            ]
            self._vocabularies[config] = _Vocabulary(np.cumsum(np.asarray(sizes, np.int64)))
        return self._vocabularies[config]


def _weight_bytes(shape: tuple[int, ...], *, channels: bool = True) -> int:
    numbers = math.prod(shape)
    if numbers < _SMALLEST_ROUNDED:
        return 4 * numbers
    return numbers + (_BYTES_PER_CHANNEL * shape[-1] if channels else 0)


def _essence(network: NetworkConfig) -> NetworkConfig:
    """The network without what changes neither the shapes between embedding and logits."""
    unimportant = ("word_dropout", "embedding_dropout", "output_dropout", "layer_dropout")
    return network.model_copy(update={"pair_buckets": 0, **dict.fromkeys(unimportant, 0.0)})


@lru_cache(maxsize=4096)
def _bytes_of_the_rest(network: NetworkConfig, classes: int) -> int:
    """Of everything but embedding and word pairs."""
    model = build_classifier(network, vocabulary_size=4, classes=classes, seed=0)
    embedding = model.get_layer(EMBEDDING_LAYER).weights
    others = [weight for weight in model.weights if not any(weight is each for each in embedding)]
    directions = network.layers * (2 if network.bidirectional else 1)
    weights = sum(_weight_bytes(tuple(weight.shape)) for weight in others)
    return _GRAPH + _GRAPH_OF_A_DIRECTION * directions + weights
