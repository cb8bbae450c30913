"""The TensorFlow twin of each tokenizer gives the same ids, on random Unicode too."""

from __future__ import annotations

import random

import numpy as np
import pytest

pytest.importorskip("tensorflow_text", reason="tensorflow-text has no wheels for this platform")

import tensorflow as tf

from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.config import TokenizerConfig
from rnn_toolkit.data.batching import pad_rows
from rnn_toolkit.export.tf_text import TextToIds
from rnn_toolkit.text.train_tokenizer import train_tokenizer

ODD = [0x300, 0x301, 0x3A3, 0x3C2, 0x130, 0x131, 0x200D, 0xFE0F, 0x1F600, 0xAC00, 0x1100, 0x1161]
ODD += [39, 0x2019, 0, 9, 10, 13, 32, 0xA0, 0x3000, 0xAD, 0x1E9E, 0xDF, 0xFB01, 0x212B, 60, 62, 38]


def random_text(generator: random.Random) -> str:
    characters = []
    for _ in range(generator.randint(0, 30)):
        kind = generator.random()
        if kind < 0.35:
            point = generator.randint(32, 126)
        elif kind < 0.6:
            point = generator.choice(ODD)
        elif kind < 0.8:
            point = generator.randint(0, 0x24FF)
        else:
            point = generator.randint(0, 0x10FFFF)
        characters.append(chr(point) if not 0xD800 <= point < 0xE000 else "a")
    return "".join(characters)


@pytest.mark.parametrize("kind", ["word", "subword", "char"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_twin_gives_the_same_ids(kind: str, lowercase: bool) -> None:
    generator = random.Random(11)
    texts = [random_text(generator) for _ in range(3000)]
    texts += [*GOLDEN_TEXTS, "x" * 99, "x" * 100, "x" * 101, "\u00e9" * 101, "a'" * 80, "<b" * 50]
    known = [*GOLDEN_TEXTS, "xx x y'z \u03c3\u03b1\u03c2 i\u0307 ss \u00e5"] * 3
    config = TokenizerConfig(kind=kind, lowercase=lowercase, maximum_length=25, head_length=10)
    tokenizer = train_tokenizer(known, config)
    found = np.asarray(TextToIds(tokenizer, kind)(tf.constant(texts)))
    expected = pad_rows(tokenizer.encode_rows(texts), range(len(texts)))
    wrong = [
        text
        for text, one, other in zip(texts, found, expected, strict=True)
        if (one != other).any()
    ]
    assert not wrong, ascii(wrong[0])
