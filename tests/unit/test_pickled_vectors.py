"""Files of word vectors that can run code: refused, and read where they are trusted."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_toolkit.embeddings.read import read_vectors
from rnn_toolkit.errors import DataError, MissingDependencyError

WORDS = ["the", "of", "café", "1996"]
NUMBERS = np.array([[0.5, -1.25, 3], [1, 2, 3], [-0.1, 1e-7, 12345.678], [9, 8, 7]], np.float32)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "zip": lambda content: zipped(vectors=content),
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes content under a name that says nothing about it."""

    def write(content: bytes) -> Path:
        path = tmp_path / "vectors.dat"
        path.write_bytes(content)
        return path

    return write


class Trap:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, (os.environ["TRAP"],)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("packed", PACKED)
def test_pickles_are_not_opened(
    tmp_path: Path,
    file: Callable[[bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
    protocol: int,
    packed: str,
) -> None:
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    path = file(PACKED[packed](pickle.dumps({"the": Trap()}, protocol)))
    with pytest.raises(DataError, match=r"a Python pickle.*--trust \(trust=True in Python\)"):
        read_vectors(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("packed", PACKED)
def test_trusted_mappings_are_read(file: Callable[[bytes], Path], packed: str) -> None:
    mapping = dict(zip(WORDS, NUMBERS, strict=True))
    vectors = read_vectors(file(PACKED[packed](pickle.dumps(mapping))), trust=True)
    assert vectors.words == WORDS
    np.testing.assert_array_equal(vectors.matrix, NUMBERS)


def test_trusted_numpy_objects_are_read(file: Callable[[bytes], Path]) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array({"a": [1.0, 2.0], "b": [3.0, 4.0]}, dtype=object))
    path = file(buffer.getvalue())
    assert read_vectors(path, trust=True).matrix.tolist() == [[1, 2], [3, 4]]
    with pytest.raises(DataError, match="a numpy array"):
        read_vectors(path)


@pytest.mark.parametrize(
    "found", [[1, 2], {}, {"a": [1, 2], "b": [3]}, {"a": "x"}, {1: [1.0]}, {"a": 1.0}]
)
def test_other_trusted_objects_are_refused(file: Callable[[bytes], Path], found: object) -> None:
    with pytest.raises(DataError):
        read_vectors(file(pickle.dumps(found)), trust=True)


def test_damaged_pickles_are_refused(file: Callable[[bytes], Path]) -> None:
    with pytest.raises(DataError, match="cannot be loaded"):
        read_vectors(file(pickle.dumps({"a": [1.0]})[:-5]), trust=True)


def test_native_gensim_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = pytest.importorskip("gensim.models")
    keyed = models.KeyedVectors(3)
    keyed.add_vectors(WORDS, NUMBERS)
    path = tmp_path / "vectors.kv"
    keyed.save(str(path), sep_limit=1)  # the matrix goes into a second file
    assert len(list(tmp_path.iterdir())) == 2
    with pytest.raises(DataError, match="native gensim file"):
        read_vectors(path)
    vectors = read_vectors(path, trust=True)
    assert vectors.words == WORDS
    np.testing.assert_array_equal(vectors.matrix, NUMBERS)
    with pytest.raises(DataError, match="a numpy array"):
        read_vectors(tmp_path / "vectors.kv.vectors.npy")
    monkeypatch.setitem(sys.modules, "gensim.utils", None)
    with pytest.raises(MissingDependencyError, match="pip install gensim"):
        read_vectors(path, trust=True)
