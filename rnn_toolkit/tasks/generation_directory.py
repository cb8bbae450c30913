"""The model directory of the generation task."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from pydantic import ValidationError

from rnn_toolkit.config import GenerationConfig
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.report.generation_card import generation_card
from rnn_toolkit.report.generation_page import GenerationReport, render_generation
from rnn_toolkit.tasks import directory as files
from rnn_toolkit.tasks.generation_run import TrainedGenerator
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.training.observer import LanguageModelEpoch

TRAINING_IDS_NAME = "training_ids.npz"


def write_generator(directory: Path, trained: TrainedGenerator, *, name: str) -> None:
    """Writes every file of a model directory.

    Args:
        directory: an empty folder.
        trained: the model with all that belongs to it.
        name: of the model, for its card.
    """
    files.write_json(directory / files.CONFIG_NAME, trained.config.model_dump(mode="json"))
    trained.model.save(directory / files.MODEL_NAME)
    trained.tokenizer.save(directory / files.TOKENIZER_NAME)
    files.write_json(directory / files.LABELS_NAME, list(trained.config.conditions))
    files.write_history(directory / files.HISTORY_NAME, trained.history)
    _write_ids(directory / TRAINING_IDS_NAME, trained)
    for file_name, text in reports(trained, name=name).items():
        (directory / file_name).write_text(text, encoding="utf-8")


def reports(trained: TrainedGenerator, *, name: str) -> dict[str, str]:
    """The files that change with each evaluation."""
    return {
        files.METRICS_NAME: files.metrics_json(trained.facts, trained.evaluations),
        files.REPORT_DATA_NAME: trained.report.model_dump_json() + "\n",
        files.REPORT_NAME: render_generation(trained.report),
        files.CARD_NAME: _card(trained, name),
    }


def _card(trained: TrainedGenerator, name: str) -> str:
    report = trained.report
    shown = report.samples[0] if report.samples else None
    return generation_card(
        name=name,
        facts=report.facts,
        scores=[
            (
                f"{evaluation.split}: {evaluation.data}",
                row.name,
                row.scores.perplexity,
                row.scores.bits_per_character,
            )
            for evaluation in trained.evaluations
            for row in evaluation.rows()
        ],
        verdict=trained.evaluations[-1].verdict() if trained.evaluations else "",
        novelty=report.novelty,
        prompt="" if shown is None else shown.prompt,
        sample="" if shown is None else shown.text,
    )


def read_generator(directory: Path) -> TrainedGenerator:
    """Reads a model directory; nothing in it is unpickled or run as code.

    Raises:
        ModelDirectoryError: it is missing, damaged, or a newer version wrote it.
    """
    config = files.read_config(directory, GenerationConfig)
    tokenizer = GenerationTokenizer.from_file(
        directory / files.TOKENIZER_NAME,
        kind=config.tokenizer.kind,
        conditions=config.conditions,
    )
    model = files.load_keras_model(directory)
    if int(model.output_shape[-1]) != tokenizer.vocabulary_size:
        raise ModelDirectoryError(
            f"{directory}: the model has {model.output_shape[-1]} outputs but the tokenizer "
            f"{tokenizer.vocabulary_size} tokens.",
            "Train the model again.",
        )
    training, verification = _read_ids(directory / TRAINING_IDS_NAME)
    raw = files.read_json(directory / files.METRICS_NAME)
    try:
        facts = raw["training"]
        evaluations = [
            LanguageModelEvaluation.model_validate(entry) for entry in raw["evaluations"]
        ]
        report = GenerationReport.model_validate(
            files.read_json(directory / files.REPORT_DATA_NAME)
        )
    except (KeyError, TypeError, ValidationError):
        raise ModelDirectoryError(
            f"{directory / files.METRICS_NAME} or {files.REPORT_DATA_NAME} is damaged.",
            "Train the model again.",
        ) from None
    return TrainedGenerator(
        config=config,
        model=model,
        tokenizer=tokenizer,
        history=files.read_history(directory / files.HISTORY_NAME, LanguageModelEpoch),
        training=training,
        verification=verification,
        facts=facts,
        evaluations=evaluations,
        report=report,
    )


def _write_ids(path: Path, trained: TrainedGenerator) -> None:
    """The training ids, which the n-gram baseline counts, and some held-out rows."""
    training = trained.training
    rows = trained.verification
    np.savez_compressed(
        path,
        ids=training.ids,
        starts=np.zeros(0, np.int64) if training.starts is None else training.starts,
        sizes=np.asarray([training.characters, training.ordinary], np.int64),
        verification=np.concatenate([np.asarray(row, np.int32) for row in rows]),
        lengths=np.asarray([len(row) for row in rows], np.int32),
    )


def _read_ids(path: Path) -> tuple[TokenStream, list[list[int]]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            starts = stored["starts"]
            characters, ordinary = (int(size) for size in stored["sizes"])
            places = np.cumsum(stored["lengths"])[:-1]
            rows = [row.tolist() for row in np.split(stored["verification"], places)]
            ids = stored["ids"]
    except (OSError, KeyError, ValueError, BadZipFile):
        raise ModelDirectoryError(
            f"{path} is missing or damaged.", "Train the model again."
        ) from None
    stream = TokenStream(ids, starts if len(starts) else None, characters, ordinary)
    return stream, rows
