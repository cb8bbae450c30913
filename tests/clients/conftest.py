"""The vectors that every client is compared with, made once for the whole run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STRINGS = 100_000


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that tests/clients/vectors.py writes."""
    folder = tmp_path_factory.mktemp("vectors")
    command = [sys.executable, Path(__file__).with_name("vectors.py"), folder]
    result = subprocess.run(
        [*map(str, command), "--strings", str(STRINGS)], capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, result.stderr
    return folder
