"""Trains the two tokenizers of a translation on the training pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rnn_toolkit.config import (
    GenerationTokenizerConfig,
    SideTokenizerChoice,
    SideTokenizerKind,
    TokenizerConfig,
    TranslationTokenizerConfig,
)
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.side_tokenizers import SideTokenizers, chosen
from rnn_toolkit.text.tokenizer import Tokenizer
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer
from rnn_toolkit.text.train_tokenizer import train_tokenizer

_LOOKED_AT = 2000  # texts that show how a language is written
_MOSTLY = 0.3
_UNSPACED = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"))


def train_side_tokenizers(
    sources: Sequence[str], targets: Sequence[str], config: TranslationTokenizerConfig
) -> tuple[SideTokenizers, TranslationTokenizerConfig]:
    """Trains both tokenizers.

    Args:
        sources: the training rows only, so that no other split leaks into a vocabulary.
        targets: likewise.
        config: kinds, sizes, whether the vocabulary is shared.

    Returns:
        The tokenizers, and the settings with both kinds chosen.

    Raises:
        DataError: the texts hold nothing.
    """
    target_kind = _kind(config.target, targets, of_target=True)
    source_kind = target_kind if config.shared else _kind(config.source, sources, of_target=False)
    config = config.model_copy(update={"source": source_kind, "target": target_kind})
    spaced = target_kind != "char"  # as SideTokenizers reads them

    def opened(texts: Sequence[str]) -> list[str]:
        return [f" {text.strip()}" for text in texts] if spaced else list(texts)

    learnt_from = opened(targets) + (opened(sources) if config.shared else [])
    target = train_generation_tokenizer(
        learnt_from,
        GenerationTokenizerConfig(
            kind=target_kind,
            vocabulary_size=config.vocabulary_size,
            minimum_frequency=config.minimum_frequency,
        ),
    )
    source: Tokenizer | GenerationTokenizer = target
    if not config.shared:
        source = train_tokenizer(
            sources,
            TokenizerConfig(
                kind=source_kind,
                vocabulary_size=config.vocabulary_size,
                minimum_frequency=config.minimum_frequency,
                lowercase=config.lowercase,
                maximum_length=config.maximum_length,
                head_length=config.maximum_length,
            ),
        )
    return SideTokenizers(source, target, maximum_length=config.maximum_length), config


def _kind(
    choice: SideTokenizerChoice, texts: Sequence[str], *, of_target: bool
) -> SideTokenizerKind:
    """Subwords, but single characters where a target is written without spaces.

    A source of that kind is cut into its characters by the subword tokenizer too, which keeps
    foreign words together.
    """
    if choice != "auto":
        return chosen(choice)
    return "char" if of_target and unspaced(texts) else "subword"


def unspaced(texts: Sequence[str]) -> bool:
    """Whether texts are mostly Chinese or Japanese, which set no spaces between words."""
    letters = [letter for text in islice(texts, _LOOKED_AT) for letter in text if letter.isalpha()]
    count = sum(first <= letter <= last for letter in letters for first, last in _UNSPACED)
    return count > _MOSTLY * len(letters)
