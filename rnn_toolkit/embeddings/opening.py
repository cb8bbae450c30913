"""Opens a vector file, plain, gzipped or as the one member of a zip archive."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from rnn_toolkit.errors import DataError

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Gives the content of a file as a stream, decompressed by what it begins with.

    Errors of decompression that are met while the stream is read leave as DataError.

    Args:
        path: the file; its name does not matter.

    Yields:
        The stream, at its beginning.

    Raises:
        DataError: there is no such file, or it cannot be read or decompressed.
    """
    try:
        with path.open("rb", buffering=0) as file:
            beginning = file.read(4) or b""
            file.seek(0)
            if beginning.startswith(_GZIP):
                with gzip.GzipFile(fileobj=file) as stream:
                    yield cast(IO[bytes], stream)
            elif beginning == _ZIP:
                with zipfile.ZipFile(file) as archive, _only_member(archive, path) as stream:
                    yield stream
            else:
                yield file
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Check the path.") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder.", "Give the file of word vectors itself.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile):
        raise DataError(
            f"{path} is a damaged archive, or one cut short.", "Download or compress it again."
        ) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from None


def _only_member(archive: zipfile.ZipFile, path: Path) -> IO[bytes]:
    members = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(members) != 1:
        names = ", ".join(entry.filename for entry in members[:5]) or "none"
        raise DataError(
            f"{path} holds {len(members)} files where one was expected: {names}.",
            "Unpack it and give one of the files.",
        )
    try:
        return archive.open(members[0])
    except (RuntimeError, NotImplementedError):  # encrypted, or an unusual compression
        raise DataError(
            f"{path}: its member {members[0].filename} cannot be decompressed here.",
            "Unpack it and give the file itself.",
        ) from None
