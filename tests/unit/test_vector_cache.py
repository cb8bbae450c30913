"""The cache of aligned vectors: when it answers, when it must not, and how it is mended."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_toolkit.embeddings import aligned
from rnn_toolkit.embeddings.aligned import AlignedVectors, load_vectors
from rnn_toolkit.embeddings.cache import VectorCache, cache_key, user_cache_folder
from rnn_toolkit.embeddings.formats import FormatName
from rnn_toolkit.embeddings.write import write_vectors
from rnn_toolkit.errors import DataError


def random_file(path: Path, rows: int, dimensions: int, format: FormatName = "glove") -> Path:
    matrix = np.random.default_rng(5).normal(3, 2, (rows, dimensions)).astype(np.float32)
    write_vectors(path, [f"w{number}" for number in range(rows)], matrix, format)
    return path


class Scans:
    """Counts how often a file is gone through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        original = aligned.opened_rows

        def counted(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            return original(*arguments, **options)

        monkeypatch.setattr(aligned, "opened_rows", counted)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Scans:
    return Scans(monkeypatch)


VOCABULARY = ["[PAD]", "w3", "W7", "absent", "w1"]


def same(first: AlignedVectors, second: AlignedVectors) -> bool:
    for name in ("matrix", "found", "composed"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    return (first.coverage, first.notes) == (second.coverage, second.notes)


def test_the_second_time_comes_from_the_cache(tmp_path: Path, scans: Scans) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    with path.open("a") as file:
        file.write("w3 1 2\n")
    folder = tmp_path / "cache"
    bare = load_vectors(path, VOCABULARY, cache=None)
    assert not folder.exists()
    first = load_vectors(path, VOCABULARY, cache=folder)
    assert scans.count == 2
    second = load_vectors(path, VOCABULARY, cache=folder)
    assert scans.count == 2
    assert first.notes == ("1 row without a word and 6 numbers skipped (line 51).",)
    assert same(bare, first)
    assert same(first, second)
    assert second.matrix.flags.writeable
    # Counts belong to the report alone.
    counted = load_vectors(path, VOCABULARY, counts={"w3": 2, "absent": 3}, cache=folder)
    assert scans.count == 2
    assert counted.coverage.token_share == 0.4


def test_whatever_changes_the_vectors_is_read_anew(tmp_path: Path, scans: Scans) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    folder = tmp_path / "cache"
    requests: list[dict[str, Any]] = [
        {},
        {"seed": 2},
        {"match_case": True},
        {"vocabulary": VOCABULARY[:-1]},
        {"vocabulary": [*VOCABULARY[:-1], "w", "1"]},
        {"pieces": lambda word: []},
        {"pieces": lambda word: ["w1", "w2"]},
        {"pieces": lambda word: ["w1w2"]},
    ]
    for request in requests * 2:
        options = {"vocabulary": VOCABULARY, **request}
        expected = load_vectors(path, cache=None, **options)
        assert same(load_vectors(path, cache=folder, **options), expected)
    assert scans.count == 3 * len(requests)
    assert len(list(folder.iterdir())) == len(requests)


def test_another_file_is_read_anew(tmp_path: Path) -> None:
    path, folder = tmp_path / "vectors", tmp_path / "cache"
    path.write_text("w1 1 2\n")
    os.utime(path, ns=(1, 1))
    assert load_vectors(path, ["[PAD]", "w1"], cache=folder).matrix[1].tolist() == [1, 2]
    path.write_text("w1 1 3\n")  # the same size and time of change
    os.utime(path, ns=(1, 1))
    assert load_vectors(path, ["[PAD]", "w1"], cache=folder).matrix[1].tolist() == [1, 3]


def test_a_file_changed_at_another_time_is_read_anew(tmp_path: Path, scans: Scans) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    for time in (1, 2, 1):
        os.utime(path, ns=(time, time))
        load_vectors(path, VOCABULARY, cache=tmp_path / "cache")
    assert scans.count == 2


def test_keys_tell_pieces_of_one_word_from_those_of_the_next(tmp_path: Path) -> None:
    path = random_file(tmp_path / "vectors", 5, 2)
    lists = [[["a"], ["b"]], [["a", "b"], []], [["ab"], []], [["ab"]], [[], ["ab"]], []]
    keys = {cache_key(path, ["x", "y"], pieces, "") for pieces in lists}
    assert len(keys) == len(lists)


def rewritten(content: bytes, **changed: np.ndarray) -> bytes:
    """An entry of the cache with some arrays changed and all else, checksum too, as it was."""
    with np.load(io.BytesIO(content)) as archive:
        parts = {**archive, **changed}
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"junk",
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(content[200:204], b"\x01\x02\x03\x04"),
        lambda content: rewritten(content, matrix=np.zeros((5, 6), np.float32)),
        lambda content: rewritten(content, origins=np.ones(5, np.uint8)),
        lambda content: rewritten(content, matrix=np.zeros((4, 6), np.float32)),
        lambda content: rewritten(content, notes=np.frombuffer(b"[", np.uint8)),
        lambda content: gzip.compress(content),
    ],
)
def test_a_damaged_cache_is_noticed_and_made_again(
    tmp_path: Path, scans: Scans, damage: Callable[[bytes], bytes]
) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    folder = tmp_path / "cache"
    whole = load_vectors(path, VOCABULARY, cache=folder)
    (entry,) = folder.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    repaired = load_vectors(path, VOCABULARY, cache=folder)
    assert scans.count == 2
    assert repaired.notes == (f"The cached vectors in {entry} were damaged and were made again.",)
    np.testing.assert_array_equal(repaired.matrix, whole.matrix)
    assert same(load_vectors(path, VOCABULARY, cache=folder), whole)
    assert scans.count == 2


