"""The client in Java: it compiles as Android needs it, and passes its own tests.

`pytest -s` prints how much each of its tests compared. ONNX Runtime for the JVM is tested too
where RNN_TOOLKIT_ONNXRUNTIME_JAR names the file of com.microsoft.onnxruntime:onnxruntime.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

from rnn_toolkit.decoding.batched_beam import search_batch
from rnn_toolkit.decoding.row_scores import TargetIds
from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.text.characters import LONGEST_WORD
from rnn_toolkit.text.fast_tokenizer import without_surrogates

CLIENT = Path(__file__).parents[2] / "clients" / "java"
SOURCES = sorted((CLIENT / "src").rglob("*.java"))
TESTS = sorted((CLIENT / "test").glob("*.java"))
PROGRAMS = sorted(path.stem for path in TESTS if path.stem.endswith("Test"))
ONNX_RUNTIME = os.environ.get("RNN_TOOLKIT_ONNXRUNTIME_JAR", "")
_END = 3
_LONG = 60_000  # characters
_REPORT = re.compile(r"^.+: (\d+) checks, 0 mismatches$", re.MULTILINE)
_LEAST_CHECKS = {"TokenizerTest": 800_000, "PatternTest": 10_000, "ErrorTest": 100}

pytestmark = pytest.mark.slow


def _run(program: str, *arguments: str | Path) -> str:
    """What a program prints; its last lines where it fails."""
    path = shutil.which(program)
    if path is None:
        # In CI everything must be there.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed")
    result = subprocess.run(
        [path, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", timeout=600
    )
    last = [*result.stdout.splitlines()[-80:], *result.stderr.splitlines()[-40:]]
    assert result.returncode == 0, "\n".join(last)
    return result.stdout


def _compile(target: Path, files: list[Path], release: int, class_path: str = "") -> None:
    # "try" warns of every closing that may be interrupted, "options" of an old release.
    lint = ["-Xlint:all", "-Xlint:-try", "-Xlint:-options", "-Werror", "-encoding", "UTF-8"]
    given = ["-cp", class_path] if class_path else []
    _run("javac", "--release", str(release), *lint, *given, "-d", target, *files)


@pytest.fixture(scope="session")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client and its test programs, compiled."""
    folder = tmp_path_factory.mktemp("java")
    _compile(folder, [*SOURCES, *TESTS], release=11)
    return folder


