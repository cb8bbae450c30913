"""Compares cells on one task: the same data, settings and seeds for each."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from rnn_toolkit.bundle.files import write_whole
from rnn_toolkit.cells.table import check_cell_name
from rnn_toolkit.config import EncoderName, Settings
from rnn_toolkit.data.labelled import LabelledTexts, read_labelled, stratified_split
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.networks.yardsticks import YARDSTICKS
from rnn_toolkit.report.comparison import ComparisonLine, comparison_files
from rnn_toolkit.tasks.sentiment import SentimentClassifier
from rnn_toolkit.training.observer import TrainingObserver

RUNS_NAME = "runs.json"
_EXPORT = "tflite"


class Run(Settings):
    """One training of one candidate."""

    candidate: str
    encoder: EncoderName
    seed: int
    key: str = Field(description="what data and settings it was")
    accuracy: float
    macro_f1: float
    log_loss: float
    seconds: float
    parameters: int
    bundle_bytes: int
    milliseconds_per_text: float
    baseline_accuracy: float
    judged_on: str


def compare(
    data: str | Path,
    out: str | Path,
    *,
    cells: Sequence[str],
    seeds: Sequence[int] = (1, 2, 3),
    test: str | Path | None = None,
    rows: int | None = None,
    yardsticks: bool = True,
    observer: TrainingObserver,
    **options: Any,
) -> list[ComparisonLine]:
    """Trains every cell with every seed, and yardsticks of the same size beside them.

    A finished run is kept in OUT/runs.json at once: the same command, repeated after an
    interruption, continues with what is missing.

    Args:
        data: labelled texts to train on.
        out: the folder for runs.json, comparison.md, .svg, .png and .csv.
        cells: names of the cell table.
        seeds: each candidate is trained once with each.
        test: rows to judge by; without them the validation part of `data` is used, which also
            chose the epoch.
        rows: trains on a part of so many rows, stratified.
        yardsticks: whether a bag of embeddings, a convolution and a self-attention encoder
            are trained too.
        observer: is told about progress.
        **options: any training setting but cell, encoder and seed.

    Returns:
        One line per candidate, in order of the mean accuracy.

    Raises:
        OptionError: a name is unknown or a number cannot be used.
        DataError: the data cannot be used.
    """
    for cell in cells:
        check_cell_name(cell)
    _check(cells, seeds, options)
    # Word pairs would hide what the encoders themselves can do.
    options = {"pair_buckets": 0, **options}
    training = read_labelled(data)
    if rows is not None:
        training = _part(training, rows)
    judged = None if test is None else read_labelled(test)
    candidates: list[tuple[str, EncoderName, str]] = [(cell, "recurrent", cell) for cell in cells]
    if yardsticks:
        candidates += [(name, name, cells[0]) for name in YARDSTICKS]
    folder = Path(out)
    runs = _read_runs(folder / RUNS_NAME)
    wanted: list[Run] = []
    for seed in seeds:
        for candidate, encoder, cell in candidates:
            classifier = SentimentClassifier(cell=cell, encoder=encoder, seed=seed, **options)
            key = _key(classifier, training, judged)
            done = next((r for r in runs if (r.candidate, r.key) == (candidate, key)), None)
            if done is None:
                observer.note(f"{candidate}, seed {seed}")
                done = _run(classifier, candidate, training, judged, key, observer)
                runs.append(done)
                write_whole(folder / RUNS_NAME, TypeAdapter(list[Run]).dump_json(runs, indent=1))
            wanted.append(done)
    lines = _lines(wanted)
    files = comparison_files(
        lines,
        title=f"{Path(data).name}, {len(training):,} rows",
        judged_on=wanted[0].judged_on,
        baseline=float(np.mean([run.baseline_accuracy for run in wanted])),
        seeds=seeds,
    )
    for name, content in files.items():
        write_whole(folder / name, content)
    return lines


def _check(cells: Sequence[str], seeds: Sequence[int], options: dict[str, Any]) -> None:
    if not cells:
        raise OptionError("There is no cell to compare.", "Name some with --cells lstm,gru.")
    if not seeds or len(set(seeds)) != len(seeds):
        raise OptionError(f"Seeds must differ from one another, not {list(seeds)}.")
    for name in ("cell", "encoder", "seed"):
        if name in options:
            raise OptionError(f"compare chooses the {name} itself.")


def _part(data: LabelledTexts, rows: int) -> LabelledTexts:
    if not 0 < rows <= len(data):
        raise OptionError(f"--rows must be between 1 and {len(data):,}, not {rows:,}.")
    if rows == len(data):
        return data
    _, chosen = stratified_split(data.labels, data.texts, share=rows / len(data), seed=0)
    return data.subset(chosen)


def _key(
    classifier: SentimentClassifier, training: LabelledTexts, judged: LabelledTexts | None
) -> str:
    config = classifier.config.model_dump_json()
    return f"{config} {training.checksum()} {judged.checksum() if judged else ''}"


def _run(
    classifier: SentimentClassifier,
    candidate: str,
    training: LabelledTexts,
    judged: LabelledTexts | None,
    key: str,
    observer: TrainingObserver,
) -> Run:
    classifier.fit(training, observer=observer)
    trained = classifier.trained
    evaluation = trained.evaluations[0] if judged is None else classifier.evaluate(judged)
    with tempfile.TemporaryDirectory() as directory:
        manifest = classifier.export(Path(directory) / "bundle", format=_EXPORT)
    measured = manifest.measured
    if measured is None:
        raise DataError("The export was not measured.")
    return Run(
        candidate=candidate,
        encoder=classifier.config.network.encoder,
        seed=classifier.config.training.seed,
        key=key,
        accuracy=evaluation.model.accuracy,
        macro_f1=evaluation.model.macro_f1,
        log_loss=evaluation.model.log_loss,
        seconds=trained.facts["seconds"],
        parameters=trained.facts["parameters"],
        bundle_bytes=measured.model_bytes,
        milliseconds_per_text=measured.milliseconds_per_text,
        baseline_accuracy=evaluation.baseline.scores.accuracy,
        judged_on=f"{evaluation.split}: {Path(evaluation.data).name}, {evaluation.rows:,} rows",
    )


def _read_runs(path: Path) -> list[Run]:
    if not path.exists():
        return []
    try:
        return TypeAdapter(list[Run]).validate_json(path.read_bytes())
    except ValidationError as error:
        raise DataError(
            f"{path} is damaged: {error.errors(include_url=False)[0]['msg']}.",
            "Remove it to begin again.",
        ) from None


def _lines(runs: Sequence[Run]) -> list[ComparisonLine]:
    lines = []
    for name in dict.fromkeys(run.candidate for run in runs):
        own = [run for run in runs if run.candidate == name]
        accuracies = [run.accuracy for run in own]
        lines.append(
            ComparisonLine(
                candidate=name,
                recurrent=own[0].encoder == "recurrent",
                accuracies=tuple(accuracies),
                accuracy=float(np.mean(accuracies)),
                spread=float(np.std(accuracies, ddof=1)) if len(own) > 1 else None,
                log_loss=float(np.mean([run.log_loss for run in own])),
                seconds=float(np.mean([run.seconds for run in own])),
                parameters=own[0].parameters,
                bundle_bytes=own[0].bundle_bytes,
                milliseconds_per_text=float(np.median([r.milliseconds_per_text for r in own])),
            )
        )
    return sorted(lines, key=lambda line: -line.accuracy)
