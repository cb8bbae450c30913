"""The predictor of language models: prompts in, texts and probabilities out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import parse_settings
from rnn_toolkit.decoding.beam import beam_search
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.rules import FORCED_BONUS, Rules
from rnn_toolkit.decoding.sampling import seed_or_new
from rnn_toolkit.decoding.step import StepModel, log_softmax
from rnn_toolkit.errors import BundleError, OptionError
from rnn_toolkit.runtime.phrases import (
    GenerationTokens,
    banned_sequences,
    forced_texts,
    is_word_character,
)
from rnn_toolkit.runtime.scoring import Score, prefill_one, score_ids
from rnn_toolkit.runtime.word_choices import WordChoices
from rnn_toolkit.runtime.writing import (
    Generated,
    Request,
    text_of,
    write_by_search,
    write_samples,
    write_stream,
)
from rnn_toolkit.text.description import BEGIN_ID, END_ID, UNKNOWN_ID

_LONGEST_WORD_CHOICE = 20
_NOTED_PIECES = 20


class GeneratorPredictor:
    """Tokenizer and language model put together.

    Args:
        tokenizer: text to ids and back.
        model: the network, whatever runs it.
        documents: the model was trained on documents that begin and end with marks, and can
            end a text itself; otherwise on one long text.
        defaults: options that hold where a call does not say otherwise.

    Raises:
        BundleError: the network does not fit the tokenizer.
    """

    def __init__(
        self,
        tokenizer: GenerationTokens,
        model: StepModel,
        *,
        documents: bool,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        if model.vocabulary_size < tokenizer.vocabulary_size:
            raise BundleError(
                f"The network has {model.vocabulary_size} outputs, the tokenizer "
                f"{tokenizer.vocabulary_size} tokens.",
                "They belong to different models; train or export again.",
            )
        self.tokenizer = tokenizer
        self.model = model
        self.documents = documents
        self.defaults = dict(defaults or {})

    @property
    def end_id(self) -> int | None:
        """The end mark; None where the model was trained on one long text."""
        return END_ID if self.documents else None

    @cached_property
    def never(self) -> frozenset[int]:
        """Ids that are never written."""
        spare = range(self.tokenizer.vocabulary_size, self.model.vocabulary_size)
        return frozenset({*self.tokenizer.special_ids, *spare} - {self.end_id})

    @cached_property
    def token_texts(self) -> tuple[str, ...]:
        """The text of each id alone; nothing for ids that stand for no text."""
        texts = [
            self.tokenizer.decode([number]) for number in range(self.tokenizer.vocabulary_size)
        ]
        spare = self.model.vocabulary_size - len(texts)
        return (*texts, *([""] * spare))

    def generate(
        self, prompt: str = "", *, samples: int = 1, condition: str | None = None, **options: Any
    ) -> Generated | list[Generated]:
        """Goes on with a prompt.

        Args:
            prompt: what the text begins with; may be empty.
            samples: how many texts; each is the same however many there are.
            condition: label that steers the text, for models trained with one.
            options: see SamplingOptions.

        Returns:
            One text; a list where several samples or several answers (n_best) were asked for.

        Raises:
            OptionError: an option is unknown or out of range.
        """
        found = self.write(prompt, samples=samples, condition=condition, **options)
        return found[0] if samples == 1 and options.get("n_best", 1) == 1 else found

    def write(
        self, prompt: str = "", *, samples: int = 1, condition: str | None = None, **options: Any
    ) -> list[Generated]:
        """What `generate` does, always as a list: the samples, or the answers best first."""
        if samples < 1:
            raise OptionError(f"samples must be at least 1, not {samples}.")
        request = self._request(prompt, condition, options)
        if request.options.beam == 1:
            return write_samples(self.model, request, samples)
        if samples > 1:
            raise OptionError(
                "A beam search gives the same text every time; it takes no samples.",
                "Ask for several answers with n_best, or leave out beam.",
            )
        return write_by_search(self.model, request)

    def stream(
        self, prompt: str = "", *, condition: str | None = None, **options: Any
    ) -> Iterator[str]:
        """Goes on with a prompt and gives the new text as it is made.

        Args:
            prompt: see `generate`.
            condition: see `generate`.
            options: see SamplingOptions.

        Returns:
            Pieces of whole characters; joined they are the text of `generate`.

        Raises:
            OptionError: an option is unknown or out of range.
        """
        request = self._request(prompt, condition, options)
        if request.options.beam > 1:
            return iter([write_by_search(self.model, request)[0].text])
        return write_stream(self.model, request)

    @overload
    def score(  # type: ignore[overload-overlap]
        self, texts: str, *, condition: str | None = None
    ) -> Score: ...
    @overload
    def score(self, texts: Sequence[str], *, condition: str | None = None) -> list[Score]: ...
    def score(
        self, texts: str | Sequence[str], *, condition: str | None = None
    ) -> Score | list[Score]:
        """How likely texts are, each from its beginning; an end mark is not counted.

        Args:
            texts: one string, or several.
            condition: see `generate`.

        Returns:
            One score for one string, a list for several.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        rows = [self.tokenizer.encode(text) for text in given]
        vocabulary = self.tokenizer.vocabulary()
        found = [
            Score(
                text,
                tuple(self.token_texts[number] or vocabulary[number] for number in ids),
                tuple(log_probabilities),
                tuple(self.tokenizer.unseen(text)) if UNKNOWN_ID in ids else (),
            )
            for text, ids, log_probabilities in zip(
                given, rows, score_ids(self.model, self.context("", condition), rows), strict=True
            )
        ]
        return found[0] if isinstance(texts, str) else found

    def continuations(
        self,
        prompt: str = "",
        count: int = 10,
        *,
        condition: str | None = None,
        words: bool = False,
    ) -> list[tuple[str, float]]:
        """What most likely comes next.

        Args:
            prompt: see `generate`.
            count: how many.
            condition: see `generate`.
            words: whole next words, found by a beam search, rather than next tokens.

        Returns:
            Texts with their probabilities, the likeliest first.

        Raises:
            OptionError: count is below 1.
        """
        if count < 1:
            raise OptionError(f"count must be at least 1, not {count}.")
        context = self.context(prompt, condition)
        logits, states = prefill_one(self.model, context)
        if not words:
            return self._next_tokens(logits[0], count)
        found = beam_search(
            logits,
            states,
            self.model.step,
            rules=WordChoices(
                self.token_texts, never=self.never, single=self.tokenizer.kind == "whitespace"
            ),
            end_id=END_ID,
            width=3 * count,
            n_best=2 * count,
            length=_LONGEST_WORD_CHOICE,
        )
        merged: dict[str, float] = {}  # subwords can spell a word in several ways
        for answer in found:
            text = text_of(self.tokenizer.decode, answer.ids, prompt, context)
            merged[text] = merged.get(text, 0.0) + math.exp(answer.score)
        merged.pop("", None)
        return sorted(merged.items(), key=lambda item: -item[1])[:count]

    def notices(self, prompt: str = "", *, condition: str | None = None) -> list[str]:
        """What a reader of the answers should know about this prompt, as sentences."""
        found = []
        unseen = self.tokenizer.unseen(prompt)
        if unseen:
            shown = ", ".join(map(repr, unseen[:_NOTED_PIECES]))
            more = f" and {len(unseen) - _NOTED_PIECES} more" if len(unseen) > _NOTED_PIECES else ""
            found.append(
                f"The model has never seen these parts of the prompt and reads each as unknown: "
                f"{shown}{more}."
            )
        if self.documents and self.tokenizer.conditions and condition is None:
            chosen = self.tokenizer.conditions[0]
            found.append(f"No condition was given; the text is written under {chosen!r}.")
        return found

    def _request(self, prompt: str, condition: str | None, given: dict[str, Any]) -> Request:
        options = parse_settings(SamplingOptions, {**self.defaults, **given})
        context = self.context(prompt, condition)
        banned = banned_sequences(self.tokenizer, options.banned)
        forced = forced_texts(self.tokenizer, options.forced, banned)
        rules = Rules(
            vocabulary_size=self.model.vocabulary_size,
            length=options.length,
            never=self.never,
            end_id=self.end_id,
            min_length=options.min_length,
            prompt=context,
            banned=[ids for variants in banned.values() for ids in variants],
            forced=forced,
            boundary=self._word_boundaries() if forced else (),
            no_repeat_ngram=options.no_repeat_ngram,
            repetition_penalty=options.repetition_penalty,
            # In a beam search a bonus would count as probability.
            forced_bonus=FORCED_BONUS if options.beam == 1 else 0.0,
        )
        return Request(
            prompt=prompt,
            context=context,
            decode=self.tokenizer.decode,
            options=options,
            seed=seed_or_new(options.seed),
            rules=rules,
            notices=tuple(self.notices(prompt, condition=condition)),
        )

    def _next_tokens(self, logits: NDArray[np.float32], count: int) -> list[tuple[str, float]]:
        probabilities = np.exp(log_softmax(logits))
        vocabulary = self.tokenizer.vocabulary()
        order = np.argsort(-probabilities, kind="stable").tolist()
        likeliest = [best for best in order if best != END_ID and best not in self.never][:count]
        return [
            (_shown(self.token_texts[best]) or vocabulary[best], float(probabilities[best]))
            for best in likeliest
        ]

    def context(self, prompt: str = "", condition: str | None = None) -> tuple[int, ...]:
        """The ids that the model reads before the new ones; at least one.

        Args:
            prompt: see `generate`.
            condition: see `generate`.
        """
        ids = self.tokenizer.encode(prompt)
        if self.documents:
            label = condition
            if label is None and self.tokenizer.conditions:
                label = self.tokenizer.conditions[0]
            chosen = [] if label is None else [self.tokenizer.condition_id(label)]
            return (BEGIN_ID, *chosen, *ids)
        if condition is not None:
            raise OptionError("This model was trained without a condition.", "Leave it out.")
        if ids:
            return tuple(ids)
        line_end = self.tokenizer.encode("\n")
        if line_end and UNKNOWN_ID not in line_end:
            return tuple(line_end)
        special = set(self.tokenizer.special_ids)
        return (next(n for n in range(self.tokenizer.vocabulary_size) if n not in special),)

    def _word_boundaries(self) -> set[int]:
        return {
            number
            for number, text in enumerate(self.token_texts)
            if not text or not (is_word_character(text[-1]) or text[-1] == "\ufffd")
        }


def _shown(text: str) -> str:
    """The text of a token; nothing when it holds half a character."""
    return "" if "\ufffd" in text else text
