"""Shared fixtures: one small trained model for the whole run, and the console program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

DATA_VARIABLE = "RNN_TOOLKIT_DATA"
Program = Callable[..., subprocess.CompletedProcess[str]]


def run_program(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs `rnn-toolkit` in a fresh process."""
    command = [sys.executable, "-m", "rnn_toolkit_cli.main", *map(str, arguments)]
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command, capture_output=True, text=True, timeout=300, encoding="utf-8", **options
    )


@pytest.fixture(scope="session")
def program() -> Program:
    return run_program


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets, where there is one."""
    folder = os.environ.get(DATA_VARIABLE)
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"{DATA_VARIABLE} names no folder of real data")
    return Path(folder)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model directory trained on the shipped sample, for tests that only read it."""
    target = tmp_path_factory.mktemp("models") / "sentiment"
    result = run_program("train", "sentiment", "--epochs", "4", "--out", target)
    assert result.returncode == 0, result.stderr
    return target


@pytest.fixture(scope="session")
def bundles(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Bundles of `trained` in every format."""
    folder = tmp_path_factory.mktemp("bundles")
    made = {}
    for name in ("savedmodel", "tflite", "onnx"):
        result = run_program("export", trained, "--format", name, "--out", folder / name)
        assert result.returncode == 0, result.stderr
        made[name] = folder / name
    return made
