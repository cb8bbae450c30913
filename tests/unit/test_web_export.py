"""A page around a bundle: complete, listed for use offline, and refused where a part is missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from rnn_toolkit.errors import ExportError, MissingDependencyError
from rnn_toolkit.export import web_runtime
from rnn_toolkit.export.web_site import RUNTIME_FILES, assemble
from rnn_toolkit.tasks.commands import export_directory
from rnn_toolkit.tasks.describe import verify_bundle


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """Files of the right names; no browser runs them here."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    for name in RUNTIME_FILES:
        (folder / name).write_bytes(name.encode())
    return folder


def exported(model: Path, site: Path, runtime: Path, **options: object) -> None:
    export_directory(
        model,
        site,
        format_name="web",
        data=None,
        progress=lambda text: None,
        web_runtime=runtime,
        **options,
    )


@pytest.mark.slow
def test_a_site_is_complete_and_lists_its_files(
    trained: Path, tmp_path: Path, runtime: Path
) -> None:
    site = tmp_path / "site"
    exported(trained, site, runtime, quantize="int8")
    listing = json.loads((site / "files.json").read_bytes())
    present = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert set(listing["files"]) == present - {"files.json", "service-worker.js"}
    assert listing["version"] in (site / "service-worker.js").read_text("utf-8")
    assert listing["bundles"] == ["sentiment"]
    assert {"index.html", "client/index.js", f"runtime/{RUNTIME_FILES[-1]}"} <= present
    assert "client/node_reader.js" not in present
    assert verify_bundle(site / "bundles" / "sentiment").passed
    manifest = json.loads((site / "bundles" / "sentiment" / "manifest.json").read_bytes())
    assert (manifest["format"], manifest["variant"]) == ("onnx", "int8")
    # Only the site is left where it was written, and it may be written again.
    assert {path.name for path in tmp_path.iterdir()} == {"site", "runtime"}
    exported(trained, site, runtime)
    assert json.loads((site / "files.json").read_bytes())["version"] != listing["version"]


def test_a_folder_without_the_runtime_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"ort.wasm.min.mjs is missing"):
        exported(trained, tmp_path / "site", tmp_path)
    assert not (tmp_path / "site").exists()


def test_what_is_no_onnx_bundle_is_refused(tmp_path: Path, runtime: Path) -> None:
    with pytest.raises(ExportError, match=r"no manifest.json"):
        assemble(tmp_path / "site", {"one": tmp_path}, runtime=runtime)
    (tmp_path / "manifest.json").write_text('{"format": "tflite"}')
    with pytest.raises(ExportError, match=r"'tflite', which a page cannot run"):
        assemble(tmp_path / "site", {"one": tmp_path}, runtime=runtime)


def test_without_npm_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="--web-runtime"):
        web_runtime.web_runtime(None, lambda text: None)


def test_files_that_were_not_tested_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package of the right name with another content."""
    npm = tmp_path / "npm"
    folder = tmp_path / "package" / "dist"
    folder.mkdir(parents=True)
    for name in RUNTIME_FILES:
        (folder / name).write_text("something else")
    npm.write_text(
        f'#!/bin/sh\nfor last; do :; done\ntar -czf "$last/x.tgz" -C {tmp_path} package\n'
    )
    npm.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(MissingDependencyError, match="not the file that was tested"):
        web_runtime.web_runtime(None, lambda text: None)
    assert not list((tmp_path / "cache").rglob("*.mjs"))


def test_kept_files_are_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    kept = tmp_path / "rnn-toolkit" / f"onnxruntime-web-{web_runtime.VERSION}"
    kept.mkdir(parents=True)
    for name in RUNTIME_FILES:
        (kept / name).write_text(hashlib.sha256(name.encode()).hexdigest())
    assert web_runtime.web_runtime(None, lambda text: None) == kept
