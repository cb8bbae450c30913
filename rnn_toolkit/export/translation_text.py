"""A SavedModel that translates strings: tokenizer, greedy search and detokenizer in one graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from rnn_toolkit.config import TokenizerKind
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.export.tf_text import TextToIds
from rnn_toolkit.networks.faces import Face
from rnn_toolkit.text.description import BEGIN_ID, END_ID, PAD_ID
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.text.tokenizer import Tokenizer

_WHITE_SPACE = (
    r"[\t\n\v\f\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+"
)
# What str.strip takes away; tf.strings.strip knows only six characters of it.
_AT_AN_END = (
    r"[\t-\r\x1c- \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+"
)
_VERY_LOW = -1e30


def token_bytes(tokenizer: GenerationTokenizer) -> list[bytes]:
    """What each target id adds to a text, in bytes; nothing for special ids."""
    special = set(tokenizer.special_ids)
    as_byte = _bytes_of_letters()
    found = []
    for number, token in enumerate(tokenizer.vocabulary()):
        if number in special:
            found.append(b"")
        elif tokenizer.kind == "subword":
            found.append(bytes(as_byte[letter] for letter in token))
        else:
            found.append(token.encode("utf-8"))
    return found


def _bytes_of_letters() -> dict[str, int]:
    """The letters by which byte-level tokens spell bytes (Radford et al. 2019).

    Printable bytes stand for themselves, the others for the letters from U+0100 on.
    """
    itself = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(itself)]
    letters = {chr(byte): byte for byte in itself}
    return {**letters, **{chr(0x100 + place): byte for place, byte in enumerate(others)}}


class _GreedyTranslation(tf.Module):
    """Strings [batch] to translations [batch]."""

    def __init__(
        self,
        faces: Sequence[Face],
        tokenizers: SideTokenizers,
        source: Tokenizer,
        source_kind: TokenizerKind,
        options: TranslationOptions,
        never: Sequence[int],
    ) -> None:
        super().__init__()
        self._encode, self._step = faces
        self._text_to_ids = TextToIds(source, source_kind)
        self._tokens = tf.constant(token_bytes(tokenizers.target))
        allowed = [number not in set(never) for number in range(tokenizers.target_size)]
        self._penalty = tf.where(tf.constant(allowed), 0.0, _VERY_LOW)
        self._options = options

    def __call__(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        tidy = tf.strings.strip(tf.strings.regex_replace(text, _WHITE_SPACE, " "))
        rows = self._text_to_ids.whole(tidy)
        ids = self._text_to_ids.pad(rows)
        length = tf.maximum(tf.reduce_sum(tf.cast(ids != PAD_ID, tf.int32), axis=1), 1)
        bound = self._bound(length)
        written = self._search(ids, length, bound, empty=rows.row_lengths() == 0)
        pieces = tf.gather(self._tokens, written)  # [batch, target_time]
        joined = tf.strings.reduce_join(pieces, axis=1)
        whole = tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8", errors="replace")
        # The bound may cut a character in two.
        cut = tf.reduce_sum(tf.cast(written != PAD_ID, tf.int32), axis=1) >= bound
        whole = tf.where(cut, tf.strings.regex_replace(whole, "\ufffd+$", ""), whole)
        stripped = tf.strings.regex_replace(whole, rf"\A{_AT_AN_END}|{_AT_AN_END}\z", "")
        return {"translation": stripped}

    def _bound(self, length: tf.Tensor) -> tf.Tensor:
        """The most ids of each translation, as TranslationOptions has it."""
        options = self._options
        wanted = tf.math.ceil(options.length_ratio * tf.cast(length, tf.float64) - 1e-9)
        bound = tf.cast(wanted, tf.int32) + options.extra_length
        return tf.maximum(tf.minimum(bound, options.maximum_length), 1)

    def _search(
        self, ids: tf.Tensor, length: tf.Tensor, bound: tf.Tensor, *, empty: tf.Tensor
    ) -> tf.Tensor:
        """The likeliest target ids [batch, target_time], 0 after the end."""
        found = self._encode.function(ids, length)
        fixed = {**found, "length": length, "source_ids": ids}
        states = [spec.name for spec in self._step.inputs if f"{spec.name}_out" in found]
        batch = tf.shape(ids)[0]

        def going_on(now: Any, last: Any, over: Any, states: Any, written: Any) -> tf.Tensor:
            return tf.logical_not(tf.reduce_all(over))

        def advance(now: Any, last: Any, over: Any, before: Any, written: Any) -> tuple[Any, ...]:
            given = {**fixed, **dict(zip(states, before, strict=True)), "id": last}
            answer = self._step.function(*(given[spec.name] for spec in self._step.inputs))
            chosen = tf.argmax(answer["logits"] + self._penalty, axis=1, output_type=tf.int32)
            over = tf.logical_or(over, chosen == END_ID)
            written = written.write(now, tf.where(over, PAD_ID, chosen))
            over = tf.logical_or(over, now + 1 >= bound)
            after = [
                tf.ensure_shape(answer[f"{name}_out"], old.shape)
                for name, old in zip(states, before, strict=True)
            ]
            return now + 1, chosen, over, after, written

        array = tf.TensorArray(tf.int32, 0, dynamic_size=True, element_shape=[None])
        first = [found[f"{name}_out"] for name in states]
        begin = tf.fill([batch], BEGIN_ID)
        *_, written = tf.while_loop(going_on, advance, (0, begin, empty, first, array))
        # Where no text holds anything there was no step, and no steps cannot be stacked.
        rows: tf.Tensor = tf.reshape(written.concat(), tf.stack([written.size(), batch]))
        return tf.transpose(rows)


def translate_face(
    faces: Sequence[Face],
    tokenizers: SideTokenizers,
    *,
    source_kind: TokenizerKind,
    options: TranslationOptions,
    never: Sequence[int],
    name: str,
) -> Face:
    """`translate`: raw strings in, greedy translations out.

    Args:
        faces: `encode` and `decode_step`.
        tokenizers: of both sides; the source's has a twin in TensorFlow Text.
        source_kind: word, subword or char.
        options: the bound of the length.
        never: target ids that are not written.
        name: of the signature.
    """
    if not isinstance(tokenizers.source, Tokenizer):
        raise TypeError("the source tokenizer has no twin in TensorFlow Text")
    module = _GreedyTranslation(faces, tokenizers, tokenizers.source, source_kind, options, never)
    return Face(
        name,
        (tf.TensorSpec([None], tf.string, name="text"),),
        (tf.TensorSpec([None], tf.string, name="translation"),),
        module.__call__,
        meanings={
            "text": "raw source texts, UTF-8",
            "translation": "greedy translations; unknown words are not replaced",
        },
        needs=(module, *module.submodules),
    )
