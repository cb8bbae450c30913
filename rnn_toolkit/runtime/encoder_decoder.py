"""An exported encoder and decoder, token by token with explicit states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.runtime.signatures import SignatureModel


class BundleEncoderDecoder:
    """The signatures `encode` and `decode_step` behind the protocol of decoding (`EncoderDecoder`).

    Args:
        model: whatever runs them.
        inputs: names of all inputs of `decode_step` but "id"; those that are neither what
            `encode` gives (such as "memory" and "keys"), nor "length", nor "source_ids" are
            states.
        states: names of the states among them; `encode` and `decode_step` give them back with
            `_out` appended.
        vocabulary_size: number of target logits.
    """

    def __init__(
        self,
        model: SignatureModel,
        *,
        inputs: Sequence[str],
        states: Sequence[str],
        vocabulary_size: int,
    ) -> None:
        self._model = model
        self._inputs = tuple(name for name in inputs if name != "id")
        self._states = tuple(states)
        self._vocabulary_size = vocabulary_size

    @property
    def vocabulary_size(self) -> int:
        """Number of target logits."""
        return self._vocabulary_size

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        """Reads whole source texts; see EncoderDecoder."""
        source, length = np.asarray(ids, np.int32), np.asarray(lengths, np.int32)
        given = self._model.run("encode", {"ids": source, "length": length})
        known = {name.removesuffix("_out"): array for name, array in given.items()}
        known.update(length=length, source_ids=source)
        return {name: known[name] for name in self._inputs}

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Reads one more target id per row; see EncoderDecoder."""
        given = {name: states[name] for name in self._inputs}
        found = self._model.run("decode_step", {"id": np.asarray(ids, np.int32), **given})
        after = {name: found[f"{name}_out"] for name in self._states}
        return found["logits"], {**given, **after, "attention": found["attention"]}
