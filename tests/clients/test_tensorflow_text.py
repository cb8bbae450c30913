"""TensorFlow Text cuts the same random strings as the tokenizers library does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow_text", reason="tensorflow-text has no wheels for this platform")

import tensorflow as tf

from rnn_toolkit.export.tf_text import TextToIds
from rnn_toolkit.text.fast_tokenizer import without_surrogates
from rnn_toolkit.text.tokenizer import Tokenizer

_BATCH = 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["sentiment-word", "sentiment-subword", "sentiment-char", "sentiment-subword-cased"]
)
def test_every_random_string_has_the_same_ids(vectors: Path, name: str) -> None:
    folder = vectors / "fuzz" / name
    spec = json.loads((folder / "spec.json").read_bytes())
    tokenizer = Tokenizer.from_file(
        folder / "tokenizer.json",
        maximum_length=spec["maximum_length"],
        head_length=spec["head_length"],
    )
    # No tensor can hold half a surrogate pair; the host puts U+FFFD in its place.
    strings = [
        without_surrogates(text)
        for text in json.loads((vectors / "fuzz" / "strings.json").read_bytes())
    ]
    flat = np.fromfile(folder / "ids.bin", "<i4")
    twin = tf.function(
        TextToIds(tokenizer, spec["kind"]), input_signature=[tf.TensorSpec([None], tf.string)]
    )
    place, wrong = 0, []
    for start in range(0, len(strings), _BATCH):
        texts = strings[start : start + _BATCH]
        found = twin(tf.constant(texts)).numpy()
        for text, row in zip(texts, found, strict=True):
            count = int(flat[place])
            expected = flat[place + 1 : place + 1 + count]
            place += 1 + count
            if not np.array_equal(row[:count], expected) or row[count:].any():
                wrong.append(text)
    assert place == len(flat)
    assert not wrong, f"{len(wrong)} of {len(strings)}: {wrong[:5]!a}"
