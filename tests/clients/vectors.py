"""Writes what the clients in other languages are compared with.

    python tests/clients/vectors.py FOLDER [--strings 100000]

The folder then holds bundles of small networks of every task and tokenizer, answers of beam
searches, decoding without any network, numpy's random numbers, and random Unicode strings with
the ids that each tokenizer gives them.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
from decoding_cases import decoding_cases
from random_strings import random_strings
from small_models import LANGUAGE_TEXTS, classifiers, language_models, translators

from rnn_toolkit.bundle.golden import GOLDEN_TEXTS
from rnn_toolkit.export.table import exporter
from rnn_toolkit.runtime.bundle import load_bundle
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.runtime.translator import TranslatorPredictor
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer
from rnn_toolkit.text.tokenizer import Tokenizer

_SEED = 20261125
_RANDOM_SEEDS: tuple[list[int], ...] = ([0, 0], [1, 0], [1, 1], [7, 3], [2**31 - 1, 15], [2**40, 2])
_BEAMS: tuple[dict[str, Any], ...] = (
    {"beam": 3, "n_best": 3, "length": 12},
    {"beam": 4, "n_best": 2, "length": 10, "length_penalty": 1.0, "no_repeat_ngram": 2},
    {"beam": 2, "n_best": 1, "length": 8, "repetition_penalty": 1.3, "min_length": 4},
)
_SEARCHES: tuple[dict[str, Any], ...] = (
    {"beam": 1, "n_best": 1},
    {"beam": 5, "n_best": 3},
    {"beam": 4, "n_best": 4, "length_penalty": 0.6, "coverage_penalty": 0.2},
    {"beam": 3, "n_best": 1, "no_repeat_ngram": 2, "min_length": 3},
)


def write_bundles(folder: Path) -> dict[str, Any]:
    """Exports every small model to ONNX; returns what beam searches find with them."""
    found: dict[str, Any] = {}
    for name, subject in {**classifiers(), **language_models(), **translators()}.items():
        exporter("onnx").export(subject, folder / name)
        predictor = load_bundle(folder / name)
        if isinstance(predictor, GeneratorPredictor):
            found[name] = [
                {"text": text, "options": options, "answers": _written(predictor, text, options)}
                for text in GOLDEN_TEXTS[:10]
                for options in _BEAMS
            ]
        elif isinstance(predictor, TranslatorPredictor):
            found[name] = [
                {"text": text, "options": options, "answers": _translated(predictor, text, options)}
                for text in GOLDEN_TEXTS[:12]
                for options in _SEARCHES
            ]
    return found


def _written(predictor: GeneratorPredictor, text: str, options: dict[str, Any]) -> list[Any]:
    return [
        {"ids": answer.ids, "text": answer.text, "score": answer.score, "ended": answer.ended}
        for answer in predictor.write(text, **options)
    ]


def _translated(predictor: TranslatorPredictor, text: str, options: dict[str, Any]) -> list[Any]:
    found = predictor.translate(text, replace_unknown=False, **options)
    return [
        {"text": answer.text, "score": answer.score, "ended": answer.ended}
        for answer in found.candidates
    ]


def write_fuzz(folder: Path, count: int) -> None:
    """Random strings, and the ids that the tokenizers of the small models give them."""
    folder.mkdir(parents=True, exist_ok=True)
    # In JSON two halves side by side are one character: what is read back is what counts.
    listed = json.dumps(random_strings(count, seed=_SEED))
    (folder / "strings.json").write_text(listed, encoding="ascii")
    strings: list[str] = json.loads(listed)
    for name, subject in classifiers(lowercase_too=True).items():
        tokenizer = subject.tokenizer
        spec = {
            "reader": "classifier",
            "kind": subject.tokenizer_kind,
            "maximum_length": tokenizer.maximum_length,
            "head_length": tokenizer.head_length,
        }
        _write_reader(folder / name, tokenizer, spec, tokenizer.encode_batch(strings))
    for name, model in language_models().items():
        generation = model.tokenizer
        spec = {"reader": "generation", "kind": generation.kind}
        spec["conditions"] = list(generation.conditions)
        _write_reader(folder / name, generation, spec, generation.encode_batch(strings))
        decoded = [
            {"ids": ids, "text": generation.decode(ids)}
            for ids in _random_ids(generation.vocabulary_size, 2000)
        ]
        (folder / name / "decode.json").write_text(json.dumps(decoded), encoding="ascii")


def _write_reader(
    folder: Path,
    tokenizer: Tokenizer | GenerationTokenizer,
    spec: dict[str, Any],
    rows: list[list[int]],
) -> None:
    folder.mkdir(exist_ok=True)
    tokenizer.save(folder / "tokenizer.json")
    (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    flat = np.concatenate([np.asarray([len(row), *row], "<i4") for row in rows])
    (folder / "ids.bin").write_bytes(flat.tobytes())


def _random_ids(size: int, count: int) -> list[list[int]]:
    generator = np.random.default_rng(_SEED)
    lengths = generator.integers(0, 20, count)
    return [generator.integers(0, size, length).tolist() for length in lengths]


def random_numbers() -> dict[str, Any]:
    """What numpy draws for some seeds."""
    return {
        "about": "numbers[i] = the i-th numpy.random.default_rng(seed).random()",
        "cases": [
            {"seed": seed, "numbers": np.random.default_rng(seed).random(20).tolist()}
            for seed in _RANDOM_SEEDS
        ],
    }


def write_vectors(folder: Path, strings: int) -> None:
    """Writes everything."""
    folder.mkdir(parents=True, exist_ok=True)
    beams = write_bundles(folder / "bundles")
    for name, content in (
        ("beam.json", beams),
        ("decoding.json", decoding_cases()),
        ("random.json", random_numbers()),
        ("texts.json", LANGUAGE_TEXTS),
    ):
        (folder / name).write_text(json.dumps(content), encoding="ascii")
    write_fuzz(folder / "fuzz", strings)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--strings", type=int, default=100_000)
    arguments = parser.parse_args()
    write_vectors(arguments.folder, arguments.strings)


if __name__ == "__main__":
    main()
