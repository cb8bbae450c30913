"""What is in a model directory or a bundle, in one screen; imports no TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.catalogue import model_path
from rnn_toolkit.bundle.files import total_bytes
from rnn_toolkit.bundle.manifest import Facts
from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.config import LanguageModelConfig, NetworkConfig, Seq2SeqConfig
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.runtime.bundle import check_bundle, is_bundle
from rnn_toolkit.runtime.findings import GoldenReport
from rnn_toolkit.tasks.load import ALL_RUNTIMES, check_model_directory


def verify_bundle(bundle: str | Path) -> GoldenReport:
    """Checks a bundle's files and re-runs its golden vectors in its own runtime.

    Args:
        bundle: the directory, or the name of a pretrained model.

    Raises:
        ModelDirectoryError: there is none.
        BundleError: it is no bundle.
    """
    directory = model_path(bundle)
    if not directory.exists():
        check_model_directory(directory)
    return check_bundle(directory, ALL_RUNTIMES)


def describe(path: str | Path) -> Facts:
    """Names and values that describe a model directory or a bundle.

    Raises:
        ModelDirectoryError: it is neither, or damaged.
    """
    directory = model_path(path)
    if is_bundle(directory):
        return _bundle(directory)
    check_model_directory(directory)
    try:
        return _model(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDirectoryError(
            f"{directory} is damaged: {error}.", "Train the model again."
        ) from None


def _model(directory: Path) -> Facts:
    config: dict[str, Any] = _json(directory / "config.json")
    metrics: dict[str, Any] = _json(directory / "metrics.json")
    if config["task"] not in _TASKS:
        raise ValueError(f"there is no task {config['task']!r}")
    of_task, of_evaluation = _TASKS[config["task"]]
    facts = metrics["training"]
    return [
        ("model directory", str(directory)),
        ("task", f"{config['task']} (rnn-toolkit {config['toolkit_version']})"),
        *of_task(directory, config, facts),
        (
            "training",
            f"{facts['epochs']} epochs in {facts['seconds'] / 60:.1f} minutes, epoch "
            f"{facts['best_epoch']} kept, seed {facts['seed']}",
        ),
        *((entry["split"], of_evaluation(entry)) for entry in metrics["evaluations"]),
        ("size", f"{total_bytes(directory) / 1e6:.2f} MB"),
    ]


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _classifier(directory: Path, config: dict[str, Any], facts: dict[str, Any]) -> Facts:
    tokenizer = config["tokenizer"]
    return [
        ("labels", ", ".join(_json(directory / "labels.json"))),
        ("network", NetworkConfig.model_validate(config["network"]).sentence()),
        ("parameters", f"{facts['parameters']:,}"),
        ("tokenizer", f"{tokenizer['kind']}, at most {tokenizer['maximum_length']} tokens a text"),
        (
            "trained on",
            f"{facts['data']}: {facts['training_rows']:,} rows, "
            f"{facts['validation_rows']:,} for validation",
        ),
    ]


def _classifier_scores(entry: dict[str, Any]) -> str:
    return (
        f"accuracy {100 * entry['model']['accuracy']:.2f} % (baseline "
        f"{100 * entry['baseline']['scores']['accuracy']:.2f} %), "
        f"{entry['rows']:,} rows of {entry['data']}"
    )


def _language_model(directory: Path, config: dict[str, Any], facts: dict[str, Any]) -> Facts:
    labels = ", ".join(config["conditions"])
    return [
        ("writes", "documents, which it can end" if config["documents"] else "one long text"),
        *([("conditions", labels)] if labels else []),
        ("network", LanguageModelConfig.model_validate(config["network"]).sentence()),
        ("parameters", f"{facts['parameters']:,}"),
        ("tokenizer", f"{config['tokenizer']['kind']}, {facts['vocabulary']:,} tokens"),
        (
            "trained on",
            f"{facts['data']}: {facts['training_tokens']:,} tokens, "
            f"{facts['validation_tokens']:,} for validation",
        ),
    ]


def _language_model_scores(entry: dict[str, Any]) -> str:
    model, baseline = entry["model"], entry["baseline"]
    return (
        f"{model['bits_per_character']:.3f} bits per character ({baseline['name']} "
        f"{baseline['scores']['bits_per_character']:.3f}), perplexity {model['perplexity']:.2f}, "
        f"{model['tokens']:,} tokens of {entry['data']}"
    )


def _translator(directory: Path, config: dict[str, Any], facts: dict[str, Any]) -> Facts:
    tokenizer = config["tokenizer"]
    shared = ", one vocabulary" if tokenizer["shared"] else ""
    return [
        ("network", Seq2SeqConfig.model_validate(config["network"]).sentence()),
        ("parameters", f"{facts['parameters']:,}"),
        ("tokenizers", f"{tokenizer['source']} to {tokenizer['target']}{shared}"),
        (
            "trained on",
            f"{facts['data']}: {facts['training_pairs']:,} pairs, "
            f"{facts['validation_pairs']:,} for validation",
        ),
    ]


def _translator_scores(entry: dict[str, Any]) -> str:
    model, *baselines = entry["rows"]
    best = max(baselines, key=lambda row: row["scores"]["bleu"])
    return (
        f"BLEU {model['scores']['bleu']:.2f} ({best['name']} {best['scores']['bleu']:.2f}), chrF "
        f"{model['scores']['chrf']:.2f}, {model['scores']['sentences']:,} pairs of {entry['data']}"
    )


_TASKS: dict[str, tuple[Callable[..., Facts], Callable[[dict[str, Any]], str]]] = {
    "sentiment": (_classifier, _classifier_scores),
    "generation": (_language_model, _language_model_scores),
    "translation": (_translator, _translator_scores),
}
"""By task: what the directory holds, and the scores of an evaluation, in words."""


def _bundle(directory: Path) -> Facts:
    size = f"{total_bytes(directory) / 1e6:.2f} MB"
    return [("bundle", str(directory)), *read_manifest(directory).facts(), ("size", size)]
