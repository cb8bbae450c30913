"""Prints Sources/RNNToolkit/CanonicalMappings.swift, made from Python's Unicode tables."""

from __future__ import annotations

import sys
import textwrap
import unicodedata
from collections.abc import Iterator

_HEAD = '''\
/// The canonical decompositions of Unicode {version}; those of Hangul syllables are computed.
///
/// A first code point with a colon is followed by what it and the code points after it decompose
/// into, one after another: one code point, or two with a dot between them. An exclamation mark
/// says that the two are not composed again. Scripts/canonical_mappings.py writes this file.
let canonicalMappings = """
{table}
    """
'''
_HANGUL = range(0xAC00, 0xD7A4)


def _entries() -> Iterator[tuple[int, str]]:
    for point in range(sys.maxunicode + 1):
        decomposition = unicodedata.decomposition(chr(point))
        if not decomposition or decomposition.startswith("<") or point in _HANGUL:
            continue
        parts = [f"{int(part, 16):X}" for part in decomposition.split()]
        composes = unicodedata.normalize("NFC", chr(point)) == chr(point)
        yield point, ".".join(parts) + ("" if composes or len(parts) == 1 else "!")


def main() -> None:
    """Prints the file."""
    words, following = [], -1
    for point, entry in _entries():
        if point != following:
            words.append(f"{point:X}:")
        words.append(entry)
        following = point + 1
    table = textwrap.fill(
        " ".join(words),
        width=96,
        initial_indent="    ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
    print(_HEAD.format(version=unicodedata.unidata_version, table=table), end="")


if __name__ == "__main__":
    main()
