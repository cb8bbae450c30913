"""Cuts texts into words exactly as a word tokenizer does, before any vocabulary exists."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models

from rnn_toolkit.text.description import UNKNOWN_TOKEN, build_normalizer, word_pre_tokenizer
from rnn_toolkit.text.tokenizer import Tokenizer


class WordCutter:
    """Cleans texts and cuts them, so that what is learnt of a word fits a model's vocabulary.

    Args:
        lowercase: whether letters are lower-cased, as in the settings of a tokenizer.
    """

    def __init__(self, *, lowercase: bool = True) -> None:
        untrained = FastTokenizer(models.WordLevel({}, unk_token=UNKNOWN_TOKEN))
        untrained.normalizer = build_normalizer(lowercase=lowercase, squeeze_space=False)
        self._tokenizer = Tokenizer(untrained, maximum_length=1, head_length=1)
        self._pre_tokenizer = word_pre_tokenizer()

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text; a text without any has an empty list.

        A word holds no white space, so that words joined by spaces can be split again.
        """
        # Encoding in batches needs a vocabulary, so a second pass over all texts; cutting alone
        # runs in the same compiled code and takes no longer.
        cut = self._pre_tokenizer.pre_tokenize_str
        clean = self._tokenizer.normalize
        return [[word for word, _ in cut(clean(text))] for text in texts]
