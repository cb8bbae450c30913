"""The console program with language models, in fresh processes."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnn_toolkit import RnnToolkitError, TextGenerator, load
from rnn_toolkit.errors import DataError, OptionError

Program = Callable[..., subprocess.CompletedProcess[str]]
SMALL = ("--units", "32", "--batch-size", "8", "--window", "25", "--learning-rate", "0.01")

pytestmark = pytest.mark.slow


def sentences(count: int) -> str:
    """A little language: colours, animals, deeds."""
    choose = random.Random(4).choice
    return "".join(
        f"The {choose(['red', 'blue', 'old'])} {choose(['cat', 'dog', 'fox'])} "
        f"{choose(['runs', 'sleeps', 'sings'])}.\n"
        for _ in range(count)
    )


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "animals.txt"
    path.write_text(sentences(600))
    return path


@pytest.fixture(scope="module")
def model(text: Path, program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "animals"
    result = program("train", "generation", "--data", text, "--epochs", "6", *SMALL, "--out", out)
    assert result.returncode == 0, result.stderr
    assert "Kneser-Ney" in result.stdout
    return out


def test_a_model_directory_holds_everything(model: Path) -> None:
    names = {path.name for path in model.iterdir()}
    assert {
        "config.json",
        "model.keras",
        "tokenizer.json",
        "metrics.json",
        "history.csv",
        "report.html",
        "README.md",
        "training_ids.npz",
    } <= names
    assert "<script src" not in (model / "report.html").read_text()


def test_the_same_seed_gives_the_same_text_everywhere(
    model: Path, program: Program, tmp_path: Path
) -> None:
    options = ("--prompt", "The red", "--length", "80", "--temperature", "0.9", "--seed", "7")
    first = program("generate", model, *options)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("The red ")
    in_python = load(model).generate("The red", length=80, temperature=0.9, seed=7)
    assert first.stdout.strip() == in_python.full_text.strip()
    for name in ("tflite", "onnx"):
        bundle = tmp_path / name
        exported = program("export", model, "--format", name, "--out", bundle)
        assert exported.returncode == 0, exported.stderr
        assert program("generate", bundle, *options).stdout == first.stdout
        greedy = ("--prompt", "The", "--length", "60", "--temperature", "0")
        assert (
            program("generate", bundle, *greedy).stdout
            == program("generate", model, *greedy).stdout
        )


def test_a_bundle_writes_without_tensorflow(model: Path, program: Program, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assert program("export", model, "--format", "onnx", "--out", bundle).returncode == 0
    code = (
        "import sys\nfrom rnn_toolkit import load\n"
        f"print(load({str(bundle)!r}).generate('The', length=20, seed=1).text)\n"
        "assert not {'tensorflow', 'keras', 'pandas'} & set(sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr


def test_evaluate_adds_to_the_model(model: Path, text: Path, program: Program) -> None:
    result = program(
        "evaluate", model, "--data", text, "--json", "--cache", "50", "--dynamic", "0.1"
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert {"perplexity", "bits_per_character", "baseline", "cache", "dynamic"} <= set(found)
    assert found["tokens"] == len(text.read_text()) - 1
    assert any(
        entry["split"] == "test"
        for entry in json.loads((model / "metrics.json").read_text())["evaluations"]
    )


def test_documents_end_by_themselves_and_obey_a_condition(tmp_path: Path) -> None:
    rows = ["text,mood"]
    for number in range(400):
        mood = "glad" if number % 2 else "sad"
        rows.append(f"{'la la la' if mood == 'glad' else 'oh no no'} {number:03d},{mood}")
    (tmp_path / "songs.csv").write_text("\n".join(rows))
    generator = TextGenerator(
        condition="mood", text_column="text", units=16, epochs=8, learning_rate=0.02, batch_size=16
    )
    generator.fit(tmp_path / "songs.csv")
    for mood, expected in (("glad", "la la la"), ("sad", "oh no no")):
        made = generator.generate("", condition=mood, temperature=0)
        assert (made.text[:8], made.ended) == (expected, "end mark")
    generator.save(tmp_path / "model")
    again = load(tmp_path / "model").generate("", condition="sad", temperature=0)
    assert again.text.startswith("oh no no")


def test_after_a_kill_the_same_command_resumes(
    text: Path, program: Program, tmp_path: Path
) -> None:
    base = ("train", "generation", "--data", text, "--epochs", "6", *SMALL)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert program(*base, "--out", whole).returncode == 0
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", *map(str, base), "--out", str(broken)]
    checkpoint = broken.parent / ".broken.training" / "checkpoint.npz"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        if checkpoint.exists():
            break
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert checkpoint.exists()
    assert not broken.exists()
    result = program(*base, "--out", broken, "--resume")
    assert result.returncode == 0, result.stderr
    assert "Continuing after epoch" in result.stderr
    curves = [
        [
            (record.epoch, record.loss, record.validation_loss)
            for record in load(path).trained.history
        ]
        for path in (whole, broken)
    ]
    assert curves[0] == curves[1]


def test_bad_input_is_one_line_and_exit_code_2(
    model: Path, program: Program, tmp_path: Path
) -> None:
    tiny = tmp_path / "tiny.txt"
    tiny.write_text("a")
    cases = [
        (("train", "generation", "--data", tiny), "too short"),
        (("train", "generation", "--data", tiny, "--layout", "rows"), "layout"),
        (("generate", model, "--temperature", "-1"), "temperature"),
        (("predict", model, "text"), "rnn-toolkit generate"),
    ]
    for arguments, expected in cases:
        out = ("--out", tmp_path / "out") if arguments[0] == "train" else ()
        result = program(*arguments, *out)
        assert result.returncode == 2, (arguments, result.stderr)
        assert expected in result.stderr, (arguments, result.stderr)
        assert result.stderr.count("error:") == 1
        assert "Traceback" not in result.stderr
        assert not (tmp_path / "out").exists()


def test_what_cannot_be_learnt_from_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("\n")
    with pytest.raises(DataError, match=r"empty\.txt is empty"):
        TextGenerator().fit(empty)
    with pytest.raises(DataError, match="There is no file"):
        TextGenerator().fit(tmp_path / "none.txt")
    with pytest.raises(OptionError, match=r"lstmm.*lstm"):
        TextGenerator(cell="lstmm")
    with pytest.raises(OptionError, match="stream has no labels"):
        TextGenerator(condition="author", layout="stream")


def test_one_repeated_character_is_learnt() -> None:
    generator = TextGenerator(
        layout="stream", epochs=2, units=8, batch_size=8, window=25, learning_rate=0.01
    )
    generator.fit(["a" * 5000])
    assert generator.generate(length=10).text == "a" * 10


@pytest.mark.parametrize(
    "name", ["config.json", "model.keras", "tokenizer.json", "training_ids.npz", "metrics.json"]
)
def test_a_damaged_directory_is_said(name: str, model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(RnnToolkitError, match=name.split(".")[0]) as found:
        load(copy)
    assert found.value.exit_code == 2
