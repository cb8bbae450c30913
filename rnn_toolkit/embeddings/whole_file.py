"""A file that is written bit by bit and appears whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def written_whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Gives a temporary sibling to write to and renames it to `path` at the end.

    An error leaves `path` as it was, and no temporary file.

    Args:
        path: the file to write; its folder is made where it is missing.

    Yields:
        The temporary file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
