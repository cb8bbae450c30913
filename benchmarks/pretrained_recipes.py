"""How each pretrained model is trained and measured; see benchmarks/pretrained.py."""

from __future__ import annotations

import math
import os
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.language_models import Lines
from benchmarks.translation import SPLIT_SEED, TEST_PAIRS
from rnn_toolkit import SentimentClassifier, TextGenerator, Translator
from rnn_toolkit.bundle.catalogue import MeasuredQuality
from rnn_toolkit.data.generation_texts import read_generation_texts
from rnn_toolkit.data.labelled import LabelledTexts, label_ids, read_labelled
from rnn_toolkit.data.pair_split import split_pairs
from rnn_toolkit.data.parallel_text import ParallelText, read_pairs
from rnn_toolkit.evaluation.metrics import score
from rnn_toolkit.runtime.classifier import ClassifierPredictor
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.scoring import score_ids
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.tasks.generation_run import encode

LABELS = {"0": "negative", "1": "positive"}
POEMS_SEED, TEST_POEMS = 2026, 300


def data_folder() -> Path:
    """The folder of data sets."""
    return Path(os.environ["RNN_TOOLKIT_DATA"])


@dataclass(frozen=True)
class Recipe:
    """What every recipe has.

    Args:
        languages: ISO 639-1 codes.
        summary: one line that says what the model does.
        data: what it learns from.
        license: of that data, as its source states it.
        limits: sentences on what it cannot do.
        command: of the console program, that uses it.
        options: of the task, chosen on validation data and by the size of the bundle; files
            are relative to the folder of data sets.
    """

    languages: tuple[str, ...]
    summary: str
    data: str
    license: str
    limits: tuple[str, ...]
    command: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SentimentRecipe(Recipe):
    """A classifier of positive and negative texts.

    Args:
        files: training, validation (None: a part of training) and test file.
    """

    files: tuple[str, str | None, str] = ("", None, "")

    def train(self, checkpoint: Path, *, resume: bool) -> SentimentClassifier:
        """Trains on the training file."""
        training, validation, _ = self.files
        options = dict(self.options)
        if "unlabelled" in options:
            options["unlabelled"] = str(data_folder() / options["unlabelled"])
        classifier = SentimentClassifier(**options)
        return classifier.fit(
            _labelled(training),
            validation=None if validation is None else _labelled(validation),
            observer=Lines(),
            checkpoint=checkpoint,
            resume=resume,
        )

    def open(self, directory: Path) -> SentimentClassifier:
        """A model trained before; labels 0 and 1 get their names."""
        classifier = SentimentClassifier.load(directory)
        trained = classifier.trained
        trained.labels = tuple(LABELS.get(label, label) for label in trained.labels)
        return classifier

    def measure(
        self, model: SentimentClassifier, predictor: ClassifierPredictor
    ) -> tuple[MeasuredQuality, dict[str, Any]]:
        """Accuracy on the test file, read here for the first time."""
        test = _labelled(self.files[2])
        names = predictor.labels
        labels = label_ids(test.labels, names, source=test.source)
        found = score(predictor.probabilities(test.texts), labels, names)
        baseline = score(model.trained.baseline.probabilities(test.texts), labels, names)
        quality = MeasuredQuality(
            score="accuracy",
            value=round(100 * found.accuracy, 2),
            baseline="TF-IDF + logistic regression",
            baseline_value=round(100 * baseline.accuracy, 2),
            data=f"texts of {test.source}",
            rows=len(test),
        )
        more = {"macro_f1": found.macro_f1, "log_loss": found.log_loss}
        return quality, {**more, "calibration_error": found.calibration_error}


