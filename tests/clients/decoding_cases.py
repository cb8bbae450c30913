"""Decoding without a network: a table is the model, so that every language can run it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.beam import beam_search
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.rules import Rules
from rnn_toolkit.decoding.sampling import Draw, sample
from rnn_toolkit.decoding.step import Logits, States

_SIZE, _NEVER, _END = 20, (0, 1, 2), 3
_ABOUT = (
    "A language model of `vocabulary_size` ids. Its state is the id before the last one (0 at "
    "first): step(id, state) gives the logits first[id] + second[state] (float32 sums) and the "
    "new state id. A case reads `prompt` (ids, at least one) from state 0, then goes on. `never` "
    "are ids that are never written, `end_id` ends a text (null for none). options are those of "
    "SamplingOptions; draws use default_rng([seed, number of the sample]). `answers` are the "
    "samples in order, or the n best of a beam search; of equals the lower ids come first."
)
_OPTIONS: tuple[dict[str, Any], ...] = (
    {"temperature": 0.0},
    {"temperature": 0.0, "repetition_penalty": 1.5},
    {"temperature": 0.0, "no_repeat_ngram": 2},
    {"temperature": 0.0, "no_repeat_ngram": 1},
    {"temperature": 0.0, "min_length": 8},
    {},
    {"temperature": 0.7},
    {"temperature": 1.8},
    {"temperature": 1e-4},
    {"top_k": 1},
    {"top_k": 5},
    {"top_k": 500},
    {"top_p": 0.9},
    {"top_p": 0.05},
    {"min_p": 0.1},
    {"min_p": 1.0},
    {"typical": 0.7},
    {"typical": 0.1},
    {"temperature": 0.8, "top_k": 8, "top_p": 0.9, "min_p": 0.02, "typical": 0.9},
    {"repetition_penalty": 1.3, "no_repeat_ngram": 3, "min_length": 5, "temperature": 0.9},
    {"beam": 2},
    {"beam": 5, "n_best": 5},
    {"beam": 4, "n_best": 2, "length_penalty": 1.0},
    {"beam": 4, "n_best": 4, "length_penalty": 0.6, "no_repeat_ngram": 2, "min_length": 4},
    {"beam": 3, "n_best": 3, "repetition_penalty": 1.4},
)


class _Table:
    def __init__(self, first: NDArray[np.float32], second: NDArray[np.float32]) -> None:
        self.first, self.second = first, second

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """See StepModel."""
        return self.first[ids] + self.second[states["before"]], {"before": np.asarray(ids)}


def decoding_cases() -> dict[str, Any]:
    """Tables and cases with their answers."""
    generator = np.random.default_rng(3)
    first = np.round(generator.normal(scale=2.0, size=(_SIZE, _SIZE)), 3).astype(np.float32)
    first[:, 7] = first[:, 8]  # equals, of which the lower id must win
    second = np.round(generator.normal(size=(_SIZE, _SIZE)), 3).astype(np.float32)
    second[:, 7] = second[:, 8]
    table = _Table(first, second)
    prompts = ([5], [4, 9, 4, 9, 4], [19, 8, 7])
    cases = [
        _case(table, prompt, end_id, options)
        for prompt in prompts
        for end_id in (_END, None)
        for options in _OPTIONS
    ]
    return {
        "about": _ABOUT,
        "vocabulary_size": _SIZE,
        "never": _NEVER,
        "first": first.tolist(),
        "second": second.tolist(),
        "cases": cases,
    }


def _case(
    table: _Table, prompt: list[int], end_id: int | None, given: dict[str, Any]
) -> dict[str, Any]:
    options = SamplingOptions(**{"length": 14, "seed": 11, **given})
    states: States = {"before": np.zeros(1, np.int64)}
    logits = np.zeros((1, _SIZE), np.float32)
    for number in prompt:
        logits, states = table.step(np.asarray([number], np.int32), states)
    rules = Rules(
        vocabulary_size=_SIZE,
        length=options.length,
        never=_NEVER if end_id is not None else (*_NEVER, _END),
        end_id=end_id,
        min_length=options.min_length,
        prompt=prompt,
        no_repeat_ngram=options.no_repeat_ngram,
        repetition_penalty=options.repetition_penalty,
    )
    search = _searched if options.beam > 1 else _drawn
    return {
        "prompt": prompt,
        "end_id": end_id,
        "never": rules.never.tolist(),
        "options": {"length": options.length, "seed": options.seed, **given},
        "answers": search(table, logits, states, rules, options),
    }


def _drawn(
    table: _Table, logits: Logits, states: States, rules: Rules, options: SamplingOptions
) -> list[dict[str, Any]]:
    samples = 3 if options.temperature else 1
    found: list[dict[str, Any]] = [
        {"ids": [], "log_probability": 0.0, "ended": "length"} for _ in range(samples)
    ]
    for drawn in sample(
        np.repeat(logits, samples, axis=0),
        {"before": np.repeat(states["before"], samples)},
        table.step,
        rules=rules,
        choose=Draw(options, samples, seed=options.seed or 0),
        length=options.length,
    ):
        for item in drawn:
            answer = found[item.sample]
            answer["log_probability"] += item.log_probability
            answer["ended"] = item.ended or answer["ended"]
            if item.ended != "end mark":
                answer["ids"].append(item.id)
    return found


def _searched(
    table: _Table, logits: Logits, states: States, rules: Rules, options: SamplingOptions
) -> list[dict[str, Any]]:
    found = beam_search(
        logits,
        states,
        table.step,
        rules=rules,
        end_id=rules.end_id,
        width=options.beam,
        length=options.length,
        n_best=options.n_best,
        length_penalty=options.length_penalty,
    )
    return [
        {
            "ids": answer.ids,
            "score": answer.score,
            "log_probability": answer.log_probability,
            "ended": answer.ended,
        }
        for answer in found
    ]
