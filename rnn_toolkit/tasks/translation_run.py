"""One training of the translation task, from pairs of texts to a judged model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from rnn_toolkit._version import __version__
from rnn_toolkit.config import TranslationConfig, TranslationTokenizerConfig
from rnn_toolkit.data.pair_lengths import length_bounds
from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.evaluation.translation import TranslationEvaluation, evaluate_translations
from rnn_toolkit.evaluation.translation_scores import corpus_bleu
from rnn_toolkit.evaluation.word_dictionary import WordDictionary
from rnn_toolkit.networks.seq2seq import build_seq2seq
from rnn_toolkit.networks.seq2seq_steps import KerasEncoderDecoder
from rnn_toolkit.report.translation_page import TranslationReport
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.tasks.pretrained_start import TranslatorStart, network_of, weights_sha256
from rnn_toolkit.tasks.translation_pairs import PreparedPairs, encode
from rnn_toolkit.tasks.translation_summary import (
    TranslationSummary,
    with_attention,
    with_evaluation,
)
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.train_side_tokenizers import train_side_tokenizers
from rnn_toolkit.training.fit_translation import TranslationFit
from rnn_toolkit.training.observer import TrainingObserver, TranslationEpoch

_BLEU_PAIRS = 500  # of the validation part, translated greedily after each epoch
_VERIFICATION_PAIRS = 256


@dataclass
class TrainedTranslator:
    """A trained translation model with all that its directory holds.

    `verification` are held-out source texts on which exports are compared, and `references`
    their translations; a directory of an older version has none.
    """

    config: TranslationConfig
    model: keras.Model
    tokenizers: SideTokenizers
    history: list[TranslationEpoch]
    dictionary: WordDictionary
    verification: list[str]
    references: list[str]
    facts: dict[str, Any]
    evaluations: list[TranslationEvaluation]
    report: TranslationReport
    predictor: TranslatorPredictor | None = field(default=None)

    def answering(self) -> TranslatorPredictor:
        """The object that translates, its network traced once."""
        if self.predictor is None:
            self.predictor = TranslatorPredictor(
                self.tokenizers, KerasEncoderDecoder(self.model), defaults=defaults_of(self.config)
            )
        return self.predictor

    def evaluate(
        self,
        pairs: ParallelText,
        *,
        split: str,
        predictor: TranslatorPredictor | None = None,
        **options: Any,
    ) -> TranslationEvaluation:
        """Judges the model on pairs beside its baselines, and takes the result up."""
        predictor = predictor or self.answering()
        asked = predictor.options(**options)
        if asked.seed is not None:  # what is recorded draws the same again
            options["seed"] = asked.seed
        evaluation = evaluate_translations(
            pairs.sources,
            pairs.targets,
            lambda texts: predictor.translate(texts, **options),
            dictionary=self.dictionary,
            data=pairs.name,
            sha256=pairs.sha256(),
            split=split,
            seed=self.config.training.seed,
            decoding=asked.sentence(),
        )
        self.evaluations = [
            *(past for past in self.evaluations if (past.split, past.data) != (split, pairs.name)),
            evaluation,
        ]
        self.report = with_evaluation(self.report, evaluation)
        return evaluation


def train_translation(
    config: TranslationConfig,
    pairs: ParallelText,
    validation: ParallelText | None,
    *,
    observer: TrainingObserver,
    checkpoint: Path | None = None,
    resume: bool = False,
    start: TranslatorStart | None = None,
) -> TrainedTranslator:
    """Learns tokenizers and network, and judges them on the held-out part.

    Args:
        config: all settings.
        pairs: to learn from.
        validation: chooses the best epoch; by default a part of `pairs` is held out.
        observer: is told about progress.
        checkpoint: a file that keeps the state after each epoch.
        resume: whether to continue from `checkpoint`.
        start: an earlier model to begin with; its vocabulary may be another.

    Raises:
        DataError: the pairs cannot be used.
        OptionError: a setting does not fit them.
    """
    if start is not None:
        network = network_of(start.network, config.network)
        config = config.model_copy(update={"network": network})
    split = PreparedPairs.of(pairs, validation, config, observer)
    tokenizers, tokenizer_config = _tokenizers(config, split.training, start, observer)
    training = encode(tokenizers, split.training)
    held_out = encode(tokenizers, split.held_out)
    config = config.model_copy(
        update={
            "tokenizer": tokenizer_config,
            "training": config.training.for_rows(len(training)),
            "bounds": length_bounds(training),
        }
    )
    model = _build(config, tokenizers)
    if start is not None:
        observer.note(start.give_weights(model, tokenizers))
    observer.note(
        f"Training on {len(training):,} pairs, {len(held_out):,} held out, vocabularies "
        f"{tokenizers.source_size:,} and {tokenizers.target_size:,}, "
        f"{model.count_params():,} parameters"
    )
    steps = KerasEncoderDecoder(model)
    predictor = TranslatorPredictor(tokenizers, steps, defaults=defaults_of(config))
    judged = slice(0, len(split.held_out.sources) if _by_bleu(config) else _BLEU_PAIRS)
    references = split.held_out.targets[judged]

    def bleu() -> float:
        found = predictor.translate(split.held_out.sources[judged], beam=1, batch_size=128)
        return corpus_bleu([entry.text for entry in found], references)

    def sample() -> str:
        source = split.held_out.sources[0]
        return f"{source}\n{predictor.translate(source, beam=1).text}"

    fit = TranslationFit(
        model,
        training,
        held_out,
        config.training,
        observer=observer,
        bleu=bleu,
        sample=sample,
        checkpoint_path=checkpoint,
        identity=_identity(config, pairs, validation, start),
    )
    result = fit.run(resume=resume)
    observer.note("Learning a word-by-word dictionary from the training pairs (IBM model 1)")
    dictionary = WordDictionary.learn(split.training.sources, split.training.targets)
    summary = TranslationSummary(config, pairs, split.notes, training, held_out, result, model)
    trained = TrainedTranslator(
        config=config,
        model=model,
        tokenizers=tokenizers,
        history=result.history,
        dictionary=dictionary,
        verification=split.held_out.sources[:_VERIFICATION_PAIRS],
        references=split.held_out.targets[:_VERIFICATION_PAIRS],
        facts=summary.facts(),
        evaluations=[],
        report=summary.report(tokenizers),
        predictor=predictor,
    )
    observer.note("Judging the model beside copying and the dictionary")
    trained.evaluate(split.held_out, split="validation")
    trained.report = with_attention(trained.report, predictor, split.held_out.sources)
    return trained


def defaults_of(config: TranslationConfig) -> TranslationOptions:
    """How a model translates unless a call says otherwise: with the bounds of its pairs."""
    return TranslationOptions(**config.bounds.model_dump())


def _by_bleu(config: TranslationConfig) -> bool:
    return config.training.choose_by == "bleu"


def _build(config: TranslationConfig, tokenizers: SideTokenizers) -> keras.Model:
    seed = config.training.seed
    keras.utils.set_random_seed(seed)
    return build_seq2seq(
        config.network,
        source_size=tokenizers.source_size,
        target_size=tokenizers.target_size,
        seed=seed,
    )


def _tokenizers(
    config: TranslationConfig,
    training: ParallelText,
    start: TranslatorStart | None,
    observer: TrainingObserver,
) -> tuple[SideTokenizers, TranslationTokenizerConfig]:
    kept = None if start is None else start.tokenizers_for(config.tokenizer)
    if start is not None and kept is not None:
        observer.note("Keeping the tokenizers of the model to start from")
        longest = {"maximum_length": config.tokenizer.maximum_length}
        return kept, start.tokenizer_settings.model_copy(update=longest)
    observer.note(f"Training tokenizers on {len(training.sources):,} pairs")
    return train_side_tokenizers(training.sources, training.targets, config.tokenizer)


def _identity(
    config: TranslationConfig,
    pairs: ParallelText,
    validation: ParallelText | None,
    start: TranslatorStart | None,
) -> dict[str, str]:
    settings = config.model_dump_json(exclude={"toolkit_version"})
    return {
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "text": pairs.sha256(),
        "validation text": "" if validation is None else validation.sha256(),
        "model to start from": "" if start is None else weights_sha256(start.model),
        "rnn-toolkit version": __version__,
        "Keras version": keras.__version__,
    }
