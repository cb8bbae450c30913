"""The manifest and the golden rows of a translation model's bundle."""

from __future__ import annotations

from typing import Literal

from rnn_toolkit.bundle.manifest import Facts, Manifest, Measured, TokenizerSpec
from rnn_toolkit.config import Seq2SeqConfig, Settings, SideTokenizerKind


class SourceTokenizerSpec(TokenizerSpec):
    """What a device needs to know beside source_tokenizer.json.

    Args:
        maximum_length: most ids; what follows is cut off.
        leading_space: whether a space is put before the text first (a shared vocabulary).
    """

    file: str = "source_tokenizer.json"
    kind: SideTokenizerKind
    lowercase: bool
    vocabulary_size: int
    vocabulary_file: str = "source_vocab.json"
    maximum_length: int
    leading_space: bool


class TargetTokenizerSpec(TokenizerSpec):
    """What a device needs to know beside target_tokenizer.json.

    Args:
        byte_level: whether a token is a run of bytes and may hold half a character.
        leading_space: whether a text begins with a space, which is to be taken off.
    """

    file: str = "target_tokenizer.json"
    kind: SideTokenizerKind
    begin_id: int
    end_id: int
    vocabulary_file: str = "target_vocab.json"
    byte_level: bool
    leading_space: bool


class DecoderState(Settings):
    """A state: an input of `decode_step`, first given by `encode`, then by `decode_step`."""

    input: str
    output: str
    dtype: str
    shape: tuple[int | None, ...]


class TranslationDefaults(Settings):
    """How a translation is searched for unless the app says otherwise.

    It ends at the end id, or after min(maximum_length, ceil(length_ratio * source ids) +
    extra_length) ids, the end included.
    """

    beam: int
    length_penalty: float
    coverage_penalty: float
    length_ratio: float
    extra_length: int
    maximum_length: int


class TranslationMeasured(Measured):
    """How the exported translation model answered beside the original.

    Args:
        texts: source texts compared.
        steps: decoder steps compared.
        same_translations: texts whose best translation by beam search was the same.
        ties: others, where both had the same score but for rounding.
        encode_milliseconds: of one text of middling length, median.
        milliseconds_per_step: of one decoder step of one text, median.
    """

    texts: int
    steps: int
    same_translations: int
    ties: int
    encode_milliseconds: float
    milliseconds_per_step: float

    @property
    def milliseconds(self) -> float:
        """See Measured."""
        return self.milliseconds_per_step

    def facts(self) -> Facts:
        """See Measured."""
        ties = f", {self.ties} of equal score" if self.ties else ""
        return [
            ("compared on", f"{self.steps:,} steps of {self.texts:,} texts"),
            *super().facts(),
            ("translations", f"{self.same_translations} of {self.texts} as by the model{ties}"),
            ("encode", f"{self.encode_milliseconds:.2f} ms, one text, median"),
            ("one step", f"{self.milliseconds_per_step:.3f} ms, one text, median"),
        ]


class TranslationManifest(Manifest):
    """The description of a translation bundle: source ids in, logits of the next target id out.

    Args:
        tokenizer: of the target; `vocabulary_size` is that of the target too.
        source_tokenizer: of the source.
        states: what changes from step to step.
        passed_on: inputs of `decode_step` that `encode` gives once ("memory", "keys") or that
            are its own inputs ("length", "source_ids").
        never: target ids that are never written.
    """

    network: Seq2SeqConfig
    output: Literal["logits"] = "logits"
    vocabulary_size: int
    tokenizer: TargetTokenizerSpec
    source_tokenizer: SourceTokenizerSpec
    shared_vocabulary: bool
    states: tuple[DecoderState, ...]
    passed_on: tuple[str, ...]
    decoding: TranslationDefaults
    never: tuple[int, ...]
    measured: TranslationMeasured | None = None

    def task_facts(self) -> Facts:
        """Network and tokenizers."""
        source = self.source_tokenizer
        sides = (
            f"{self.tokenizer.kind}, {self.vocabulary_size:,} tokens for both sides"
            if self.shared_vocabulary
            else f"{source.kind}, {source.vocabulary_size:,} tokens to {self.tokenizer.kind}, "
            f"{self.vocabulary_size:,} tokens"
        )
        return [("network", self.network.sentence()), ("tokenizers", sides)]


class TranslationGoldenRow(Settings):
    """One source text with the answers expected for it.

    Args:
        text: the source.
        ids: of the source; none for a text that holds nothing.
        logits: of the first target ids after the begin id, to seven significant digits.
        top: the likeliest ids with their logits, best first.
        attention: over the source ids, of that first step.
        greedy: the likeliest ids one by one, as far as no choice is a close one.
        text_of_greedy: the translation they are; None where they are only its beginning.
    """

    text: str
    ids: tuple[int, ...]
    logits: tuple[float, ...]
    top: tuple[tuple[int, float], ...]
    attention: tuple[float, ...]
    greedy: tuple[int, ...]
    text_of_greedy: str | None
