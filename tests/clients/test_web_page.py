"""The web page that is a mobile app, used by a Chromium of the size of a phone.

`examples/web/test/drive_page.mjs` does what a person does and prints what it sees; here it is
compared with the golden rows of the bundles and with the predictors of Python. With
RNN_TOOLKIT_PICTURES set to a folder, pictures of the page are left there; `pytest -s` prints
the measured times as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rnn_toolkit.export import web_site
from rnn_toolkit.runtime.bundle import load_bundle

ROOT = Path(__file__).parents[2]
WEB = ROOT / "examples" / "web"
CLIENT = ROOT / "clients" / "javascript"
RUNTIME = CLIENT / "node_modules" / "onnxruntime-web" / "dist"
BUNDLES = (
    "sentiment-word",
    "sentiment-subword",
    "generation-char",
    "generation-subword",
    "generation-word",
    "translation-subword",
    "translation-shared",
)
WRITTEN: tuple[dict[str, Any], ...] = (
    {"bundle": "generation-char", "prompt": "The sea", "seed": 7, "length": 60},
    {"bundle": "generation-subword", "prompt": "naïve café", "seed": 11, "length": 40},
    {"bundle": "generation-word", "prompt": "", "seed": 3, "length": 50, "condition": "sad"},
)
TO_TRANSLATE = ("a slow start", "good good bad", "The sea, the sea!")
TYPED = (
    "I walked out after an hour of this film, and yet its ending, "
    "which I saw later, is a fine work of art."
)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


assembly = _module(WEB / "assemble.py")


def _program(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or _absent(f"{' or '.join(names)} is not installed")


def _absent(reason: str) -> Any:
    """Skips a test; in CI, where everything must be there, fails it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def programs() -> dict[str, str]:
    """Node, Chromium and the packages that drive them."""
    if not (CLIENT / "node_modules" / "puppeteer-core").is_dir() or not RUNTIME.is_dir():
        _absent("run `npm ci` in clients/javascript first")
    return {
        "node": _program("node"),
        "chromium": _program("chromium", "chromium-browser", "google-chrome"),
    }


