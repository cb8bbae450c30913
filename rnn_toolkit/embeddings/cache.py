"""Keeps aligned vectors, so that the same vocabulary finds them at once the next time.

A file is recognised by its size, its time of change and a hash of 64 samples spread over it,
because hashing all of a large file would take longer than the cache saves. A change that keeps
all three (same size, time set back, bytes between the samples) goes unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.embeddings.rows import Matrix
from rnn_toolkit.embeddings.whole_file import written_whole_file

_LAYOUT = 1  # to be raised whenever the same input would give other vectors
_SAMPLES, _SAMPLE_BYTES = 64, 1 << 14
_KEPT_ENTRIES = 20


@dataclass(frozen=True)
class StoredVectors:
    """What is kept: vectors [vocabulary, dimensions], where each is from, and the notes."""

    matrix: Matrix
    origins: NDArray[np.uint8]
    notes: tuple[str, ...]


def user_cache_folder() -> Path:
    """The folder for files that can be made again, by the platform's convention.

    Raises:
        RuntimeError: the user has no home folder.
    """
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Caches"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return folder / "rnn-toolkit" / "vectors"


def cache_key(
    path: Path, vocabulary: Sequence[str], pieces: Sequence[Sequence[str]] | None, options: str
) -> str:
    """The name of what is kept for a file, a vocabulary and options.

    Args:
        path: the file of vectors; only its content counts.
        vocabulary: the words.
        pieces: the pieces of each word, where words may be composed of them.
        options: everything else that changes the vectors.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.blake2b(f"{_LAYOUT}\n{options}\n".encode(), digest_size=16)
    _add_samples(digest, path)
    # No word in UTF-8 holds these bytes, so different lists never hash alike.
    digest.update(b"\xff".join(word.encode("utf-8", "surrogatepass") for word in vocabulary))
    for parts in pieces or ():
        joined = b"\xff".join(part.encode("utf-8", "surrogatepass") for part in parts)
        digest.update(b"\xfe" + joined)
    return digest.hexdigest()


def _add_samples(digest: hashlib.blake2b, path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        facts = os.fstat(file.fileno())
        digest.update(f"{facts.st_size}\n{facts.st_mtime_ns}\n".encode())
        last = max(facts.st_size - _SAMPLE_BYTES, 0)
        for start in sorted({last * part // (_SAMPLES - 1) for part in range(_SAMPLES)}):
            file.seek(start)
            digest.update(file.read(_SAMPLE_BYTES))


class VectorCache:
    """A folder of kept vectors.

    Args:
        folder: made when something is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entry(self, key: str) -> Path:
        """The file of a key."""
        return self._folder / f"aligned-{key}.npz"

    def read(self, key: str, words: int) -> tuple[StoredVectors | None, str]:
        """What is kept under a key.

        Args:
            key: see cache_key.
            words: the size of the vocabulary.

        Returns:
            The vectors, or None where nothing whole is kept; and a note where it was damaged.
        """
        path = self.entry(key)
        try:
            stored = _read(path)
            if len(stored.matrix) != words or len(stored.origins) != words:
                raise ValueError("another vocabulary")
        except FileNotFoundError:
            return None, ""
        except Exception:  # a damaged archive raises many kinds
            return None, f"The cached vectors in {path} were damaged and were made again."
        return stored, ""

    def write(self, key: str, stored: StoredVectors) -> str:
        """Keeps vectors and forgets the oldest ones.

        Args:
            key: see cache_key.
            stored: what to keep.

        Returns:
            A note where it could not be kept; empty otherwise.
        """
        try:
            _write(self.entry(key), stored)
            self._forget_oldest()
        except OSError as error:
            return f"The vectors were not cached in {self._folder}: {error.strerror}."
        return ""

    def _forget_oldest(self) -> None:
        entries = list(self._folder.glob("aligned-*.npz"))
        if len(entries) > _KEPT_ENTRIES:
            entries.sort(key=lambda path: path.stat().st_mtime_ns)
            for path in entries[:-_KEPT_ENTRIES]:
                path.unlink(missing_ok=True)


def _checksum(stored: StoredVectors) -> bytes:
    digest = hashlib.blake2b(repr((stored.matrix.shape, stored.notes)).encode(), digest_size=32)
    digest.update(np.ascontiguousarray(stored.matrix).data)
    digest.update(np.ascontiguousarray(stored.origins).data)
    return digest.digest()


def _write(path: Path, stored: StoredVectors) -> None:
    arrays: dict[str, NDArray[Any]] = {
        "matrix": stored.matrix,
        "origins": stored.origins,
        "notes": np.frombuffer(json.dumps(stored.notes).encode(), np.uint8),
        "checksum": np.frombuffer(_checksum(stored), np.uint8),
    }
    with written_whole_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                _write_array(member, array)


def _write_array(member: IO[bytes], array: NDArray[Any]) -> None:
    """Writes an array as numpy does, without numpy's copy of all of it in memory."""
    layout = np.lib.format
    layout.write_array_header_1_0(member, layout.header_data_from_array_1_0(array))
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    for start in range(0, len(content), 1 << 20):
        member.write(content[start : start + (1 << 20)].data)


def _read(path: Path) -> StoredVectors:
    # numpy leaves a file open that it cannot read, unless the file is ours.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        notes = tuple(json.loads(archive["notes"].tobytes()))
        stored = StoredVectors(archive["matrix"], archive["origins"], notes)
        if archive["checksum"].tobytes() != _checksum(stored):
            raise ValueError("checksum")
    return stored
