"""Trains the translation models of docs/translation.md and judges them on their test pairs.

RNN_TOOLKIT_DATA=DIR python -m benchmarks.translation multi30k-de-en multi30k-en-fr ...

Settings were chosen on validation pairs; test pairs are read once, at the end. Of Tatoeba, 2,000
pairs whose sources occur nowhere else are held out first. Each run writes its settings, its
curve and its scores to benchmarks/results/translation-NAME.json, and the model to
saved_models/NAME. A run that was killed goes on with --resume.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.language_models import Lines
from benchmarks.machine import machine_facts
from rnn_toolkit import Translator
from rnn_toolkit.data.pair_filters import filter_pairs
from rnn_toolkit.data.pair_split import split_pairs
from rnn_toolkit.data.parallel_text import ParallelText, read_pairs, read_parallel
from rnn_toolkit.evaluation.word_dictionary import WordDictionary
from rnn_toolkit.tasks.translation_pairs import VALIDATION_SEED
from rnn_toolkit.training.checkpoint import checkpoint_beside, discard_checkpoint

RESULTS = Path(__file__).parent / "results"
TEST_PAIRS, SPLIT_SEED = 2000, 2026


@dataclass(frozen=True)
class Run:
    """What is trained on what.

    Args:
        folder: below the folder of data sets.
        source: language code, or the column of a file of pairs.
        target: likewise.
        file: of pairs; None for parallel files.
        options: of the translator.
    """

    folder: str
    source: str
    target: str
    file: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def pairs(self) -> tuple[ParallelText, ParallelText | None, ParallelText]:
        """Training, validation where it is given, and test."""
        folder = Path(os.environ["RNN_TOOLKIT_DATA"]) / self.folder
        if self.file is not None:
            every = read_pairs(
                folder / self.file, source_column=self.source, target_column=self.target
            )
            training, test = split_pairs(
                every, TEST_PAIRS / len(every), SPLIT_SEED, at_most=TEST_PAIRS
            )
            return training, None, test

        def part(name: str) -> ParallelText:
            return read_parallel(
                folder / f"{name}.{self.source}.gz", folder / f"{name}.{self.target}.gz"
            )

        return part("train"), part("val"), part("test_2016_flickr")


def _multi30k(source: str, target: str, **options: Any) -> Run:
    return Run("multi30k", source, target, options=options)


RUNS = {
    "multi30k-de-en": _multi30k("de", "en"),
    "multi30k-en-de": _multi30k("en", "de", max_minutes=7),
    "multi30k-fr-en": _multi30k("fr", "en", max_minutes=7),
    "multi30k-en-fr": _multi30k("en", "fr", max_minutes=7),
    "tatoeba-en-fr": Run("tatoeba", "1", "2", "fra.txt.gz", {"max_minutes": 11, "epochs": 4}),
    "tatoeba-en-zh": Run("tatoeba", "1", "2", "cmn.txt", {"max_minutes": 7}),
}


def train(name: str, *, resume: bool) -> Translator:
    """Trains and saves one model."""
    run = RUNS[name]
    training, validation, _ = run.pairs()
    target = Path("saved_models") / name
    translator = Translator(**run.options)
    translator.fit(
        training,
        validation=validation,
        observer=Lines(),
        checkpoint=checkpoint_beside(target),
        resume=resume,
    )
    translator.save(target)
    discard_checkpoint(checkpoint_beside(target))
    return translator


def load_again(name: str) -> Translator:
    """A model trained before, with its baseline learnt anew and judged on validation."""
    training, validation, _ = RUNS[name].pairs()
    translator = Translator.load(Path("saved_models") / name)
    trained = translator.trained
    if validation is None:
        kept, _ = filter_pairs(training, trained.config.pairs)
        share = trained.config.training.validation_split
        training, validation = split_pairs(kept, share, VALIDATION_SEED)
    trained.dictionary = WordDictionary.learn(training.sources, training.targets)
    translator.evaluate(validation, split="validation")
    return translator


def judge(name: str, translator: Translator) -> None:
    """Scores on the test pairs; writes model and result."""
    target = Path("saved_models") / name
    evaluation = translator.evaluate(RUNS[name].pairs()[2])
    translator.save(target)
    report = {
        "machine": machine_facts(),
        "training": translator.trained.facts,
        "settings": translator.config.model_dump(mode="json"),
        "history": [asdict(record) for record in translator.trained.history],
        "evaluations": [
            _without_texts(found.summary()) for found in translator.trained.evaluations
        ],
    }
    path = RESULTS / f"translation-{name}.json"
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(_without_texts(evaluation.summary()), indent=1), path, sep="\n", flush=True)


def _without_texts(summary: dict[str, Any]) -> dict[str, Any]:
    """The scores alone: the texts belong to the data sets."""
    return {name: value for name, value in summary.items() if name not in ("best", "worst")}


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=RUNS)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--judge-only", action="store_true", help="of models trained before")
    chosen = parser.parse_args()
    if "RNN_TOOLKIT_DATA" not in os.environ:
        sys.exit("RNN_TOOLKIT_DATA must name the folder of data sets.")
    for name in chosen.names:
        print(name, flush=True)
        translator = load_again(name) if chosen.judge_only else train(name, resume=chosen.resume)
        judge(name, translator)


if __name__ == "__main__":
    main()
