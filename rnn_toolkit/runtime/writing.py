"""The three ways to write a text: sampled, as a stream, by beam search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnn_toolkit.decoding.beam import beam_search
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.rules import Rules
from rnn_toolkit.decoding.sampling import Draw, Drawn, sample
from rnn_toolkit.decoding.step import StepModel, take
from rnn_toolkit.decoding.stopping import Decode, Ended, GrowingText, StopStrings
from rnn_toolkit.runtime.scoring import prefill_one

# A decoder looks back no further than this many ids to join a new one.
_JOINING_IDS = 16


@dataclass(frozen=True)
class Generated:
    """One text that a model wrote.

    Args:
        text: the new text, without the stop string.
        full_text: prompt and new text.
        ids: the new ids, without the end mark; those of a stop string are among them.
        ended: why the text ended.
        log_probability: natural logarithm of the probability that the model itself, without
            options, gives to what it wrote, an end mark included.
        score: by which a beam search ranks; elsewhere the log-probability.
        seed: gives the same text again; None for a beam search, which draws nothing.
        notices: what a reader should know, as sentences.
    """

    text: str
    full_text: str
    ids: tuple[int, ...]
    ended: Ended
    log_probability: float
    score: float
    seed: int | None
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """A prompt and options, made ready.

    Args:
        prompt: the text that is gone on with.
        context: the ids that the model reads first, at least one.
        decode: ids to text.
        options: validated.
        seed: of the random numbers.
        rules: what may come next.
        notices: what a reader should know.
    """

    prompt: str
    context: tuple[int, ...]
    decode: Decode
    options: SamplingOptions
    seed: int
    rules: Rules
    notices: tuple[str, ...]

    def growing(self) -> GrowingText:
        """A text without new ids yet."""
        return growing_text(self.decode, self.prompt, self.context, self.options.stop)


def growing_text(
    decode: Decode, prompt: str, context: Sequence[int], stops: Sequence[str] = ()
) -> GrowingText:
    """A text that goes on with a prompt.

    Args:
        decode: ids to text.
        prompt: the text before it.
        context: the ids before it.
        stops: texts that end it.
    """
    # After a space of the prompt's own, no token needs another one.
    before = () if prompt[-1:].isspace() else context[-_JOINING_IDS:]
    return GrowingText(decode, stops=stops, context=before)


def text_of(decode: Decode, ids: Sequence[int], prompt: str, context: Sequence[int]) -> str:
    """The text of ids that go on with a prompt."""
    growing = growing_text(decode, prompt, context)
    for number in ids:
        growing.add(number)
    growing.finish()
    return growing.text


def write_samples(model: StepModel, request: Request, samples: int) -> list[Generated]:
    """Several samples at once."""
    texts = [request.growing() for _ in range(samples)]
    drawn: list[list[Drawn]] = [[] for _ in range(samples)]
    for items in _steps(model, request, texts):
        for item in items:
            drawn[item.sample].append(item)
    return [_generated(request, text, items) for text, items in zip(texts, drawn, strict=True)]


def write_stream(model: StepModel, request: Request) -> Iterator[str]:
    """One sample, in pieces that will not change any more; joined they are its text."""
    text = request.growing()
    for _ in _steps(model, request, [text]):
        if piece := text.news():
            yield piece
    text.finish()
    if piece := text.news(last=True):
        yield piece


def write_by_search(model: StepModel, request: Request) -> list[Generated]:
    """The n best answers of a beam search, best first."""
    options = request.options
    stops = StopStrings(options.stop)

    def stopped(ids: tuple[int, ...]) -> bool:
        return bool(options.stop) and stops.find(request.decode(ids)) is not None

    logits, states = prefill_one(model, request.context)
    found = beam_search(
        logits,
        states,
        model.step,
        rules=request.rules,
        end_id=request.rules.end_id,
        width=options.beam,
        length=options.length,
        n_best=options.n_best,
        length_penalty=options.length_penalty,
        stopped=stopped,
    )
    answers = []
    for hypothesis in found:
        text = request.growing()
        for number in hypothesis.ids:
            text.add(number)
        text.finish()
        answers.append(
            Generated(
                text=text.text,
                full_text=request.prompt + text.text,
                ids=hypothesis.ids,
                ended="stop string" if text.stopped else hypothesis.ended,
                log_probability=hypothesis.log_probability,
                score=hypothesis.score,
                seed=None,
                notices=request.notices,
            )
        )
    return answers


def _steps(
    model: StepModel, request: Request, texts: Sequence[GrowingText]
) -> Iterator[list[Drawn]]:
    """The sampling loop; the texts grow with it."""

    def stopped(item: Drawn) -> bool:
        text = texts[item.sample]
        text.add(item.id, may_stop=item.may_end)
        return text.stopped

    logits, states = prefill_one(model, request.context)
    return sample(
        np.repeat(logits, len(texts), axis=0),
        take(states, [0] * len(texts)),
        model.step,
        rules=request.rules,
        choose=Draw(request.options, len(texts), seed=request.seed),
        length=request.options.length,
        stopped=stopped,
    )


def _generated(request: Request, text: GrowingText, drawn: Sequence[Drawn]) -> Generated:
    text.finish()
    log_probability = sum(item.log_probability for item in drawn)
    ended = drawn[-1].ended or "length"
    return Generated(
        text=text.text,
        full_text=request.prompt + text.text,
        ids=tuple(item.id for item in drawn if item.ended != "end mark"),
        ended="stop string" if text.stopped else ended,
        log_probability=log_probability,
        score=log_probability,
        seed=request.seed,
        notices=request.notices,
    )
