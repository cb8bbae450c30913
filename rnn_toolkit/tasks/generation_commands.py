"""What the console program does with language models, as plain functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import check_replaceable
from rnn_toolkit.data.generation_texts import GenerationTexts, read_generation_texts
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.tasks.commands import check_is_model, sample_path
from rnn_toolkit.tasks.directory import CONFIG_NAME, read_task
from rnn_toolkit.tasks.generation import TextGenerator
from rnn_toolkit.tasks.generation_run import TrainedGenerator
from rnn_toolkit.training.checkpoint import checkpoint_beside, discard_checkpoint
from rnn_toolkit.training.observer import TrainingObserver


def train_generation_to_directory(
    data: str | None,
    out: Path,
    *,
    observer: TrainingObserver,
    validation: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    start_from: Path | None = None,
    resume: bool = False,
    **options: Any,
) -> TrainedGenerator:
    """Trains a language model and saves it; a killed training can be resumed.

    Args:
        data: file or folder; None is the texts of the shipped sample.
        out: the model directory.
        observer: is told about progress.
        validation: a file that chooses the best epoch.
        encoding: overrides detection.
        header: overrides detection.
        start_from: a model directory or the name of a pretrained model, to begin with.
        resume: continue from the state beside `out`.
        **options: settings by name.
    """
    generator = TextGenerator(**options)
    check_replaceable(out, marker=CONFIG_NAME)

    def read(path: str) -> GenerationTexts:
        return read_generation_texts(path, generator.config.text, encoding=encoding, header=header)

    if data is None:
        observer.note(
            "No --data given: learning from the 480 sentences of the sample that ships with "
            "rnn-toolkit. It shows that everything works, and writes badly."
        )
    checkpoint = checkpoint_beside(out)
    generator.fit(
        read(data if data is not None else str(sample_path())),
        validation=None if validation is None else read(validation),
        observer=observer,
        checkpoint=checkpoint,
        resume=resume,
        start=start_from,
    )
    generator.save(out)
    discard_checkpoint(checkpoint)
    return generator.trained


def task_name(model: Path) -> str:
    """The task that wrote a model directory.

    Raises:
        ModelDirectoryError: there is none.
        OptionError: it is a bundle.
    """
    check_is_model(model)
    return read_task(model)


def evaluate_generation_directory(
    model: Path,
    data: str,
    *,
    split: str = "test",
    cache: int | None = None,
    dynamic_rate: float | None = None,
    save: bool = True,
) -> LanguageModelEvaluation:
    """Scores a model directory on a text.

    Args:
        model: the directory.
        data: file or folder.
        split: the name of these texts in metrics.json.
        cache: also with a neural cache of so many steps.
        dynamic_rate: also while the model goes on learning at this rate.
        save: whether to add the scores to metrics and report.
    """
    generator = _generator(model)
    evaluation = generator.evaluate(
        data,
        split=split,
        cache=None if cache is None else NeuralCache(size=cache),
        dynamic_rate=dynamic_rate,
    )
    if save:
        generator.save_evaluations(model)
    return evaluation


def open_learning_writer(
    path: Path, *, cache: int | None, adapt_to: Path | None, adapt_rate: float
) -> GeneratorPredictor:
    """Opens a model directory for writing with a cache, or after learning from a text.

    Args:
        path: the directory.
        cache: see `rnn_toolkit.open_writer`.
        adapt_to: likewise.
        adapt_rate: likewise.

    Raises:
        OptionError: it is a bundle, which cannot learn.
    """
    generator = _generator(path)
    if adapt_to is not None:
        generator.adapt(adapt_to, rate=adapt_rate)
    return generator.predictor(cache=None if cache is None else NeuralCache(size=cache))


def _generator(path: Path) -> TextGenerator:
    check_is_model(path)
    return TextGenerator.load(path)
