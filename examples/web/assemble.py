"""Puts page, client, runtime and bundles together to a site that any static host serves.

Run it as `python examples/web/assemble.py SITE --bundle NAME=DIR --runtime DIR`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE / "page"
CLIENT = HERE.parent.parent / "clients" / "javascript" / "src"

RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
"""What a page on the processor needs of the folder `dist` of the npm package onnxruntime-web."""

SERVICE_WORKER = "service-worker.js"
LISTING = "files.json"
VERSION_LINE = 'const VERSION = "development";'


class AssemblyError(Exception):
    """The parts do not make a site; the message says what to do."""


def assemble(
    site: Path, bundles: dict[str, Path], *, page: Path, client: Path, runtime: Path
) -> None:
    """Writes the site.

    Args:
        site: the folder to write; one that an earlier call wrote is replaced.
        bundles: folders of ONNX bundles by name, in the order of their tabs.
        page: the sources of the page.
        client: the sources of the JavaScript client.
        runtime: where the files of ONNX Runtime for browsers lie.

    Raises:
        AssemblyError: a part is missing or is not what it should be, or `site` holds
            something else.
    """
    _check_bundles(bundles)
    _check_runtime(runtime)
    if site.exists() and (not site.is_dir() or (any(site.iterdir()) and not _is_site(site))):
        raise AssemblyError(f"{site} holds something else than a site; choose another folder.")
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
        AssemblyError: the service worker has no line for a version.
    """
    worker = site / SERVICE_WORKER
    neutral, count = re.subn(
        r'^const VERSION = ".*";$', VERSION_LINE, worker.read_text("utf-8"), flags=re.MULTILINE
    )
    if count != 1:
        raise AssemblyError(f"{worker} has no line `{VERSION_LINE}`; take the page's own file.")
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


def _check_bundles(bundles: dict[str, Path]) -> None:
    if not bundles:
        raise AssemblyError("A site needs a bundle; give at least one as NAME=DIR.")
    for name, folder in bundles.items():
        if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name):
            raise AssemblyError(
                f"{name!r} cannot be part of an address; name the bundle with letters, digits, "
                "dots, hyphens and underscores."
            )
        manifest = folder / "manifest.json"
        if not manifest.is_file():
            raise AssemblyError(f"{folder} is no bundle: it has no manifest.json; export one.")
        found = json.loads(manifest.read_text("utf-8")).get("format")
        if found != "onnx":
            raise AssemblyError(
                f"{folder} is a bundle of the format {found!r}, which a page cannot run; "
                "export the model with --format onnx."
            )


def _check_runtime(runtime: Path) -> None:
    for name in RUNTIME_FILES:
        if not (runtime / name).is_file():
            raise AssemblyError(
                f"{runtime / name} is missing; run `npm install onnxruntime-web` and give its "
                "folder, node_modules/onnxruntime-web/dist."
            )


def _is_site(folder: Path) -> bool:
    return (folder / LISTING).is_file() and (folder / SERVICE_WORKER).is_file()


def _copy_client(client: Path, target: Path) -> None:
    """Only what a browser runs: the sources, without what is for Node."""
    if not (client / "index.js").is_file():
        raise AssemblyError(f"{client} is not the JavaScript client: it has no index.js.")
    for path in sorted(client.rglob("*.js")):
        if path.name != "node_reader.js":
            destination = target / path.relative_to(client)
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, destination)


def _named(argument: str) -> tuple[str, Path]:
    name, separator, folder = argument.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{argument!r} is not NAME=DIR")
    return name, Path(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; 1 where the parts do not make a site."""
    parser = argparse.ArgumentParser(description="Make a site of bundles for any static host.")
    parser.add_argument("site", type=Path, help="the folder to write")
    parser.add_argument(
        "--bundle",
        action="append",
        type=_named,
        required=True,
        metavar="NAME=DIR",
        help="an ONNX bundle; may be given several times",
    )
    parser.add_argument(
        "--runtime", type=Path, required=True, help="node_modules/onnxruntime-web/dist"
    )
    options = parser.parse_args(arguments)
    try:
        assemble(
            options.site, dict(options.bundle), page=PAGE, client=CLIENT, runtime=options.runtime
        )
    except AssemblyError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Wrote {options.site}. Try it: python -m http.server --directory {options.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
