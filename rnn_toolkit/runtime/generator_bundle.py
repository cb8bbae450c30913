"""A language model's bundle: its predictor, and the check of its golden rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnn_toolkit.bundle.golden import GOLDEN_NAME, read_golden
from rnn_toolkit.bundle.language_model import (
    Continuation,
    LanguageModelGoldenRow,
    LanguageModelManifest,
)
from rnn_toolkit.decoding.step import StepModel
from rnn_toolkit.runtime.findings import GoldenReport
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.steps import BundleSteps
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer


def generator_predictor(
    directory: Path, manifest: LanguageModelManifest, model: SignatureModel
) -> GeneratorPredictor:
    """Tokenizer and model of a bundle, put together."""
    labels = manifest.tokenizer.conditions
    tokenizer = GenerationTokenizer.from_file(
        directory / manifest.tokenizer.file,
        kind=manifest.tokenizer.kind,
        conditions=sorted(labels, key=labels.__getitem__),
    )
    steps = BundleSteps(
        model,
        states=[state.input for state in manifest.states],
        vocabulary_size=manifest.vocabulary_size,
    )
    defaults = manifest.decoding.model_dump()
    return GeneratorPredictor(tokenizer, steps, documents=manifest.documents, defaults=defaults)


def check_generator(
    directory: Path, manifest: LanguageModelManifest, model: SignatureModel, tolerance: float
) -> GoldenReport:
    """Tokenizes every golden prompt again, and goes on from it as before.

    Args:
        directory: of the bundle.
        manifest: of the bundle.
        model: of the bundle.
        tolerance: see `GoldenCheck`.
    """
    predictor = generator_predictor(directory, manifest, model)
    rows = read_golden(directory / GOLDEN_NAME, LanguageModelGoldenRow)
    check = GoldenCheck(predictor, tolerance)
    problems = [
        f"golden row {number}: {problem}"
        for number, row in enumerate(rows, start=1)
        for problem in check.problems(row)
    ]
    milliseconds = 1000 * check.seconds / max(check.tokens, 1)
    return GoldenReport(len(rows), check.largest, milliseconds, "token", tuple(problems))


@dataclass
class GoldenCheck:
    """Compares a predictor with golden rows, one after another.

    Args:
        predictor: what is checked.
        tolerance: the largest allowed difference of a logit; where logits are larger than 1,
            as a share of the largest.
    """

    predictor: GeneratorPredictor
    tolerance: float
    largest: float = 0.0
    seconds: float = 0.0
    tokens: int = 0

    def problems(self, row: LanguageModelGoldenRow) -> list[str]:
        """What is wrong with one row, in words."""
        found = []
        if tuple(self.predictor.tokenizer.encode(row.text)) != row.ids:
            found.append("the tokenizer gives other ids")
        if self.predictor.context(row.text) != row.context:
            found.append("the model would read other ids")
        difference = logits_difference(self.predictor.model, row)
        self.largest = max(self.largest, difference)
        if not difference <= self.tolerance:  # NaN counts as wrong
            found.append("other logits")
        for name, expected in (("likeliest", row.greedy), ("drawn", row.sampled)):
            if expected is not None and self._again(row.text, expected) != expected:
                found.append(f"the {name} text is another")
        return found

    def _again(self, prompt: str, expected: Continuation) -> Continuation:
        began = time.perf_counter()
        found = continuation(self.predictor, prompt, expected)
        self.seconds += time.perf_counter() - began
        self.tokens += len(found.ids)
        return found


def continuation(predictor: GeneratorPredictor, prompt: str, options: Continuation) -> Continuation:
    """Goes on with a prompt; `options` say how, their ids and text do not matter."""
    written = predictor.generate(
        prompt,
        length=options.length,
        temperature=options.temperature,
        top_k=options.top_k,
        seed=options.seed,
        **_PLAIN,
    )
    if isinstance(written, Sequence):
        raise TypeError("one text was asked for")
    return options.model_copy(update={"ids": written.ids, "text": written.text})


_PLAIN: dict[str, Any] = {
    "top_p": 1.0,
    "min_p": 0.0,
    "typical": 1.0,
    "repetition_penalty": 1.0,
    "no_repeat_ngram": 0,
}
"""Golden texts do not depend on a bundle's own defaults."""


def logits_difference(model: StepModel, row: LanguageModelGoldenRow) -> float:
    """How far the logits after a golden prompt are from those expected."""
    context = np.asarray([row.context], np.int32)
    logits = model.prefill(context, np.asarray([context.shape[1]], np.int32))[0][0]
    likeliest = [number for number, _ in row.top]
    found = np.concatenate([logits[: len(row.logits)], logits[likeliest]]).astype(np.float64)
    expected = np.asarray([*row.logits, *(value for _, value in row.top)])
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(found - expected).max()) / scale
