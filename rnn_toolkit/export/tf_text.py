"""The tokenizer as TensorFlow operators, for SavedModels that take strings."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from rnn_toolkit.config import TokenizerKind
from rnn_toolkit.errors import MissingDependencyError
from rnn_toolkit.text.characters import (
    APOSTROPHES,
    HTML_TAG,
    LONGEST_WORD,
    character_class,
    delimiters,
    separator_pattern,
    token_pattern,
)
from rnn_toolkit.text.description import (
    PAD_ID,
    UNKNOWN_ID,
    UNKNOWN_TOKEN,
    WORD_PIECE_PREFIX,
    literal_replacements,
)
from rnn_toolkit.text.tokenizer import Tokenizer

_REGEX_SPECIAL = frozenset("\\^$.|?*+()[]{}#&")


def import_tensorflow_text() -> Any:
    """The module tensorflow_text.

    Raises:
        MissingDependencyError: it is not installed (there are no wheels for Windows).
    """
    try:
        import tensorflow_text
    except ImportError:
        raise MissingDependencyError(
            "A SavedModel that takes strings needs the package tensorflow-text.",
            "Install it with: pip install tensorflow-text (Linux and macOS), or export to "
            "tflite or onnx.",
        ) from None
    return tensorflow_text


class TextToIds(tf.Module):
    """The twin of a tokenizer: strings [batch] to ids [batch, time], padded on the right.

    Args:
        tokenizer: the original.
        kind: word, subword, char or plain.
    """

    def __init__(self, tokenizer: Tokenizer, kind: TokenizerKind) -> None:
        super().__init__()
        self._text = import_tensorflow_text()
        self._kind = kind
        self._lowercase = tokenizer.lowercases
        self._maximum_length = tokenizer.maximum_length
        self._head_length = tokenizer.head_length
        vocabulary = tokenizer.vocabulary()
        if kind == "subword":
            self._pieces = self._text.FastWordpieceTokenizer(
                vocabulary,
                suffix_indicator=WORD_PIECE_PREFIX,
                max_bytes_per_word=LONGEST_WORD * 4,
                token_out_type=tf.int32,
                unknown_token=UNKNOWN_TOKEN,
                no_pretokenization=True,
            )
        else:
            initializer = tf.lookup.KeyValueTensorInitializer(
                tf.constant(vocabulary), tf.range(len(vocabulary), dtype=tf.int32)
            )
            self._table = tf.lookup.StaticHashTable(initializer, UNKNOWN_ID)

    def __call__(self, texts: tf.Tensor) -> tf.Tensor:
        """Ids int32 [batch, time] of strings [batch]; an empty text is one unknown id."""
        return self.pad(self.whole(texts))

    def whole(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """All ids [batch, (time)] of strings [batch], none of an empty text."""
        if self._kind == "plain":
            inside = f"[{character_class(delimiters())}]+"
            return self._look_up(tf.strings.split(tf.strings.regex_replace(texts, inside, " ")))
        clean = self._normalize(texts)
        if self._kind == "char":
            squeezed = tf.strings.strip(tf.strings.regex_replace(clean, separator_pattern(), " "))
            return self._look_up(tf.strings.unicode_split(squeezed, "UTF-8"))
        words = self._split(clean)
        if self._kind == "word":
            return self._look_up(words)
        return self._pieces.tokenize(self._short(words)).merge_dims(-2, -1)

    def _normalize(self, texts: tf.Tensor) -> tf.Tensor:
        texts = tf.strings.regex_replace(texts, HTML_TAG, " ")
        for old, new in literal_replacements():
            texts = tf.strings.regex_replace(texts, _escaped(old), _rewrite(new))
        texts = self._text.normalize_utf8(texts, "NFC")
        for mark in APOSTROPHES:
            texts = tf.strings.regex_replace(texts, mark, "'")
        if self._lowercase:
            texts = tf.strings.regex_replace(texts, "\u03a3", "\u03c3")
            texts = tf.strings.lower(texts, encoding="utf-8")
        return texts

    def _split(self, clean: tf.Tensor) -> tf.RaggedTensor:
        # What no token pattern matches are separators: a space after each token and one
        # for each run of separators cut the text exactly as matching tokens does.
        apart = tf.strings.regex_replace(clean, token_pattern(), r"\0 ")
        spaced = tf.strings.regex_replace(apart, separator_pattern(), " ")
        return tf.strings.split(spaced)

    def _look_up(self, tokens: tf.RaggedTensor) -> tf.RaggedTensor:
        return tokens.with_flat_values(self._table.lookup(tokens.flat_values))

    def _short(self, words: tf.RaggedTensor) -> tf.RaggedTensor:
        """Words beyond the limit, which counts characters, not bytes, are unknown."""
        lengths = tf.strings.length(words.flat_values, unit="UTF8_CHAR")
        kept = tf.where(lengths > LONGEST_WORD, UNKNOWN_TOKEN, words.flat_values)
        return words.with_flat_values(kept)

    def pad(self, rows: tf.RaggedTensor) -> tf.Tensor:
        """Truncated ids [batch, time] of whole ones; no ids become one unknown id."""
        lengths = tf.cast(rows.row_lengths(), tf.int32)
        position = tf.ragged.range(lengths)
        tail_begins = lengths - (self._maximum_length - self._head_length)
        values = position.flat_values
        tail_of_row = tf.gather(tail_begins, position.value_rowids())
        kept = position.with_flat_values((values < self._head_length) | (values >= tail_of_row))
        ids = tf.ragged.boolean_mask(rows, kept).to_tensor(PAD_ID)
        ids = tf.pad(ids, [[0, 0], [0, tf.maximum(0, 1 - tf.shape(ids)[1])]])
        first = tf.where(lengths == 0, UNKNOWN_ID, ids[:, 0])
        return tf.concat([tf.expand_dims(first, 1), ids[:, 1:]], axis=1)


def _escaped(literal: str) -> str:
    if literal == "\x00":
        return r"\x00"
    return "".join(f"\\{mark}" if mark in _REGEX_SPECIAL else mark for mark in literal)


def _rewrite(replacement: str) -> str:
    return replacement.replace("\\", "\\\\")
