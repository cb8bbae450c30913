"""The model directory: what `train` writes and `load` reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, cast
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from rnn_toolkit.config import (
    FORMAT_VERSION,
    GenerationConfig,
    SentimentConfig,
    TranslationConfig,
)
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.evaluation.classification import Evaluation
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.evaluation.translation import TranslationEvaluation
from rnn_toolkit.report.page import Report
from rnn_toolkit.training.checkpoint import RecordType
from rnn_toolkit.training.observer import EpochRecord, LanguageModelEpoch, TranslationEpoch

ConfigType = TypeVar("ConfigType", SentimentConfig, GenerationConfig, TranslationConfig)

CONFIG_NAME = "config.json"
MODEL_NAME = "model.keras"
TOKENIZER_NAME = "tokenizer.json"
LABELS_NAME = "labels.json"
METRICS_NAME = "metrics.json"
HISTORY_NAME = "history.csv"
REPORT_NAME = "report.html"
REPORT_DATA_NAME = "report.json"
CARD_NAME = "README.md"
BASELINE_NAME = "baseline.npz"
TRAINING_ROWS_NAME = "rows.npz"


def is_model_directory(path: Path) -> bool:
    """Whether a directory holds a model."""
    return (path / CONFIG_NAME).is_file()


def read_task(directory: Path) -> str:
    """The name of the task that wrote a model directory."""
    raw = read_json(directory / CONFIG_NAME)
    return str(raw.get("task")) if isinstance(raw, dict) else ""


def read_config(directory: Path, config: type[ConfigType]) -> ConfigType:
    """Reads config.json.

    Args:
        directory: the model directory.
        config: the settings class of its task.

    Raises:
        ModelDirectoryError: it is missing, damaged, or a newer version wrote it.
    """
    raw = read_json(directory / CONFIG_NAME)
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise ModelDirectoryError(
            f"{directory} has format version {version}; this program reads up to {FORMAT_VERSION}.",
            "Upgrade rnn-toolkit.",
        )
    wanted = config.model_fields["task"].default
    if isinstance(raw, dict) and raw.get("task") not in (None, wanted):
        raise ModelDirectoryError(
            f"{directory} is a {raw['task']} model; a {wanted} model is needed here.",
            f"Train one with: rnn-toolkit train {wanted}",
        )
    try:
        return config.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelDirectoryError(
            f"{directory / CONFIG_NAME} is damaged: {where}: {first['msg']}.",
            "Train the model again.",
        ) from None


def read_labels(directory: Path) -> tuple[str, ...]:
    """Reads labels.json."""
    labels = read_json(directory / LABELS_NAME)
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ModelDirectoryError(
            f"{directory / LABELS_NAME} is damaged.", "Train the model again."
        )
    return tuple(labels)


def read_json(path: Path) -> Any:
    """Plain values of a JSON file; ModelDirectoryError where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelDirectoryError(f"{path} is missing.", "Train the model again.") from None
    except ValueError:
        raise ModelDirectoryError(f"{path} is damaged.", "Train the model again.") from None


def load_keras_model(directory: Path) -> Any:
    """Reads model.keras; code stored in a model is never run.

    Raises:
        ModelDirectoryError: it is missing or damaged.
    """
    import keras

    import rnn_toolkit.layers.attention_decoder
    import rnn_toolkit.layers.copying
    import rnn_toolkit.layers.pooling
    import rnn_toolkit.layers.recurrent
    import rnn_toolkit.layers.token_embedding
    import rnn_toolkit.layers.word_dropout  # noqa: F401  registers the layers by name

    path = directory / MODEL_NAME
    if not path.is_file():
        raise ModelDirectoryError(f"{path} is missing.", "Train the model again.")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (BadZipFile, ValueError, OSError, KeyError, TypeError) as error:
        raise ModelDirectoryError(
            f"{path} is damaged: {str(error).splitlines()[0]}", "Train the model again."
        ) from None


