"""Puts page, client, runtime and bundles together to a site that any static host serves."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from rnn_toolkit.errors import ExportError

_IN_REPOSITORY = {"page": "examples/web/page", "client": "clients/javascript/src"}

RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
"""What a page on the processor needs of the folder `dist` of the npm package onnxruntime-web."""

SERVICE_WORKER = "service-worker.js"
LISTING = "files.json"
VERSION_LINE = 'const VERSION = "development";'


def assemble(site: Path, bundles: Mapping[str, Path], *, runtime: Path) -> None:
    """Writes the site.

    Args:
        site: the folder to write; one that an earlier call wrote is replaced.
        bundles: folders of ONNX bundles by name, in the order of their tabs.
        runtime: where the files of ONNX Runtime for browsers lie.

    Raises:
        ExportError: a part is missing or is not what it should be, or `site` holds
            something else.
    """
    page, client = _shipped("page"), _shipped("client")
    _check_bundles(bundles)
    check_runtime(runtime)
    if site.exists() and (not site.is_dir() or (any(site.iterdir()) and not _is_site(site))):
        raise ExportError(f"{site} holds something else than a site; choose another folder.")
    if site.is_dir():
        shutil.rmtree(site)
    shutil.copytree(page, site)
    _copy_client(client, site / "client")
    (site / "runtime").mkdir()
    for name in RUNTIME_FILES:
        shutil.copyfile(runtime / name, site / "runtime" / name)
    for name, bundle in bundles.items():
        shutil.copytree(bundle, site / "bundles" / name)
    write_listing(site, list(bundles))


def write_listing(site: Path, bundles: Sequence[str]) -> str:
    """Writes files.json and puts the version of the site into its service worker.

    Call it again after any change to the files of a site: without another version, browsers
    that know the site keep the files that they have.

    Args:
        site: the folder of the site.
        bundles: names of the bundles, in the order of their tabs.

    Returns:
        The version: a checksum of the names and contents of all files.

    Raises:
        ExportError: the service worker has no line for a version.
    """
    worker = site / SERVICE_WORKER
    neutral, count = re.subn(
        r'^const VERSION = ".*";$', VERSION_LINE, worker.read_text("utf-8"), flags=re.MULTILINE
    )
    if count != 1:
        raise ExportError(f"{worker} has no line `{VERSION_LINE}`; take the page's own file.")
    paths = sorted(
        path.relative_to(site).as_posix()
        for path in site.rglob("*")
        if path.is_file() and path.relative_to(site).as_posix() not in (SERVICE_WORKER, LISTING)
    )
    digest = hashlib.sha256(neutral.encode("utf-8"))
    digest.update(json.dumps(list(bundles)).encode("utf-8"))
    sizes = {}
    for path in paths:
        content = (site / path).read_bytes()
        sizes[path] = len(content)
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    version = digest.hexdigest()
    stamped = neutral.replace(VERSION_LINE, f'const VERSION = "{version}";')
    worker.write_text(stamped, encoding="utf-8", newline="\n")
    listing = {"version": version, "bundles": list(bundles), "files": paths, "sizes": sizes}
    (site / LISTING).write_text(json.dumps(listing, indent=1) + "\n", encoding="utf-8")
    return version


def _check_bundles(bundles: Mapping[str, Path]) -> None:
    if not bundles:
        raise ExportError("A site needs a bundle; give at least one as NAME=DIR.")
    for name, folder in bundles.items():
        if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name):
            raise ExportError(
                f"{name!r} cannot be part of an address; name the bundle with letters, digits, "
                "dots, hyphens and underscores."
            )
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise ExportError(f"{folder} is no bundle: it has no manifest.json; export one.")
        found = json.loads(manifest.read_text("utf-8")).get("format")
        if found != "onnx":
            raise ExportError(
                f"{folder} is a bundle of the format {found!r}, which a page cannot run; "
                "export the model with --format onnx."
            )


def check_runtime(runtime: Path) -> None:
    """Raises ExportError unless a folder has all files of ONNX Runtime for browsers."""
    for name in RUNTIME_FILES:
        if not (runtime / name).is_file():
            raise ExportError(
                f"{runtime / name} is missing; run `npm install onnxruntime-web` and give its "
                "folder, node_modules/onnxruntime-web/dist."
            )


def _is_site(folder: Path) -> bool:
    return (folder / LISTING).is_file() and (folder / SERVICE_WORKER).is_file()


def _copy_client(client: Path, target: Path) -> None:
    """Only what a browser runs: the sources, without what is for Node."""
    if not (client / "index.js").is_file():
        raise ExportError(f"{client} is not the JavaScript client: it has no index.js.")
    for path in sorted(client.rglob("*.js")):
        if path.name != "node_reader.js":
            destination = target / path.relative_to(client)
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination)


def _shipped(name: str) -> Path:
    """The folder of the page or of the client: in the installed package, else in the repository."""
    installed = Path(__file__).parent / "web_files" / name
    return installed if installed.is_dir() else Path(__file__).parents[2] / _IN_REPOSITORY[name]
