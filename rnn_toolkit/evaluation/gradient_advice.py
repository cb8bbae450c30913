"""What measured gradients mean in words, by fixed thresholds, and what to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnn_toolkit.cells.table import cell_options
from rnn_toolkit.evaluation.decay import DecayCurve
from rnn_toolkit.evaluation.gradients import Gradients, LayerGradients

Verdict = Literal["explodes", "forgets", "fades", "holds"]

EXPLODING_GROWTH = 10.0
"""Mean norm somewhere back, as a multiple of that at the last step, that counts as explosion."""
EXPLODING_RATE = 1.01
"""Factor per step from which on a norm explodes: it doubles within 70 steps."""
FORGETTING_SHARE = 0.25
"""A layer forgets if its span is below this share of the median length."""
HIGHEST_FORGET_BIAS = 5.0


@dataclass(frozen=True)
class DiagnosedNetwork:
    """As much of the settings as the advice depends on.

    Args:
        cell: name of the cell.
        pooling: what the head reads; "last" is the last step alone.
        gradient_clip: largest global gradient norm in training.
        recurrent_initializer: its name, None for the cell's own.
        forget_bias: as it was set, None for the cell's own.
    """

    cell: str
    pooling: str
    gradient_clip: float
    recurrent_initializer: str | None = None
    forget_bias: float | None = None


@dataclass(frozen=True)
class Finding:
    """What one layer does in one direction."""

    layer: str
    direction: str
    verdict: Verdict
    sentence: str


def findings(gradients: Gradients) -> tuple[Finding, ...]:
    """One verdict per layer and direction.

    explodes: the mean memory grows to EXPLODING_GROWTH times its start, or by EXPLODING_RATE
    per step and ends above its start; forgets: its span is below FORGETTING_SHARE of the median
    length; fades: below the median length; holds: none of these.
    """
    median = _median(gradients.lengths)
    return tuple(_finding(layer, median) for layer in gradients.layers)


def advice(
    network: DiagnosedNetwork, gradients: Gradients, found: Sequence[Finding]
) -> tuple[str, ...]:
    """What to change, most important first; at least one sentence."""
    verdicts = {finding.verdict for finding in found}
    lines: list[str] = []
    if "explodes" in verdicts:
        lines += _against_explosion(network, _median(gradients.lengths))
    if verdicts & {"forgets", "fades"}:
        lines += _against_forgetting(network, _median(gradients.lengths))
        lines.append("A longer memory helps only where the task needs it: compare the scores.")
    if not lines:
        lines.append("Nothing needs to change for texts of this length.")
    return (*lines, _about_windows(gradients), _about_clipping(network, gradients))


def _median(lengths: Sequence[int]) -> int:
    return int(np.median(lengths)) if lengths else 0


def _finding(layer: LayerGradients, median: int) -> Finding:
    memory = layer.memory
    verdict: Verdict
    if _explodes(memory):
        verdict = "explodes"
        sentence = (
            f"on the way back the gradient grows to {memory.growth:,.3g} times its norm at the "
            f"last step, in the mean over the rows ({_rate(memory.rate)} per step)."
        )
    elif memory.span is not None and memory.span < median:
        verdict = "forgets" if memory.span < FORGETTING_SHARE * median else "fades"
        sentence = (
            f"from {memory.span} steps back less than a hundredth of the gradient arrives; the "
            f"median length is {median}."
        )
    else:
        verdict = "holds"
        reach = (memory.span or len(memory.rows)) - 1
        sentence = (
            f"{memory.typical(reach) or 0.0:.1%} of the gradient arrives from {reach} steps back"
            f"{', the longest distance measured' if memory.span is None else ''}; the median "
            f"length is {median}."
        )
    return Finding(layer.layer, layer.direction, verdict, sentence)


def _explodes(memory: DecayCurve) -> bool:
    if memory.growth > EXPLODING_GROWTH:
        return True
    # A slope over a few steps of short texts says little unless the norm did grow.
    farthest = memory.typical(len(memory.rows) - 1) if memory.rows else None
    return (memory.rate or 0.0) >= EXPLODING_RATE and (farthest or 0.0) > 1


def _rate(rate: float | None) -> str:
    return "no rate" if rate is None else f"a factor of {rate:.3f}"


def _against_explosion(network: DiagnosedNetwork, median: int) -> list[str]:
    lines = [
        f"Keep clipping the gradient: gradient_clip is {network.gradient_clip:g}; lower it if "
        "the loss jumps."
    ]
    bias = forget_bias_for(median)
    if network.forget_bias is not None and network.forget_bias > bias:
        lines.append(
            f"Close the forget gate a little: --forget-bias {bias:.1f} instead of "
            f"{network.forget_bias:g}; a state that loses nothing can only grow."
        )
    if network.recurrent_initializer not in ("orthogonal", "per_gate_orthogonal"):
        lines.append(
            "Begin with a recurrent matrix that keeps norms: --recurrent-initializer orthogonal, "
            "or per_gate_orthogonal for a cell with gates."
        )
    if network.cell == "simple_rnn":
        lines.append("Take a cell with gates, which bound the growth: --cell lstm or --cell gru.")
    return lines


def _against_forgetting(network: DiagnosedNetwork, median: int) -> list[str]:
    lines = []
    bias = forget_bias_for(median)
    opened = (
        f"--forget-bias {bias:.1f} keeps a hundredth over about {_span_of(bias):.0f} steps before "
        "training."
    )
    if network.cell == "simple_rnn":
        lines.append("Take a cell with gates: --cell lstm or --cell gru.")
        if network.recurrent_initializer != "identity":
            lines.append(
                "Or begin with a recurrent matrix that neither shrinks nor grows: "
                "--recurrent-initializer identity (Le et al. 2015)."
            )
    elif not _takes(network.cell, "forget_bias"):
        lines.append(f"Take a cell whose forget gate can begin open: --cell lstm, where {opened}")
    elif bias > (1.0 if network.forget_bias is None else network.forget_bias) + 0.05:
        lines.append(f"Open the forget gate further at the beginning: {opened}")
    gated = network.cell not in ("simple_rnn", "ind_rnn")
    wanted = network.recurrent_initializer != "per_gate_orthogonal"
    if gated and wanted and _takes(network.cell, "recurrent_initializer"):
        lines.append(
            "Give each gate an orthogonal matrix of its own: --recurrent-initializer "
            "per_gate_orthogonal."
        )
    if network.pooling == "last":
        lines.append(
            "Only the last step is read, so that early words must survive to the end: "
            "--pooling mean_max reads every step."
        )
    else:
        lines.append(
            f"The {network.pooling} pooling reads every step, so that single words are not lost; "
            "what suffers is what depends on words far apart."
        )
    return lines


def _takes(cell: str, option: str) -> bool:
    # The layer of the standard LSTM has a forget_bias, though Keras' cell calls it otherwise.
    return (cell == "lstm" and option == "forget_bias") or option in cell_options(cell)


def forget_bias_for(span: float) -> float:
    """The forget bias b with sigmoid(b) ** span = 1/100, at most HIGHEST_FORGET_BIAS.

    b = -ln(100 ** (1 / span) - 1); see Tallec and Ollivier 2018, Can recurrent neural networks
    warp time?

    Args:
        span: in steps.
    """
    return min(-math.log(100 ** (1 / max(span, 1.0)) - 1), HIGHEST_FORGET_BIAS)


def _span_of(bias: float) -> float:
    return math.log(100) / math.log1p(math.exp(-bias))


def _about_windows(gradients: Gradients) -> str:
    spans = [layer.memory.span for layer in gradients.layers]
    known = [span for span in spans if span is not None]
    start = "Truncated back-propagation, with one direction: windows"
    if len(known) == len(spans):
        return f"{start} longer than {max(known)} steps add less than a hundredth of the gradient."
    longest = max(len(layer.memory.rows) - 1 for layer in gradients.layers)
    return (
        f"{start} of {longest} steps, the longest distance measured, would still cut off more "
        "than a hundredth of the gradient."
    )


def _about_clipping(network: DiagnosedNetwork, gradients: Gradients) -> str:
    norm, clip = gradients.global_norm, network.gradient_clip
    relation = "above" if norm > clip else "below"
    effect = "clipping shortens such a step" if norm > clip else "clipping leaves such a step alone"
    return (
        f"The gradient of the mean loss over these rows has norm {norm:.3g}, {relation} "
        f"gradient_clip {clip:g}: {effect}."
    )
