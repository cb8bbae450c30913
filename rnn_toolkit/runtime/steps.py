"""An exported language model, token by token with explicit states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.runtime.signatures import SignatureModel, Tensors


class BundleSteps:
    """The signatures `prefill` and `step` behind the protocol of decoding (`StepModel`).

    Args:
        model: whatever runs them.
        states: names of the state inputs of `step`; its outputs, and those of `prefill`,
            have the same names with `_out` appended.
        vocabulary_size: number of logits.
    """

    def __init__(
        self, model: SignatureModel, *, states: Sequence[str], vocabulary_size: int
    ) -> None:
        self._model = model
        self._states = tuple(states)
        self._vocabulary_size = vocabulary_size

    @property
    def vocabulary_size(self) -> int:
        """Number of logits."""
        return self._vocabulary_size

    def prefill(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> tuple[Logits, States]:
        """Reads whole prompts from zero states; see StepModel."""
        inputs = {"ids": _as_ids(ids), "length": _as_ids(lengths)}
        return self._answer(self._model.run("prefill", inputs))

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Reads one more id per row; see StepModel."""
        given = {name: states[name] for name in self._states}
        return self._answer(self._model.run("step", {"ids": _as_ids(ids), **given}))

    def _answer(self, outputs: Tensors) -> tuple[Logits, States]:
        return outputs["logits"], {name: outputs[f"{name}_out"] for name in self._states}


def _as_ids(values: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.asarray(values, np.int32)
