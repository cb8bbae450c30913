"""Calls TensorFlow Lite's converter; what may crash it runs in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from rnn_toolkit.config import Quantization
from rnn_toolkit.errors import ExportError

_RESULT, _JOB = "model.tflite", "job.json"
_MINUTES = 20

Samples = Mapping[str, Sequence[Mapping[str, Any]]]
"""Inputs by signature: each a mapping from names to arrays."""


@dataclass(frozen=True)
class Conversion:
    """What is to be converted.

    Args:
        saved_model: the folder of a SavedModel.
        signatures: those that the file will have.
        quantize: how weights are stored.
    """

    saved_model: Path
    signatures: tuple[str, ...]
    quantize: Quantization


def convert(job: Conversion, samples: Samples | None = None) -> bytes:
    """Converts in this process.

    Args:
        job: what.
        samples: inputs that show the ranges of activations; int8 needs them.

    Raises:
        ExportError: the converter refuses; of what crashes it this process dies.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(job.saved_model), signature_keys=list(job.signatures)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if job.quantize != "none":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if job.quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if job.quantize == "int8" and samples is not None:
        converter.representative_dataset = lambda: _named(samples)
    try:
        content: bytes = converter.convert()
    except Exception as error:  # the converter raises many kinds
        raise ExportError(
            f"TensorFlow Lite cannot express this model: {str(error).splitlines()[0]}"
        ) from error
    return content


def _named(samples: Samples) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inputs in samples.items():
        for each in inputs:
            yield name, dict(each)


def convert_apart(job: Conversion, samples: Samples) -> bytes:
    """Converts in a child process, which a crash of the converter ends instead of this one.

    Args:
        job: what.
        samples: see `convert`.

    Raises:
        ExportError: the converter refuses, or crashed.
    """
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        _write_job(folder, job, samples)
        child = subprocess.run(
            [sys.executable, "-m", __name__, str(folder)],
            capture_output=True,
            text=True,
            timeout=60 * _MINUTES,
            check=False,
        )
        if child.returncode < 0:
            raise ExportError(
                f"TensorFlow Lite's converter crashed (signal {-child.returncode}) on this model "
                f"with {job.quantize}; it is known to do so where a model has a loop over time.",
                "Choose --quantize dynamic or float16, or give --static LENGTH, which has no loop.",
            )
        result = folder / _RESULT
        if child.returncode or not result.is_file():
            lines = [line for line in child.stderr.splitlines() if line.strip()]
            said = lines[-1] if lines else "it said nothing"
            raise ExportError(
                f"TensorFlow Lite cannot make an {job.quantize} file of this model: {said}",
                "Choose --quantize dynamic or float16.",
            )
        return result.read_bytes()


def _write_job(folder: Path, job: Conversion, samples: Samples) -> None:
    arrays = {
        f"{signature}/{number}/{name}": np.asarray(value)
        for signature, inputs in samples.items()
        for number, each in enumerate(inputs)
        for name, value in each.items()
    }
    np.savez(folder / "samples.npz", **arrays)  # type: ignore[arg-type]
    described = {
        "saved_model": str(job.saved_model),
        "signatures": job.signatures,
        "quantize": job.quantize,
    }
    (folder / _JOB).write_text(json.dumps(described), encoding="utf-8")


def _read_job(folder: Path) -> tuple[Conversion, Samples]:
    described = json.loads((folder / _JOB).read_bytes())
    job = Conversion(
        Path(described["saved_model"]), tuple(described["signatures"]), described["quantize"]
    )
    samples: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in job.signatures}
    with np.load(folder / "samples.npz", allow_pickle=False) as stored:
        for key in stored.files:
            signature, number, name = key.split("/")
            samples[signature].setdefault(int(number), {})[name] = stored[key]
    return job, {name: [each[number] for number in sorted(each)] for name, each in samples.items()}


def main() -> None:
    """The child process: reads a job and writes the file beside it."""
    folder = Path(sys.argv[1])
    try:
        content = convert(*_read_job(folder))
    except ExportError as error:
        sys.exit(str(error))
    (folder / _RESULT).write_bytes(content)


if __name__ == "__main__":
    main()
