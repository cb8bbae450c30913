"""Trains tokenizers for generation: what they cut apart can be put together again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from rnn_toolkit.config import GenerationTokenizerConfig, GenerationTokenizerKind
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.characters import SEPARATORS, SINGLES, byte_level_pattern, character_class
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer, prepared

# No kind of tokenizer gives a token with a space inside, so that no text can spell these.
UNKNOWN_TOKEN = "[unknown token]"
_SPECIAL_TOKENS = ("[padding token]", UNKNOWN_TOKEN, "[begin of text]", "[end of text]")
_SUBWORD_SAMPLE = 50_000_000  # characters; more of them do not change the pairs that are found


def train_generation_tokenizer(
    texts: Iterable[str], config: GenerationTokenizerConfig, *, conditions: Sequence[str] = ()
) -> GenerationTokenizer:
    """Trains a tokenizer; the same texts and settings give the same vocabulary.

    Args:
        texts: pieces of the training part only, gone through once.
        config: kind, vocabulary size, minimum frequency.
        conditions: labels that get an id each, after all tokens.

    Returns:
        The tokenizer; its ids 0 to 3 are padding, unknown, begin and end.

    Raises:
        DataError: the texts hold nothing.
    """
    learn, build = GENERATION_TOKENIZERS[config.kind]
    tokens = learn(_normalized(texts), config)
    if not tokens.names:
        raise DataError("The training text is empty.", "Give a text, or another --text-column.")
    labels = [f"[condition: {label}]" for label in conditions]  # no text gives such a token
    names = [*_SPECIAL_TOKENS, *tokens.names, *labels]
    vocabulary = {name: number for number, name in enumerate(names)}
    fast_tokenizer = build(vocabulary, tokens.merges)
    fast_tokenizer.normalizer = normalizers.NFC()
    return GenerationTokenizer(fast_tokenizer, kind=config.kind, conditions=conditions)


class _Learned:
    """Tokens by falling frequency, and the pairs that were merged."""

    def __init__(self, names: Sequence[str], merges: Sequence[tuple[str, str]] = ()) -> None:
        self.names = [name for name in names if name not in _SPECIAL_TOKENS]
        self.merges = list(merges)


def _normalized(texts: Iterable[str]) -> Iterator[str]:
    composed = normalizers.NFC()
    return (composed.normalize_str(prepared(text)) for text in texts)


def _by_frequency(counts: Counter[str], config: GenerationTokenizerConfig, least: int) -> _Learned:
    fewest = config.minimum_frequency or least
    kept = [(-count, token) for token, count in counts.items() if count >= fewest]
    room = config.vocabulary_size - len(_SPECIAL_TOKENS)
    return _Learned([token for _, token in sorted(kept)[:room]])


def _learn_characters(texts: Iterable[str], config: GenerationTokenizerConfig) -> _Learned:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    return _by_frequency(counts, config, 1)


def _learner(cut: pre_tokenizers.PreTokenizer) -> Callable[..., _Learned]:
    def learn(texts: Iterable[str], config: GenerationTokenizerConfig) -> _Learned:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(piece for piece, _ in cut.pre_tokenize_str(text))
        return _by_frequency(counts, config, 2)

    return learn


def _word_builder(cut: pre_tokenizers.PreTokenizer) -> Callable[..., Tokenizer]:
    def build(vocabulary: dict[str, int], merges: Sequence[tuple[str, str]]) -> Tokenizer:
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN_TOKEN))
        tokenizer.pre_tokenizer = cut
        tokenizer.decoder = decoders.Fuse()
        return tokenizer

    return build


def _character_cut() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")


def _word_cut() -> pre_tokenizers.PreTokenizer:
    """Every character belongs to a token: a word, a single character, each with the space
    before it, or a separator.
    """
    separators, singles = character_class(SEPARATORS), character_class(SINGLES)
    word = f"[^{separators}{singles}]+"
    pattern = f" ?{word}(?:'{word})*| ?[^{separators}]|[{separators}]"
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def _whitespace_cut() -> pre_tokenizers.PreTokenizer:
    """What spaces separate, and line ends; other separators are dropped."""
    return pre_tokenizers.Split(
        Regex(f"\n|[^{character_class(SEPARATORS)}]+"), "removed", invert=True
    )


def _byte_cut() -> pre_tokenizers.PreTokenizer:
    """Pieces as in GPT-2, but by fixed classes, so that every reader cuts them alike."""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(byte_level_pattern()), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def _learn_pairs(texts: Iterable[str], config: GenerationTokenizerConfig) -> _Learned:
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = _byte_cut()
    trainer = trainers.BpeTrainer(
        vocab_size=config.vocabulary_size - len(_SPECIAL_TOKENS),
        min_frequency=config.minimum_frequency or 2,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learner.train_from_iterator(_first(texts, _SUBWORD_SAMPLE), trainer)
    found: dict[str, int] = learner.get_vocab()
    merges = json.loads(learner.to_str())["model"]["merges"]
    return _Learned(sorted(found, key=found.__getitem__), [tuple(pair) for pair in merges])


def _first(texts: Iterable[str], characters: int) -> Iterator[str]:
    for text in texts:
        yield text
        characters -= len(text)
        if characters <= 0:
            return


def _build_pairs(vocabulary: dict[str, int], merges: Sequence[tuple[str, str]]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocabulary, list(merges)))
    tokenizer.pre_tokenizer = _byte_cut()
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


GENERATION_TOKENIZERS: dict[
    GenerationTokenizerKind, tuple[Callable[..., _Learned], Callable[..., Tokenizer]]
] = {
    "char": (_learn_characters, _word_builder(_character_cut())),
    "subword": (_learn_pairs, _build_pairs),
    "word": (_learner(_word_cut()), _word_builder(_word_cut())),
    "whitespace": (_learner(_whitespace_cut()), _word_builder(_whitespace_cut())),
}
"""How each kind is learnt and built; a new kind is two functions and one line here."""
