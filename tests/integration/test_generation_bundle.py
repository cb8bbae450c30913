"""Bundles of language models in fresh processes, as a device or a person meets them."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from rnn_toolkit import load
from rnn_toolkit.config import GenerationTokenizerConfig, LanguageModelConfig
from rnn_toolkit.export.language_model import LanguageModelToExport
from rnn_toolkit.export.table import EXPORTERS, exporter
from rnn_toolkit.networks.language_model import build_language_model
from rnn_toolkit.networks.steps import KerasSteps
from rnn_toolkit.runtime.generator import GeneratorPredictor
from rnn_toolkit.text.train_generation_tokenizer import train_generation_tokenizer

Program = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow
TEXTS = [
    "the cat sat on the mat.\nthe dog ate the cat's hat.\n",
    "a slow start, but the ending is great. \u975e\u5e38\u597d\u770b",
    "The end.",
]
KINDS = {"savedmodel": "whitespace", "tflite": "word", "onnx": "char"}
"""Each format with another tokenizer, so that every pair of them need not be made."""


def subject(kind: str) -> LanguageModelToExport:
    """A model of documents with a condition, whose words are far from equally likely."""
    config = GenerationTokenizerConfig(kind=kind)
    tokenizer = train_generation_tokenizer(TEXTS * 3, config, conditions=("happy", "sad"))
    network = LanguageModelConfig(units=12, layers=2).for_tokens(config.kind)
    keras.utils.set_random_seed(3)
    model = build_language_model(network, vocabulary_size=tokenizer.vocabulary_size, seed=1)
    generator = np.random.default_rng(5)
    for weight in model.trainable_variables:
        noise = generator.normal(scale=0.5, size=weight.shape)
        weight.assign(weight.numpy() + noise.astype(np.float32))
    rows = [tokenizer.document(text, "sad").tolist() for text in TEXTS]
    return LanguageModelToExport(model, tokenizer, network, True, rows)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, GeneratorPredictor]]:
    """By format: a bundle, and the model in Keras."""
    folder = tmp_path_factory.mktemp("generation")
    found = {}
    for name in EXPORTERS:
        given = subject(KINDS[name])
        exporter(name).export(given, folder / name)
        steps = KerasSteps(given.model)
        found[name] = (folder / name, GeneratorPredictor(given.tokenizer, steps, documents=True))
    return found


Made = dict[str, tuple[Path, GeneratorPredictor]]


def run_fresh(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code + "\nimport sys\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        cwd=folder,
    )


def imported(result: subprocess.CompletedProcess[str]) -> set[str]:
    return {name.split(".")[0] for name in result.stderr.split()}


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_bundle_writes_and_scores_like_the_model(made: Made, name: str) -> None:
    bundle, reference = made[name]
    loaded: Any = load(bundle)
    for condition in (None, "happy", "sad"):
        for options in ({"seed": 4}, {"temperature": 0.0}, {"beam": 3}, {"seed": 1, "top_p": 0.7}):
            asked: dict[str, Any] = {"length": 40, "condition": condition, **options}
            expected: Any = reference.generate("the cat", **asked)
            found = loaded.generate("the cat", **asked)
            assert found.ids == expected.ids
            assert found.text == expected.text
            assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-3)
    scores = zip(loaded.score(TEXTS), reference.score(TEXTS), strict=True)
    for one, other in scores:
        assert one.log_probabilities == pytest.approx(other.log_probabilities, abs=1e-4)
    several = loaded.generate("a", samples=5, seed=2, length=30)
    assert [each.text for each in several] == [
        each.text
        for each in reference.generate("a", samples=5, seed=2, length=30)  # type: ignore[union-attr]
    ]


@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_a_bundle_writes_without_tensorflow(made: Made, name: str) -> None:
    bundle, reference = made[name]
    code = (
        f"import rnn_toolkit; print(rnn_toolkit.load({str(bundle)!r}).generate('the', seed=1).text)"
    )
    result = run_fresh(code, bundle)
    assert not imported(result) & {"tensorflow", "keras", "pandas", "gensim", "sklearn"}
    written: Any = reference.generate("the", seed=1)
    assert result.stdout == written.text + "\n"


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_code_in_the_readme_writes(made: Made, name: str) -> None:
    bundle, reference = made[name]
    readme = (bundle / "README.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    # The likeliest ids, so that the text can be compared with the model's.
    likeliest = code.replace(
        "int(random.choice(len(logits), p=probabilities / probabilities.sum()))",
        "int(probabilities.argmax())",
    )
    assert likeliest != code
    result = run_fresh(likeliest, bundle)
    foreign = {"rnn_toolkit", "tensorflow_text", "tensorflow"}
    if name == "savedmodel":
        foreign -= {"tensorflow"}
    assert not imported(result) & foreign
    expected: Any = reference.generate("The ", temperature=0.0, length=200)
    whole = expected.text if name != "savedmodel" else expected.text.lstrip(" ")
    assert result.stdout == whole + "\n"
    assert run_fresh(code, bundle).stdout


@pytest.mark.parametrize("name", EXPORTERS)
def test_verify_passes_and_one_flipped_byte_fails(
    program: Program, made: Made, name: str, tmp_path: Path
) -> None:
    bundle, _ = made[name]
    passed = program("verify", bundle)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "17, all right" in passed.stdout
    assert "one token" in passed.stdout
    damaged = tmp_path / name
    shutil.copytree(bundle, damaged)
    victims = ("step.onnx", "model.tflite", "variables.data-00000-of-00001")
    victim = next(path for path in sorted(damaged.rglob("*")) if path.name in victims)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(bytes(content))
    result = program("verify", damaged)
    assert result.returncode == 1
    assert f"{victim.name} differs from its checksum" in result.stdout


def test_verify_notices_other_answers(program: Program, made: Made, tmp_path: Path) -> None:
    changed = tmp_path / "bundle"
    shutil.copytree(made["onnx"][0], changed)
    rows = [json.loads(line) for line in (changed / "golden.jsonl").read_text("utf-8").splitlines()]
    rows[0]["logits"][3] += 0.01
    rows[1]["ids"] = [1, *rows[1]["ids"]]
    rows[2]["top"][0][1] += 0.01
    rows[5]["sampled"]["text"] += "x"
    row = next(number for number, row in enumerate(rows) if row["greedy"] and number > 5)
    rows[row]["greedy"]["ids"][0] = 5
    content = "".join(f"{json.dumps(each)}\n" for each in rows).encode()
    (changed / "golden.jsonl").write_bytes(content)
    manifest = json.loads((changed / "manifest.json").read_text("utf-8"))
    manifest["sha256"]["golden.jsonl"] = hashlib.sha256(content).hexdigest()
    (changed / "manifest.json").write_text(json.dumps(manifest))
    result = program("verify", changed)
    assert result.returncode == 1
    assert result.stdout.splitlines()[:-1] == [
        "WRONG  golden row 1: other logits",
        "WRONG  golden row 2: the tokenizer gives other ids",
        "WRONG  golden row 3: other logits",
        "WRONG  golden row 6: the drawn text is another",
        f"WRONG  golden row {row + 1}: the likeliest text is another",
    ]


def test_inspect_and_predict_know_what_a_bundle_is(program: Program, made: Made) -> None:
    shown = program("inspect", made["tflite"][0]).stdout
    assert "documents, which it can end" in shown
    assert "happy, sad" in shown
    assert "prefill(ids: int32, length: int32) -> logits: float32" in shown
    refused = program("predict", made["onnx"][0], "a text")
    assert refused.returncode == 2
    assert "Use: rnn-toolkit generate" in refused.stderr
