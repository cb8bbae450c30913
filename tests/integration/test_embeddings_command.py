"""`rnn-toolkit embeddings`, in fresh processes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnn_toolkit.embeddings.read import read_vectors

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).parents[2] / "rnn_toolkit" / "data" / "sample" / "reviews.csv"


def embeddings(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", "embeddings", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors trained on the shipped sample."""
    out = tmp_path_factory.mktemp("vectors") / "vectors.txt"
    result = embeddings("train", "--data", SAMPLE, "--size", "20", "--out", out)
    assert result.returncode == 0, result.stderr
    assert f"Wrote {out}: " in result.stdout
    assert "comma-separated, text column 'text'" in result.stderr
    return out


def test_the_same_command_writes_the_same_file(vectors: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.txt"
    options = ("--size", "20", "--out", again)
    assert embeddings("train", "--data", SAMPLE, *options).returncode == 0
    assert again.read_bytes() == vectors.read_bytes()
    several = embeddings("train", "--data", SAMPLE, *options, "--workers", "2")
    assert "With 2 workers no two trainings give quite the same vectors" in several.stderr
    assert embeddings("train", "--data", SAMPLE, *options, "--seed", "2").returncode == 0
    assert again.read_bytes() != vectors.read_bytes()


def test_vectors_answer_questions(vectors: Path, tmp_path: Path) -> None:
    found = embeddings("neighbors", vectors, "phone", "Good", "--count", "3", "--json")
    answers = json.loads(found.stdout)
    assert list(answers) == ["phone", "good"]
    assert all(len(answer) == 3 for answer in answers.values())
    shown = embeddings("neighbors", vectors, "phone", "--count", "1").stdout
    assert answers["phone"][0]["word"] in shown
    analogy = embeddings(
        "analogy", vectors, "excellent", "terrible", "phone", "--count", "2", "--json"
    )
    assert not {"excellent", "terrible", "phone"} & {
        answer["word"] for answer in json.loads(analogy.stdout)
    }
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "good,terrible,5\nexcellent,superb,9\ngood,phone,1\ngood,nosuchword,1\n", encoding="utf-8"
    )
    judged = embeddings("similarity", vectors, pairs)
    assert " on 3 of 4 pairs, 1 have a word without a vector" in judged.stdout


def test_files_are_converted_trimmed_and_quantized(vectors: Path, tmp_path: Path) -> None:
    original = read_vectors(vectors)
    assert embeddings("convert", vectors, tmp_path / "v.bin").returncode == 0
    converted = read_vectors(tmp_path / "v.bin")
    assert converted.words == original.words
    assert (converted.matrix == original.matrix).all()
    vocabulary = tmp_path / "words"
    vocabulary.write_text("phone\ngood\nnosuchword\n", encoding="utf-8")
    trimmed = embeddings("trim", vectors, "--vocabulary", vocabulary, "--out", tmp_path / "t.txt")
    assert "2 of 3 words have vectors" in trimmed.stderr
    assert read_vectors(tmp_path / "t.txt").words == ["phone", "good"]
    small = tmp_path / "s.npz"
    assert embeddings("quantize", vectors, "--out", small, "--dtype", "int8").returncode == 0
    answers = [
        json.loads(embeddings("neighbors", path, "phone", "--json", "--count", "1").stdout)
        for path in (vectors, small)
    ]
    assert answers[0]["phone"][0]["word"] == answers[1]["phone"][0]["word"]


def test_words_are_drawn(vectors: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.html"
    drawn = embeddings("plot", vectors, "--top", "20", "--method", "tsne", "--out", out)
    assert drawn.stdout == f"Wrote {out}: 20 words\n"
    assert "the" in out.read_text(encoding="utf-8")


def test_a_model_directory_gives_its_own_vectors(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.txt"
    assert embeddings("convert", trained, out).returncode == 0
    found = read_vectors(out)
    assert "phone" in found.words
    assert not {"[PAD]", "[UNK]"} & set(found.words)
    trimmed = embeddings("trim", out, "--model", trained, "--out", tmp_path / "t.txt")
    assert trimmed.returncode == 0, trimmed.stderr
    again = read_vectors(tmp_path / "t.txt")
    assert again.words == found.words
    assert (again.matrix == found.matrix).all()


def test_bad_input_is_one_line(vectors: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.svg"
    cases: dict[tuple[str | Path, ...], str] = {
        ("neighbors", vectors, "exellent"): "Spelt alike: excellent",
        ("neighbors", tmp_path / "none", "film"): "There is no file",
        ("neighbors", tmp_path, "film"): "is neither a model directory",
        ("similarity", vectors, tmp_path / "none"): "There is no file",
        ("plot", vectors, "--out", out, "--method", "umap"): "There is no method 'umap'",
        ("convert", vectors, out, "--format", "vec"): "There is no vector format 'vec'",
        ("trim", vectors, "--out", out): "Give either --model or --vocabulary.",
        ("quantize", vectors, "--out", out): "is not the name of an .npz file",
        ("train", "--data", tmp_path / "none", "--out", out): "There is no file",
        ("train", "--data", SAMPLE, "--out", out, "--epochs", "0"): "Option epochs",
        ("train", "--data", SAMPLE, "--out", out, "--text-column", "x"): "has no column 'x'",
    }
    for arguments, message in cases.items():
        found = embeddings(*arguments)
        assert found.returncode == 2, (arguments, found.stderr)
        last = found.stderr.strip().splitlines()
        assert len(last) == 1, found.stderr
        assert last[0].startswith("error: ")
        assert message in last[0]
    assert not out.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_an_interrupt_writes_nothing(tmp_path: Path) -> None:
    generator = random.Random(1)
    source, out = tmp_path / "long.txt", tmp_path / "out" / "vectors.txt"
    words = [f"w{number}" for number in range(500)]
    source.write_text(
        "".join(" ".join(generator.choices(words, k=100)) + "\n" for _ in range(3000)),
        encoding="utf-8",
    )
    out.parent.mkdir()
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", "embeddings", "train"]
    with subprocess.Popen(
        [*command, "--data", str(source), "--epochs", "10000", "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    ) as process:
        assert process.stderr is not None
        seen = ""
        while "get vectors" not in seen:
            line = process.stderr.readline()
            assert line, seen
            seen += line
        time.sleep(0.5)  # into the training
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert rest == f"interrupted: {out} was not written\n"
    assert not list(out.parent.iterdir())
    assert not list((tmp_path / "temporary").iterdir())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from rnn_toolkit_cli.main import app\n"
        "result = CliRunner().invoke(app, ['embeddings', 'train', '--help'])\n"
        "assert result.exit_code == 0 and 'skipgram' in result.output\n"
        "heavy = {'tensorflow', 'keras', 'gensim', 'scipy', 'pandas', 'sklearn', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert found.stdout == "[]\n", found.stderr
