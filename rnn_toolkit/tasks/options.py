"""The flat options of the sentiment task, and where each goes in its settings."""

from __future__ import annotations

from typing import Any

from rnn_toolkit._version import __version__
from rnn_toolkit.config import (
    NetworkConfig,
    SentimentConfig,
    Settings,
    TokenizerConfig,
    TrainingConfig,
    VectorsConfig,
    parse_settings,
)
from rnn_toolkit.errors import OptionError

_PARTS: dict[str, tuple[type[Settings], dict[str, str]]] = {
    "tokenizer": (TokenizerConfig, {"tokenizer": "kind"}),
    "network": (NetworkConfig, {}),
    "training": (TrainingConfig, {}),
    "vectors": (
        VectorsConfig,
        {"embeddings": "file", "vector_size": "size", "freeze_embeddings": "freeze"},
    ),
}


def _destinations() -> dict[str, tuple[str, str]]:
    """Flat option name -> (part, field)."""
    found: dict[str, tuple[str, str]] = {}
    for part, (settings, renamed) in _PARTS.items():
        by_field = {field: flat for flat, field in renamed.items()}
        for field in settings.model_fields:
            found[by_field.get(field, field)] = (part, field)
    return found


def sentiment_config(options: dict[str, Any]) -> SentimentConfig:
    """Settings from flat options; None stands for the default.

    Args:
        options: for example cell, units, epochs, tokenizer, maximum_length.

    Raises:
        OptionError: a name is unknown, with the choices, or a value is out of range.
    """
    destinations = _destinations()
    parts: dict[str, dict[str, Any]] = {part: {} for part in _PARTS}
    for name, value in options.items():
        if name not in destinations:
            raise OptionError(
                f"There is no option {name!r}.", f"Choose from: {', '.join(sorted(destinations))}."
            )
        if value is not None:
            part, field = destinations[name]
            parts[part][field] = value
    from rnn_toolkit.cells.table import check_cell_name

    config = SentimentConfig(
        toolkit_version=__version__,
        tokenizer=parse_settings(TokenizerConfig, parts["tokenizer"]),
        network=parse_settings(NetworkConfig, parts["network"]),
        training=parse_settings(TrainingConfig, parts["training"]),
        vectors=parse_settings(VectorsConfig, parts["vectors"]),
    )
    check_cell_name(config.network.cell)
    return config


def flat_options(config: SentimentConfig) -> dict[str, Any]:
    """The flat options that `sentiment_config` turns into these settings."""
    parts = {name: getattr(config, name).model_dump() for name in _PARTS}
    return {flat: parts[part][field] for flat, (part, field) in _destinations().items()}
