"""What the console program does with translation models, as plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import check_replaceable
from rnn_toolkit.data.checks import shown_problems
from rnn_toolkit.data.date_pairs import sample_pairs
from rnn_toolkit.data.parallel_text import ParallelText, read_pairs, read_parallel
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.evaluation.translation import TranslationEvaluation
from rnn_toolkit.tasks.commands import check_is_model
from rnn_toolkit.tasks.directory import CONFIG_NAME
from rnn_toolkit.tasks.translation import Translator
from rnn_toolkit.tasks.translation_run import TrainedTranslator
from rnn_toolkit.training.checkpoint import checkpoint_beside, discard_checkpoint
from rnn_toolkit.training.observer import TrainingObserver

_SAMPLE_PAIRS, _SAMPLE_SEED = 3000, 1


def train_translation_to_directory(
    data: str | None,
    out: Path,
    *,
    observer: TrainingObserver,
    source: str | None = None,
    target: str | None = None,
    validation: str | None = None,
    validation_source: str | None = None,
    validation_target: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    start_from: Path | None = None,
    resume: bool = False,
    **options: Any,
) -> TrainedTranslator:
    """Trains a translation model and saves it; a killed training can be resumed.

    Args:
        data: a file of pairs; without it and without parallel files, dates in many spellings.
        out: the model directory.
        observer: is told about progress.
        source: a file with a source text per line, in place of `data`.
        target: its translations, line by line.
        validation: a file of pairs that chooses the best epoch.
        validation_source: a file with a source text per line, in place of `validation`.
        validation_target: its translations.
        encoding: overrides detection.
        header: overrides detection.
        start_from: a model directory or the name of a pretrained model, to begin with.
        resume: continue from the state beside `out`.
        **options: settings by name.
    """
    translator = Translator(**options)
    check_replaceable(out, marker=CONFIG_NAME)
    columns = translator.config.pairs

    def read(
        pairs: str | None, one: str | None, other: str | None, names: tuple[str, str, str]
    ) -> ParallelText | None:
        return _read(
            pairs,
            one,
            other,
            names=names,
            source_column=columns.source_column,
            target_column=columns.target_column,
            encoding=encoding,
            header=header,
        )

    training = read(data, source, target, ("--data", "--source", "--target"))
    held_out = read(
        validation,
        validation_source,
        validation_target,
        ("--validation", "--validation-source", "--validation-target"),
    )
    if training is None:
        observer.note(
            f"No --data given: learning to normalise dates from {_SAMPLE_PAIRS:,} made-up pairs. "
            "It shows that everything works."
        )
        training = sample_pairs(_SAMPLE_PAIRS, _SAMPLE_SEED)
    checkpoint = checkpoint_beside(out)
    translator.fit(
        training,
        validation=held_out,
        observer=observer,
        checkpoint=checkpoint,
        resume=resume,
        start=start_from,
    )
    translator.save(out)
    discard_checkpoint(checkpoint)
    return translator.trained


def evaluate_translation_directory(
    model: Path,
    data: str | None,
    *,
    source: str | None = None,
    target: str | None = None,
    others: Sequence[Path] = (),
    source_column: str | None = None,
    target_column: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    split: str = "test",
    save: bool = True,
    beam: int | None = None,
) -> tuple[TranslationEvaluation, list[str]]:
    """Scores a model directory on pairs; returns the scores and notes about the files.

    Args:
        model: the directory.
        data: a file of pairs.
        source: a file with a source text per line, in place of `data`.
        target: its translations.
        others: more model directories whose probabilities are averaged in.
        source_column: overrides detection.
        target_column: overrides detection.
        encoding: overrides detection.
        header: overrides detection.
        split: the name of these pairs in metrics.json.
        save: whether to add the scores to metrics and report; never for an ensemble.
        beam: hypotheses kept.
    """
    translator = open_translators(model, others)
    remembered = translator.config.pairs
    asked = source_column is not None or target_column is not None
    try:
        pairs = _read(
            data,
            source,
            target,
            names=("--data", "--source", "--target"),
            source_column=source_column or remembered.source_column,
            target_column=target_column or remembered.target_column,
            encoding=encoding,
            header=header,
        )
    except DataError as error:
        if asked or remembered.source_column == remembered.target_column:
            raise
        raise DataError(
            error.message,
            f"The columns are those of the training; give --source-column and --target-column. "
            f"{error.remedy}",
        ) from None
    if pairs is None:
        raise OptionError("There is nothing to score.", "Give --data, or --source and --target.")
    options = {} if beam is None else {"beam": beam}
    evaluation = translator.evaluate(pairs, split=split, **options)
    if save and not others:
        translator.save_evaluations(model)
    return evaluation, [*pairs.notes, *shown_problems(pairs.problems, pairs.name)]


def open_translators(model: Path, others: Sequence[Path] = ()) -> Translator:
    """Opens a model directory, or several as one ensemble.

    Raises:
        OptionError: one is a bundle, or the vocabularies differ.
    """
    for directory in (model, *others):
        check_is_model(directory)
    translator = Translator.load(model)
    if not others:
        return translator
    return translator.together_with(*(Translator.load(directory) for directory in others))


def _read(
    data: str | None,
    source: str | None,
    target: str | None,
    *,
    names: tuple[str, str, str],
    source_column: str | None,
    target_column: str | None,
    encoding: str | None,
    header: bool | None,
) -> ParallelText | None:
    """Pairs of one file or of two, whichever was given."""
    of_data, of_source, of_target = names
    if (source is None) != (target is None):
        missing, given = (of_source, of_target) if source is None else (of_target, of_source)
        raise OptionError(
            f"{given} needs {missing}: two files with a text per line.",
            f"Give both, or one file of pairs with {of_data}.",
        )
    if data is not None and source is not None:
        raise OptionError(f"{of_data} and {of_source} exclude one another.", "Choose one.")
    if source is not None and target is not None:
        return read_parallel(Path(source), Path(target), encoding=encoding)
    if data is None:
        return None
    return read_pairs(
        data,
        source_column=source_column,
        target_column=target_column,
        encoding=encoding,
        header=header,
    )
