"""What the console program does with directories, as plain functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.catalogue import model_path
from rnn_toolkit.bundle.files import check_replaceable
from rnn_toolkit.bundle.manifest import Manifest
from rnn_toolkit.config import ExportOptions, parse_settings
from rnn_toolkit.data.checks import shown_problems
from rnn_toolkit.data.labelled import LabelledTexts, read_labelled
from rnn_toolkit.data.text_stream import open_texts
from rnn_toolkit.errors import OptionError
from rnn_toolkit.evaluation.classification import Evaluation
from rnn_toolkit.export.table import check_format_name, exporter
from rnn_toolkit.runtime.bundle import is_bundle
from rnn_toolkit.tasks.directory import CONFIG_NAME
from rnn_toolkit.tasks.load import check_model_directory
from rnn_toolkit.tasks.sentiment import SentimentClassifier
from rnn_toolkit.tasks.table import task
from rnn_toolkit.tasks.trained_sentiment import TrainedSentiment
from rnn_toolkit.training.checkpoint import checkpoint_beside, discard_checkpoint
from rnn_toolkit.training.observer import TrainingObserver

_EXPORT_TEXTS = 1000


def sample_path() -> Path:
    """The small sample of reviews that ships with the package."""
    return Path(str(resources.files("rnn_toolkit.data") / "sample" / "reviews.csv"))


def train_to_directory(
    data: str | None,
    out: Path,
    *,
    observer: TrainingObserver,
    validation: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    start_from: Path | None = None,
    resume: bool = False,
    **options: Any,
) -> TrainedSentiment:
    """Trains a sentiment model and saves it; a killed training can be resumed.

    Args:
        data: file or folder; None is the shipped sample.
        out: the model directory.
        observer: is told about progress.
        validation: a file that chooses the best epoch.
        text_column: overrides detection.
        label_column: overrides detection.
        encoding: overrides detection.
        header: overrides detection.
        start_from: a model directory or the name of a pretrained model, to begin with.
        resume: continue from the state beside `out`.
        **options: settings by name.
    """
    classifier = SentimentClassifier(**options)
    check_replaceable(out, marker=CONFIG_NAME)

    def read(path: str) -> LabelledTexts:
        return read_labelled(
            path,
            text_column=text_column,
            label_column=label_column,
            encoding=encoding,
            header=header,
        )

    if data is None:
        observer.note(
            "No --data given: training on the small sample that ships with rnn-toolkit. It "
            "shows that everything works; its scores mean nothing."
        )
    rows = read(data if data is not None else str(sample_path()))
    if data is None:
        rows = replace(rows, source="the shipped sample", notes=[])
    checkpoint = checkpoint_beside(out)
    classifier.fit(
        rows,
        validation=None if validation is None else read(validation),
        observer=observer,
        checkpoint=checkpoint,
        resume=resume,
        start=start_from,
    )
    if classifier.trained.chief:
        classifier.save(out)
        discard_checkpoint(checkpoint)
    return classifier.trained


def evaluate_directory(
    model: Path,
    data: str,
    *,
    text_column: str | None,
    label_column: str | None,
    encoding: str | None,
    header: bool | None,
    save: bool,
) -> tuple[Evaluation, list[str]]:
    """Scores a model directory on a file; returns the scores and notes about the file."""
    classifier = _open(model)
    rows = read_labelled(
        data,
        text_column=text_column,
        label_column=label_column,
        encoding=encoding,
        header=header,
        remembered=classifier.training_columns,
    )
    evaluation = classifier.evaluate(rows)
    if save:
        classifier.save_evaluations(model)
    return evaluation, [*rows.notes, *shown_problems(rows.problems, rows.source)]


def export_directory(
    model: Path,
    out: Path,
    *,
    format_name: str,
    data: str | None,
    progress: Callable[[str], None],
    **options: Any,
) -> Manifest:
    """Exports a model directory of any task.

    Args:
        model: the directory.
        out: the bundle to write.
        format_name: savedmodel, tflite or onnx.
        data: a file whose texts are compared too.
        progress: is told what is being done.
        **options: the variant, see ExportOptions.
    """
    check_format_name(format_name)
    variant = parse_settings(ExportOptions, options)
    check_is_model(model)
    exporter(format_name).check(variant)
    texts = [] if data is None else _some_texts(data)
    return task(model).export(out, format=format_name, texts=texts, progress=progress, **options)


def _some_texts(data: str) -> list[str]:
    """Texts from all over a file, of any format."""
    texts = [text for file in open_texts(data) for batch in file.batches() for text in batch.texts]
    return texts[:: max(1, len(texts) // _EXPORT_TEXTS)][:_EXPORT_TEXTS]


def check_is_model(model: Path) -> None:
    """Raises OptionError or ModelDirectoryError unless `model` is a model directory."""
    if is_bundle(model_path(model)):
        raise OptionError(
            f"{model} is a bundle; this command needs a model directory.",
            "Give what rnn-toolkit train wrote.",
        )
    check_model_directory(model)


def _open(model: Path) -> SentimentClassifier:
    check_is_model(model)
    return SentimentClassifier.load(model)
