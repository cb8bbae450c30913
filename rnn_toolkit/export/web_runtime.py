"""Where a page gets ONNX Runtime for browsers from: the npm package onnxruntime-web."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from rnn_toolkit.bundle.files import written_whole
from rnn_toolkit.errors import MissingDependencyError
from rnn_toolkit.export.web_site import RUNTIME_FILES, check_runtime

VERSION = "1.30.0"
_PACKAGE = "onnxruntime-web"
_MARKER = RUNTIME_FILES[0]
_SHA256 = {
    "ort.wasm.min.mjs": ("219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b"),
    "ort-wasm-simd-threaded.mjs": (
        "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b"
    ),
    "ort-wasm-simd-threaded.wasm": (
        "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2"
    ),
}
_MINUTES = 10


def web_runtime(given: Path | None, progress: Callable[[str], None]) -> Path:
    """The folder with the files of the runtime.

    npm fetches the package once, from wherever it is set up to fetch packages; the files are
    checked and kept for the next page.

    Args:
        given: a folder that has them; None fetches.
        progress: is told what is being done.

    Raises:
        ExportError: the folder lacks a file.
        MissingDependencyError: npm is not there or cannot fetch the package.
    """
    if given is not None:
        check_runtime(given)
        return given
    kept = _cache() / f"{_PACKAGE}-{VERSION}"
    if not all((kept / name).is_file() for name in RUNTIME_FILES):
        progress(f"Fetching {_PACKAGE} {VERSION} through npm (once)")
        with (
            written_whole(kept, marker=_MARKER) as folder,
            tempfile.TemporaryDirectory() as scratch,
        ):
            _unpack(_fetch(Path(scratch)), folder)
    return kept


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "rnn-toolkit"


def _fetch(folder: Path) -> Path:
    npm = shutil.which("npm")
    remedy = (
        "Install Node with npm, or give --web-runtime with the folder dist of "
        f"{_PACKAGE} {VERSION}."
    )
    if npm is None:
        raise MissingDependencyError("A page needs ONNX Runtime for browsers, and npm.", remedy)
    command = [npm, "pack", f"{_PACKAGE}@{VERSION}", "--silent", "--pack-destination", str(folder)]
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=60 * _MINUTES, check=False
    )
    archives = list(folder.glob("*.tgz"))
    if found.returncode or len(archives) != 1:
        said = (found.stderr.strip().splitlines() or ["it said nothing"])[0]
        raise MissingDependencyError(f"npm cannot fetch {_PACKAGE} {VERSION}: {said}.", remedy)
    return archives[0]


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as package:
        for name in RUNTIME_FILES:
            member = package.extractfile(f"package/dist/{name}")
            content = b"" if member is None else member.read()
            if hashlib.sha256(content).hexdigest() != _SHA256[name]:
                raise MissingDependencyError(
                    f"{name} of {_PACKAGE} {VERSION} is not the file that was tested here.",
                    "Give --web-runtime with a folder that you trust.",
                )
            (folder / name).write_bytes(content)
