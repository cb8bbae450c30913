"""One training of the generation task, from texts to a judged model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np

from rnn_toolkit._version import __version__
from rnn_toolkit.config import GenerationConfig
from rnn_toolkit.data.generation_texts import GenerationTexts, Part, TextCount
from rnn_toolkit.data.token_stream import TokenStream, encode_part
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.networks.language_model import build_language_model
from rnn_toolkit.networks.steps import KerasSteps
from rnn_toolkit.report.generation_page import GenerationReport
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.tasks.generation_judging import TRAINING_IDS_KEPT, LanguageModelJudge
from rnn_toolkit.tasks.generation_summary import (
    TEMPERATURE,
    GenerationSummary,
    with_evaluation,
)
from rnn_toolkit.tasks.pretrained_start import GeneratorStart, network_of, weights_sha256
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer
from rnn_toolkit.training.fit_language_model import LanguageModelFit
from rnn_toolkit.training.observer import LanguageModelEpoch, TrainingObserver

_VERIFICATION_ROWS, _VERIFICATION_LENGTH = 32, 128
_SAMPLE_LENGTH = 300
_DOCUMENT_SHARE = 95  # percent of the documents that shall fit into one window


@dataclass
class TrainedGenerator:
    """A trained language model with all that its directory holds."""

    config: GenerationConfig
    model: keras.Model
    tokenizer: GenerationTokenizer
    history: list[LanguageModelEpoch]
    training: TokenStream
    verification: list[list[int]]
    facts: dict[str, Any]
    evaluations: list[LanguageModelEvaluation]
    report: GenerationReport
    predictor: GeneratorPredictor | None = field(default=None)

    def answering(self) -> GeneratorPredictor:
        """The object that writes, traced once."""
        if self.predictor is None:
            self.predictor = GeneratorPredictor(
                self.tokenizer, KerasSteps(self.model), documents=self.config.documents
            )
        return self.predictor

    @cached_property
    def judge(self) -> LanguageModelJudge:
        """Knows the n-gram model of the training text."""
        return LanguageModelJudge(
            self.model, self.tokenizer, self.training, self.config.training.seed
        )

    def evaluate(
        self,
        texts: GenerationTexts,
        part: Part | None = None,
        *,
        split: str,
        cache: NeuralCache | None = None,
        dynamic_rate: float | None = None,
    ) -> LanguageModelEvaluation:
        """Judges the model on texts, or on a part of them, and takes the result up."""
        stream = encode(self.tokenizer, texts, part or texts.pieces)
        evaluation = self.judge.judge(
            stream,
            data=texts.source,
            sha256=texts.count().sha256,
            split=split,
            cache=cache,
            dynamic_rate=dynamic_rate,
        )
        self.evaluations = [
            *(
                past
                for past in self.evaluations
                if (past.split, past.data) != (split, texts.source)
            ),
            evaluation,
        ]
        self.report = with_evaluation(self.report, evaluation)
        return evaluation


def encode(tokenizer: GenerationTokenizer, texts: GenerationTexts, part: Part) -> TokenStream:
    """A part of the texts as ids, documents with their begin and end."""

    def piece(text: str, condition: str | None) -> np.ndarray[Any, Any]:
        if texts.documents:
            return tokenizer.document(text, condition if tokenizer.conditions else None)
        return tokenizer.encode_array(text)

    return encode_part(
        part,
        piece,
        documents=texts.documents,
        vocabulary=tokenizer.vocabulary_size,
        labels=len(tokenizer.conditions),
    )


def train_generation(
    config: GenerationConfig,
    texts: GenerationTexts,
    validation: GenerationTexts | None,
    *,
    observer: TrainingObserver,
    checkpoint: Path | None = None,
    resume: bool = False,
    start: GeneratorStart | None = None,
) -> TrainedGenerator:
    """Learns tokenizer and network, and judges them on the held-out part.

    Args:
        config: all settings.
        texts: to learn from.
        validation: chooses the best epoch; by default a part of `texts` is held out.
        observer: is told about progress.
        checkpoint: a file that keeps the state after each epoch.
        resume: whether to continue from `checkpoint`.
        start: an earlier model to begin with; its vocabulary may be another.

    Raises:
        DataError: the texts cannot be used.
        OptionError: a setting does not fit them.
    """
    for note in texts.notes:
        observer.note(note)
    if start is not None:
        config = _like_start(config, start)
    count = texts.count()
    seed = config.training.seed
    if validation is None:
        training_part, held_part = texts.split(config.training.validation_split, count, seed)
    else:
        training_part, held_part = texts.pieces, validation.pieces
    conditions = count.labels if config.text.condition is not None else ()
    observer.note(
        f"Training a {config.tokenizer.kind} tokenizer on {count.characters:,} characters"
    )
    pieces = (text for text, _ in training_part())
    if start is None:
        tokenizer = train_generation_tokenizer(pieces, config.tokenizer, conditions=conditions)
    else:
        tokenizer = start.tokenizer_for(pieces, config.tokenizer, conditions)
    training = encode(tokenizer, texts, training_part)
    held_out = encode(tokenizer, validation or texts, held_part)
    if validation is not None:
        _note_repetitions(training_part, held_part, texts, observer)
    config = _complete(config, texts, training, conditions)

    keras.utils.set_random_seed(seed)
    model = build_language_model(
        config.network, vocabulary_size=tokenizer.vocabulary_size, seed=seed
    )
    if start is not None:
        observer.note(start.give_weights(model, tokenizer))
    observer.note(
        f"Training {config.network.cell} on {len(training):,} tokens, {len(held_out):,} held out, "
        f"vocabulary {tokenizer.vocabulary_size:,}, {model.count_params():,} parameters"
    )
    predictor = GeneratorPredictor(tokenizer, KerasSteps(model), documents=texts.documents)

    def write_sample() -> str:
        return "".join(
            predictor.stream("", length=_SAMPLE_LENGTH, temperature=TEMPERATURE, seed=seed)
        )

    fit = LanguageModelFit(
        model,
        training,
        held_out,
        config.training,
        observer=observer,
        write_sample=write_sample,
        checkpoint_path=checkpoint,
        identity=_identity(config, count, validation, start),
    )
    result = fit.run(resume=resume)
    kept = training.head(TRAINING_IDS_KEPT)
    if len(kept) < len(training):
        observer.note(
            f"The n-gram baseline and the novelty report look at the first {len(kept):,} tokens."
        )
    summary = GenerationSummary(config, texts, count, training, held_out, result, model)
    trained = TrainedGenerator(
        config=config,
        model=model,
        tokenizer=tokenizer,
        history=result.history,
        training=kept,
        verification=held_out.rows(_VERIFICATION_ROWS, _VERIFICATION_LENGTH),
        facts=summary.facts(),
        evaluations=[],
        report=summary.report(),
        predictor=predictor,
    )
    observer.note("Judging the model beside an n-gram model of the same text")
    trained.evaluate(validation or texts, held_part, split="validation")
    trained.report = summary.with_samples(trained.report, predictor, kept)
    return trained


def _like_start(config: GenerationConfig, start: GeneratorStart) -> GenerationConfig:
    """The settings with the shape and the kind of tokens of a start, where they are left open."""
    tokenizer = config.tokenizer
    if "kind" not in tokenizer.model_fields_set:
        tokenizer = tokenizer.model_copy(update={"kind": start.tokenizer.kind})
    network = network_of(start.network, config.network)
    return config.model_copy(update={"network": network, "tokenizer": tokenizer})


def _complete(
    config: GenerationConfig,
    texts: GenerationTexts,
    training: TokenStream,
    conditions: tuple[str, ...],
) -> GenerationConfig:
    """The settings with everything chosen that was left open."""
    settings = config.training
    if training.starts is not None:
        fitting = int(np.percentile(np.diff([*training.starts, len(training)]), _DOCUMENT_SHARE))
        settings = settings.model_copy(update={"window": max(2, min(settings.window, fitting))})
    chosen = settings.for_steps(len(training))
    return config.model_copy(
        update={
            "training": chosen,
            "network": config.network.for_tokens(config.tokenizer.kind),
            "documents": texts.documents,
            "conditions": conditions,
        }
    )


def _note_repetitions(
    training: Part, held_out: Part, texts: GenerationTexts, observer: TrainingObserver
) -> None:
    """Says how many held-out documents stand in training too."""
    if not texts.documents:
        return
    known = {hash(text) for text, _ in training()}
    repeated = sum(hash(text) in known for text, _ in held_out())
    if repeated:
        observer.note(f"{repeated:,} held-out documents also occur in training.")


def _identity(
    config: GenerationConfig,
    count: TextCount,
    validation: GenerationTexts | None,
    start: GeneratorStart | None,
) -> dict[str, str]:
    settings = config.model_dump_json(exclude={"toolkit_version"})
    return {
        "model to start from": "" if start is None else weights_sha256(start.model),
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "text": count.sha256,
        "validation text": "" if validation is None else validation.count().sha256,
        "rnn-toolkit version": __version__,
        "Keras version": keras.__version__,
    }
