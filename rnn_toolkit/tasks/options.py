"""The flat options of each task, and where each goes in its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from rnn_toolkit._version import __version__
from rnn_toolkit.config import (
    DEFAULT_RECIPE,
    GenerationConfig,
    GenerationTokenizerConfig,
    GenerationTrainingConfig,
    LanguageModelConfig,
    NetworkConfig,
    ObjectiveConfig,
    PairsConfig,
    PretrainingConfig,
    SentimentConfig,
    Seq2SeqConfig,
    Settings,
    TeacherConfig,
    TextLayoutConfig,
    TokenizerConfig,
    TrainingConfig,
    TranslationConfig,
    TranslationTokenizerConfig,
    TranslationTrainingConfig,
    UnlabelledConfig,
    VectorsConfig,
    parse_settings,
    read_recipe,
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
        {
            "embeddings": "file",
            "train_vectors": "train",
            "vector_size": "size",
            "freeze_embeddings": "freeze",
        },
    ),
    "unlabelled": (UnlabelledConfig, {"unlabelled": "file"}),
    "pretraining": (
        PretrainingConfig,
        {
            "pretraining_epochs": "epochs",
            "pretraining_learning_rate": "learning_rate",
            "pretraining_samples": "samples",
        },
    ),
    "objective": (ObjectiveConfig, {}),
    "teacher": (
        TeacherConfig,
        {"teacher": "file", "teacher_weight": "weight", "teacher_temperature": "temperature"},
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


def _by_part(parts: Parts, options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each part the values that flat options give it; None stands for the default."""
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
    return values


def task_config(
    config: type[ConfigType],
    parts: Parts,
    options: Mapping[str, Any],
    *,
    beginning: Mapping[str, Mapping[str, Any]] | None = None,
    **more: Any,
) -> ConfigType:
    """Settings of a task from flat options; None stands for the default.

    Args:
        config: the settings class of the task.
        parts: of the task.
        options: for example cell, units, epochs, tokenizer.
        beginning: for each part, values that stand where `options` say nothing.
        **more: settings beside the parts.

    Raises:
        OptionError: a name is unknown, with the choices, or a value is out of range.
    """
    values = _by_part(parts, options)
    from rnn_toolkit.cells.table import check_cell_name

    parsed = {
        part: parse_settings(
            settings,
            {**(beginning or {}).get(part, {}), **values[part]},
            names={field: flat for flat, field in renamed.items()},
        )
        for part, (settings, renamed) in parts.items()
    }
    found = parse_settings(config, {"toolkit_version": __version__, **more, **parsed})
    check_cell_name(found.network.cell)
    return found


def sentiment_config(
    options: Mapping[str, Any], *, start: Mapping[str, Mapping[str, Any]] | None = None
) -> SentimentConfig:
    """Settings of the sentiment task from flat options, on top of those of a recipe.

    Args:
        options: see `task_config`; "recipe" is the name or the file of a recipe.
        start: for each part, values of a model to begin with; they come before the recipe's.

    Raises:
        OptionError: as in `task_config`, or the recipe has no such part or lacks a file.
    """
    flat = dict(options)
    name = flat.pop("recipe", None) or DEFAULT_RECIPE
    recipe = read_recipe(str(name))
    unknown = sorted(set(recipe.settings) - set(SENTIMENT_PARTS))
    if unknown:
        raise OptionError(
            f"Recipe {name}: there is no part {unknown[0]!r}.",
            f"Choose from: {', '.join(SENTIMENT_PARTS)}.",
        )
    for file in filter(None, [recipe.needs]):
        if flat.get(file) is None and not recipe.settings.get(file, {}).get("file"):
            raise OptionError(f"The recipe {name} needs --{file} FILE.", _NEEDED[file])
    beginning = {part: dict(values) for part, values in recipe.settings.items()}
    for part, values in (start or {}).items():
        beginning[part] = {**beginning.get(part, {}), **values}
    if flat.get("embeddings") is not None:  # vectors from a file stand in for trained ones
        beginning.get("vectors", {}).pop("train", None)
    if flat.get("unlabelled") is not None and not _has_a_use_for_texts(beginning, flat):
        beginning["vectors"] = {**beginning.get("vectors", {}), "train": True}
    return task_config(SentimentConfig, SENTIMENT_PARTS, flat, beginning=beginning, recipe=name)


_NEEDED = {
    "unlabelled": "It is a file of texts of the same kind, without labels.",
    "teacher": "It is a CSV file with a column text and a column of probabilities per label.",
}


_USES_FOR_TEXTS = (
    ("vectors", "train", "train_vectors"),
    ("pretraining", "epochs", "pretraining_epochs"),
    ("objective", "virtual_adversarial", "virtual_adversarial"),
    ("objective", "entropy", "entropy"),
)


def _has_a_use_for_texts(
    recipe: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any]
) -> bool:
    """Whether a recipe or an option would use unlabelled texts; else they are for vectors."""
    return any(
        options.get(flat) or recipe.get(part, {}).get(field)
        for part, field, flat in _USES_FOR_TEXTS
    )


def generation_config(options: Mapping[str, Any]) -> GenerationConfig:
    """Settings of the generation task from flat options; see `task_config`."""
    return task_config(GenerationConfig, GENERATION_PARTS, options)


def translation_config(options: Mapping[str, Any]) -> TranslationConfig:
    """Settings of the translation task from flat options; see `task_config`."""
    return task_config(TranslationConfig, TRANSLATION_PARTS, options)
