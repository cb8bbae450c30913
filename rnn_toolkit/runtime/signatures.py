"""The one thing that predictors know of a model file: its signatures, called by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from rnn_toolkit.bundle.manifest import Signature

Tensors = dict[str, NDArray[Any]]
"""Tensors by name."""


class SignatureModel(Protocol):
    """An opened model, whatever runs it."""

    def run(self, signature: str, inputs: Mapping[str, NDArray[Any]]) -> Tensors:
        """Calls a signature.

        Args:
            signature: its name.
            inputs: all its input tensors, by name.

        Returns:
            All its output tensors, by name.
        """


OpenModel = Callable[[Path, Mapping[str, Signature]], SignatureModel]
"""Opens the model of a bundle, given its directory and its signatures."""