@pytest.fixture(scope="module")
def site(programs: dict[str, str], vectors: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of several bundles."""
    folder = tmp_path_factory.mktemp("web") / "site"
    _assemble(folder, {name: vectors / "bundles" / name for name in BUNDLES})
    return folder


def _assemble(folder: Path, bundles: dict[str, Path]) -> None:
    web_site.assemble(folder, bundles, runtime=RUNTIME)


def _drive(
    scenario: str, programs: dict[str, str], tmp_path: Path, site: Path, **config: Any
) -> Any:
    """What the page shows in a scenario of examples/web/test."""
    file = tmp_path / "config.json"
    whole = {"site": str(site), "chromium": programs["chromium"], "modules": str(CLIENT), **config}
    file.write_text(json.dumps(whole), encoding="utf-8")
    command = [programs["node"], str(WEB / "test" / "drive_page.mjs"), scenario, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def _tab(bundle: str) -> int:
    return BUNDLES.index(bundle)


def _golden(bundle: Path) -> list[dict[str, Any]]:
    """Golden rows with a text; for a blank one the page shows no answer."""
    lines = (bundle / "golden.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["text"].strip()]


@pytest.mark.slow
def test_a_page_gives_the_answers_of_python(
    programs: dict[str, str], site: Path, vectors: Path, tmp_path: Path
) -> None:
    """Sentiment as the golden rows, written texts and translations as the predictors."""
    classifiers = [name for name in BUNDLES if name.startswith("sentiment")]
    translators = [name for name in BUNDLES if name.startswith("translation")]
    rows = {name: _golden(vectors / "bundles" / name) for name in classifiers}
    wanted = [{"tab": _tab(case["bundle"]), "temperature": 0.8, **case} for case in WRITTEN]
    seen = _drive(
        "answers",
        programs,
        tmp_path,
        site,
        sentiment=[
            {"tab": _tab(name), "texts": [row["text"] for row in rows[name]]}
            for name in classifiers
        ],
        generation=wanted,
        translation=[{"tab": _tab(name), "texts": TO_TRANSLATE, "beam": 3} for name in translators],
    )
    for name, answers in zip(classifiers, seen["sentiment"], strict=True):
        _check_classified(vectors / "bundles" / name, rows[name], answers)
    _check_typed(vectors / "bundles" / classifiers[0], seen["typed"])
    for case, written in zip(wanted, seen["generation"], strict=True):
        _check_written(vectors / "bundles" / case["bundle"], case, written)
    _check_again(seen["again"])
    _check_stopped(seen["stopped"])
    for name, found in zip(translators, seen["translation"], strict=True):
        _check_translated(vectors / "bundles" / name, found)
    assert seen["errors"] == []
    assert seen["outside"] == []


def _check_classified(bundle: Path, rows: list[dict[str, Any]], answers: list[Any]) -> None:
    labels = json.loads((bundle / "manifest.json").read_text("utf-8"))["labels"]
    assert len(rows) > 10
    for row, answer in zip(rows, answers, strict=True):
        found = dict(answer["probabilities"])
        assert list(found) == labels
        assert list(found.values()) == pytest.approx(row["probabilities"], abs=1e-5), row["text"]
        best = max(row["probabilities"])
        assert answer["label"] == labels[row["probabilities"].index(best)]
        assert answer["verdict"].startswith(answer["label"])


def _check_typed(bundle: Path, typed: dict[str, Any]) -> None:
    predictor: Any = load_bundle(bundle)
    expected = predictor.predict("good").probabilities
    assert dict(typed["after"]["probabilities"]) == pytest.approx(expected, abs=1e-5)
    assert typed["cleared"] == ""


def _check_written(bundle: Path, case: dict[str, Any], written: dict[str, Any]) -> None:
    predictor: Any = load_bundle(bundle)
    options = {name: case[name] for name in ("seed", "length", "temperature")}
    expected = predictor.generate(case["prompt"], condition=case.get("condition"), **options)
    assert written["text"] == expected.text
    assert (written["prompt"], written["seed"]) == (case["prompt"], case["seed"])
    growth = written["growth"]
    assert len(set(growth)) > 5, "the text appears at once"
    assert growth == sorted(growth)


def _check_again(again: dict[str, Any]) -> None:
    assert again["second"]["seed"] != again["first"]["seed"]
    assert again["second"]["text"] != again["first"]["text"]
    assert again["third"] == again["second"]


def _check_stopped(stopped: dict[str, str]) -> None:
    assert stopped["whole"].startswith(stopped["stopped"])
    assert 0 < len(stopped["stopped"]) < len(stopped["whole"])
    assert stopped["button"] == "Write"


def _check_translated(bundle: Path, found: list[Any]) -> None:
    predictor: Any = load_bundle(bundle)
    for text, shown in zip(TO_TRANSLATE, found, strict=True):
        expected = predictor.translate(text, beam=3, n_best=3, replace_unknown=False)
        assert shown["text"] == (expected.text or "The model finds no words for this text.")
        texts = dict.fromkeys(candidate.text for candidate in expected.candidates)
        assert shown["others"] == [other for other in texts if other not in ("", expected.text)]


@pytest.mark.slow
def test_a_page_answers_without_its_host(
    programs: dict[str, str], site: Path, tmp_path: Path
) -> None:
    """After one visit everything is on the device."""
    seen = _drive("offline", programs, tmp_path, site, text="a good film")
    assert seen["offline"] == [seen["online"], seen["online"]]
    listed = json.loads((site / "files.json").read_text("utf-8"))["files"]
    stored = {"index.html" if path == "" else path for path in seen["stored"]}
    assert stored == {*listed, "files.json"}
    assert seen["badge"] == "Offline"
    assert seen["outside"] == []


@pytest.mark.slow
def test_a_new_version_takes_the_place_of_the_old_one(
    programs: dict[str, str], site: Path, tmp_path: Path
) -> None:
    """When it is whole, and when the person asks for it."""
    newer = tmp_path / "newer"
    shutil.copytree(site, newer)
    description = newer / "page.webmanifest"
    named = json.loads(description.read_text("utf-8")) | {"name": "Film reviews"}
    description.write_text(json.dumps(named), encoding="utf-8")
    web_site.write_listing(newer, BUNDLES)
    mixed = tmp_path / "mixed"
    shutil.copytree(newer, mixed)
    shutil.copyfile(site / "files.json", mixed / "files.json")
    seen = _drive("newVersion", programs, tmp_path, site, newer=str(newer), mixed=str(mixed))
    assert seen["before"]["name"] == "Text model"
    assert seen["mixed"] == {**seen["before"], "offered": False}
    assert seen["waiting"]["name"] == "Text model"
    assert seen["after"]["name"] == "Film reviews"
    assert len(seen["after"]["caches"]) == 1
    assert seen["after"]["caches"] != seen["before"]["caches"]


@pytest.mark.slow
def test_a_page_says_what_is_missing(programs: dict[str, str], site: Path, tmp_path: Path) -> None:
    """A file that the host lost, a browser without WebAssembly, a page opened as a file."""
    lost = {
        "model": "bundles/sentiment-word/model.onnx",
        "tokenizer": "bundles/sentiment-word/tokenizer.json",
        "manifest": "bundles/sentiment-word/manifest.json",
        "binary": "runtime/ort-wasm-simd-threaded.wasm",
        "glue": "runtime/ort-wasm-simd-threaded.mjs",
        "runtime": "runtime/ort.wasm.min.mjs",
        "client": "client/index.js",
        "part of the client": "client/tasks/translator.js",
        "worker": "model_worker.js",
        "list": "files.json",
    }
    missing = {name: [path] for name, path in lost.items()} | {"script": ["tabs.js"]}
    seen = _drive("failures", programs, tmp_path, site, missing=missing)
    for name, path in lost.items():
        assert path in seen[name]["english"], name
        assert path in seen[name]["chinese"], name
        assert seen[name]["english"] != seen[name]["chinese"]
    for name in set(lost) - {"worker", "list"}:
        assert "the host answers 404" in seen[name]["english"], name
    assert "A script of this page could not be loaded" in seen["script"]["english"]
    assert "WebAssembly" in seen["noWebAssembly"]["english"]
    assert "python -m http.server" in seen["file"]["english"]
    assert [case["loading"] for case in seen.values()] == [0] * len(seen)


@pytest.mark.slow
def test_a_page_is_for_everybody(programs: dict[str, str], site: Path, tmp_path: Path) -> None:
    """Light, dark, English, Chinese, by touch, keyboard and screen reader, 360 to 1280 wide."""
    shown = [
        {"tab": _tab("sentiment-word"), "task": "sentiment", "text": "a good film, not a bad one"},
        {"tab": _tab("generation-word"), "task": "generation", "text": "The sea"},
        {"tab": _tab("translation-shared"), "task": "translation", "text": "The sea, the sea!"},
    ]
    pictures = os.environ.get("RNN_TOOLKIT_PICTURES")
    seen = _drive("looks", programs, tmp_path, site, shown=shown, pictures=pictures)
    for name in ("light", "dark", "chinese"):
        for finding in ("lowContrast", "smallTargets", "withoutName", "tooWide"):
            assert seen[name][finding] == [], (name, finding)
    languages = [seen[name]["language"] for name in ("light", "dark", "chinese")]
    assert languages == ["en", "en", "zh-Hans"]
    assert seen["light"]["switched"] == seen["light"]["kept"] == seen["chinese"]["words"]
    assert seen["chinese"]["switched"] == seen["chinese"]["kept"] == seen["light"]["words"]
    last = f"bundle-{len(BUNDLES) - 1}-tab"
    assert seen["keyboard"] == [
        ["ArrowRight", "bundle-1-tab", "bundle-1-tab"],
        ["ArrowLeft", "bundle-0-tab", "bundle-0-tab"],
        ["ArrowLeft", last, last],
        ["Home", "bundle-0-tab", "bundle-0-tab"],
        ["Tab", "bundle-0-text", "bundle-0-tab"],
    ]


@pytest.mark.slow
def test_how_long_a_person_waits(programs: dict[str, str], site: Path, tmp_path: Path) -> None:
    """Prints times and sizes; how fast this machine is proves nothing about the page."""
    found = _drive("speed", programs, tmp_path, site, text=TYPED)
    print(json.dumps(found))
    assert found["keystrokes"] == len(TYPED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "two words"}, "cannot be part of an address"),
        ({"format": "tflite"}, "--format onnx"),
        ({"manifest": None}, "has no manifest.json"),
        ({"runtime": None}, "npm install onnxruntime-web"),
        ({"site": "something else"}, "holds something else"),
    ],
)
def test_parts_that_make_no_site_are_named(
    change: dict[str, Any], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One clear sentence, and nothing is written or thrown away."""
    bundle, runtime, site = (tmp_path / name for name in ("bundle", "runtime", "site"))
    for folder in (bundle, runtime, site):
        folder.mkdir()
    for name in web_site.RUNTIME_FILES:
        (runtime / name).write_bytes(b"")
    if "runtime" in change:
        (runtime / web_site.RUNTIME_FILES[0]).unlink()
    if "manifest" not in change:
        manifest = {"format": change.get("format", "onnx")}
        (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    if "site" in change:
        (site / "letter.txt").write_text("keep me", encoding="utf-8")
    before = sorted(site.rglob("*"))
    given = f"{change.get('name', 'reviews')}={bundle}"
    code = assembly.main([str(site), "--bundle", given, "--runtime", str(runtime)])
    assert code == 1
    assert message in capsys.readouterr().err
    assert sorted(site.rglob("*")) == before


def test_the_version_is_that_of_the_files(tmp_path: Path) -> None:
    """The same files have the same version, wherever they lie; any change gives another."""
    sites = []
    for place in ("one", "two"):
        site = tmp_path / place
        (site / "bundles" / "a").mkdir(parents=True)
        (site / "bundles" / "a" / "model.onnx").write_bytes(b"weights")
        (site / "service-worker.js").write_text('x;\nconst VERSION = "development";\n')
        sites.append(site)
    one, two = (web_site.write_listing(site, ["a"]) for site in sites)
    assert one == two == web_site.write_listing(sites[0], ["a"])
    worker = (sites[0] / "service-worker.js").read_text("utf-8")
    assert worker == f'x;\nconst VERSION = "{one}";\n'
    listing = json.loads((sites[0] / "files.json").read_text("utf-8"))
    assert listing == {
        "version": one,
        "bundles": ["a"],
        "files": ["bundles/a/model.onnx"],
        "sizes": {"bundles/a/model.onnx": 7},
    }
    (sites[0] / "bundles" / "a" / "model.onnx").write_bytes(b"weighty")
    assert web_site.write_listing(sites[0], ["a"]) != one
    (sites[1] / "service-worker.js").write_text('y;\nconst VERSION = "development";\n')
    assert web_site.write_listing(sites[1], ["a"]) != one