@pytest.fixture(scope="session")
def more_texts(vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the tokenizers make of long texts, and how they clean some, for TokenizerTest."""
    strings = json.loads((vectors / "fuzz" / "strings.json").read_text(encoding="ascii"))
    texts = ["\u0130\u0131I\u03a3\u03a3 \U00010400\u1e9e\u01c5", *strings[:2000]]
    repeated, normalized = [], []
    for path in sorted(vectors.glob("fuzz/*/tokenizer.json")):
        tokenizer, name = FastTokenizer.from_file(str(path)), path.parent.name
        for part in ("a", "'a", "<a", "&lt;", " a", "good bad ", "e\u0301", "\U0001f600"):
            for characters in (LONGEST_WORD, LONGEST_WORD + 1, _LONG):
                times = characters // len(part)
                ids = tokenizer.encode(part * times, add_special_tokens=False).ids
                checksum = zlib.crc32(np.asarray(ids, "<i4").tobytes())
                row = {"tokenizer": name, "part": part, "times": times}
                repeated.append({**row, "count": len(ids), "checksum": checksum})
        for text in map(without_surrogates, texts):
            clean = tokenizer.normalizer.normalize_str(text)
            normalized.append({"tokenizer": name, "text": text, "clean": clean})
    file = tmp_path_factory.mktemp("more") / "more.json"
    file.write_text(json.dumps({"repeated": repeated, "normalized": normalized}), encoding="ascii")
    return file


class _Table:
    """An encoder-decoder of tables; see TranslationSearchTest.java."""

    vocabulary_size = 12

    def __init__(self, generator: np.random.Generator, source: int, end_bias: float) -> None:
        size = self.vocabulary_size
        self.first = generator.normal(scale=2.0, size=(size, size)).round(2).astype(np.float32)
        self.first[:, _END] += np.float32(end_bias)
        self.second = generator.normal(size=(size, size)).round(2).astype(np.float32)
        self.first[:, 7], self.second[:, 7] = self.first[:, 8], self.second[:, 8]  # equals
        self.attention = generator.dirichlet(np.ones(source), size).round(3).astype(np.float32)

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        """See EncoderDecoder."""
        return {"length": lengths, "place": np.zeros(len(ids), np.int32)}

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """See EncoderDecoder."""
        place = states["place"]
        logits = self.first[ids] + self.second[place % self.vocabulary_size]
        return logits, {**states, "place": place + 1, "attention": self.attention[ids]}


@pytest.fixture(scope="session")
def searches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Python's beam search finds in tables, as a file for TranslationSearchTest."""
    generator = np.random.default_rng(5)
    cases = []
    for number in range(150):
        source = list(range(1, 2 + number % 4))
        table = _Table(generator, len(source), end_bias=number % 5 - 1.0)
        beam = 1 + number % 6
        options = TranslationOptions(
            beam=beam,
            n_best=1 + int(generator.integers(beam)),
            length_penalty=(0.0, 0.6, 1.0)[number % 3],
            coverage_penalty=(0.0, 0.3)[number // 3 % 2],
            min_length=(0, 0, 3)[number // 2 % 3],
            no_repeat_ngram=(0, 2, 1)[number // 4 % 3],
            length_ratio=2.0,
            extra_length=9,
        )
        targets = TargetIds(12, begin_id=2, end_id=_END, never=(0, 1))
        (found,) = search_batch(table, [source], options, targets)
        cases.append(
            {
                **{name: getattr(table, name).tolist() for name in ("first", "second")},
                "attention": table.attention.tolist(),
                "source": source,
                "bound": options.bound(len(source)),
                **{"begin_id": 2, "end_id": _END, "never": [0, 1]},
                "options": options.model_dump(),
                "answers": [
                    {
                        "ids": answer.ids,
                        "ended": answer.ended,
                        "score": answer.score,
                        "log_probability": answer.log_probability,
                    }
                    for answer in found
                ],
            }
        )
    file = tmp_path_factory.mktemp("searches") / "searches.json"
    file.write_text(json.dumps({"cases": cases}), encoding="ascii")
    return file


def test_the_client_needs_nothing_newer_than_java_8(tmp_path: Path) -> None:
    """What Android has had since version 8.0 is, but for a few classes, the library of Java 8."""
    _compile(tmp_path, SOURCES, release=8)


@pytest.mark.parametrize("name", PROGRAMS)
def test_java(name: str, classes: Path, vectors: Path, more_texts: Path, searches: Path) -> None:
    process = [Path(sys.executable), CLIENT / "test" / "model_process.py"]
    arguments = {
        "BundleTest": [vectors, *process],
        "TokenizerTest": [vectors, more_texts],
        "TranslationSearchTest": [searches],
    }.get(name, [vectors])
    # A small stack, as on a phone: no text may overflow it. One thread collects garbage, since
    # other tests may run beside this one.
    machine = ["-Xss512k", "-Xmx1g", "-XX:+UseSerialGC"]
    found = _run("java", *machine, "-cp", classes, name, *arguments)
    print(found)
    checks = [int(count) for count in _REPORT.findall(found)]
    assert len(checks) == len(found.splitlines())
    assert sum(checks) >= _LEAST_CHECKS.get(name, 1000)


def test_there_are_tests() -> None:
    assert len(PROGRAMS) == 6


@pytest.mark.skipif(not ONNX_RUNTIME, reason="RNN_TOOLKIT_ONNXRUNTIME_JAR names no file")
def test_onnx_runtime_for_the_jvm(classes: Path, vectors: Path, tmp_path: Path) -> None:
    class_path = os.pathsep.join([str(classes), ONNX_RUNTIME])
    _compile(tmp_path, sorted((CLIENT / "onnx").glob("*.java")), 11, class_path)
    path = os.pathsep.join([str(tmp_path), class_path])
    found = _run("java", "-cp", path, "BundleTest", vectors)
    assert len(_REPORT.findall(found)) == len(found.splitlines())
