"""`rnn-toolkit diagnose`, as a person uses it."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rnn_toolkit import SentimentClassifier
from rnn_toolkit.errors import RnnToolkitError
from rnn_toolkit_cli.main import app

Program = Callable[..., subprocess.CompletedProcess[str]]
SAMPLE = Path(__file__).parents[2] / "rnn_toolkit" / "data" / "sample" / "reviews.csv"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory, trained for one epoch on the shipped sample."""
    model = SentimentClassifier(cell="simple_rnn", units=8, epochs=1, pair_buckets=0)
    return model.fit(SAMPLE).save(tmp_path_factory.mktemp("models") / "small")


def test_diagnose_prints_a_table_and_writes_three_files(
    program: Program, small: Path, tmp_path: Path
) -> None:
    arguments = ("diagnose", small, "--data", SAMPLE, "--rows", "24", "--max-steps", "12")
    result = program(*arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for words in ("simple_rnn_1", "backward", "10 steps back", "half-life", "below 1 % from"):
        assert words in result.stdout
    assert "50 steps back" not in result.stdout  # no row is that long here
    assert "simple_rnn_1, forward, " in result.stdout
    assert "text column 'text'" in result.stderr
    folder = tmp_path / "diagnosis" / "small"
    assert (folder / "gradients.png").read_bytes()[:4] == b"\x89PNG"
    page = ElementTree.parse(folder / "gradients.svg").getroot()
    text = " ".join(part for part in page.itertext() if part.strip())
    assert "steps back" in text
    assert "simple_rnn_1, backward" in text
    found = json.loads((folder / "gradients.json").read_text("utf-8"))
    assert (found["rows"], found["longest"]) == (24, 12)
    assert [layer["direction"] for layer in found["layers"]] == ["forward", "backward"]
    for layer in found["layers"]:
        assert layer["verdict"] in {"explodes", "forgets", "fades", "holds"}
        assert layer["memory"]["mean"][0] == pytest.approx(1.0, abs=1e-4)
        assert layer["memory"]["rows"][0] == 24
        assert len(layer["memory"]["mean"]) == len(layer["loss"]["mean"]) == 12
    assert found["advice"]
    assert found["weight_gradient_norms"]["embedding"] > 0


def test_the_same_command_gives_the_same_files(small: Path, tmp_path: Path) -> None:
    shown = []
    for _ in range(2):
        arguments = ["diagnose", str(small), "--data", str(SAMPLE), "--rows", "8", "--json"]
        result = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out")])
        assert result.exit_code == 0, result.output
        files = {path.name: path.read_bytes() for path in sorted((tmp_path / "out").iterdir())}
        assert set(files) == {"gradients.json", "gradients.png", "gradients.svg"}
        assert json.loads(files["gradients.json"]) == json.loads(result.stdout)
        shown.append(files)
    assert shown[0] == shown[1]


def test_bad_input_is_one_line_and_exit_code_2(
    program: Program, small: Path, tmp_path: Path
) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "manifest.json").write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    (tmp_path / "texts.csv").write_text("text\na fine film\na dull film\n")
    (tmp_path / "other.csv").write_text("text,label\na,positive\nb,sarcastic\n")
    data = ("--data", str(SAMPLE))
    (tmp_path / "short.csv").write_text("text,label\nfilm,positive\nfilm,negative\n")
    cases: list[tuple[tuple[str, ...], str]] = [
        ((str(tmp_path / "bundle"), *data), "is a bundle, which has no gradients"),
        ((str(tmp_path / "nowhere"), *data), "There is no"),
        ((str(small), "--data", str(tmp_path / "texts.csv")), "a text and a label column"),
        ((str(small), "--data", str(tmp_path / "other.csv")), "never saw: 'sarcastic'"),
        ((str(small), "--data", str(tmp_path / "short.csv")), "has two tokens"),
        ((str(small), "--data", str(tmp_path / "none.csv")), "There is no file"),
        ((str(small), *data, "--rows", "0"), "--rows must be at least 1, not 0"),
        ((str(small), *data, "--max-steps", "1"), "--max-steps must be at least 2, not 1"),
        ((str(small), *data, "--out", str(tmp_path / "mine")), "did not write"),
    ]
    for arguments, message in cases:
        result = CliRunner().invoke(app, ["diagnose", *arguments])
        assert isinstance(result.exception, RnnToolkitError), (arguments, result.output)
        assert result.exception.exit_code == 2
        assert message in str(result.exception)
    result = program("diagnose", *cases[0][0])
    assert result.returncode == 2
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert "is a bundle" in line
    assert (tmp_path / "mine" / "file").read_text() == "mine"


def test_help_is_light_and_lists_diagnose(program: Program) -> None:
    assert "diagnose" in program("--help").stdout
    result = program("diagnose", "--help")
    assert result.returncode == 0
    assert "--max-steps" in result.stdout
