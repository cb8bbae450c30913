"""The flat options of each task, and where each goes in its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from rnn_toolkit._version import __version__
from rnn_toolkit.config import (
    GenerationConfig,
    GenerationTokenizerConfig,
    GenerationTrainingConfig,
    LanguageModelConfig,
    NetworkConfig,
    PairsConfig,
    SentimentConfig,
    Seq2SeqConfig,
    Settings,
    TextLayoutConfig,
    TokenizerConfig,
    TrainingConfig,
    TranslationConfig,
    TranslationTokenizerConfig,
    TranslationTrainingConfig,
    VectorsConfig,
    parse_settings,
)
from rnn_toolkit.errors import OptionError

Parts = Mapping[str, tuple[type[Settings], dict[str, str]]]
"""For each part of a task's settings: its class, and flat names that differ from its fields."""

SENTIMENT_PARTS: Parts = {
    "tokenizer": (TokenizerConfig, {"tokenizer": "kind"}),
    "network": (NetworkConfig, {}),
    "training": (TrainingConfig, {}),
    "vectors": (
        VectorsConfig,
        {"embeddings": "file", "vector_size": "size", "freeze_embeddings": "freeze"},
    ),
}
GENERATION_PARTS: Parts = {
    "tokenizer": (GenerationTokenizerConfig, {"tokenizer": "kind"}),
    "text": (TextLayoutConfig, {}),
    "network": (LanguageModelConfig, {}),
    "training": (GenerationTrainingConfig, {}),
}

TRANSLATION_PARTS: Parts = {
    "pairs": (PairsConfig, {}),
    "tokenizer": (
        TranslationTokenizerConfig,
        {
            "source_tokenizer": "source",
            "target_tokenizer": "target",
            "shared_vocabulary": "shared",
        },
    ),
    "network": (Seq2SeqConfig, {}),
    "training": (TranslationTrainingConfig, {}),
}

ConfigType = TypeVar("ConfigType", SentimentConfig, GenerationConfig, TranslationConfig)


def _destinations(parts: Parts) -> dict[str, tuple[str, str]]:
    """Flat option name -> (part, field)."""
    found: dict[str, tuple[str, str]] = {}
    for part, (settings, renamed) in parts.items():
        by_field = {field: flat for flat, field in renamed.items()}
        for field in settings.model_fields:
            found[by_field.get(field, field)] = (part, field)
    return found


def task_config(config: type[ConfigType], parts: Parts, options: Mapping[str, Any]) -> ConfigType:
    """Settings of a task from flat options; None stands for the default.

    Args:
        config: the settings class of the task.
        parts: of the task.
        options: for example cell, units, epochs, tokenizer.

    Raises:
        OptionError: a name is unknown, with the choices, or a value is out of range.
    """
    destinations = _destinations(parts)
    values: dict[str, dict[str, Any]] = {part: {} for part in parts}
    for name, value in options.items():
        if name not in destinations:
            raise OptionError(
                f"There is no option {name!r}.", f"Choose from: {', '.join(sorted(destinations))}."
            )
        if value is not None:
            part, field = destinations[name]
            values[part][field] = value
    from rnn_toolkit.cells.table import check_cell_name

    parsed = {
        part: parse_settings(
            settings, values[part], names={field: flat for flat, field in renamed.items()}
        )
        for part, (settings, renamed) in parts.items()
    }
    found = parse_settings(config, {"toolkit_version": __version__, **parsed})
    check_cell_name(found.network.cell)
    return found


def sentiment_config(options: Mapping[str, Any]) -> SentimentConfig:
    """Settings of the sentiment task from flat options; see `task_config`."""
    return task_config(SentimentConfig, SENTIMENT_PARTS, options)


def generation_config(options: Mapping[str, Any]) -> GenerationConfig:
    """Settings of the generation task from flat options; see `task_config`."""
    return task_config(GenerationConfig, GENERATION_PARTS, options)


def translation_config(options: Mapping[str, Any]) -> TranslationConfig:
    """Settings of the translation task from flat options; see `task_config`."""
    return task_config(TranslationConfig, TRANSLATION_PARTS, options)


def flat_options(config: SentimentConfig) -> dict[str, Any]:
    """The flat options that `sentiment_config` turns into these settings."""
    values = {name: getattr(config, name).model_dump() for name in SENTIMENT_PARTS}
    found = _destinations(SENTIMENT_PARTS)
    return {flat: values[part][field] for flat, (part, field) in found.items()}
