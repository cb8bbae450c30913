"""Trains word, subword and char tokenizers on texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models, pre_tokenizers, trainers

from rnn_toolkit.config import TokenizerConfig
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.characters import LONGEST_WORD
from rnn_toolkit.text.description import (
    PAD_TOKEN,
    UNKNOWN_TOKEN,
    WORD_PIECE_PREFIX,
    build_normalizer,
    character_pre_tokenizer,
    plain_word_pre_tokenizer,
    word_pre_tokenizer,
)
from rnn_toolkit.text.tokenizer import Tokenizer

_SPECIAL_TOKENS = [PAD_TOKEN, UNKNOWN_TOKEN]
_UNLIMITED = 2**31 - 1


def train_tokenizer(texts: Sequence[str], config: TokenizerConfig) -> Tokenizer:
    """Trains a tokenizer; the same texts and settings give the same vocabulary.

    Args:
        texts: the training rows only, so that no other split leaks into the vocabulary.
        config: kind, vocabulary size, lower-casing and maximum length.

    Returns:
        The tokenizer, with id 0 for padding and id 1 for unknown tokens.

    Raises:
        DataError: no token at all could be found in the texts.
    """
    trained = TOKENIZER_KINDS[config.kind](texts, config)
    if trained.get_vocab_size() <= len(_SPECIAL_TOKENS):
        raise DataError(
            "No words were found in the training texts.",
            "Check the text column, or lower the minimum frequency.",
        )
    return Tokenizer(trained, maximum_length=config.maximum_length, head_length=config.head_length)


def _untrained(
    model: models.Model, pre_tokenizer: pre_tokenizers.PreTokenizer, config: TokenizerConfig
) -> FastTokenizer:
    tokenizer = FastTokenizer(model)
    if config.kind != "plain":  # plain words are taken as they are
        tokenizer.normalizer = build_normalizer(
            lowercase=config.lowercase, squeeze_space=config.kind == "char"
        )
    tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def _learn_words(
    texts: Sequence[str],
    config: TokenizerConfig,
    pre_tokenizer: pre_tokenizers.PreTokenizer,
    vocabulary_size: int,
) -> dict[str, int]:
    learner = _untrained(models.WordLevel(unk_token=UNKNOWN_TOKEN), pre_tokenizer, config)
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocabulary_size,
        min_frequency=config.minimum_frequency,
        special_tokens=_SPECIAL_TOKENS,
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    return dict(learner.get_vocab())


def _train_word_level(
    texts: Sequence[str], config: TokenizerConfig, pre_tokenizer: pre_tokenizers.PreTokenizer
) -> FastTokenizer:
    # The trainer registers special tokens as substrings to be matched in raw text, so that
    # a review quoting "[PAD]" would be misread: only its vocabulary is used.
    vocabulary = _learn_words(texts, config, pre_tokenizer, config.vocabulary_size)
    return _untrained(models.WordLevel(vocabulary, unk_token=UNKNOWN_TOKEN), pre_tokenizer, config)


def _train_word(texts: Sequence[str], config: TokenizerConfig) -> FastTokenizer:
    return _train_word_level(texts, config, word_pre_tokenizer())


def _train_plain(texts: Sequence[str], config: TokenizerConfig) -> FastTokenizer:
    return _train_word_level(texts, config, plain_word_pre_tokenizer())


def _train_char(texts: Sequence[str], config: TokenizerConfig) -> FastTokenizer:
    return _train_word_level(texts, config, character_pre_tokenizer())


def _train_subword(texts: Sequence[str], config: TokenizerConfig) -> FastTokenizer:
    # The trainer numbers continuing characters in the order of a hash map and breaks ties
    # by number, so that two runs differ; given to it beforehand, in order, they do not.
    every_word = config.model_copy(update={"minimum_frequency": 1})
    words = _learn_words(texts, every_word, word_pre_tokenizer(), vocabulary_size=_UNLIMITED)
    continuing = sorted({character for word in words for character in word[1:]})
    learner = _untrained(_word_piece({}), word_pre_tokenizer(), config)
    trainer = trainers.WordPieceTrainer(
        vocab_size=config.vocabulary_size,
        min_frequency=config.minimum_frequency,
        special_tokens=[*_SPECIAL_TOKENS, *(WORD_PIECE_PREFIX + mark for mark in continuing)],
        limit_alphabet=max(config.vocabulary_size - len(_SPECIAL_TOKENS) - len(continuing), 1),
        continuing_subword_prefix=WORD_PIECE_PREFIX,
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    return _untrained(_word_piece(learner.get_vocab()), word_pre_tokenizer(), config)


def _word_piece(vocabulary: dict[str, int]) -> models.WordPiece:
    return models.WordPiece(
        vocabulary,
        unk_token=UNKNOWN_TOKEN,
        max_input_chars_per_word=LONGEST_WORD,
        continuing_subword_prefix=WORD_PIECE_PREFIX,
    )


TOKENIZER_KINDS: dict[str, Callable[[Sequence[str], TokenizerConfig], FastTokenizer]] = {
    "word": _train_word,
    "subword": _train_subword,
    "char": _train_char,
    "plain": _train_plain,
}
