"""The rungs of the ladder; each imports its library, trains once, and tells its accuracies."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ladder_data import Part, accuracy, imdb, test_rows, training_and_validation
from rnn_toolkit.config import TokenizerConfig, TrainingConfig
from rnn_toolkit.text.description import build_normalizer
from rnn_toolkit.text.train_tokenizer import train_tokenizer
from rnn_toolkit.text.words import WordCutter

RECIPES = ("fast", "vectors", "pretrained-lm", "adversarial", "virtual-adversarial", "mixed")


@dataclass(frozen=True)
class Outcome:
    """What an entry came to.

    Args:
        minutes: from the file to the trained model, evaluation apart.
        validation_accuracy: on the rows split off.
        test_accuracy: on the test file, read once, after training.
    """

    minutes: float
    validation_accuracy: float
    test_accuracy: float


class _Clock:
    def __init__(self) -> None:
        self._began = time.perf_counter()

    def minutes(self) -> float:
        return round((time.perf_counter() - self._began) / 60, 2)


def tfidf(seed: int) -> Outcome:
    """TF-IDF of words and word pairs, and logistic regression: the toolkit's baseline."""
    from rnn_toolkit.evaluation.baselines import TfidfBaseline

    clock = _Clock()
    training, validation = training_and_validation(seed)
    clean = build_normalizer(lowercase=True, squeeze_space=False).normalize_str
    model = TfidfBaseline.fit(training.texts, training.labels, normalize=clean, seed=seed)
    minutes = clock.minutes()
    return _outcome(minutes, lambda texts: model.probabilities(texts)[:, 1], validation)


def _outcome(
    minutes: float, probabilities: Callable[[list[str]], Any], validation: Part
) -> Outcome:
    scores = [
        round(accuracy(probabilities(part.texts), part.labels), 5)
        for part in (validation, test_rows())
    ]
    return Outcome(minutes, *scores)


_FASTTEXT = """
import json, sys, time
import fasttext
folder = sys.argv[1]
began = time.perf_counter()
model = fasttext.train_supervised(
    f"{folder}/train.txt", lr=1.0, epoch=25, wordNgrams=2, thread=2, verbose=0
)
found = {"seconds": time.perf_counter() - began}
for part in ("validation", "test"):
    labels, _ = model.predict(open(f"{folder}/{part}.txt", encoding="utf-8").read().splitlines())
    found[part] = [float(label[0] == "__label__1") for label in labels]
print(json.dumps(found))
"""


def fasttext(seed: int) -> Outcome:
    """The classifier fastText (Joulin et al. 2017): word pairs, 25 epochs, rate 1, as its tutorial.

    It needs an older numpy, so it is installed into an environment of its own. Its threads race:
    a seed does not fix its answers.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        python = str(folder / "venv" / "bin" / "python")
        wanted = ["fasttext-wheel", "numpy<2"]
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
        clock = _Clock()
        training, validation = training_and_validation(seed)
        _write_lines(folder / "train.txt", training, labelled=True)
        prepared = clock.minutes()
        parts = {"validation": validation, "test": test_rows()}
        for part, rows in parts.items():
            _write_lines(folder / f"{part}.txt", rows, labelled=False)
        command = [python, "-c", _FASTTEXT, name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    scores = [round(accuracy(found[part], rows.labels), 5) for part, rows in parts.items()]
    return Outcome(round(prepared + found["seconds"] / 60, 2), *scores)


def _write_lines(path: Path, rows: Part, *, labelled: bool) -> None:
    """A text per line, its words apart, after its label where training needs it."""
    with path.open("w", encoding="utf-8") as file:
        for words, label in zip(WordCutter().cut(rows.texts), rows.labels, strict=True):
            file.write((f"__label__{label} " if labelled else "") + " ".join(words) + "\n")


def keras_tutorial(seed: int) -> Outcome:
    """The bidirectional LSTM of Keras' tutorial."""
    from benchmarks.ladder_tutorial import Tutorial

    clock = _Clock()
    training, validation = training_and_validation(seed)
    tutorial = Tutorial(training, seed)
    tutorial.fit()
    minutes = clock.minutes()
    return _outcome(minutes, lambda texts: tutorial.probabilities(tutorial.ids(texts)), validation)


def torch_twin(seed: int) -> Outcome:
    """The recurrent network of the recipe `fast`, without its linear part, in PyTorch."""
    from benchmarks import ladder_torch
    from rnn_toolkit.data.batching import EncodedTexts

    clock = _Clock()
    training, validation = training_and_validation(seed)
    tokenizer = train_tokenizer(training.texts, TokenizerConfig())

    def ids(texts: list[str]) -> list[Any]:
        return list(tokenizer.encode_rows(texts))

    encoded, held_out = (
        EncodedTexts(ids(part.texts), part.labels, np.ones(len(part.labels), np.float32))
        for part in (training, validation)
    )
    config = TrainingConfig(seed=seed).for_rows(len(encoded))
    model = ladder_torch.fit(encoded, held_out, vocabulary=tokenizer.vocabulary_size, config=config)
    minutes = clock.minutes()
    return _outcome(
        minutes, lambda texts: ladder_torch.probabilities(model, ids(texts)), validation
    )


def recipe(name: str, seed: int, keep: str = "") -> Outcome:
    """A recipe of the toolkit, by its public interface.

    Args:
        name: of the recipe.
        seed: of split, weights and order.
        keep: a folder for the pretraining, if it is to be shared, and for the model.
    """
    unlabelled = None if name == "fast" else str(imdb("unsup"))
    return _trained(name, seed, keep, recipe=name, unlabelled=unlabelled)


def network_alone(seed: int) -> Outcome:
    """The network of `fast` without its linear part, as the PyTorch twin has it."""
    return _trained("network", seed, "", pair_buckets=0)


def _trained(name: str, seed: int, keep: str, **options: Any) -> Outcome:
    """What the toolkit's own training gives; the time of its baseline is in the minutes."""
    from benchmarks.ladder_pretraining import SharedPretraining
    from rnn_toolkit import SentimentClassifier

    clock, kept = _Clock(), Path(keep) / f"seed-{seed}"
    classifier = SentimentClassifier(seed=seed, **options)
    shared = SharedPretraining(kept) if keep and classifier.config.pretraining.epochs else None
    state: dict[str, Any] = {}
    if shared is not None:
        state = {"observer": shared, "checkpoint": shared.checkpoint, "resume": shared.exists}
    classifier.fit(imdb("train"), **state)
    minutes = clock.minutes() + (shared.missing_minutes() if shared else 0.0)
    validation = classifier.trained.evaluations[0].model.accuracy
    test = classifier.evaluate(imdb("test")).model.accuracy
    if keep:
        classifier.save(kept / name)
    return Outcome(round(minutes, 2), round(validation, 5), round(test, 5))


ENTRIES: dict[str, Callable[..., Outcome]] = {
    "TF-IDF + logistic regression": tfidf,
    "fastText": fasttext,
    "Keras tutorial BiLSTM": keras_tutorial,
    "network of fast alone": network_alone,
    "the same network in PyTorch": torch_twin,
    **{f"recipe {name}": partial(recipe, name) for name in RECIPES},
}


def run_entry(entry: str, seed: int, keep: str) -> dict[str, Any]:
    """Trains and scores one entry."""
    train = ENTRIES[entry]
    return asdict(train(seed, keep=keep) if entry.startswith("recipe ") else train(seed))
