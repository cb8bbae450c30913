"""Several models that write one text together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.row_scores import log_normalizers
from rnn_toolkit.decoding.step import Logits, States
from rnn_toolkit.errors import OptionError


class EnsembleEncoderDecoder:
    """The mean of what several models give each id, behind the protocol of decoding.

    Probabilities and attention are averaged; each model keeps its own states. Models trained
    from different seeds err in different places, so that their mean is better than each.

    Args:
        models: with the same tokenizers; only the size of the vocabulary is checked here.

    Raises:
        OptionError: there are none, or their vocabularies differ in size.
    """

    def __init__(self, models: Sequence[EncoderDecoder]) -> None:
        if not models:
            raise OptionError("An ensemble needs at least one model.")
        sizes = [model.vocabulary_size for model in models]
        if len(set(sizes)) > 1:
            raise OptionError(
                f"The models of an ensemble have vocabularies of {', '.join(map(str, sizes))} "
                "target ids; an id must mean the same to all of them.",
                "Train them on the same tokenizers, with different seeds.",
            )
        self._models = tuple(models)
        self._vocabulary_size = sizes[0]

    @property
    def vocabulary_size(self) -> int:
        """Number of target logits."""
        return self._vocabulary_size

    def encode(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> States:
        """Every model reads the source texts; see EncoderDecoder."""
        found: States = {}
        for number, model in enumerate(self._models):
            found.update(_named(number, model.encode(ids, lengths)))
        return found

    def step(self, ids: NDArray[np.int32], states: States) -> tuple[Logits, States]:
        """Every model reads one more target id per row; see EncoderDecoder."""
        log_probabilities: list[NDArray[np.float32]] = []
        attention: list[NDArray[np.float32]] = []
        after: States = {}
        for number, model in enumerate(self._models):
            logits, own = model.step(ids, _own(number, states))
            normalizers = log_normalizers(logits)[:, None].astype(np.float32)
            log_probabilities.append(logits - normalizers)
            attention.append(own.pop("attention"))
            after.update(_named(number, own))
        mean = np.logaddexp.reduce(np.stack(log_probabilities)) - np.log(len(self._models))
        after["attention"] = np.mean(np.stack(attention), axis=0)
        return mean.astype(np.float32), after


def _named(number: int, states: States) -> States:
    return {f"{number}.{name}": array for name, array in states.items()}


def _own(number: int, states: States) -> States:
    prefix = f"{number}."
    return {
        name.removeprefix(prefix): array
        for name, array in states.items()
        if name.startswith(prefix)
    }
