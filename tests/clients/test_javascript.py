"""The client for browsers and Node: its types, and its own tests against the vectors.

`pytest -s` prints how much each of its tests compared.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CLIENT = Path(__file__).parents[2] / "clients" / "javascript"
TESTS = sorted(path.name for path in (CLIENT / "test").glob("*.test.js"))
Npm = Callable[..., str]

pytestmark = pytest.mark.slow


def _absent(reason: str) -> Any:
    """Skips a test; in CI, where everything must be there, fails it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _run(program: str, *arguments: str | Path, **variables: str) -> str:
    """What a program prints in the folder of the client; its last lines where it fails."""
    path = shutil.which(program) or _absent(f"{program} is not installed")
    result = subprocess.run(
        [path, *map(str, arguments)],
        cwd=CLIENT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    last = "\n".join([*result.stdout.splitlines()[-80:], *result.stderr.splitlines()[-20:]])
    assert result.returncode == 0, last
    return result.stdout


@pytest.fixture(scope="session")
def packages() -> Path:
    """The packages that the tests of the client need, installed if they are not there."""
    folder = CLIENT / "node_modules"
    if not folder.is_dir():
        _run("npm", "ci")
    return folder


def test_the_types_are_right(packages: Path) -> None:
    assert packages.is_dir()
    _run("npm", "run", "check")


@pytest.mark.parametrize("name", TESTS)
def test_javascript(name: str, packages: Path, vectors: Path) -> None:
    assert packages.is_dir()
    found = _run(
        "node", "--test", "--test-reporter=tap", f"test/{name}", RNN_TOOLKIT_VECTORS=str(vectors)
    )
    print("\n".join(line.strip() for line in found.splitlines() if "compared" in line))
    counts = {key: int(count) for key, count in re.findall(r"^# (\w+) (\d+)$", found, re.M)}
    if counts["skipped"] and not counts["pass"]:
        _absent(" ".join(re.findall(r"# SKIP (.*)", found)) or f"{name} was skipped")
    assert counts["pass"] > 0
    assert counts["fail"] == counts["cancelled"] == 0


def test_there_are_tests() -> None:
    assert len(TESTS) >= 9


def test_the_packages_have_exact_versions_and_no_address() -> None:
    text = (CLIENT / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    given = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    # Another version of a package beside the first stands under a name of its own.
    wanted = {name: version.rpartition("@")[2] for name, version in given.items()}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert all(packages[f"node_modules/{name}"]["version"] == wanted[name] for name in wanted)
    assert not any("resolved" in package for package in packages.values())
    assert "registry" not in text
