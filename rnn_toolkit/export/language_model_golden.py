"""The golden rows of a language model, as the model in Keras answers them."""

from __future__ import annotations

import numpy as np

from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.bundle.language_model import Continuation, LanguageModelGoldenRow
from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.errors import VerificationError
from rnn_toolkit.export.tolerance import NO_BUNDLE, Expectation
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.generator_bundle import GoldenCheck, continuation
from rnn_toolkit.runtime.scoring import prefill_one
from rnn_toolkit.text.description import END_ID

_LOGITS, _LIKELIEST = 32, 10
_GREEDY = Continuation(length=24, temperature=0.0, top_k=0, seed=0, ids=(), text="")
_SAMPLED = Continuation(length=16, temperature=0.8, top_k=40, seed=1, ids=(), text="")
_SEEDS = 3


def golden_rows(
    reference: GeneratorPredictor, exported: GeneratorPredictor, expectation: Expectation
) -> tuple[list[LanguageModelGoldenRow], float]:
    """What the original answers to the golden prompts, once the exported model agrees.

    Args:
        reference: the original.
        exported: the exported model.
        expectation: what is asked of it.

    Returns:
        The rows, and the largest difference of a logit.

    Raises:
        VerificationError: the exported model answers otherwise.
    """
    check = GoldenCheck(exported, expectation.of_golden)
    rows = []
    for text in GOLDEN_TEXTS:
        row = _row(reference, exported, text, expectation.close)
        problems = check.problems(row)
        if problems:
            raise VerificationError(
                f"After the prompt {text[:60]!r} the exported model answers otherwise than the "
                f"model: {'; '.join(problems)}.",
                NO_BUNDLE,
            )
        rows.append(row)
    return rows, check.largest


def _row(
    reference: GeneratorPredictor, exported: GeneratorPredictor, text: str, close: float
) -> LanguageModelGoldenRow:
    context = reference.context(text)
    after, states = prefill_one(reference.model, context)
    logits = after[0]
    likeliest = np.argsort(-logits, kind="stable")[:_LIKELIEST].tolist()
    return LanguageModelGoldenRow(
        text=text,
        ids=tuple(reference.tokenizer.encode(text)),
        context=context,
        logits=tuple(_rounded(value) for value in logits[:_LOGITS]),
        top=tuple((number, _rounded(logits[number])) for number in likeliest),
        greedy=_greedy(reference, text, after, states, close),
        sampled=_sampled(reference, exported, text),
    )


def _rounded(value: float) -> float:
    return float(f"{value:.7g}")


def _greedy(
    reference: GeneratorPredictor, text: str, logits: Logits, states: States, close: float
) -> Continuation | None:
    """The likeliest continuation, up to the first choice that is a close one.

    Args:
        reference: the original.
        text: the prompt.
        logits: [1, vocabulary], after it.
        states: after it.
        close: of two logits; closer ones may change places in another runtime.
    """
    whole = continuation(reference, text, _GREEDY)
    allowed = np.ones(reference.model.vocabulary_size, bool)
    allowed[list(reference.never)] = False
    for length, chosen in enumerate((*whole.ids, END_ID)):
        second, first = np.sort(logits[0, allowed])[-2:]
        if length < _GREEDY.length and first - second < close:
            shorter = whole.model_copy(update={"length": length})
            return continuation(reference, text, shorter) if length else None
        logits, states = reference.model.step(np.asarray([chosen], np.int32), states)
    return whole


def _sampled(
    reference: GeneratorPredictor, exported: GeneratorPredictor, text: str
) -> Continuation:
    """A drawn continuation; a seed that draws a number on the border of two ids is left out."""
    for seed in range(_SAMPLED.seed, _SAMPLED.seed + _SEEDS):
        found = continuation(reference, text, _SAMPLED.model_copy(update={"seed": seed}))
        if continuation(exported, text, found) == found:
            break
    return found
