"""One training of the sentiment task, from labelled texts to a judged model."""

from __future__ import annotations

import hashlib
import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import ColumnsConfig, SentimentConfig
from rnn_toolkit.data.batching import with_every_class
from rnn_toolkit.data.checks import fingerprint
from rnn_toolkit.data.labelled import LabelledTexts, label_names
from rnn_toolkit.data.spool import SpooledTexts
from rnn_toolkit.evaluation.baselines import TfidfBaseline
from rnn_toolkit.networks.classifier import build_classifier
from rnn_toolkit.networks.encoder_language_model import check_can_pretrain
from rnn_toolkit.networks.precision import bfloat16_note
from rnn_toolkit.networks.stack import check_stack
from rnn_toolkit.tasks.beyond_labels import gatekeeper, pretrain, unlabelled_rows
from rnn_toolkit.tasks.pretrained_start import ClassifierStart, weights_sha256
from rnn_toolkit.tasks.starting_vectors import (
    KeptVectors,
    check_files,
    fingerprint_of,
    starting_vectors,
)
from rnn_toolkit.tasks.trained_sentiment import TrainedSentiment
from rnn_toolkit.tasks.training_rows import TrainingRows, encode_rows, rows_identity, split_rows
from rnn_toolkit.tasks.training_summary import TrainingSummary
from rnn_toolkit.training.checkpoint import FitResult
from rnn_toolkit.training.distribution import Distribution, open_distribution
from rnn_toolkit.training.fit import ClassifierFit
from rnn_toolkit.training.naive_bayes_pairs import add_naive_bayes_pairs
from rnn_toolkit.training.observer import EpochRecord, SilentObserver, TrainingObserver

_BASELINE_BYTES = 60_000_000  # of texts; twice IMDB's training file, about a gigabyte of features
BASELINE_NOTE = "Fitting the baseline (TF-IDF + logistic regression) on the same rows"
"""What is told when the network is trained."""

_VERIFICATION_ROWS = 2000


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
    _check(config, start, observer)
    labels = label_names(data.labels)
    training, chosen = split_rows(config, data, validation, observer)
    config = config.model_copy(update={"training": config.training.for_rows(len(training))})
    rows = encode_rows(config, training, chosen, labels, start, observer)
    fitting = _Fitting(config, rows, observer, checkpoint, resume, start, distribution)
    model, result = fitting.run()

    baseline = _baseline(rows, config.training.seed, observer)
    summary = TrainingSummary(
        fitting.config,
        data,
        training_rows=len(rows.learnt),
        validation_rows=len(chosen),
        result=result,
        parameters=int(model.count_params()),
        vectors_sha256=fitting.vectors_sha256,
        pretraining=fitting.pretraining,
        linear_part=fitting.linear_part,
    )
    trained = TrainedSentiment(
        config=_with_columns(fitting.config, data),
        model=model,
        tokenizer=rows.tokenizer,
        labels=rows.labels,
        baseline=baseline,
        history=result.history,
        fingerprints={fingerprint(text) for text in training.texts},
        verification=[row.tolist() for row in rows.held_out.ids[:_VERIFICATION_ROWS]],
        verification_labels=rows.held_out.labels[:_VERIFICATION_ROWS].tolist(),
        label_counts=rows.label_counts,
        facts=summary.facts(),
        evaluations=[],
        report=summary.report(),
        chief=distribution.chief,
    )
    trained.evaluate(chosen, split="validation")
    return trained


def _baseline(rows: TrainingRows, seed: int, observer: TrainingObserver) -> TfidfBaseline:
    """The linear baseline on the same rows; of a large table, on as many as memory is for."""
    texts, labels = rows.training.texts, rows.own.labels
    observer.note(BASELINE_NOTE)
    if isinstance(texts, SpooledTexts):
        chosen = with_every_class(texts.some(_BASELINE_BYTES, seed=seed), labels)
        if len(chosen) < len(texts):
            observer.note(f"The baseline learns from {len(chosen):,} of {len(texts):,} texts")
        texts, labels = texts.chosen(chosen.tolist()), labels[chosen]
    return TfidfBaseline.fit(texts, labels, normalize=rows.tokenizer.normalize, seed=seed)


def _check(
    config: SentimentConfig, start: ClassifierStart | None, observer: TrainingObserver
) -> None:
    """Raises where a training would fail, before there is anything to wait for."""
    if config.training.precision == "bfloat16" and (slow := bfloat16_note()):
        observer.note(slow)
    check_stack(config.network)
    if start is not None:
        start.check(config)
    check_files(config.vectors.file, config.unlabelled.file, config.teacher.file)
    if config.pretraining.epochs:
        check_can_pretrain(config.network)


