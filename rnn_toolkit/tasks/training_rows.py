"""Labelled texts as the rows that a classifier trains on and is chosen by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit._version import __version__
from rnn_toolkit.config import SentimentConfig, TokenizerConfig
from rnn_toolkit.data.batching import EncodedTexts, balanced_weights
from rnn_toolkit.data.checks import duplicates_inside, fingerprint, rows_also_in, shown_problems
from rnn_toolkit.data.labelled import (
    LabelledTexts,
    check_class_count,
    label_ids,
    label_names,
    stratified_split,
)
from rnn_toolkit.data.spool import encode_texts
from rnn_toolkit.tasks.beyond_labels import with_teacher
from rnn_toolkit.tasks.pretrained_start import ClassifierStart
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.text.train_tokenizer import train_tokenizer
from rnn_toolkit.training.observer import TrainingObserver


@dataclass(frozen=True)
class TrainingRows:
    """What a classifier learns from, as texts and as ids.

    Args:
        training: the labelled texts to learn from.
        chosen: those that choose the best epoch.
        labels: the classes.
        tokenizer: made the ids.
        own: the training texts with their labels.
        learnt: the rows to learn, which a teacher may have added to.
        held_out: the validation rows.
    """

    training: LabelledTexts
    chosen: LabelledTexts
    labels: tuple[str, ...]
    tokenizer: Tokenizer
    own: EncodedTexts
    learnt: EncodedTexts
    held_out: EncodedTexts

    @property
    def label_counts(self) -> NDArray[np.int64]:
        """How many training texts each class has."""
        return np.bincount(self.own.labels, minlength=len(self.labels))


def split_rows(
    config: SentimentConfig,
    data: LabelledTexts,
    validation: LabelledTexts | None,
    observer: TrainingObserver,
) -> tuple[LabelledTexts, LabelledTexts]:
    """Training and validation texts, after saying what a person should know of them."""
    check_class_count(label_names(data.labels), len(data))
    training, chosen = _split(config, data, validation)
    _report_data(data, training, chosen, validation, observer)
    return training, chosen


def encode_rows(
    config: SentimentConfig,
    training: LabelledTexts,
    chosen: LabelledTexts,
    labels: Sequence[str],
    start: ClassifierStart | None,
    observer: TrainingObserver,
) -> TrainingRows:
    """Trains the tokenizer, or takes that of an earlier model, and turns texts into ids."""
    tokenizer = _tokenizer(config.tokenizer, training.texts, start, observer)
    own = _encode(tokenizer, training, labels)
    if config.training.class_weights == "balanced":
        own = EncodedTexts(own.ids, own.labels, balanced_weights(own.labels, len(labels)))
    return TrainingRows(
        training,
        chosen,
        tuple(labels),
        tokenizer,
        own,
        with_teacher(config, own, training, chosen, labels, tokenizer, observer),
        _encode(tokenizer, chosen, labels),
    )


def rows_identity(
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


def _encode(tokenizer: Tokenizer, texts: LabelledTexts, labels: Sequence[str]) -> EncodedTexts:
    ids = encode_texts(tokenizer, texts.texts)
    of_rows = label_ids(texts.labels, labels, source=texts.source)
    return EncodedTexts(ids, of_rows, np.ones(len(ids), np.float32))