@dataclass(frozen=True)
class GenerationRecipe(Recipe):
    """A language model.

    Args:
        file: the text.
        poems: whether each line is a document of its own, of which some are put aside for the
            test; else the end of the text, which chooses the epoch, is also what is measured.
    """

    file: str = ""
    poems: bool = False

    def train(self, checkpoint: Path, *, resume: bool) -> TextGenerator:
        """Trains on the text."""
        return TextGenerator(**self.options).fit(
            self._poems()[0] if self.poems else data_folder() / self.file,
            observer=Lines(),
            checkpoint=checkpoint,
            resume=resume,
        )

    def open(self, directory: Path) -> TextGenerator:
        """A model trained before."""
        return TextGenerator.load(directory)

    def measure(
        self, model: TextGenerator, predictor: GeneratorPredictor
    ) -> tuple[MeasuredQuality, dict[str, Any]]:
        """Perplexity on poems or text that the weights were not fitted to."""
        trained = model.trained
        if self.poems:
            texts = read_generation_texts(self._poems()[1], model.config.text)
            part, name = texts.pieces, f"poems of {self.file}"
        else:
            texts = read_generation_texts(data_folder() / self.file, model.config.text)
            share, seed = trained.config.training.validation_split, trained.config.training.seed
            _, part = texts.split(share, texts.count(), seed)
            name = f"characters at the end of {self.file}"
        stream = encode(trained.tokenizer, texts, part)
        starts = [0] if stream.starts is None else stream.starts.tolist()
        rows = [
            stream.ids[first:last].tolist()
            for first, last in zip(starts, [*starts[1:], len(stream)], strict=True)
        ]
        found = [
            value for row in rows for value in score_ids(predictor.model, row[:1], [row[1:]])[0]
        ]
        judged = trained.judge.judge(stream, data=name, sha256=texts.count().sha256, split="test")
        baseline = judged.baseline
        quality = MeasuredQuality(
            score="perplexity",
            value=round(math.exp(-math.fsum(found) / len(found)), 2),
            baseline=baseline.name,
            baseline_value=round(baseline.scores.perplexity, 2),
            data=name,
            rows=len(rows) if self.poems else len(found),
        )
        return quality, {
            "tokens": len(found),
            "float32": judged.model.model_dump(),
            "beats_baseline": quality.value < quality.baseline_value,
        }

    def _poems(self) -> tuple[list[str], list[str]]:
        """Training and test poems; those that occur twice count once."""
        lines = (data_folder() / self.file).read_text("utf-8").split("\n")
        poems = list(dict.fromkeys(line for line in lines if line))
        random.Random(POEMS_SEED).shuffle(poems)
        return poems[TEST_POEMS:], poems[:TEST_POEMS]


@dataclass(frozen=True)
class TranslationRecipe(Recipe):
    """A translation model; 2,000 pairs whose sources occur nowhere else are held out first."""

    file: str = ""

    def train(self, checkpoint: Path, *, resume: bool) -> Translator:
        """Trains on all other pairs."""
        return Translator(**self.options).fit(
            self._pairs()[0], observer=Lines(), checkpoint=checkpoint, resume=resume
        )

    def open(self, directory: Path) -> Translator:
        """A model trained before."""
        return Translator.load(directory)

    def measure(
        self, model: Translator, predictor: TranslatorPredictor
    ) -> tuple[MeasuredQuality, dict[str, Any]]:
        """BLEU of the pairs held out."""
        test = self._pairs()[1]
        found = model.trained.evaluate(test, split="test", predictor=predictor)
        best = found.strongest_baseline
        quality = MeasuredQuality(
            score="BLEU",
            value=round(found.model.bleu, 2),
            baseline=best.name,
            baseline_value=round(best.scores.bleu, 2),
            data=f"pairs of {self.file}",
            rows=len(test),
        )
        return quality, {
            "chrf": found.model.chrf,
            "signature": found.model.bleu_signature,
            "decoding": found.decoding,
        }

    def _pairs(self) -> tuple[ParallelText, ParallelText]:
        every = read_pairs(data_folder() / self.file, source_column="1", target_column="2")
        return split_pairs(every, TEST_PAIRS / len(every), SPLIT_SEED, at_most=TEST_PAIRS)


def _labelled(file: str) -> LabelledTexts:
    found = read_labelled(data_folder() / file)
    return replace(found, labels=[LABELS[label] for label in found.labels], source=file)


AnyRecipe = SentimentRecipe | GenerationRecipe | TranslationRecipe

