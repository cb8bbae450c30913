"""The model directory of the translation task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rnn_toolkit.config import TranslationConfig
from rnn_toolkit.errors import ModelDirectoryError
from rnn_toolkit.evaluation.translation import TranslationEvaluation
from rnn_toolkit.evaluation.word_dictionary import WordDictionary
from rnn_toolkit.report.translation_card import translation_card
from rnn_toolkit.report.translation_page import TranslationReport, render_translation
from rnn_toolkit.tasks import directory as files
from rnn_toolkit.tasks.translation_run import TrainedTranslator
from rnn_toolkit.tasks.translation_summary import lines_of
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.training.observer import TranslationEpoch

DICTIONARY_NAME = "dictionary.json"
VERIFICATION_NAME = "verification.json"


def write_translator(directory: Path, trained: TrainedTranslator, *, name: str) -> None:
    """Writes every file of a model directory.

    Args:
        directory: an empty folder.
        trained: the model with all that belongs to it.
        name: of the model, for its card.
    """
    files.write_json(directory / files.CONFIG_NAME, trained.config.model_dump(mode="json"))
    trained.model.save(directory / files.MODEL_NAME)
    trained.tokenizers.save(directory)
    trained.dictionary.save(directory / DICTIONARY_NAME)
    pairs = {"sources": trained.verification, "references": trained.references}
    files.write_json(directory / VERIFICATION_NAME, pairs)
    files.write_history(directory / files.HISTORY_NAME, trained.history)
    for file_name, text in reports(trained, name=name).items():
        (directory / file_name).write_text(text, encoding="utf-8")


def reports(trained: TrainedTranslator, *, name: str) -> dict[str, str]:
    """The files that change with each evaluation."""
    return {
        files.METRICS_NAME: files.metrics_json(trained.facts, trained.evaluations),
        files.REPORT_DATA_NAME: trained.report.model_dump_json() + "\n",
        files.REPORT_NAME: render_translation(trained.report),
        files.CARD_NAME: _card(trained, name),
    }


def _card(trained: TrainedTranslator, name: str) -> str:
    newest = trained.evaluations[-1]
    shown = newest.best[0] if newest.best else None
    return translation_card(
        name=name,
        facts=trained.report.facts,
        scores=[
            (f"{evaluation.split}: {evaluation.data}", line)
            for evaluation in trained.evaluations
            for line in lines_of(evaluation)
        ],
        signatures=(
            f"BLEU {newest.model.bleu_signature}",
            f"chrF {newest.model.chrf_signature}",
            newest.decoding,
        ),
        verdict=newest.verdict(),
        example=("", "") if shown is None else (shown.source, shown.translation),
    )


def read_translator(directory: Path) -> TrainedTranslator:
    """Reads a model directory; nothing in it is unpickled or run as code.

    Raises:
        ModelDirectoryError: it is missing, damaged, or a newer version wrote it.
    """
    config = files.read_config(directory, TranslationConfig)
    tokenizers = SideTokenizers.from_directory(directory, config.tokenizer)
    model = files.load_keras_model(directory)
    if int(model.output_shape[-1]) != tokenizers.target_size:
        raise ModelDirectoryError(
            f"{directory}: the model has {model.output_shape[-1]} outputs but the target "
            f"tokenizer {tokenizers.target_size} tokens.",
            "Train the model again.",
        )
    raw = files.read_json(directory / files.METRICS_NAME)
    try:
        facts = raw["training"]
        evaluations = [TranslationEvaluation.model_validate(entry) for entry in raw["evaluations"]]
        report = TranslationReport.model_validate(
            files.read_json(directory / files.REPORT_DATA_NAME)
        )
        verification, references = _pairs(files.read_json(directory / VERIFICATION_NAME))
    except (KeyError, TypeError, ValidationError):
        raise ModelDirectoryError(
            f"{directory / files.METRICS_NAME}, {files.REPORT_DATA_NAME} or {VERIFICATION_NAME} "
            "is damaged.",
            "Train the model again.",
        ) from None
    return TrainedTranslator(
        config=config,
        model=model,
        tokenizers=tokenizers,
        history=files.read_history(directory / files.HISTORY_NAME, TranslationEpoch),
        dictionary=WordDictionary.from_file(directory / DICTIONARY_NAME),
        verification=verification,
        references=references,
        facts=facts,
        evaluations=evaluations,
        report=report,
    )


def _pairs(stored: Any) -> tuple[list[str], list[str]]:
    """Sources and references; a directory of an older version lists sources only."""
    if isinstance(stored, list):
        return [str(text) for text in stored], []
    return [str(text) for text in stored["sources"]], [str(text) for text in stored["references"]]
