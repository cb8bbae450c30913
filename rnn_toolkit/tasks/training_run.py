"""One training of the sentiment task, from labelled texts to a judged model."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit._version import __version__
from rnn_toolkit.config import ColumnsConfig, SentimentConfig, TokenizerConfig
from rnn_toolkit.data.batching import EncodedTexts, balanced_weights
from rnn_toolkit.data.checks import (
    duplicates_inside,
    fingerprint,
    rows_also_in,
    shown_problems,
)
from rnn_toolkit.data.labelled import (
    LabelledTexts,
    check_class_count,
    label_ids,
    label_names,
    stratified_split,
)
from rnn_toolkit.evaluation.baselines import TfidfBaseline
from rnn_toolkit.evaluation.classification import Evaluation
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.networks.encoder_language_model import check_can_pretrain
from rnn_toolkit.networks.precision import bfloat16_note
from rnn_toolkit.networks.run import keras_runner
from rnn_toolkit.networks.stack import check_stack
from rnn_toolkit.report.page import Report
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.tasks.beyond_labels import gatekeeper, pretrain, unlabelled_rows, with_teacher
from rnn_toolkit.tasks.judging import Judge, Judgement
from rnn_toolkit.tasks.pretrained_start import ClassifierStart, weights_sha256
from rnn_toolkit.tasks.starting_vectors import check_files, fingerprint_of, starting_vectors
from rnn_toolkit.tasks.training_summary import TrainingSummary
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.text.train_tokenizer import train_tokenizer
from rnn_toolkit.training.distribution import open_distribution
from rnn_toolkit.training.fit import ClassifierFit
from rnn_toolkit.training.observer import EpochRecord, SilentObserver, TrainingObserver

_VERIFICATION_ROWS = 2000


@dataclass
class TrainedSentiment:
    """A trained model with all that its directory holds."""

    config: SentimentConfig
    model: keras.Model
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    baseline: TfidfBaseline
    history: list[EpochRecord]
    fingerprints: set[str]
    verification: list[list[int]]
    verification_labels: list[int]
    label_counts: NDArray[np.int64]
    facts: dict[str, Any]
    evaluations: list[Evaluation]
    report: Report
    chief: bool = True  # of a training by several processes only one writes and reports
    predictor: ClassifierPredictor | None = field(default=None)

    def answering(self) -> ClassifierPredictor:
        """The object that answers, traced once."""
        if self.predictor is None:
            run = keras_runner(self.model)
            self.predictor = ClassifierPredictor(self.tokenizer, self.labels, run)
        return self.predictor

    def evaluate(self, data: LabelledTexts, *, split: str) -> Evaluation:
        """Judges the model on labelled texts and takes the result up."""
        judge = Judge(
            self.model,
            self.answering(),
            self.baseline,
            self.fingerprints,
            self.label_counts,
            self.config.training.seed,
        )
        judgement = judge.judge(data, split=split)
        self.add(judgement)
        return judgement.evaluation

    def add(self, judgement: Judgement) -> None:
        """Takes up an evaluation; it replaces an earlier one of the same rows."""
        new = judgement.evaluation
        others = [
            old
            for old in self.evaluations
            if (old.split, old.data_sha256, old.data) != (new.split, new.data_sha256, new.data)
        ]
        self.evaluations = [*others, new]
        self.report = self.report.with_section(judgement.section)


def train_sentiment(
    config: SentimentConfig,
    data: LabelledTexts,
    validation: LabelledTexts | None,
    *,
    observer: TrainingObserver,
    checkpoint: Path | None,
    resume: bool,
    start: ClassifierStart | None = None,
) -> TrainedSentiment:
    """Splits, trains the tokenizer, the network and the baseline, and judges the result.

    Args:
        config: the settings.
        data: rows to learn from.
        validation: rows to choose the best epoch by; None splits them from `data`.
        observer: is told about progress.
        checkpoint: a file for the state after each epoch.
        resume: whether to continue from it.
        start: an earlier model to begin with, of which `config` has the shape.
    """
    distribution = open_distribution(config.training.distribute, note=observer.note)
    if not distribution.chief:
        observer = SilentObserver()
    if config.training.precision == "bfloat16" and (slow := bfloat16_note()):
        observer.note(slow)
    check_stack(config.network)
    if start is not None:
        start.check(config)
    check_files(config.vectors.file, config.unlabelled.file, config.teacher.file)
    if config.pretraining.epochs:
        check_can_pretrain(config.network)
    seed = config.training.seed
    names = label_names(data.labels)
    check_class_count(names, len(data))
    training, chosen = _split(config, data, validation)
    config = config.model_copy(update={"training": config.training.for_rows(len(training))})
    _report_data(data, training, chosen, validation, observer)
    classes = len(names)
    training_labels = label_ids(training.labels, names, source=training.source)
    validation_labels = label_ids(chosen.labels, names, source=chosen.source)

    tokenizer = _tokenizer(config.tokenizer, training.texts, start, observer)
    encoded = _encode(tokenizer, training.texts, training_labels)
    if config.training.class_weights == "balanced":
        weights = balanced_weights(training_labels, classes)
        encoded = EncodedTexts(encoded.ids, encoded.labels, weights)
    held_out = _encode(tokenizer, chosen.texts, validation_labels)
    own_rows = encoded.ids
    encoded = with_teacher(config, encoded, training, chosen, names, tokenizer, observer)

    vectors = starting_vectors(
        config.vectors,
        tokenizer,
        training.texts,
        own_rows,
        unlabelled=config.unlabelled.file,
        seed=seed,
        observer=observer,
    )
    keras.utils.set_random_seed(seed)
    if vectors is not None:
        width = int(vectors.shape[1])
        network = config.network.model_copy(update={"embedding_size": width})
        config = config.model_copy(update={"network": network})
    network = config.network
    build = partial(
        build_classifier,
        network,
        vocabulary_size=tokenizer.vocabulary_size,
        classes=classes,
        seed=seed,
        gated=config.gated,
        stack_gated=config.stack_gated,
        perturbed=config.objective.perturbs,
    )
    with distribution.scope():
        model = build(vectors=vectors, precision=config.training.precision)
        if start is not None:
            observer.note(start.give_weights(model, tokenizer, names))
    observer.note(
        f"Training {network.name()} on {len(training):,} texts, vocabulary "
        f"{tokenizer.vocabulary_size:,}, {model.count_params():,} parameters"
    )
    vectors_sha256 = fingerprint_of(vectors)
    beginning = {
        **_rows_identity(config, training, chosen),
        "set of word vectors": vectors_sha256,
        "model to start from": "" if start is None else weights_sha256(start.model),
    }
    texts = [*encoded.ids, *unlabelled_rows(config, tokenizer, observer)]
    pretraining = pretrain(
        model,
        config,
        texts,
        list(held_out.ids),
        observer=observer,
        checkpoint=checkpoint,
        identity=beginning,
        resume=resume,
    )
    identity = {**_identity(config, training, chosen), **beginning}
    with distribution.scope(), tempfile.TemporaryDirectory() as folder:
        distribution.check_same(json.dumps(identity))
        fit = ClassifierFit(
            model,
            encoded,
            held_out,
            config.training,
            objective=config.objective,
            unlabelled=texts,
            observer=observer,
            checkpoint_path=distribution.from_chief(checkpoint, Path(folder), wanted=resume),
            identity=identity,
            before_batch=gatekeeper(model, config),
            distribution=distribution,
        )
        result = fit.run(resume=resume)
    if config.training.distribute != "none" or config.training.precision != "float32":
        trained_weights = model.get_weights()
        model = build()  # of one replica, in float32, as every later command expects it
        model.set_weights(trained_weights)

    observer.note("Fitting the baseline (TF-IDF + logistic regression) on the same rows")
    baseline = TfidfBaseline.fit(
        training.texts, training_labels, normalize=tokenizer.normalize, seed=seed
    )
    summary = TrainingSummary(
        config,
        data,
        training_rows=len(training),
        validation_rows=len(chosen),
        result=result,
        parameters=int(model.count_params()),
        vectors_sha256=vectors_sha256,
        pretraining=pretraining,
    )
    trained = TrainedSentiment(
        config=_with_columns(config, data),
        model=model,
        tokenizer=tokenizer,
        labels=tuple(names),
        baseline=baseline,
        history=result.history,
        fingerprints={fingerprint(text) for text in training.texts},
        verification=[row.tolist() for row in held_out.ids[:_VERIFICATION_ROWS]],
        verification_labels=held_out.labels[:_VERIFICATION_ROWS].tolist(),
        label_counts=np.bincount(training_labels, minlength=classes),
        facts=summary.facts(),
        evaluations=[],
        report=summary.report(),
        chief=distribution.chief,
    )
    trained.evaluate(chosen, split="validation")
    return trained


def _tokenizer(
    settings: TokenizerConfig,
    texts: Sequence[str],
    start: ClassifierStart | None,
    observer: TrainingObserver,
) -> Tokenizer:
    kept = None if start is None else start.tokenizer_for(settings)
    if kept is not None:
        return kept
    observer.note(f"Training a {settings.kind} tokenizer on {len(texts):,} texts")
    return train_tokenizer(texts, settings)


def _split(
    config: SentimentConfig, data: LabelledTexts, validation: LabelledTexts | None
) -> tuple[LabelledTexts, LabelledTexts]:
    if validation is not None:
        return data, validation
    training, held_out = stratified_split(
        data.labels,
        data.texts,
        share=config.training.validation_split,
        seed=config.training.seed,
    )
    return data.subset(training), data.subset(held_out)


def _report_data(
    data: LabelledTexts,
    training: LabelledTexts,
    chosen: LabelledTexts,
    validation: LabelledTexts | None,
    observer: TrainingObserver,
) -> None:
    for part in (data, *(() if validation is None else (validation,))):
        for line in (*part.notes, *shown_problems(part.problems, part.source)):
            observer.note(line)
    inside = duplicates_inside(data)
    if inside.extra_rows:
        observer.note(f"{data.source}: {inside.extra_rows:,} rows repeat another row's text")
    if inside.contradicting_texts:
        observer.note(
            f"{data.source}: {inside.contradicting_texts:,} texts occur with different labels"
        )
    if validation is not None:
        prints = {fingerprint(text) for text in training.texts}
        shared = rows_also_in(chosen, prints)
        if shared:
            observer.note(f"{chosen.source}: {shared:,} rows have a text that training has too")


def _encode(tokenizer: Tokenizer, texts: Sequence[str], labels: NDArray[np.int32]) -> EncodedTexts:
    ids = [np.asarray(row, np.int32) for row in tokenizer.encode_batch(texts)]
    return EncodedTexts(ids, labels, np.ones(len(ids), np.float32))


def _identity(
    config: SentimentConfig, training: LabelledTexts, chosen: LabelledTexts
) -> dict[str, str]:
    def digest(settings: Any, without: frozenset[str] = frozenset()) -> str:
        text = settings.model_dump_json(exclude=set(without))
        return hashlib.sha256(text.encode()).hexdigest()

    return {
        **_rows_identity(config, training, chosen),
        "network setting": digest(config.network),
        "recipe": digest(config.pretraining) + digest(config.objective) + digest(config.teacher),
        "training setting": digest(config.training, frozenset({"max_minutes"})),
    }


def _rows_identity(
    config: SentimentConfig, training: LabelledTexts, chosen: LabelledTexts
) -> dict[str, str]:
    """What the ids of the texts were made from."""
    return {
        "tokenizer setting": hashlib.sha256(
            config.tokenizer.model_dump_json().encode()
        ).hexdigest(),
        "training data": training.checksum(),
        "validation data": chosen.checksum(),
        "version of rnn-toolkit": __version__,
        "version of Keras": keras.__version__,
    }


def _with_columns(config: SentimentConfig, data: LabelledTexts) -> SentimentConfig:
    columns = data.columns
    return config.model_copy(
        update={
            "columns": ColumnsConfig(
                text=None if columns is None else columns.text,
                label=None if columns is None else columns.label,
            )
        }
    )
