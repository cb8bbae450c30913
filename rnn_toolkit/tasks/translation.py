"""The translation task: pairs of texts to a model that translates, shows why, and ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import write_text_whole, written_whole
from rnn_toolkit.bundle.manifest import Manifest
from rnn_toolkit.config import ExportOptions, TranslationConfig, parse_settings
from rnn_toolkit.data.parallel_text import ParallelText, read_pairs, read_parallel
from rnn_toolkit.decoding.ensemble import EnsembleEncoderDecoder
from rnn_toolkit.errors import OptionError
from rnn_toolkit.evaluation.translation import TranslationEvaluation
from rnn_toolkit.runtime.translator import Translation, TranslatorPredictor
from rnn_toolkit.tasks import directory as files
from rnn_toolkit.tasks.judges import bleu_judge
from rnn_toolkit.tasks.options import translation_config
from rnn_toolkit.tasks.pretrained_opening import translator_start
from rnn_toolkit.tasks.pretrained_start import TranslatorStart
from rnn_toolkit.tasks.translation_directory import read_translator, reports, write_translator
from rnn_toolkit.tasks.translation_run import TrainedTranslator, defaults_of, train_translation
from rnn_toolkit.training.observer import SilentObserver, TrainingObserver

_COMPARED_TEXTS = 64

Pairs = str | Path | tuple[str | Path, str | Path] | list[tuple[str, str]] | ParallelText
"""A file of pairs; two parallel files as a tuple; or (source, target) texts in a list."""


class Translator:
    """Trains a recurrent encoder and decoder with attention on pairs of texts.

    Translation is one use; summaries, normalised dates, pronunciations or replies are others.

    Args:
        **options: any setting by its name, for example cell, units, attention, input_feeding,
            vocabulary_size, shared_vocabulary, source_tokenizer, target_tokenizer,
            batch_tokens, epochs, learning_rate, max_minutes, seed.

    Raises:
        OptionError: a name is unknown or a value is out of range.
    """

    def __init__(self, **options: Any) -> None:
        self.config: TranslationConfig = translation_config(options)
        self._trained: TrainedTranslator | None = None
        self._others: list[Translator] = []

    @property
    def trained(self) -> TrainedTranslator:
        """All that training made."""
        if self._trained is None:
            raise OptionError("This translator is not trained.", "Call fit first.")
        return self._trained

    def fit(
        self,
        data: Pairs,
        *,
        validation: Pairs | None = None,
        observer: TrainingObserver | None = None,
        checkpoint: Path | None = None,
        resume: bool = False,
        start: Translator | str | Path | None = None,
    ) -> Translator:
        """Learns from pairs of texts.

        Args:
            data: a file of pairs, two parallel files as a tuple, or a list of pairs.
            validation: pairs that choose the best epoch; by default a part of `data`.
            observer: is told about progress.
            checkpoint: a file that keeps the state after each epoch.
            resume: whether to continue from `checkpoint`.
            start: a model to begin with: a trained translator, a model directory, or the name of
                a pretrained model. Its vocabulary may be another; its shape holds where no
                option says otherwise.

        Returns:
            This translator, trained.

        Raises:
            DataError: the pairs cannot be used; the message names the file.
        """
        self._trained = train_translation(
            self.config,
            self._read(data),
            None if validation is None else self._read(validation),
            observer=observer or SilentObserver(),
            checkpoint=checkpoint,
            resume=resume,
            start=None if start is None else _start(start),
        )
        self.config, self._others = self._trained.config, []
        return self

    def _read(self, data: Pairs) -> ParallelText:
        columns = self.config.pairs
        if isinstance(data, ParallelText):
            return data
        if isinstance(data, (str, Path)):
            return read_pairs(
                data, source_column=columns.source_column, target_column=columns.target_column
            )
        if isinstance(data, tuple):
            if len(data) != 2:
                raise OptionError(
                    f"Two parallel files are needed, not {len(data)}.", "Give (source, target)."
                )
            return read_parallel(Path(data[0]), Path(data[1]))
        return ParallelText.of_pairs(data)

    def predictor(self) -> TranslatorPredictor:
        """The object that translates; with others, their common opinion."""
        if not self._others:
            return self.trained.answering()
        steps = [each.trained.answering().model for each in (self, *self._others)]
        return TranslatorPredictor(
            self.trained.tokenizers,
            EnsembleEncoderDecoder(steps),
            defaults=defaults_of(self.config),
        )

    def together_with(self, *others: Translator) -> Translator:
        """An ensemble: a translator that averages its probabilities with those of others.

        Args:
            others: trained on the same tokenizers, for example with other seeds.

        Raises:
            OptionError: a vocabulary is another.
        """
        mine = self.trained.tokenizers
        members = [*self._others, *(one for other in others for one in (other, *other._others))]
        for number, other in enumerate(members, start=2):
            theirs = other.trained.tokenizers
            same = all(
                getattr(mine, side).vocabulary() == getattr(theirs, side).vocabulary()
                for side in ("source", "target")
            )
            if not same:
                raise OptionError(
                    f"Model {number} of the ensemble has another vocabulary than the first.",
                    "Train all on the same pairs with the same tokenizers; seeds may differ.",
                )
        together = Translator()
        # A copy, so that scores of the ensemble never become those of its first model.
        together._trained, together.config = replace(self.trained), self.config
        together._others = members
        return together

    def translate(
        self, texts: str | Sequence[str], **options: Any
    ) -> Translation | list[Translation]:
        """Translates; see `TranslatorPredictor.translate`."""
        return self.predictor().translate(texts, **options)

    def evaluate(
        self, data: Pairs, *, split: str = "test", **options: Any
    ) -> TranslationEvaluation:
        """BLEU and chrF, beside copying the source and a word-by-word dictionary.

        Args:
            data: as for `fit`.
            split: the name of these pairs in metrics.json.
            **options: of decoding, for example beam.

        Raises:
            DataError: the pairs cannot be used.
        """
        return self.trained.evaluate(
            self._read(data), split=split, predictor=self.predictor(), **options
        )

    def save(self, path: str | Path) -> Path:
        """Writes the model directory; it appears whole or not at all."""
        if self._others:
            raise OptionError("An ensemble has no directory of its own.", "Save each model.")
        target = Path(path)
        with written_whole(target, marker=files.CONFIG_NAME) as temporary:
            write_translator(temporary, self.trained, name=target.name)
        return target

    def save_evaluations(self, path: str | Path) -> None:
        """Rewrites metrics, report and card of an existing model directory."""
        target = Path(path)
        for name, text in reports(self.trained, name=target.name).items():
            write_text_whole(target / name, text)

    @classmethod
    def load(cls, path: str | Path) -> Translator:
        """Reads a model directory; nothing in it is unpickled or run as code.

        Raises:
            ModelDirectoryError: it is missing, damaged, or a newer version wrote it.
        """
        loaded = cls()
        loaded._trained = read_translator(Path(path))
        loaded.config = loaded._trained.config
        return loaded

    def export(
        self,
        path: str | Path,
        *,
        format: str = "tflite",
        texts: Sequence[str] = (),
        progress: Callable[[str], None] = lambda text: None,
        **options: Any,
    ) -> Manifest:
        """Writes a bundle, after checking that it answers like the model.

        Args:
            path: the bundle's directory, for example bundles/de-en-tflite.
            format: savedmodel, tflite or onnx.
            texts: more source texts to compare on, beside some of the validation part.
            progress: is told what is being done.
            **options: the variant: quantize ("none", "float16", "dynamic", "int8").

        Raises:
            OptionError: there is no such format or variant.
            VerificationError: the exported file answers otherwise; no bundle is left.
        """
        from rnn_toolkit.export.table import exporter
        from rnn_toolkit.export.translation import TranslationToExport

        if self._others:
            raise OptionError("An ensemble is not exported.", "Export one model.")
        trained = self.trained
        subject = TranslationToExport(
            model=trained.model,
            tokenizers=trained.tokenizers,
            config=self.config,
            defaults=trained.answering().defaults,
            rows=[*trained.verification[:_COMPARED_TEXTS], *texts],
            judge=bleu_judge(trained.verification, trained.references),
        )
        variant = parse_settings(ExportOptions, options)
        return exporter(format).export(subject, Path(path), options=variant, progress=progress)


def _start(start: Translator | str | Path) -> TranslatorStart:
    if isinstance(start, Translator):
        found = start.trained
        settings = found.config.tokenizer
        return TranslatorStart(found.config.network, found.model, found.tokenizers, settings)
    return translator_start(start)
