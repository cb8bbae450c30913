"""The one thing that decoding knows of a model: a function that takes one step.

The same samplers and beam search drive Keras, LiteRT and ONNX Runtime, because each of them
is put behind this protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

States = dict[str, NDArray[Any]]
"""What a model remembers, by name; the first axis of every array is the batch."""

Logits = NDArray[np.float32]
"""[batch, vocabulary], unnormalised."""


class StepModel(Protocol):
    """A language model with explicit states, whatever runs it."""

    @property
    def vocabulary_size(self) -> int:
        """Number of logits."""

    def prefill(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> tuple[Logits, States]:
        """Reads whole prompts from zero states.

        Args:
            ids: [batch, time], padded on the right with 0.
            lengths: [batch], each at least 1 and at most `time`.

        Returns:
            The logits of the id that follows each prompt, and the states after it.
        """

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Reads one more id per row.

        Args:
            ids: [batch].
            states: what `prefill` or `step` returned.

        Returns:
            The logits of the id that follows, and new states; the given ones stay as they are.
        """


def take(states: States, rows: Sequence[int] | NDArray[np.int64]) -> States:
    """The states of chosen rows, in that order; a row may be chosen more than once."""
    chosen = np.asarray(rows, np.int64)
    return {name: array[chosen] for name, array in states.items()}


def log_softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Natural-log probabilities over the last axis, in double precision."""
    shifted = logits.astype(np.float64) - np.max(logits, axis=-1, keepdims=True)
    normalised: NDArray[np.float64] = shifted - np.log(
        np.sum(np.exp(shifted), axis=-1, keepdims=True)
    )
    return normalised