_ONLY_THAT = "It gives an answer to any text, meaningful or not."
_AS_TRUE = "What it writes is made up of what its text makes likely; it knows no facts."

RECIPES: dict[str, AnyRecipe] = {
    "sentiment-en": SentimentRecipe(
        languages=("en",),
        summary="tells positive from negative English reviews",
        data="IMDB Large Movie Review Dataset (Maas et al. 2011), 25,000 labelled reviews",
        license="none stated; the authors ask to cite Maas et al., ACL 2011",
        limits=(
            "It knows film reviews. Other texts, irony, and short ones such as messages are "
            "judged less reliably; there is no class for neutral.",
            "123 texts stand in both training and test, as published.",
            _ONLY_THAT,
        ),
        command='rnn-toolkit predict sentiment-en "a wonderful film"',
        files=("imdb/train.csv.gz", None, "imdb/test.csv.gz"),
    ),
    "sentiment-zh": SentimentRecipe(
        languages=("zh",),
        summary="tells positive from negative Chinese reviews",
        data="ChnSentiCorp, 9,600 reviews of hotels, books and laptops",
        license="Apache-2.0 (of the repository ymcui/Chinese-BERT-wwm)",
        limits=(
            "It knows reviews of hotels, books and laptops in simplified characters; there is no "
            "class for neutral.",
            "330 of the 1,200 test texts also stand in training, as published, which flatters "
            "every method.",
            _ONLY_THAT,
        ),
        command='rnn-toolkit predict sentiment-zh "房间很干净，服务也好"',
        files=(
            "zh_sentiment/chnsenticorp.train.tsv",
            "zh_sentiment/chnsenticorp.dev.tsv",
            "zh_sentiment/chnsenticorp.test.tsv",
        ),
    ),
    "poems-zh": GenerationRecipe(
        languages=("zh",),
        summary="writes Chinese quatrains of five characters a line",
        data="3,700 regular quatrains of the Complete Tang poems",
        license="MIT (of the repository chinese-poetry/chinese-poetry); the poems are in the "
        "public domain",
        limits=(
            "It writes traditional characters and four lines of five; of tones and rhyme it "
            "knows what few examples show.",
            _AS_TRUE,
        ),
        command="rnn-toolkit generate poems-zh --temperature 0.8",
        options={
            "layout": "lines",
            "units": 512,
            "embedding_size": 128,
            "tied": True,
            "output_dropout": 0.5,
            "input_dropout": 0.3,
            "batch_size": 32,
            "learning_rate": 3e-3,
            "epochs": 20,
            "max_minutes": 6,
        },
        file="zh_poetry/tang_quatrain5.txt",
        poems=True,
    ),
    "shakespeare": GenerationRecipe(
        languages=("en",),
        summary="writes scenes in the manner of Shakespeare, letter by letter",
        data="Tiny Shakespeare, 1.1 million characters of his plays",
        license="MIT (of the repository karpathy/char-rnn); the text is in the public domain",
        limits=(
            "It spells well and makes little sense beyond a line; speakers and plots are mixed.",
            "The text that it is measured on is the one that chose the epoch.",
            _AS_TRUE,
        ),
        command='rnn-toolkit generate shakespeare --prompt "ROMEO:"',
        options={
            "units": 384,
            "batch_size": 32,
            "learning_rate": 3e-3,
            "output_dropout": 0.2,
            "epochs": 20,
            "max_minutes": 14,
        },
        file="tinyshakespeare/input.txt",
    ),
    "english-french": TranslationRecipe(
        languages=("en", "fr"),
        summary="translates short English sentences into French",
        data="Tatoeba, 165,000 pairs of sentences (manythings.org/anki)",
        license="CC-BY 2.0; attribution: www.manythings.org/anki and tatoeba.org",
        limits=(
            "It knows everyday sentences of a few words; long ones, names, numbers and written "
            "style fail, just as fluently.",
            _ONLY_THAT,
        ),
        command='rnn-toolkit translate english-french "We often watch TV."',
        options={"units": 192, "embedding_size": 192, "epochs": 3},
        file="tatoeba/fra.txt.gz",
    ),
}
