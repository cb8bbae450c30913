"""The one thing that translating knows of a model: it reads a source, then writes id by id.

The same beam search drives Keras, LiteRT and ONNX Runtime, because each of them is put behind
this protocol.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.step import Logits, States


class EncoderDecoder(Protocol):
    """An encoder and a decoder with explicit states, whatever runs them."""

    @property
    def vocabulary_size(self) -> int:
        """Number of target logits."""

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        """Reads whole source texts.

        Args:
            ids: [batch, time], padded on the right with 0.
            lengths: [batch], each at least 1 and at most `time`.

        Returns:
            All that the decoder needs, batch first in every array: what the encoder made of
            the source (padded to the same time), and the decoder's first states.
        """

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Reads one more target id per row; the begin id comes first.

        Args:
            ids: [batch].
            states: what `encode` or `step` returned, or rows of it in any order.

        Returns:
            The logits of the id that follows, and new states; the given ones stay as they
            are. Among the new ones is "attention" [batch, time], how much this step read of
            each source token. What never changes is passed on as the very same array, so
            that a search need not copy it.
        """
