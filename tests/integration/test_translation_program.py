"""The console program with translation models, in fresh processes."""

from __future__ import annotations

import gzip
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

from rnn_toolkit import Translator, load
from rnn_toolkit.errors import OptionError

Program = Callable[..., subprocess.CompletedProcess[str]]
SMALL = ("--units", "128", "--embedding-size", "128", "--input-dropout", "0.1")
NOISE = (
    *("--memory-dropout", "0.1", "--output-dropout", "0.1"),
    *("--batch-tokens", "60", "--learning-rate", "0.004", "--patience", "60"),
)

WORDS = {
    "der": "the",
    "Hund": "dog",
    "Vogel": "bird",
    "Mann": "man",
    "alte": "old",
    "rote": "red",
    "kleine": "small",
    "schläft": "sleeps",
    "singt": "sings",
    "läuft": "runs",
}

pytestmark = pytest.mark.slow


def pairs(count: int) -> list[tuple[str, str]]:
    """A little language and its translation, word by word."""
    choose = random.Random(4).choice
    found = []
    for _ in range(count):
        words = [
            "der",
            choose(["alte", "rote", "kleine"]),
            choose(["Hund", "Vogel", "Mann"]),
            choose(["schläft", "singt", "läuft"]),
        ]
        if choose([True, False]):
            words.insert(1, choose(["alte", "rote"]))
        found.append((" ".join(words) + " .", " ".join(WORDS[word] for word in words) + " ."))
    return sorted(set(found))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    path.write_text("".join(f"{one}\t{other}\n" for one, other in pairs(400)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(data: Path, program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "german"
    result = program(
        "train", "translation", "--data", data, "--epochs", "60", *SMALL, *NOISE, "--out", out
    )
    assert result.returncode == 0, result.stderr
    assert "IBM model 1" in result.stdout
    assert "nrefs:1|case:mixed" in result.stdout
    return out


def test_a_model_directory_holds_everything(model: Path) -> None:
    names = {path.name for path in model.iterdir()}
    assert {
        "config.json",
        "model.keras",
        "source_tokenizer.json",
        "target_tokenizer.json",
        "dictionary.json",
        "metrics.json",
        "history.csv",
        "report.html",
        "README.md",
    } <= names
    metrics = json.loads((model / "metrics.json").read_text())
    (validation,) = metrics["evaluations"]
    assert validation["split"] == "validation"
    assert "tok:13a" in validation["rows"][0]["scores"]["bleu_signature"]
    assert "tok:13a" in (model / "README.md").read_text()
    report = (model / "report.html").read_text()
    assert 'class="heat"' in report
    assert "<script src" not in report


def test_a_fresh_process_and_every_bundle_translate_the_same(
    model: Path, program: Program, tmp_path: Path
) -> None:
    """The classic seq2seq bug: weights, vocabulary and config fall apart on reloading."""
    sources = [source for source, _ in pairs(400)][:20]
    given = "\n".join(sources) + "\n"
    first = program("translate", model, input=given)
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    assert len(lines) == len(sources)
    in_python = load(model).translate(sources)
    assert [found.text for found in in_python] == lines
    right = sum(line == target for line, (_, target) in zip(lines, pairs(400), strict=False))
    assert right >= 15
    for name in ("tflite", "onnx"):
        bundle = tmp_path / name
        exported = program("export", model, "--format", name, "--out", bundle)
        assert exported.returncode == 0, exported.stderr
        assert program("translate", bundle, input=given).stdout == first.stdout
        assert program("verify", bundle).returncode == 0


def test_odd_texts_have_an_answer_within_the_bound(model: Path) -> None:
    translator = load(model)
    for text in (
        "Hund",
        "der rote Hund " * 125,
        "zzz qqq \u4f60\u597d \U0001f642",
        "a completely different language with many words in it",
        "." * 300,
    ):
        found = translator.translate(text, n_best=3)
        pieces = translator.trained.tokenizers.source_pieces(text)
        bound = translator.predictor().options().bound(len(pieces.ids))
        for candidate in found.candidates:
            ids = translator.trained.tokenizers.encode_target([candidate.text])[0]
            assert len(ids) <= bound
    assert load(model).translate("der Hund " * 300).cut
    assert translator.translate(["", "  "])[0].text == ""


def test_an_attention_file_is_refused_before_the_work(
    model: Path, program: Program, tmp_path: Path
) -> None:
    result = program("translate", model, "der Hund", "--attention", tmp_path / "a.pdf")
    assert result.returncode == 2
    assert result.stdout == ""
    assert ".html, .png or .json" in result.stderr


def test_attention_is_drawn(model: Path, program: Program, tmp_path: Path) -> None:
    for name in ("a.html", "a.png", "a.json"):
        result = program(
            "translate", model, "der alte Hund schläft .", "--attention", tmp_path / name
        )
        assert result.returncode == 0, result.stderr
    assert "schläft" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    (drawn,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert drawn["source"] == ["der", "alte", "Hund", "schläft", "."]
    assert len(drawn["weights"]) == len(drawn["target"])
    assert all(sum(row) == pytest.approx(1, abs=0.02) for row in drawn["weights"])


def test_parallel_files_are_scored(model: Path, program: Program, tmp_path: Path) -> None:
    copy = tmp_path / "german"
    shutil.copytree(model, copy)
    some = pairs(400)[::7]
    for place, name in enumerate(("test.de.gz", "test.en.gz")):
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            file.writelines(f"{pair[place]}\n" for pair in some)
    result = program(
        "evaluate", copy, "--source", tmp_path / "test.de.gz", "--target", tmp_path / "test.en.gz",
        "--json",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    scores = json.loads(result.stdout)
    model_row, copied, dictionary = scores["rows"]
    assert model_row["scores"]["bleu"] > copied["scores"]["bleu"]
    assert dictionary["scores"]["bleu"] > copied["scores"]["bleu"]
    assert "test.de.gz" in (copy / "metrics.json").read_text()


def test_columns_of_the_training_are_remembered(program: Program, tmp_path: Path) -> None:
    """Turned round in training, a file is turned round in evaluation as well."""
    table = tmp_path / "pairs.csv"
    rows = "".join(f'"{one}","{other}"\n' for one, other in pairs(400)[:40])
    table.write_text(f"german,english\n{rows}", encoding="utf-8")
    columns = ("--source-column", "english", "--target-column", "german")
    out = tmp_path / "model"
    trained = program(
        "train", "translation", "--data", table, *columns, "--epochs", "1", *SMALL, "--out", out
    )
    assert trained.returncode == 0, trained.stderr
    scored = program("evaluate", out, "--data", table, "--json")
    assert "english" in scored.stderr
    assert json.loads(scored.stdout)["best"][0]["source"].startswith("the ")
    other = tmp_path / "other.csv"
    other.write_text(table.read_text("utf-8").replace("german,english", "de,en"), "utf-8")
    refused = program("evaluate", out, "--data", other)
    assert refused.returncode == 2
    assert "of the training" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--source", "a.de"), "--target"),
        (("--data", "nothing.tsv"), "nothing.tsv"),
        (("--data", "DATA", "--attention", "telepathy"), "telepathy"),
        (("--data", "DATA", "--copy-words"), "shared_vocabulary"),
        (("--data", "DATA", "--source-column", "spanish"), "spanish"),
        (("--data", "DATA", "--learning-rate", "-1"), "learning_rate"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], said: str, data: Path, program: Program, tmp_path: Path
) -> None:
    given = [str(data) if argument == "DATA" else argument for argument in arguments]
    result = program("train", "seq2seq", *given, "--out", tmp_path / "model")
    assert result.returncode == 2
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert said in line
    assert not (tmp_path / "model").exists()


def test_a_killed_training_goes_on(data: Path, program: Program, tmp_path: Path) -> None:
    out = tmp_path / "model"
    command = (
        "train", "translation", "--data", data, "--epochs", "40", *SMALL, *NOISE, "--out", out,
    )  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, "-m", "rnn_toolkit_cli.main", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    checkpoint = tmp_path / ".model.training" / "checkpoint.npz"
    for _ in range(600):
        if checkpoint.exists():
            break
        time.sleep(0.1)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    assert checkpoint.exists()
    assert not out.exists()
    result = program(*command, "--resume")
    assert result.returncode == 0, result.stderr
    assert "Continuing after epoch" in result.stderr
    assert not checkpoint.exists()
    assert len((out / "history.csv").read_text().splitlines()) == 41


def test_ensembles_and_warm_starts() -> None:
    small = {"units": 16, "embedding_size": 16, "epochs": 2, "batch_tokens": 200}
    some = pairs(400)[:60]
    one = Translator(seed=1, **small).fit(some)
    two = Translator(seed=2, **small).fit(some)
    both = one.together_with(two)  # another seed holds out the same pairs
    assert len(both.translate([source for source, _ in some[:3]])) == 3
    assert len(both.together_with(one.together_with(two)).predictor().model._models) == 4
    both.evaluate(some[:5], split="both")
    assert [scores.split for scores in one.trained.evaluations] == ["validation"]

    drawn = one.evaluate(some[:9], temperature=1.0)
    seed = int(drawn.decoding.split()[-1])
    assert one.evaluate(some[:9], temperature=1.0, seed=seed).worst == drawn.worst

    other = Translator(vocabulary_size=300, **small).fit([*some, ("das Haus", "the house")])
    with pytest.raises(OptionError, match="vocabulary"):
        one.together_with(other)
    warm = Translator(epochs=1, **{k: v for k, v in small.items() if k != "epochs"})
    warm.fit([*some, ("das Haus", "the house")], start=one)
    assert warm.trained.history[0].validation_loss < other.trained.history[0].validation_loss
