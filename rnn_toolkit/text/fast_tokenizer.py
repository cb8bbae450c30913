"""What all tokenizers share: reading tokenizer.json, and text that every engine can read."""

from __future__ import annotations

import re
from pathlib import Path

from tokenizers import Tokenizer as FastTokenizer

from rnn_toolkit.errors import BundleError

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def read_fast_tokenizer(path: Path) -> FastTokenizer:
    """Reads tokenizer.json.

    Raises:
        BundleError: the file is missing or is not a tokenizer.
    """
    try:
        return FastTokenizer.from_str(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{path} is missing.", "Export or train again.") from None
    except Exception as error:  # the tokenizers library raises bare Exception
        raise BundleError(
            f"{path} is not a tokenizer.json: {error}.", "Export or train again."
        ) from error


def without_surrogates(text: str) -> str:
    """The text with every half of a surrogate pair, which no encoding knows, replaced."""
    return _LONE_SURROGATE.sub("\ufffd", text)
