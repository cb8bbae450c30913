"""The console program in fresh processes, as a person uses it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnn_toolkit import load

Program = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow
TEXTS = ["a wonderful film", "terrible, broken and a waste of money", ""]


def imported(code: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", code + "\nimport sys\nprint(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in result.stderr.split()}


HEAVY = {"tensorflow", "keras", "pandas", "gensim", "sklearn", "matplotlib"}


def test_help_and_import_are_light(program: Program) -> None:
    assert not imported("import rnn_toolkit, rnn_toolkit_cli.main") & HEAVY
    result = program("--help")
    assert result.returncode == 0
    for command in ("train", "evaluate", "predict", "export", "verify", "inspect"):
        assert command in result.stdout


@pytest.mark.parametrize("name", ["tflite", "onnx"])
def test_bundles_answer_without_tensorflow(bundles: dict[str, Path], name: str) -> None:
    code = f"import rnn_toolkit; rnn_toolkit.load({str(bundles[name])!r}).predict('a fine film')"
    assert not imported(code) & HEAVY


@pytest.mark.parametrize("name", ["savedmodel", "tflite", "onnx"])
def test_bundles_answer_like_the_model(trained: Path, bundles: dict[str, Path], name: str) -> None:
    model, bundle = load(trained), load(bundles[name])
    for one, other in zip(model.predict(TEXTS), bundle.predict(TEXTS), strict=True):
        assert one.label == other.label
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    manifest = json.loads((bundles[name] / "manifest.json").read_text("utf-8"))
    assert manifest["measured"]["largest_difference"] <= 1e-5
    assert manifest["measured"]["label_agreement"] == 1.0


@pytest.mark.parametrize("name", ["savedmodel", "tflite", "onnx"])
def test_verify_passes_and_one_flipped_byte_fails(
    program: Program, bundles: dict[str, Path], name: str, tmp_path: Path
) -> None:
    assert program("verify", bundles[name]).returncode == 0
    damaged = tmp_path / name
    shutil.copytree(bundles[name], damaged)
    victim = next(path for path in sorted(damaged.rglob("*")) if path.name.startswith("vocab"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(bytes(content))
    result = program("verify", damaged)
    assert result.returncode == 1
    assert "vocab.txt differs from its checksum" in result.stdout


def test_verify_notices_other_answers(
    program: Program, bundles: dict[str, Path], tmp_path: Path
) -> None:
    changed = tmp_path / "bundle"
    shutil.copytree(bundles["onnx"], changed)
    manifest = json.loads((changed / "manifest.json").read_text("utf-8"))
    rows = (changed / "golden.jsonl").read_text("utf-8").splitlines()
    row = json.loads(rows[0])
    row["probabilities"] = row["probabilities"][::-1]
    row["ids"] = [1, *row["ids"]]
    (changed / "golden.jsonl").write_text("\n".join([json.dumps(row), *rows[1:]]) + "\n")
    import hashlib

    digest = hashlib.sha256((changed / "golden.jsonl").read_bytes()).hexdigest()
    manifest["sha256"]["golden.jsonl"] = digest
    (changed / "manifest.json").write_text(json.dumps(manifest))
    result = program("verify", changed)
    assert result.returncode == 1
    assert "golden row 1: the tokenizer gives other ids" in result.stdout
    assert "golden row 1: other probabilities" in result.stdout


def test_tflite_is_built_in_and_onnx_is_native(bundles: dict[str, Path]) -> None:
    import onnx

    from rnn_toolkit.export.tflite import inspect_tflite

    content = (bundles["tflite"] / "model.tflite").read_bytes()
    assert inspect_tflite(content) == ([], 0)
    graph = onnx.load(str(bundles["onnx"] / "model.onnx")).graph
    operators = [node.op_type for node in graph.node]
    assert operators.count("LSTM") == 2
    assert "Loop" not in operators


def test_saved_model_takes_strings(bundles: dict[str, Path], trained: Path) -> None:
    from rnn_toolkit.export.saved_model import SavedModelModel
    from rnn_toolkit.export.tf_text import import_tensorflow_text

    import_tensorflow_text()
    saved = SavedModelModel(bundles["savedmodel"] / "saved_model", ["predict_text"])
    found = saved.run("predict_text", {"text": np.asarray(TEXTS, object)})["probabilities"]
    expected = [list(answer.probabilities.values()) for answer in load(trained).predict(TEXTS)]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_predict_prints_text_or_json(program: Program, bundles: dict[str, Path]) -> None:
    result = program("predict", bundles["tflite"], *TEXTS[:2])
    assert [line.split("\t")[2] for line in result.stdout.splitlines()] == TEXTS[:2]
    result = program("predict", bundles["onnx"], "--json", input="one\ntwo\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["text"] for row in rows] == ["one", "two"]
    assert sum(rows[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert result.stderr == ""


def test_evaluate_reports_baseline_duplicates_and_bad_rows(
    program: Program, trained: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(trained, model)
    sample = Path(__file__).parents[2] / "rnn_toolkit" / "data" / "sample" / "reviews.csv"
    with sample.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[:40]
    with (tmp_path / "test.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*rows, rows[1], ["", "positive"]])
    result = program("evaluate", model, "--data", tmp_path / "test.csv", "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert {"accuracy", "macro_f1", "log_loss", "baseline"} <= set(found)
    assert found["rows"] == 40
    assert found["duplicate_rows"] == 1
    assert found["rows_also_in_training"] > 20
    assert "1 row was left out" in result.stderr
    metrics = json.loads((model / "metrics.json").read_text("utf-8"))
    assert [entry["split"] for entry in metrics["evaluations"]] == ["validation", "test"]
    page = (model / "report.html").read_text("utf-8")
    assert "Test: " in page
    assert "Most confident mistakes" in page
    outside = [part for part in ('src="http', 'href="http', "url(http", "@import") if part in page]
    assert not outside


def test_inspect_shows_models_and_bundles(
    program: Program, trained: Path, bundles: dict[str, Path]
) -> None:
    shown = program("inspect", trained).stdout
    assert "1 x lstm, 64 units, both directions, mean_max pooling" in shown
    assert "negative, positive" in shown
    shown = program("inspect", bundles["tflite"]).stdout
    assert "predict(ids: int32) -> probabilities: float32" in shown


def test_bad_input_is_one_line_and_exit_code_2(
    program: Program, trained: Path, bundles: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (tmp_path / "one.csv").write_text("text,label\na,1\nb,1\n")
    (tmp_path / "unseen.csv").write_text("text,label\na,positive\nb,sarcastic\n")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "file").write_text("mine")
    train = ("train", "sentiment", "--out", tmp_path / "out")
    cases: list[tuple[tuple[object, ...], str]] = [
        ((*train, "--data", tmp_path / "none.csv"), "There is no file"),
        ((*train, "--data", tmp_path / "empty.csv"), "is empty"),
        ((*train, "--data", tmp_path / "picture.csv"), "is a PNG picture"),
        ((*train, "--data", tmp_path / "one.csv"), "same label, '1'"),
        ((*train, "--data", tmp_path / "one.csv", "--label-column", "x"), "It has: text, label"),
        ((*train, "--cell", "lstn"), "Choose from: simple_rnn, lstm, gru"),
        ((*train, "--units", "0"), "units"),
        (("train", "sentiment", "--out", tmp_path / "foreign"), "did not write"),
        (("evaluate", trained, "--data", tmp_path / "unseen.csv"), "never saw: 'sarcastic'"),
        (("evaluate", bundles["onnx"], "--data", tmp_path / "one.csv"), "is a bundle"),
        (("predict", tmp_path / "nowhere", "x"), "There is no"),
        (("predict", tmp_path / "foreign", "x"), "neither a model directory"),
        (("export", trained, "--format", "coreml"), "savedmodel, tflite, onnx"),
        (("verify", tmp_path / "foreign"), "is not a bundle"),
    ]
    for arguments, message in cases:
        result = program(*arguments)
        lines = result.stderr.strip().splitlines()
        assert result.returncode == 2, (arguments, result.stderr)
        assert message in lines[-1], (arguments, result.stderr)
        assert lines[-1].startswith("error: ")
        assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_damaged_model_directory_says_so(program: Program, trained: Path, tmp_path: Path) -> None:
    for name in ("config.json", "model.keras", "tokenizer.json", "labels.json", "baseline.npz"):
        model = tmp_path / name
        shutil.copytree(trained, model)
        (model / name).write_bytes(b"{broken")
        result = program("predict", model, "x")
        assert result.returncode == 2, result.stderr
        assert name in result.stderr.splitlines()[-1]


def history(model: Path) -> list[dict[str, str]]:
    with (model / "history.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_killed_training_resumes_to_the_same_end(program: Program, tmp_path: Path) -> None:
    train = ("train", "sentiment", "--epochs", "3", "--seed", "5")
    assert program(*train, "--out", tmp_path / "whole").returncode == 0
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", *train, "--out", str(tmp_path / "cut")]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 1"):
            break
    deadline = time.monotonic() + 60
    state = tmp_path / ".cut.training" / "checkpoint.npz"
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "cut").exists()
    other = program(
        "train", "sentiment", "--epochs", "3", "--seed", "6", "--resume", "--out", tmp_path / "cut"
    )
    assert other.returncode == 2
    assert "another training setting" in other.stderr
    resumed = program(*train, "--out", tmp_path / "cut", "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "Continuing after epoch" in resumed.stderr
    keys = ("epoch", "loss", "validation_loss", "validation_accuracy")
    one = [[row[key] for key in keys] for row in history(tmp_path / "whole")]
    other_history = [[row[key] for key in keys] for row in history(tmp_path / "cut")]
    assert one == other_history
    whole, cut = load(tmp_path / "whole").predict(TEXTS), load(tmp_path / "cut").predict(TEXTS)
    assert whole == cut
    assert not state.exists()


def test_ctrl_c_keeps_the_best_model_so_far(tmp_path: Path) -> None:
    target = tmp_path / "model"
    command = [
        sys.executable,
        "-m",
        "rnn_toolkit_cli.main",
        "train",
        "sentiment",
        "--epochs",
        "500",
    ]
    process = subprocess.Popen(
        [*command, "--patience", "500", "--out", str(target)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 2"):
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    facts = json.loads((target / "metrics.json").read_text("utf-8"))["training"]
    assert facts["ended"] == "stopped by Ctrl-C"
    assert load(target).predict("fine").label in {"positive", "negative"}


def test_max_minutes_ends_training(program: Program, tmp_path: Path) -> None:
    result = program(
        "train", "sentiment", "--epochs", "500", "--patience", "500", "--max-minutes", "0.1",
        "--out", tmp_path / "m",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    facts = json.loads((tmp_path / "m" / "metrics.json").read_text("utf-8"))["training"]
    assert facts["ended"] == "the time limit was reached"
    assert facts["epochs"] < 500