def test_no_changed_byte_gives_other_vectors(tmp_path: Path) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    folder = tmp_path / "cache"
    whole = load_vectors(path, VOCABULARY, cache=folder)
    (entry,) = folder.iterdir()
    content = entry.read_bytes()
    rng = np.random.default_rng(3)
    for position in range(0, len(content), 5):
        damaged = bytearray(content)
        damaged[position] ^= int(rng.integers(1, 256))
        entry.write_bytes(damaged)
        stored, note = VectorCache(folder).read(entry.stem.removeprefix("aligned-"), 5)
        if stored is None:
            assert "damaged" in note
        else:  # a byte that means nothing, such as a time
            np.testing.assert_array_equal(stored.matrix, whole.matrix)


def test_entries_hold_no_pickles(tmp_path: Path) -> None:
    load_vectors(random_file(tmp_path / "v", 50, 6), VOCABULARY, cache=tmp_path / "cache")
    (entry,) = (tmp_path / "cache").iterdir()
    with zipfile.ZipFile(entry) as archive:
        assert archive.testzip() is None
    with np.load(entry, allow_pickle=False) as archive:
        assert archive["matrix"].shape == (5, 6)


def test_the_oldest_entries_are_forgotten(tmp_path: Path, scans: Scans) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "other.npz").write_bytes(b"not ours")
    for seed in range(23):
        load_vectors(path, VOCABULARY, seed=seed, cache=folder)
    assert len(list(folder.glob("aligned-*"))) == 20
    assert (folder / "other.npz").exists()
    load_vectors(path, VOCABULARY, seed=22, cache=folder)
    assert scans.count == 23


def test_a_folder_that_cannot_be_written_is_only_a_note(tmp_path: Path) -> None:
    path = random_file(tmp_path / "vectors", 50, 6)
    (tmp_path / "cache").write_bytes(b"a file where a folder should be")
    vectors = load_vectors(path, VOCABULARY, cache=tmp_path / "cache")
    assert any("not cached" in note for note in vectors.notes)


def test_the_users_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    load_vectors(random_file(tmp_path / "vectors", 50, 6), VOCABULARY)
    assert user_cache_folder().is_relative_to(tmp_path / "home")
    assert len(list(user_cache_folder().iterdir())) == 1


def test_trusted_files_are_aligned_and_not_cached(tmp_path: Path) -> None:
    path = tmp_path / "vectors.pkl"
    path.write_bytes(pickle.dumps({"a": [1.0, 2.0], "b": [3.0, 4.0]}))
    with pytest.raises(DataError, match="trust=True"):
        load_vectors(path, ["[PAD]", "b"], cache=tmp_path / "cache")
    vectors = load_vectors(path, ["[PAD]", "b"], cache=tmp_path / "cache", trust=True)
    assert vectors.matrix.tolist() == [[0, 0], [3, 4]]
    assert not (tmp_path / "cache").exists()
