"""Diagnoses a model directory: how far back the gradients of its recurrent layers reach."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnn_toolkit._version import __version__
from rnn_toolkit.bundle.files import check_replaceable, written_whole
from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.data.batching import pad_rows
from rnn_toolkit.data.checks import shown_problems
from rnn_toolkit.data.labelled import LabelledTexts, label_ids, read_labelled
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.evaluation.decay import DecayCurve
from rnn_toolkit.evaluation.gradient_advice import (
    EXPLODING_GROWTH,
    EXPLODING_RATE,
    FORGETTING_SHARE,
    DiagnosedNetwork,
    Finding,
    advice,
    findings,
)
from rnn_toolkit.evaluation.gradients import Gradients, measure_gradients
from rnn_toolkit.report.gradient_plot import GradientLine, write_gradient_plot
from rnn_toolkit.runtime.bundle import is_bundle
from rnn_toolkit.tasks.load import check_model_directory
from rnn_toolkit.tasks.sentiment import SentimentClassifier

JSON_NAME = "gradients.json"
PLOT_NAMES = ("gradients.svg", "gradients.png")
SHOWN_DISTANCES = (1, 10, 50, 100, 200)


@dataclass(frozen=True)
class Diagnosis:
    """What was measured, what it means, and where it was written."""

    model: str
    data: str
    data_sha256: str
    seed: int
    gradients: Gradients
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]
    notes: tuple[str, ...]
    out: Path

    def summary(self) -> dict[str, Any]:
        """The content of gradients.json."""
        found = {(finding.layer, finding.direction): finding for finding in self.findings}
        lengths = self.gradients.lengths
        return {
            "model": self.model,
            "data": self.data,
            "data_sha256": self.data_sha256,
            "rows": len(lengths),
            "median_length": int(np.median(lengths)),
            "longest": max(lengths),
            "seed": self.seed,
            "toolkit_version": __version__,
            "thresholds": {
                "exploding_growth": EXPLODING_GROWTH,
                "exploding_rate": EXPLODING_RATE,
                "forgetting_share": FORGETTING_SHARE,
            },
            "layers": [
                {
                    "layer": layer.layer,
                    "direction": layer.direction,
                    "cell": layer.cell,
                    "verdict": found[layer.layer, layer.direction].verdict,
                    "sentence": found[layer.layer, layer.direction].sentence,
                    "memory": _curve(layer.memory),
                    "loss": _curve(layer.loss),
                }
                for layer in self.gradients.layers
            ],
            "weight_gradient_norms": {
                name: float(f"{norm:.6g}") for name, norm in self.gradients.weights.items()
            },
            "global_gradient_norm": float(f"{self.gradients.global_norm:.6g}"),
            "advice": list(self.advice),
        }

    @property
    def title(self) -> str:
        """What the table shows."""
        lengths = self.gradients.lengths
        return (
            f"Gradient norm of the last state ({len(lengths)} rows, median length "
            f"{int(np.median(lengths))})"
        )

    @property
    def columns(self) -> list[str]:
        """The head of the table: what is told of each layer and direction."""
        return ["", *(f"{layer.layer}\n{layer.direction}" for layer in self.gradients.layers)]

    @property
    def files(self) -> list[Path]:
        """What was written."""
        return [self.out / name for name in (*PLOT_NAMES, JSON_NAME)]

    def table(self) -> list[list[str]]:
        """The memory of each layer: at some distances, its rate, half-life and span."""
        curves = [layer.memory for layer in self.gradients.layers]
        longest = max(len(curve.rows) for curve in curves)
        lines = [
            [
                f"{distance} step{'s' * (distance > 1)} back",
                *(_number(curve.typical(distance)) for curve in curves),
            ]
            for distance in SHOWN_DISTANCES
            if distance < longest
        ]
        rates = ("" if curve.rate is None else f"{curve.rate:.4f}" for curve in curves)
        return [
            *lines,
            ["factor per step", *rates],
            ["half-life, steps", *(_steps(curve.half_life) for curve in curves)],
            ["below 1 % from", *(_steps(curve.span) for curve in curves)],
        ]


def diagnose_directory(
    model: Path,
    data: str,
    *,
    rows: int = 64,
    max_steps: int = 400,
    out: Path | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    seed: int = 0,
) -> Diagnosis:
    """Measures a model on labelled rows and writes gradients.json, .svg and .png.

    Args:
        model: the model directory.
        data: a file or folder of labelled rows.
        rows: how many of them, spread evenly over the file.
        max_steps: steps of a row that are looked at, the last ones.
        out: the directory to write; diagnosis/<model name> by default.
        text_column: overrides detection.
        label_column: overrides detection.
        encoding: overrides detection.
        header: overrides detection.
        seed: of the random directions.

    Raises:
        OptionError: it is a bundle, or a number is out of range.
        DataError: the rows cannot be used.
    """
    target = out if out is not None else Path("diagnosis") / model.resolve().name
    _check(model, target, rows, max_steps)
    classifier = SentimentClassifier.load(model)
    table = read_labelled(
        data,
        text_column=text_column,
        label_column=label_column,
        encoding=encoding,
        header=header,
        remembered=classifier.training_columns,
    )
    places = np.unique(np.linspace(0, len(table) - 1, min(rows, len(table))).astype(int))
    chosen = table.subset(places.tolist())
    gradients = _measure(classifier, chosen, max_steps, seed)
    found = findings(gradients)
    diagnosis = Diagnosis(
        model=str(model),
        data=table.source,
        data_sha256=chosen.checksum(),
        seed=seed,
        gradients=gradients,
        findings=found,
        advice=advice(_network(classifier.config), gradients, found),
        notes=(*table.notes, *shown_problems(table.problems, table.source)),
        out=target,
    )
    _write(diagnosis)
    return diagnosis


def _check(model: Path, target: Path, rows: int, max_steps: int) -> None:
    """Raises what can be known before anything is loaded."""
    for name, value, lowest in (("--rows", rows, 1), ("--max-steps", max_steps, 2)):
        if value < lowest:
            raise OptionError(f"{name} must be at least {lowest}, not {value}.")
    if is_bundle(model):
        raise OptionError(
            f"{model} is a bundle, which has no gradients; this command needs a model directory.",
            "Give what rnn-toolkit train wrote.",
        )
    check_model_directory(model)
    check_replaceable(target, marker=JSON_NAME)


def _measure(
    classifier: SentimentClassifier, rows: LabelledTexts, max_steps: int, seed: int
) -> Gradients:
    labels = label_ids(rows.labels, classifier.labels, source=rows.source)
    encoded = classifier.trained.tokenizer.encode_batch(rows.texts)
    ids = [np.asarray(row[-max_steps:], np.int32) for row in encoded]
    if max(len(row) for row in ids) < 2:
        raise DataError(
            f"No row of {rows.source} has two tokens.", "Give longer texts: there is no way back."
        )
    padded = pad_rows(ids, np.arange(len(ids)))
    return measure_gradients(classifier.trained.model, padded, labels, seed=seed)


def _network(config: SentimentConfig) -> DiagnosedNetwork:
    return DiagnosedNetwork(
        cell=config.network.cell,
        pooling=config.network.pooling,
        gradient_clip=config.training.gradient_clip,
        recurrent_initializer=config.network.recurrent_initializer,
        forget_bias=config.network.forget_bias,
    )


def _write(diagnosis: Diagnosis) -> None:
    layers, lengths = diagnosis.gradients.layers, diagnosis.gradients.lengths
    with written_whole(diagnosis.out, marker=JSON_NAME) as temporary:
        text = json.dumps(diagnosis.summary(), indent=2, ensure_ascii=False, allow_nan=False)
        (temporary / JSON_NAME).write_text(text + "\n", encoding="utf-8")
        write_gradient_plot(
            [temporary / name for name in PLOT_NAMES],
            memory=[_line(layer.layer, layer.direction, layer.memory) for layer in layers],
            loss=[_line(layer.layer, layer.direction, layer.loss) for layer in layers],
            median_length=int(np.median(lengths)),
            title=f"{Path(diagnosis.model).name} on {len(lengths)} rows of "
            f"{Path(diagnosis.data).name}",
        )


def _line(layer: str, direction: str, curve: DecayCurve) -> GradientLine:
    typical = [curve.typical(at) or 0.0 for at in range(len(curve.rows))]
    return GradientLine(layer, direction, typical, curve.low, curve.high)


def _curve(curve: DecayCurve) -> dict[str, Any]:
    def rounded(values: tuple[float, ...]) -> list[float]:
        return [float(f"{value:.5g}") for value in values]

    return {
        "rate_per_step": curve.rate,
        "half_life_steps": curve.half_life,
        "span_steps": curve.span,
        "growth": float(f"{curve.growth:.5g}"),
        "largest": float(f"{curve.largest:.5g}"),
        "rows": list(curve.rows),
        "mean": rounded(curve.mean),
        "mean_log": rounded(curve.mean_log),
        "low": rounded(curve.low),
        "high": rounded(curve.high),
    }


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if 0.001 <= value < 1000 else f"{value:.0e}"


def _steps(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
