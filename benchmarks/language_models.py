"""Trains the language models of docs/generation.md and judges them on their test texts.

RNN_TOOLKIT_DATA=DIR python -m benchmarks.language_models ptb
RNN_TOOLKIT_DATA=DIR python -m benchmarks.language_models shakespeare --cells lstm,gru,simple_rnn

Settings were chosen on validation text; test text is read once, at the end. Each run writes its
settings, its curve and its scores to benchmarks/results/language-model-NAME-CELL.json, and the
model to saved_models/NAME-CELL. A run that was killed goes on with --resume.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from rnn_toolkit import NeuralCache, TextGenerator
from rnn_toolkit.evaluation.language_model import LanguageModelEvaluation
from rnn_toolkit.evaluation.novelty import copied_lines
from rnn_toolkit.training.checkpoint import checkpoint_beside, discard_checkpoint

RESULTS = Path(__file__).parent / "results"
POEMS = 1000


@dataclass(frozen=True)
class Run:
    """What is trained on what, and judged on what."""

    data: str
    options: dict[str, Any]
    validation: str | None = None
    test: str | None = None
    cache: NeuralCache | None = None
    dynamic_rate: float | None = None
    for_cell: dict[str, dict[str, Any]] = field(default_factory=dict)


RUNS = {
    "shakespeare": Run(
        data="tinyshakespeare/input.txt",
        options={
            "units": 384,
            "batch_size": 32,
            "learning_rate": 3e-3,
            "output_dropout": 0.2,
            "epochs": 20,
            "max_minutes": 14,
        },
        for_cell={
            "gru": {"max_minutes": 8},
            "simple_rnn": {"max_minutes": 4, "learning_rate": 1e-3},
        },
    ),
    "ptb": Run(
        data="ptb/ptb.train.txt",
        validation="ptb/ptb.valid.txt",
        test="ptb/ptb.test.txt",
        options={
            "tokenizer": "whitespace",
            "minimum_frequency": 1,
            "units": 450,
            "input_dropout": 0.4,
            "output_dropout": 0.5,
            "embedding_dropout": 0.1,
            "weight_drop": 0.4,
            "activation_penalty": 2.0,
            "slowness_penalty": 1.0,
            "batch_size": 32,
            "window": 35,
            "random_windows": True,
            "learning_rate": 3e-3,
            "softmax": "sampled",
            "softmax_samples": 1000,
            "full_softmax_from": 0.8,
            "epochs": 40,
            "max_minutes": 50,
        },
        cache=NeuralCache(size=500),
        dynamic_rate=0.3,
    ),
    "quatrains": Run(
        data="zh_poetry/tang_quatrain5.txt",
        options={
            "layout": "lines",
            "units": 512,
            "embedding_size": 128,
            "output_dropout": 0.5,
            "input_dropout": 0.3,
            "batch_size": 32,
            "learning_rate": 3e-3,
            "epochs": 25,
            "max_minutes": 8,
        },
    ),
}


class Lines:
    """Prints every epoch."""

    def note(self, text: str) -> None:
        """A line."""
        print(text, flush=True)

    def batch_ended(self, record: Any) -> None:
        """Nothing: a log has no bar."""

    def epoch_ended(self, record: Any, *, best: bool) -> None:
        """A line per epoch."""
        print(record.sentence(), "| best" if best else "", flush=True)


def train(name: str, cell: str, *, resume: bool, minutes: float | None) -> TextGenerator:
    """Trains and saves one model."""
    data = Path(os.environ["RNN_TOOLKIT_DATA"])
    run = RUNS[name]
    options = {**run.options, **run.for_cell.get(cell, {}), "cell": cell}
    if minutes is not None:
        options["max_minutes"] = minutes
    target = Path("saved_models") / f"{name}-{cell}"
    generator = TextGenerator(**options)
    generator.fit(
        data / run.data,
        validation=None if run.validation is None else data / run.validation,
        observer=Lines(),
        checkpoint=checkpoint_beside(target),
        resume=resume,
    )
    generator.save(target)
    discard_checkpoint(checkpoint_beside(target))
    return generator


def judge(name: str, generator: TextGenerator) -> list[LanguageModelEvaluation]:
    """Scores on validation, and on test with everything that helps."""
    run = RUNS[name]
    if run.test is not None:
        data = Path(os.environ["RNN_TOOLKIT_DATA"])
        generator.evaluate(data / run.test, cache=run.cache, dynamic_rate=run.dynamic_rate)
    return generator.trained.evaluations


def quatrain_form(generator: TextGenerator, temperature: float = 0.8) -> dict[str, Any]:
    """How many of 1,000 poems end by themselves and keep the form, and what they copy."""
    poems = generator.predictor().write(
        "", samples=POEMS, length=100, temperature=temperature, seed=1
    )
    form = re.compile(r"([^\W\d_]{5}\uff0c[^\W\d_]{5}\u3002){2}")
    tokenizer = generator.trained.tokenizer
    known = "\n".join(generator.trained.training.texts(tokenizer.decode))
    lines = [line for poem in poems for line in re.split("[\uff0c\u3002]", poem.text) if line]
    copied = copied_lines(lines, re.split("[\uff0c\u3002\n]", known))
    return {
        "poems": POEMS,
        "temperature": temperature,
        "seed": 1,
        "end_by_themselves": sum(poem.ended == "end mark" for poem in poems) / POEMS,
        "keep_the_form": sum(bool(form.fullmatch(poem.text)) for poem in poems) / POEMS,
        "lines": copied.lines,
        "lines_copied": copied.share,
    }


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=RUNS)
    parser.add_argument("--cells", default="lstm")
    parser.add_argument("--minutes", type=float, help="of training, in place of the run's own")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--judge-only", action="store_true", help="of a model trained before")
    chosen = parser.parse_args()
    if "RNN_TOOLKIT_DATA" not in os.environ:
        sys.exit("RNN_TOOLKIT_DATA must name the folder of data sets.")
    for cell in chosen.cells.split(","):
        target = Path("saved_models") / f"{chosen.name}-{cell}"
        if chosen.judge_only:
            generator = TextGenerator.load(target)
        else:
            generator = train(chosen.name, cell, resume=chosen.resume, minutes=chosen.minutes)
        evaluations = judge(chosen.name, generator)
        generator.save_evaluations(target)
        report = {
            "machine": machine_facts(),
            "training": generator.trained.facts,
            "settings": generator.config.model_dump(mode="json"),
            "history": [asdict(record) for record in generator.trained.history],
            "evaluations": [found.summary() for found in evaluations],
            "novelty": generator.trained.report.novelty,
            "samples": [sample.text for sample in generator.trained.report.samples],
        }
        if chosen.name == "quatrains":
            report["form"] = quatrain_form(generator)
            print(report["form"], flush=True)
        path = RESULTS / f"language-model-{chosen.name}-{cell}.json"
        text = json.dumps(report, indent=1, ensure_ascii=False)
        text = text.replace(f"{os.environ['RNN_TOOLKIT_DATA']}/", "")
        path.write_text(f"{text}\n", "utf-8")
        print(evaluations[-1].verdict(), path, sep="\n", flush=True)


if __name__ == "__main__":
    main()