class _Fitting:
    """The network of one training: its beginning, its pretraining, its fit."""

    def __init__(
        self,
        config: SentimentConfig,
        rows: TrainingRows,
        observer: TrainingObserver,
        checkpoint: Path | None,
        resume: bool,
        start: ClassifierStart | None,
        distribution: Distribution,
    ) -> None:
        self.config, self.rows, self.observer = config, rows, observer
        self.checkpoint, self.resume = checkpoint, resume
        self.start, self.distribution = start, distribution
        self.vectors_sha256 = self.pretraining = self.linear_part = ""
        self.made_of = rows_identity(config, rows.training, rows.chosen)

    def run(self) -> tuple[keras.Model, FitResult[EpochRecord]]:
        """The trained model, of one replica and in float32, and how the training went."""
        vectors = self._vectors()
        self.vectors_sha256 = fingerprint_of(vectors)
        config, rows = self.config, self.rows
        keras.utils.set_random_seed(config.training.seed)
        if vectors is not None:
            network = config.network.model_copy(update={"embedding_size": int(vectors.shape[1])})
            config = self.config = config.model_copy(update={"network": network})
        build = partial(
            build_classifier,
            vocabulary_size=rows.tokenizer.vocabulary_size,
            classes=len(rows.labels),
            seed=config.training.seed,
            gated=config.gated,
            stack_gated=config.stack_gated,
            perturbed=config.objective.perturbs,
        )
        alike = {**_identity(config, self.made_of), "vectors": self.vectors_sha256}
        apart = config.network.pairs_apart
        network = config.network.model_copy(update={"pair_buckets": 0} if apart else {})
        with self.distribution.scope():
            self.distribution.check_same(json.dumps(alike))  # before weights are made together
            model = build(network, vectors=vectors, precision=config.training.precision)
            if self.start is not None:
                self.observer.note(self.start.give_weights(model, rows.tokenizer, rows.labels))
        self.observer.note(
            f"Training {config.network.name()} on {len(rows.learnt):,} texts, vocabulary "
            f"{rows.tokenizer.vocabulary_size:,}, {model.count_params():,} parameters"
        )
        result = self._fit(model)
        elsewhere = config.training.distribute != "none" or config.training.precision != "float32"
        if apart or elsewhere:  # the whole network, of one replica, in float32
            trained, model = model, build(config.network)
            for layer in trained.layers:
                model.get_layer(layer.name).set_weights(layer.get_weights())
        if apart:
            if self.start is not None:
                self.start.give_pairs(model, rows.tokenizer, rows.labels)
            seed = config.training.seed
            mixture = add_naive_bayes_pairs(model, rows.own, rows.held_out, seed=seed)
            self.linear_part = mixture.sentence()
            better = mixture.validation_loss < mixture.loss_before
            self.observer.epoch_ended(mixture, best=better)
        return model, result

    def _vectors(self) -> NDArray[np.float32] | None:
        config, rows, kept = self.config, self.rows, None
        if self.checkpoint is not None:
            identity = [
                self.made_of,
                config.vectors.model_dump(),
                config.unlabelled.file,
                config.training.seed,
            ]
            place = self.checkpoint.with_name("vectors.npz")
            kept = KeptVectors(place, json.dumps(identity), self.resume)
        return starting_vectors(
            config.vectors,
            rows.tokenizer,
            rows.training.texts,
            rows.own.ids,
            unlabelled=config.unlabelled.file,
            seed=config.training.seed,
            observer=self.observer,
            kept=kept,
        )

    def _fit(self, model: keras.Model) -> FitResult[EpochRecord]:
        config, rows, start = self.config, self.rows, self.start
        beginning = {
            **self.made_of,
            "set of word vectors": self.vectors_sha256,
            "model to start from": "" if start is None else weights_sha256(start.model),
        }
        texts: list[NDArray[np.int32]] = []
        if config.pretraining.epochs or config.objective.uses_unlabelled:
            texts = [
                *rows.learnt.ids,
                *unlabelled_rows(config, rows.tokenizer, self.observer),
            ]
        self.pretraining = pretrain(
            model,
            config,
            texts,
            rows.held_out.ids,
            observer=self.observer,
            checkpoint=self.checkpoint,
            identity=beginning,
            resume=self.resume,
        )
        identity = {**_identity(config, self.made_of), **beginning}
        distribution = self.distribution
        with distribution.scope(), tempfile.TemporaryDirectory() as folder:
            place = distribution.from_chief(self.checkpoint, Path(folder), wanted=self.resume)
            fit = ClassifierFit(
                model,
                rows.learnt,
                rows.held_out,
                config.training,
                objective=config.objective,
                unlabelled=texts,
                observer=self.observer,
                checkpoint_path=place,
                identity=identity,
                before_batch=gatekeeper(model, config),
                distribution=distribution,
            )
            return fit.run(resume=self.resume)


def _identity(config: SentimentConfig, made_of: dict[str, str]) -> dict[str, str]:
    def digest(settings: Any, without: frozenset[str] = frozenset()) -> str:
        text = settings.model_dump_json(exclude=set(without))
        return hashlib.sha256(text.encode()).hexdigest()

    return {
        **made_of,
        "network setting": digest(config.network),
        "recipe": digest(config.pretraining) + digest(config.objective) + digest(config.teacher),
        "training setting": digest(config.training, frozenset({"max_minutes"})),
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
