"""What a classifier's training takes from beside its labelled rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.data.batching import EncodedTexts, smoothed_targets
from rnn_toolkit.data.checks import fingerprint
from rnn_toolkit.data.labelled import LabelledTexts
from rnn_toolkit.data.teacher import read_teacher
from rnn_toolkit.data.text_stream import open_texts
from rnn_toolkit.errors import DataError
from rnn_toolkit.networks.classifier import GATE_LAYER, STACK_GATE_LAYER
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.training.encoder_pretraining import pretrain_encoder
from rnn_toolkit.training.observer import TrainingObserver

Rows = list[NDArray[np.int32]]
_PRETRAINING_SHARE = 0.5  # of a time limit
_AFTER_PRETRAINING = (
    "pooling",
    "pair_buckets",
    "pair_fit",
    "word_dropout",
    "embedding_dropout",
    "output_dropout",
)


def unlabelled_rows(
    config: SentimentConfig, tokenizer: Tokenizer, observer: TrainingObserver
) -> Rows:
    """Ids of the unlabelled texts that are not empty.

    Raises:
        DataError: the file holds no texts.
    """
    if config.unlabelled.file is None:
        return []
    rows: Rows = []
    for file in open_texts(config.unlabelled.file):
        observer.note(f"Unlabelled texts: {file.description}")
        for batch in file.batches():
            rows += tokenizer.encode_rows(batch.texts)
    rows = [row for row in rows if len(row)]
    if not rows:
        raise DataError(f"{config.unlabelled.file} holds no texts.")
    observer.note(f"{len(rows):,} unlabelled texts")
    return rows


def with_teacher(
    config: SentimentConfig,
    training: EncodedTexts,
    texts: LabelledTexts,
    held_out: LabelledTexts,
    labels: Sequence[str],
    tokenizer: Tokenizer,
    observer: TrainingObserver,
) -> EncodedTexts:
    """The training rows with a teacher's answers as targets, and the teacher's other texts.

    Args:
        config: names the teacher.
        training: encoded rows of `texts`.
        texts: the training rows.
        held_out: rows that must stay unseen.
        labels: the classes.
        tokenizer: encodes the other texts.
        observer: is told how many rows the teacher knows.
    """
    teacher = config.teacher
    if teacher.file is None:
        return training
    answers = read_teacher(teacher.file, labels, temperature=teacher.temperature)
    known = {fingerprint(text): row for row, text in enumerate(answers.texts)}
    smoothing = config.training.label_smoothing
    targets = smoothed_targets(training.labels, len(labels), smoothing=smoothing)
    found = 0
    for row, text in enumerate(texts.texts):
        place = known.pop(fingerprint(text), None)
        if place is not None:
            found += 1
            own = (1 - teacher.weight) * targets[row]
            targets[row] = own + teacher.weight * answers.probabilities[place]
    for text in held_out.texts:
        known.pop(fingerprint(text), None)
    others = sorted(known.values())
    encoded = tokenizer.encode_rows([answers.texts[place] for place in others])
    observer.note(
        f"{teacher.file}: the teacher knows {found:,} of {len(training):,} training rows, and "
        f"{len(others):,} other texts"
    )
    if not found and not others:
        raise DataError(f"{teacher.file} has none of the training texts.", "Check its texts.")
    soft = answers.probabilities[others]
    return EncodedTexts(
        [*training.ids, *encoded],
        np.concatenate([training.labels, soft.argmax(1).astype(np.int32)]),
        np.concatenate([training.weights, np.ones(len(others), np.float32)]),
        np.concatenate([targets, soft]),
    )


def pretrain(
    model: keras.Model,
    config: SentimentConfig,
    rows: Rows,
    held_out: Sequence[NDArray[np.int32]],
    *,
    observer: TrainingObserver,
    checkpoint: Path | None,
    identity: dict[str, str],
    resume: bool,
) -> str:
    """Trains the recurrent layers as a language model, where the settings ask for it.

    Args:
        model: the classifier; its weights change.
        config: the settings.
        rows: ids of all texts, labelled and not.
        held_out: ids of the validation texts.
        observer: is told about progress.
        checkpoint: where the training that follows keeps its state.
        identity: what a checkpoint must agree with: what the rows were made from.
        resume: whether to continue.

    Returns:
        The pretraining in words, empty where there was none.
    """
    if not config.pretraining.epochs:
        return ""
    limit = config.training.max_minutes
    texts = [row for row in rows if len(row) > 1]
    observer.note(f"Pretraining on {len(texts):,} texts, {sum(map(len, texts)):,} tokens")
    result = pretrain_encoder(
        model,
        config.network,
        config.pretraining,
        texts,
        [row for row in held_out if len(row) > 1],
        gradient_clip=config.training.gradient_clip,
        max_minutes=None if limit is None else _PRETRAINING_SHARE * limit,
        seed=config.training.seed,
        observer=observer,
        checkpoint_path=None if checkpoint is None else checkpoint.with_name("pretraining.npz"),
        identity={**identity, "pretraining setting": _pretraining_sha256(config)},
        resume=resume,
    )
    perplexity = float(np.exp(result.history[result.best_epoch - 1].validation_loss))
    return f"{result.sentence()}; perplexity {perplexity:.1f} on the validation texts"


def _pretraining_sha256(config: SentimentConfig) -> str:
    """Of what pretraining depends on: not of how the classifier is trained after it."""
    parts = (
        config.pretraining.model_dump_json(),
        config.network.model_dump_json(exclude=set(_AFTER_PRETRAINING)),
        str(config.training.seed),
        str(config.training.gradient_clip),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def gatekeeper(model: keras.Model, config: SentimentConfig) -> Callable[[float], None]:
    """Opens the gates behind frozen layers when their time has come (Howard and Ruder 2018).

    Returns:
        To be called before each batch with the epochs done so far.
    """
    vectors, every = config.vectors, config.pretraining.unfreeze_every
    opening: dict[str, float | None] = {}
    if config.gated:
        opening[GATE_LAYER] = 2 * every if not vectors.gated else vectors.thaw_after
    if config.stack_gated:
        opening[STACK_GATE_LAYER] = every
    standing: dict[str, bool] = {}

    def before_batch(epochs: float) -> None:
        for name, at in opening.items():
            is_open = at is not None and epochs >= at
            if standing.get(name) != is_open:
                model.get_layer(name).set_open(is_open)
                standing[name] = is_open

    return before_batch
