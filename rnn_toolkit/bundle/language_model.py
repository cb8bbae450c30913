"""The manifest and the golden rows of a language model's bundle."""

from __future__ import annotations

from typing import Literal

from rnn_toolkit.bundle.manifest import Facts, Manifest, Measured, TokenizerSpec
from rnn_toolkit.config import GenerationTokenizerKind, LanguageModelConfig, Settings


class GenerationTokenizerSpec(TokenizerSpec):
    """What a device needs to know beside tokenizer.json.

    Args:
        joins: what stands between two tokens when ids become text.
        byte_level: whether a token is a run of bytes and may hold half a character.
        conditions: the ids of the labels that can steer a text.
    """

    kind: GenerationTokenizerKind
    begin_id: int
    end_id: int
    vocabulary_file: str = "vocab.json"
    joins: str
    byte_level: bool
    conditions: dict[str, int]


class StateSpec(Settings):
    """A state: an input of `step`, and an output of `prefill` and of `step`."""

    input: str
    output: str
    dtype: str
    shape: tuple[int | None, ...]
    begins: Literal["zeros"] = "zeros"


class PromptSpec(Settings):
    """What the model reads before it writes.

    Args:
        before: ids before those of the prompt, the first label among them where there are
            labels; another label's id takes its place.
        empty: ids instead of an empty prompt, for a model that knows no beginning.
    """

    before: tuple[int, ...]
    empty: tuple[int, ...]


class StopSpec(Settings):
    """When a text is over, and what is never written.

    Args:
        end_id: the id that ends a text; None for a model that cannot end one.
        maximum_tokens: where to stop at the latest, unless the app says otherwise.
        never: ids whose logits do not count.
    """

    end_id: int | None
    maximum_tokens: int
    never: tuple[int, ...]


class DecodingDefaults(Settings):
    """How ids are chosen unless the app says otherwise, by the names of the options."""

    length: int
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    typical: float
    repetition_penalty: float
    no_repeat_ngram: int


class LanguageModelMeasured(Measured):
    """How the exported language model answered beside the original."""

    texts: int
    tokens: int
    milliseconds_per_token: float
    prefill_milliseconds: float
    prefill_tokens: int

    @property
    def milliseconds(self) -> float:
        """See Measured."""
        return self.milliseconds_per_token

    def facts(self) -> Facts:
        """See Measured."""
        return [
            ("compared on", f"{self.tokens:,} tokens of {self.texts:,} texts"),
            *super().facts(),
            *([("written texts", "the same")] if self.exact_file is None else []),
            ("one token", f"{self.milliseconds_per_token:.3f} ms, one at a time, median"),
            (
                f"a prompt of {self.prefill_tokens} tokens",
                f"{self.prefill_milliseconds:.2f} ms, median",
            ),
        ]


class LanguageModelManifest(Manifest):
    """The description of a language model's bundle: ids in, logits of the next id out."""

    network: LanguageModelConfig
    output: Literal["logits"] = "logits"
    documents: bool
    vocabulary_size: int
    tokenizer: GenerationTokenizerSpec
    states: tuple[StateSpec, ...]
    prompt: PromptSpec
    decoding: DecodingDefaults
    stop: StopSpec
    measured: LanguageModelMeasured | None = None

    def task_facts(self) -> Facts:
        """What it writes, network and tokenizer."""
        writes = "documents, which it can end" if self.documents else "one long text"
        found = [
            ("writes", writes),
            ("network", self.network.sentence()),
            ("tokenizer", f"{self.tokenizer.kind}, {self.vocabulary_size:,} tokens"),
        ]
        labels = ", ".join(self.tokenizer.conditions)
        return [*found, ("conditions", labels)] if labels else found


class Continuation(Settings):
    """A text that goes on with a prompt, and the options that give it."""

    length: int
    temperature: float
    top_k: int
    seed: int
    ids: tuple[int, ...]
    text: str


class LanguageModelGoldenRow(Settings):
    """One prompt with the answers expected for it.

    Args:
        text: the prompt.
        ids: of the text alone.
        context: what the model reads.
        logits: of the first ids, by `prefill`, to seven significant digits.
        top: the likeliest ids with their logits, best first.
        greedy: the likeliest continuation; it stops where the choice would be a close one.
        sampled: a continuation drawn with a seed.
    """

    text: str
    ids: tuple[int, ...]
    context: tuple[int, ...]
    logits: tuple[float, ...]
    top: tuple[tuple[int, float], ...]
    greedy: Continuation | None
    sampled: Continuation | None
