"""What is in a model directory or a bundle, in one screen; imports no TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import total_bytes
from rnn_toolkit.bundle.manifest import read_manifest
from rnn_toolkit.config import NetworkConfig
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.runtime.bundle import GoldenReport, check_bundle, is_bundle
from rnn_toolkit.tasks.load import ALL_RUNTIMES, check_model_directory

Facts = list[tuple[str, str]]


def verify_bundle(bundle: str | Path) -> GoldenReport:
    """Checks a bundle's files and re-runs its golden vectors in its own runtime."""
    return check_bundle(Path(bundle), ALL_RUNTIMES)


def describe(path: str | Path) -> Facts:
    """Names and values that describe a model directory or a bundle.

    Raises:
        ModelDirectoryError: it is neither, or damaged.
    """
    directory = Path(path)
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
    config: dict[str, Any] = json.loads((directory / "config.json").read_text("utf-8"))
    metrics: dict[str, Any] = json.loads((directory / "metrics.json").read_text("utf-8"))
    labels: list[str] = json.loads((directory / "labels.json").read_text("utf-8"))
    tokenizer, facts = config["tokenizer"], metrics["training"]
    found = [
        ("model directory", str(directory)),
        ("task", f"{config['task']} (rnn-toolkit {config['toolkit_version']})"),
        ("labels", ", ".join(labels)),
        ("network", NetworkConfig.model_validate(config["network"]).sentence()),
        ("parameters", f"{facts['parameters']:,}"),
        ("tokenizer", f"{tokenizer['kind']}, at most {tokenizer['maximum_length']} tokens a text"),
        (
            "trained on",
            f"{facts['data']}: {facts['training_rows']:,} rows, "
            f"{facts['validation_rows']:,} for validation",
        ),
        (
            "training",
            f"{facts['epochs']} epochs in {facts['seconds'] / 60:.1f} minutes, epoch "
            f"{facts['best_epoch']} kept, seed {facts['seed']}",
        ),
    ]
    for entry in metrics["evaluations"]:
        found.append(
            (
                entry["split"],
                f"accuracy {100 * entry['model']['accuracy']:.2f} % (baseline "
                f"{100 * entry['baseline']['scores']['accuracy']:.2f} %), "
                f"{entry['rows']:,} rows of {entry['data']}",
            )
        )
    return [*found, ("size", f"{total_bytes(directory) / 1e6:.2f} MB")]


def _bundle(directory: Path) -> Facts:
    manifest = read_manifest(directory)
    found = [
        ("bundle", str(directory)),
        ("task", f"{manifest.task} (rnn-toolkit {manifest.toolkit_version})"),
        ("format", f"{manifest.format}, {manifest.variant}, {manifest.model_file}"),
        ("labels", ", ".join(manifest.labels)),
        ("network", manifest.network.sentence()),
        (
            "tokenizer",
            f"{manifest.tokenizer.kind}, {manifest.vocabulary_size:,} tokens, at most "
            f"{manifest.tokenizer.maximum_length} a text",
        ),
    ]
    for name, signature in manifest.signatures.items():
        inputs = ", ".join(f"{tensor.name}: {tensor.dtype}" for tensor in signature.inputs)
        outputs = ", ".join(f"{tensor.name}: {tensor.dtype}" for tensor in signature.outputs)
        found.append(("signature", f"{name}({inputs}) -> {outputs}"))
    if manifest.measured is not None:
        found += [
            ("largest difference", f"{manifest.measured.largest_difference:.1e}"),
            ("one text", f"{manifest.measured.milliseconds_per_text:.2f} ms"),
        ]
    return [*found, ("size", f"{total_bytes(directory) / 1e6:.2f} MB")]
