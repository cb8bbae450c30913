"""A translation model's bundle: its predictor, and the check of its golden rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.bundle.golden import GOLDEN_NAME, read_golden
from rnn_toolkit.bundle.translation import TranslationGoldenRow, TranslationManifest
from rnn_toolkit.config import TranslationTokenizerConfig
from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.runtime.encoder_decoder import BundleEncoderDecoder
from rnn_toolkit.runtime.findings import GoldenReport
from rnn_toolkit.runtime.signatures import SignatureModel
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.text.description import BEGIN_ID, END_ID
from rnn_toolkit.text.side_tokenizers import SideTokenizers

CLOSE = 1e-3
"""Of two logits: closer ones may change places on another processor."""


def translator_predictor(
    directory: Path, manifest: TranslationManifest, model: SignatureModel
) -> TranslatorPredictor:
    """Tokenizers and model of a bundle, put together."""
    return TranslatorPredictor(
        tokenizers_of(directory, manifest),
        bundle_steps(manifest, model),
        defaults=TranslationOptions(**manifest.decoding.model_dump()),
    )


def tokenizers_of(directory: Path, manifest: TranslationManifest) -> SideTokenizers:
    """The tokenizers of a bundle."""
    source, target = manifest.source_tokenizer, manifest.tokenizer
    return SideTokenizers.from_directory(
        directory,
        TranslationTokenizerConfig(
            source=source.kind,
            target=target.kind,
            shared=manifest.shared_vocabulary,
            maximum_length=source.maximum_length,
        ),
    )


def bundle_steps(manifest: TranslationManifest, model: SignatureModel) -> BundleEncoderDecoder:
    """The signatures of a bundle behind the protocol of decoding."""
    states = [state.input for state in manifest.states]
    return BundleEncoderDecoder(
        model,
        inputs=[*manifest.passed_on, *states],
        states=states,
        vocabulary_size=manifest.vocabulary_size,
    )


def check_translator(
    directory: Path, manifest: TranslationManifest, model: SignatureModel, tolerance: float
) -> GoldenReport:
    """Tokenizes every golden text again, and translates it as before.

    Args:
        directory: of the bundle.
        manifest: of the bundle.
        model: of the bundle.
        tolerance: see `TranslationGoldenCheck`.
    """
    predictor = translator_predictor(directory, manifest, model)
    rows = read_golden(directory / GOLDEN_NAME, TranslationGoldenRow)
    check = TranslationGoldenCheck(predictor, tolerance)
    problems = [
        f"golden row {number}: {problem}"
        for number, row in enumerate(rows, start=1)
        for problem in check.problems(row)
    ]
    milliseconds = 1000 * check.seconds / max(check.texts, 1)
    return GoldenReport(len(rows), check.largest, milliseconds, "text", tuple(problems))


@dataclass
class TranslationGoldenCheck:
    """Compares a predictor with golden rows, one after another.

    Args:
        predictor: what is checked.
        tolerance: the largest allowed difference of a logit (where logits are larger than 1,
            as a share of the largest) or of an attention weight.
    """

    predictor: TranslatorPredictor
    tolerance: float
    largest: float = 0.0
    seconds: float = 0.0
    texts: int = 0

    def problems(self, row: TranslationGoldenRow) -> list[str]:
        """What is wrong with one row, in words."""
        if source_ids(self.predictor, row.text) != row.ids:
            return ["the tokenizer gives other ids"]
        if not row.ids:
            text = self.predictor.translate(row.text).text
            return [] if text == "" else ["a text that holds nothing has a translation"]
        began = time.perf_counter()
        found = first_step(self.predictor.model, row.ids)
        greedy = greedy_path(self.predictor, row.ids, most=len(row.greedy) + 1)
        self.seconds, self.texts = self.seconds + time.perf_counter() - began, self.texts + 1
        problems = []
        difference = _difference(found, row)
        self.largest = max(self.largest, difference)
        if not difference <= self.tolerance:  # NaN counts as wrong
            problems.append("other logits or attention")
        if greedy.ids[: len(row.greedy)] != row.greedy:
            problems.append("the likeliest translation is another")
        elif row.text_of_greedy is not None:
            text = self.predictor.tokenizers.decode_target(row.greedy)
            if text != row.text_of_greedy:
                problems.append("the ids become another text")
        return problems


def source_ids(predictor: TranslatorPredictor, text: str) -> tuple[int, ...]:
    """What the model reads of a text; nothing of one that holds nothing."""
    found = predictor.pieces(text)
    return () if found.empty else tuple(found.ids)


def first_step(
    model: EncoderDecoder, ids: Sequence[int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits [vocabulary] and attention [source ids] after the begin id."""
    source = np.asarray([ids], np.int32)
    states = model.encode(source, np.asarray([len(ids)], np.int32))
    logits, after = model.step(np.asarray([BEGIN_ID], np.int32), states)
    return logits[0], after["attention"][0]


@dataclass(frozen=True)
class GreedyPath:
    """The likeliest ids one by one, without the end.

    Args:
        ids: the path.
        safe: how many choices from the beginning were no close ones, the end included.
        ended: whether the end mark ended it.
    """

    ids: tuple[int, ...]
    safe: int
    ended: bool


def greedy_path(
    predictor: TranslatorPredictor,
    ids: Sequence[int],
    *,
    most: int | None = None,
    close: float = CLOSE,
) -> GreedyPath:
    """Translates source ids greedily.

    Args:
        predictor: what translates.
        ids: of the source.
        most: steps at most; None for the bound of the predictor's options.
        close: of two logits; closer ones may change places in another runtime.
    """
    options = predictor.options(beam=1, replace_unknown=False)
    never = sorted(predictor.never(options))
    source = np.asarray([ids], np.int32)
    states = predictor.model.encode(source, np.asarray([len(ids)], np.int32))
    bound = options.bound(len(ids))
    found: list[int] = []
    last, safe, doubtful = BEGIN_ID, 0, False
    for _ in range(bound if most is None else min(bound, most)):
        logits, states = predictor.model.step(np.asarray([last], np.int32), states)
        scores = logits[0].astype(np.float64)
        scores[never] = -np.inf
        second, first = np.sort(scores)[-2:]
        doubtful = doubtful or bool(first - second < close)
        safe += not doubtful
        last = int(scores.argmax())
        if last == END_ID:
            return GreedyPath(tuple(found), safe, True)
        found.append(last)
    return GreedyPath(tuple(found), safe, False)


def _difference(
    found: tuple[NDArray[np.float32], NDArray[np.float32]], row: TranslationGoldenRow
) -> float:
    logits, attention = found
    likeliest = [number for number, _ in row.top]
    given = np.concatenate([logits[: len(row.logits)], logits[likeliest]]).astype(np.float64)
    expected = np.asarray([*row.logits, *(value for _, value in row.top)])
    scale = max(1.0, float(np.abs(expected).max()))
    of_attention = float(np.abs(attention - np.asarray(row.attention)).max())
    return max(float(np.abs(given - expected).max()) / scale, of_attention)
