"""Directories that appear whole or not at all, and their checksums."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rnn_toolkit.errors import OptionError


@contextmanager
def written_whole(target: Path, *, marker: str) -> Iterator[Path]:
    """Gives a temporary sibling to write into and renames it to `target` at the end.

    A crash or an error leaves `target` as it was. An existing directory is replaced only
    if it is empty or was written by this toolkit.

    Args:
        target: the directory to write.
        marker: the file whose presence says that an existing `target` is ours to replace.

    Yields:
        The temporary directory.

    Raises:
        OptionError: `target` is a file, or a directory that something else wrote.
    """
    target = Path(target)
    check_replaceable(target, marker=marker)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        temporary.chmod(0o755)
        yield temporary
        _replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_replaceable(target: Path, *, marker: str) -> None:
    """Raises OptionError unless `target` is absent, empty or holds the file `marker`."""
    if target.is_file():
        raise OptionError(f"{target} is a file.", "Choose another --out directory.")
    if target.is_dir() and any(target.iterdir()) and not (target / marker).is_file():
        raise OptionError(
            f"{target} holds files that rnn-toolkit did not write (there is no {marker}).",
            "Choose another --out directory, or empty this one.",
        )


def _replace(temporary: Path, target: Path) -> None:
    if not target.exists():
        os.replace(temporary, target)
        return
    # A directory with content cannot be replaced in one call: the old one steps aside.
    previous = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    os.replace(target, previous)
    try:
        os.replace(temporary, target)
    except OSError:
        os.replace(previous, target)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def write_text_whole(path: Path, text: str) -> None:
    """Writes a text file, see write_whole."""
    write_whole(path, text.encode("utf-8"))


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file through a temporary sibling, so that it is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        # mkstemp would hide the file from everyone else, a page that a server shows included.
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """The SHA-256 checksum of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def checksums(directory: Path, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """The SHA-256 checksum of each file below a directory.

    Args:
        directory: where to look, at any depth.
        without: relative names to leave out.

    Returns:
        Checksums by relative path with forward slashes, sorted.
    """
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    named = {path.relative_to(directory).as_posix(): path for path in files}
    return {name: sha256(path) for name, path in named.items() if name not in without}


def total_bytes(directory: Path) -> int:
    """The size of all files below a directory, in bytes."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
