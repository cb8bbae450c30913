"""The predictor of translation: texts in, texts with scores and alignments out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import parse_settings
from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.sampling import seed_or_new
from rnn_toolkit.decoding.stopping import Ended
from rnn_toolkit.decoding.trail import DecodedSequence
from rnn_toolkit.decoding.translating import translate_ids
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import BundleError, OptionError
from rnn_toolkit.runtime.word_alignment import (
    TextWords,
    WordAlignment,
    align_words,
    spans_of,
    words_of,
)
from rnn_toolkit.text.description import BEGIN_ID, END_ID, PAD_ID, UNKNOWN_ID
from rnn_toolkit.text.plain_line import plain_line
from rnn_toolkit.text.side_tokenizers import SideTokenizers, SourcePieces

_HALF_CHARACTER = "\ufffd"
_ONLY_FOR_DRAWS = ("temperature", "top_k", "top_p", "seed")


@dataclass(frozen=True)
class Candidate:
    """One translation of a text.

    Args:
        text: the translation.
        score: by which answers are ranked, higher is better: the log-probability over the
            length penalty, plus the coverage penalty (Wu et al., 2016, equation 14).
        log_probability: natural logarithm of the probability by the model itself, an end
            mark included.
        ended: "end mark", or "length" when the bound cut it off.
        alignment: which source words were read for each of its words.
    """

    text: str
    score: float
    log_probability: float
    ended: Ended
    alignment: WordAlignment


@dataclass(frozen=True)
class Translation:
    """A text and its translations.

    Args:
        source: the text as it was given.
        candidates: at least one, best first.
        cut: whether the text was longer than the model reads, so that its end was left out.
        seed: draws the same again; None where a search found it.
    """

    source: str
    candidates: tuple[Candidate, ...]
    cut: bool
    seed: int | None = None

    @property
    def text(self) -> str:
        """The best translation."""
        return self.candidates[0].text

    def summary(self) -> dict[str, Any]:
        """Everything as plain values, ready to be written as JSON."""
        return {
            "source": self.source,
            "cut": self.cut,
            "seed": self.seed,
            "candidates": [
                {
                    "text": candidate.text,
                    "score": candidate.score,
                    "log_probability": candidate.log_probability,
                    "ended": candidate.ended,
                    "alignment": {
                        "source": list(candidate.alignment.source),
                        "target": list(candidate.alignment.target),
                        "weights": _rounded(candidate.alignment.weights),
                    },
                }
                for candidate in self.candidates
            ],
        }


def _rounded(weights: NDArray[np.float32]) -> list[list[float]]:
    found: list[list[float]] = weights.astype(np.float64).round(4).tolist()
    return found


class TranslatorPredictor:
    """Tokenizers of both sides and a model put together.

    Args:
        tokenizers: texts to ids and back.
        model: the network, whatever runs it.
        defaults: options that hold where a call does not say otherwise.

    Raises:
        BundleError: the network does not fit the tokenizers.
    """

    def __init__(
        self,
        tokenizers: SideTokenizers,
        model: EncoderDecoder,
        *,
        defaults: TranslationOptions | None = None,
    ) -> None:
        if model.vocabulary_size < tokenizers.target_size:
            raise BundleError(
                f"The network has {model.vocabulary_size} outputs, the tokenizer of the target "
                f"{tokenizers.target_size} tokens.",
                "They belong to different models; train or export again.",
            )
        self.tokenizers = tokenizers
        self.model = model
        self.defaults = defaults or TranslationOptions()

    @overload
    def translate(
        self, texts: str, *, advanced: Callable[[int], None] = ..., **options: Any
    ) -> Translation: ...
    @overload
    def translate(
        self, texts: Sequence[str], *, advanced: Callable[[int], None] = ..., **options: Any
    ) -> list[Translation]: ...
    def translate(
        self,
        texts: str | Sequence[str],
        *,
        advanced: Callable[[int], None] = lambda done: None,
        **options: Any,
    ) -> Translation | list[Translation]:
        """Translates.

        Args:
            texts: one string, or several; an empty one has an empty translation.
            advanced: told now and then how many texts are done.
            options: see TranslationOptions.

        Returns:
            One translation for one string, a list for several.

        Raises:
            OptionError: an option is unknown or out of range, or a text is not a string.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        for number, text in enumerate(given, 1):
            if not isinstance(text, str):
                kind = type(text).__name__
                raise OptionError(f"Text {number} must be a string, not {kind}.", "Give strings.")
        asked = self.options(**options)
        pieces = [self.pieces(text) for text in given]
        to_read = [number for number, found in enumerate(pieces) if not found.empty]
        answers = translate_ids(
            self.model,
            [pieces[number].ids for number in to_read],
            asked,
            begin_id=BEGIN_ID,
            end_id=END_ID,
            never=self.never(asked),
            advanced=advanced,
        )
        found = [Translation(text, (_NOTHING,), cut=False, seed=asked.seed) for text in given]
        for number, sequences in zip(to_read, answers, strict=True):
            source = _Source(pieces[number])
            candidates = tuple(self._candidate(source, sequence) for sequence in sequences)
            found[number] = Translation(
                given[number], candidates, cut=pieces[number].cut, seed=asked.seed
            )
        return found[0] if isinstance(texts, str) else found

    def pieces(self, text: str) -> SourcePieces:
        """The tokens of a source text, tidied as the training texts were."""
        return self.tokenizers.source_pieces(plain_line(text))

    def options(self, **given: Any) -> TranslationOptions:
        """All options of a call: those given, and for the rest the defaults.

        A default that contradicts a given option gives way: whoever asks for a temperature
        wants no beam. A draw without a seed gets a new one here.

        Args:
            given: see TranslationOptions.

        Raises:
            OptionError: an option is unknown or out of range.
        """
        kept = self.defaults.model_dump(exclude_unset=True)
        if given.get("temperature") is not None:
            kept.pop("beam", None)
        elif "beam" in given:
            kept = {name: value for name, value in kept.items() if name not in _ONLY_FOR_DRAWS}
        options = parse_settings(TranslationOptions, {**kept, **given})
        seed = None if options.searches else seed_or_new(options.seed)
        return options.model_copy(update={"seed": seed})

    def never(self, options: TranslationOptions) -> set[int]:
        """Ids that are not written: unknown only where a source word can take its place.

        Args:
            options: of which `replace_unknown` matters.
        """
        target = self.tokenizers.target
        never = {*target.special_ids, *range(target.vocabulary_size, self.model.vocabulary_size)}
        never -= {END_ID}
        if target.kind == "word" and options.replace_unknown:
            never -= {UNKNOWN_ID}
        return never | {PAD_ID, BEGIN_ID}

    def _candidate(self, source: _Source, sequence: DecodedSequence) -> Candidate:
        pieces = self.tokenizers.target_pieces(sequence.ids)
        for place, number in enumerate(sequence.ids):
            if number == UNKNOWN_ID:
                pieces[place] = source.word_at(sequence.attention[place])
        text = "".join(pieces)
        alignment = align_words(source.words, words_of(text, spans_of(pieces)), sequence.attention)
        if sequence.ended == "length":
            text = text.rstrip(_HALF_CHARACTER)
        return Candidate(
            text.strip(), sequence.score, sequence.log_probability, sequence.ended, alignment
        )


_NOTHING = Candidate("", 0.0, 0.0, "end mark", WordAlignment((), (), np.zeros((0, 0), np.float32)))


class _Source:
    """A source text and its words, which are put together only once."""

    def __init__(self, pieces: SourcePieces) -> None:
        self._pieces = pieces

    @cached_property
    def words(self) -> TextWords:
        return words_of(self._pieces.text, self._pieces.spans)

    def word_at(self, attention: NDArray[np.float32]) -> str:
        """The word that was read most, with the space before it (Luong et al., 2015).

        Args:
            attention: [source tokens].
        """
        place = int((attention @ self.words.membership()).argmax())
        word, start = self.words.words[place], self.words.starts[place]
        before = self._pieces.text[:start]
        # A mark that stood close to the word before it stays close.
        close = before and not before[-1].isspace() and not word[:1].isalnum()
        return word if close else f" {word}"
