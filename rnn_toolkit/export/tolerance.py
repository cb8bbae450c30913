"""How far an exported model may be from the model it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnn_toolkit.config import ExportOptions

TOLERANCE = 1e-5
NO_BUNDLE = "No bundle was written."

# Where activations are rounded to 8 bits, another processor may round one of them the other way.
_ROUNDED_ACTIVATIONS = 1e-2
_CLOSE = 100  # times the tolerance


@dataclass(frozen=True)
class Expectation:
    """What a verification asks of an exported file.

    Args:
        exact: whether it must answer like the model in Keras. A quantised file need not: what
            it loses is measured, and its own answers become the golden rows.
        of_golden: how far a client's runtime may be from the golden rows.
    """

    exact: bool = True
    of_golden: float = TOLERANCE

    @property
    def of_model(self) -> float:
        """How far the file may be from the model in Keras."""
        return TOLERANCE if self.exact else math.inf

    @property
    def close(self) -> float:
        """Of two logits: closer ones may change places in another runtime."""
        return _CLOSE * self.of_golden


def expectation(options: ExportOptions, *, rounds_activations: bool) -> Expectation:
    """What is asked of a variant.

    Args:
        options: the variant.
        rounds_activations: whether it rounds more than weights.
    """
    if options.quantize == "none":
        return Expectation()
    of_golden = _ROUNDED_ACTIVATIONS if rounds_activations else TOLERANCE
    return Expectation(exact=False, of_golden=of_golden)
