"""The generation task: texts to a language model that writes, scores and ships."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rnn_toolkit.bundle.files import write_text_whole, written_whole
from rnn_toolkit.bundle.manifest import Manifest
from rnn_toolkit.config import ExportOptions, GenerationConfig, TextLayoutConfig, parse_settings
from rnn_toolkit.data.generation_texts import GenerationTexts, read_generation_texts
from rnn_toolkit.errors import OptionError
from rnn_toolkit.evaluation.cached_steps import CachedSteps
from rnn_toolkit.evaluation.dynamic import WINDOW as ADAPTATION_WINDOW
from rnn_toolkit.evaluation.dynamic import Adaptation
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.evaluation.neural_cache import NeuralCache
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.scoring import Score
from rnn_toolkit.runtime.writing import Generated
from rnn_toolkit.tasks import directory as files
from rnn_toolkit.tasks.generation_directory import read_generator, reports, write_generator
from rnn_toolkit.tasks.generation_run import TrainedGenerator, encode, train_generation
from rnn_toolkit.tasks.judges import perplexity_judge
from rnn_toolkit.tasks.options import generation_config
from rnn_toolkit.tasks.pretrained_opening import generator_start
from rnn_toolkit.tasks.pretrained_start import GeneratorStart
from rnn_toolkit.training.observer import SilentObserver, TrainingObserver

Texts = str | Path | Sequence[str] | GenerationTexts
"""A path, or texts: each a document, unless layout is "stream"."""


class TextGenerator:
    """Trains a recurrent language model that writes texts.

    Args:
        **options: any setting by its name, for example tokenizer ("char", "subword", "word",
            "whitespace"), layout ("auto", "stream", "lines", "documents"), cell, units,
            layers, window, batch_size, epochs, learning_rate, max_minutes, seed.

    Raises:
        OptionError: a name is unknown or a value is out of range.
    """

    def __init__(self, **options: Any) -> None:
        self.config: GenerationConfig = generation_config(options)
        self._trained: TrainedGenerator | None = None

    @property
    def trained(self) -> TrainedGenerator:
        """All that training made."""
        if self._trained is None:
            raise OptionError("This generator is not trained.", "Call fit first.")
        return self._trained

    def fit(
        self,
        data: Texts,
        *,
        validation: Texts | None = None,
        observer: TrainingObserver | None = None,
        checkpoint: Path | None = None,
        resume: bool = False,
        start: TextGenerator | str | Path | None = None,
    ) -> TextGenerator:
        """Learns from texts.

        Args:
            data: a file or folder, or texts.
            validation: texts that choose the best epoch; by default a part of `data`.
            observer: is told about progress.
            checkpoint: a file that keeps the state after each epoch.
            resume: whether to continue from `checkpoint`.
            start: a model to begin with: a trained generator, a model directory, or the name of
                a pretrained model. Its vocabulary may be another; its shape holds where no
                option says otherwise.

        Returns:
            This generator, trained.

        Raises:
            DataError: the texts cannot be used; the message names the file.
        """
        texts = self._read(data)
        held_out = None if validation is None else self._read(validation, like=texts)
        self._trained = train_generation(
            self.config,
            texts,
            held_out,
            observer=observer or SilentObserver(),
            checkpoint=checkpoint,
            resume=resume,
            start=None if start is None else _start(start),
        )
        self.config = self._trained.config
        return self

    def _read(self, data: Texts, *, like: GenerationTexts | None = None) -> GenerationTexts:
        if isinstance(data, GenerationTexts):
            return data
        layout = self.config.text
        if like is not None:
            layout = _same_layout(layout, data, documents=like.documents)
        return read_generation_texts(data, layout)

    def predictor(self, *, cache: NeuralCache | None = None) -> GeneratorPredictor:
        """The object that writes.

        Args:
            cache: remembers what the text said and prefers it.
        """
        if cache is None:
            return self.trained.answering()
        steps = CachedSteps(self.trained.model, cache)
        return GeneratorPredictor(self.trained.tokenizer, steps, documents=self.config.documents)

    def adapt(self, data: Texts, *, rate: float = 0.1) -> None:
        """Learns a little from a text before writing on (dynamic evaluation).

        The change is not saved; loading the model again undoes it.

        Args:
            data: a file or folder, or texts.
            rate: of learning.
        """
        trained = self.trained
        texts = self._read_alike(data)
        stream = encode(trained.tokenizer, texts, texts.pieces)
        adaptation = Adaptation(trained.model, rate=rate)
        for window in stream.windows(1, ADAPTATION_WINDOW):
            adaptation.read(window)

    def generate(self, prompt: str = "", **options: Any) -> Generated | list[Generated]:
        """Goes on from a prompt; see `GeneratorPredictor.generate`."""
        return self.predictor().generate(prompt, **options)

    def stream(self, prompt: str = "", **options: Any) -> Iterator[str]:
        """The same, piece by piece as it is made."""
        return self.predictor().stream(prompt, **options)

    def score(
        self, texts: str | Sequence[str], *, condition: str | None = None
    ) -> Score | list[Score]:
        """How likely texts are, token by token."""
        return self.predictor().score(texts, condition=condition)

    def continuations(
        self,
        prompt: str = "",
        count: int = 10,
        *,
        condition: str | None = None,
        words: bool = False,
    ) -> list[tuple[str, float]]:
        """The most likely next tokens, or whole words, with their probabilities."""
        return self.predictor().continuations(prompt, count, condition=condition, words=words)

    def evaluate(
        self,
        data: Texts,
        *,
        split: str = "test",
        cache: NeuralCache | None = None,
        dynamic_rate: float | None = None,
    ) -> LanguageModelEvaluation:
        """Perplexity and bits per character, beside models that only count.

        Args:
            data: a file or folder, or texts.
            split: the name of these texts in metrics.json.
            cache: also scores the model with a neural cache.
            dynamic_rate: also scores the model while it goes on learning at this rate.

        Raises:
            DataError: the texts cannot be used.
        """
        return self.trained.evaluate(
            self._read_alike(data), split=split, cache=cache, dynamic_rate=dynamic_rate
        )

    def _read_alike(self, data: Texts) -> GenerationTexts:
        """More texts, read as the training texts were."""
        if isinstance(data, GenerationTexts):
            return data
        layout = _same_layout(self.config.text, data, documents=self.config.documents)
        return read_generation_texts(data, layout)

    def save(self, path: str | Path) -> Path:
        """Writes the model directory; it appears whole or not at all."""
        target = Path(path)
        with written_whole(target, marker=files.CONFIG_NAME) as temporary:
            write_generator(temporary, self.trained, name=target.name)
        return target

    def save_evaluations(self, path: str | Path) -> None:
        """Rewrites metrics, report and card of an existing model directory."""
        target = Path(path)
        for name, text in reports(self.trained, name=target.name).items():
            write_text_whole(target / name, text)

    @classmethod
    def load(cls, path: str | Path) -> TextGenerator:
        """Reads a model directory; nothing in it is unpickled or run as code.

        Raises:
            ModelDirectoryError: it is missing, damaged, or a newer version wrote it.
        """
        loaded = cls()
        loaded._trained = read_generator(Path(path))
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
            path: the bundle's directory, for example bundles/poems-tflite.
            format: savedmodel, tflite or onnx.
            texts: more texts to compare on, beside some of the validation text.
            progress: is told what is being done.
            **options: the variant: quantize ("none", "float16", "dynamic", "int8").

        Raises:
            OptionError: there is no such format or variant.
            VerificationError: the exported file answers otherwise; no bundle is left.
        """
        from rnn_toolkit.export.language_model import LanguageModelToExport
        from rnn_toolkit.export.table import exporter

        trained = self.trained
        more = [ids for ids in trained.tokenizer.encode_batch(texts) if len(ids) > 1]
        subject = LanguageModelToExport(
            model=trained.model,
            tokenizer=trained.tokenizer,
            network=self.config.network,
            documents=self.config.documents,
            rows=[*trained.verification, *more],
            judge=perplexity_judge(trained.verification),
        )
        variant = parse_settings(ExportOptions, options)
        return exporter(format).export(subject, Path(path), options=variant, progress=progress)


def _start(start: TextGenerator | str | Path) -> GeneratorStart:
    if isinstance(start, TextGenerator):
        found = start.trained
        return GeneratorStart(found.config.network, found.model, found.tokenizer)
    return generator_start(start)


def _same_layout(
    layout: TextLayoutConfig, data: str | Path | Sequence[str], *, documents: bool
) -> TextLayoutConfig:
    """How to read more texts so that they are what the training texts were."""
    if not documents:
        return layout.model_copy(update={"layout": "stream"})
    plain = isinstance(data, (str, Path)) and not Path(data).is_dir()
    if layout.layout in ("auto", "documents") and plain and layout.condition is None:
        # One plain file of a model that writes documents: a document per line.
        suffixes = {suffix.lower() for suffix in Path(str(data)).suffixes}
        if not suffixes & {".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"}:
            return layout.model_copy(update={"layout": "lines"})
    return layout