def write_json(path: Path, value: Any) -> None:
    """Writes plain values, readable for people and with Unicode as it is."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_history(
    path: Path, history: Sequence[EpochRecord | LanguageModelEpoch | TranslationEpoch]
) -> None:
    """Writes history.csv, a line per epoch, of which there is at least one."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(history[0])])
        writer.writeheader()
        writer.writerows(asdict(record) for record in history)


def read_history(path: Path, record: type[RecordType]) -> list[RecordType]:
    """Reads history.csv.

    Args:
        path: the file.
        record: what a line of it is.

    Raises:
        ModelDirectoryError: it is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = [
                {key: value or None for key, value in line.items()} for line in csv.DictReader(file)
            ]
        rows = TypeAdapter(list[record]).validate_python(lines)  # type: ignore[valid-type]
    except (OSError, ValueError) as error:
        raise ModelDirectoryError(
            f"{path} is damaged: {error}.", "Train the model again."
        ) from None
    return cast(list[RecordType], rows)


def write_rows(
    path: Path,
    *,
    fingerprints: Sequence[str],
    verification: Sequence[Sequence[int]],
    verification_labels: Sequence[int],
    label_counts: NDArray[np.int64],
) -> None:
    """Writes what later commands need of the data, without its texts.

    Args:
        path: rows.npz.
        fingerprints: of the training texts, to recognise them in test data.
        verification: ids of some validation texts, on which exports are compared.
        verification_labels: the number of the class of each, to score exports.
        label_counts: training rows per class.
    """
    longest = max(len(row) for row in verification)
    padded = np.zeros((len(verification), longest), np.int32)
    for position, row in enumerate(verification):
        padded[position, : len(row)] = row
    np.savez_compressed(
        path,
        fingerprints=np.frombuffer(bytes.fromhex("".join(fingerprints)), np.uint64),
        verification=padded,
        lengths=np.asarray([len(row) for row in verification], np.int32),
        verification_labels=np.asarray(verification_labels, np.int32),
        label_counts=label_counts,
    )


@dataclass(frozen=True)
class StoredRows:
    """What rows.npz holds; see `write_rows`. A directory of an older version has no labels."""

    fingerprints: set[str]
    verification: list[list[int]]
    verification_labels: list[int]
    label_counts: NDArray[np.int64]


def read_rows(path: Path) -> StoredRows:
    """Reads rows.npz.

    Raises:
        ModelDirectoryError: it is missing or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            labelled = "verification_labels" in stored.files
            return StoredRows(
                {value.tobytes().hex() for value in stored["fingerprints"]},
                [
                    row[:length].tolist()
                    for row, length in zip(stored["verification"], stored["lengths"], strict=True)
                ],
                stored["verification_labels"].tolist() if labelled else [],
                stored["label_counts"],
            )
    except (OSError, KeyError, ValueError, BadZipFile):
        raise ModelDirectoryError(
            f"{path} is missing or damaged.", "Train the model again."
        ) from None


def read_evaluations(directory: Path) -> tuple[dict[str, Any], list[Evaluation]]:
    """The facts of the training and every evaluation of metrics.json."""
    raw = read_json(directory / METRICS_NAME)
    try:
        return raw["training"], [Evaluation.model_validate(entry) for entry in raw["evaluations"]]
    except (KeyError, TypeError, ValidationError):
        raise ModelDirectoryError(
            f"{directory / METRICS_NAME} is damaged.", "Train the model again."
        ) from None


def metrics_json(
    training: dict[str, Any],
    evaluations: Sequence[Evaluation | LanguageModelEvaluation | TranslationEvaluation],
) -> str:
    """The text of metrics.json."""
    value = {
        "training": training,
        "evaluations": [evaluation.model_dump(mode="json") for evaluation in evaluations],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def read_report(directory: Path) -> Report:
    """Reads report.json."""
    try:
        return Report.model_validate(read_json(directory / REPORT_DATA_NAME))
    except ValidationError:
        raise ModelDirectoryError(
            f"{directory / REPORT_DATA_NAME} is damaged.", "Train the model again."
        ) from None
