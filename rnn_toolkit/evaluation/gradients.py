"""How far back gradients reach in a recurrent network, measured on real rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.errors import OptionError
from rnn_toolkit.evaluation.decay import DecayCurve, decay_curve
from rnn_toolkit.layers.find import FoundLayer, recurrent_layers, weights_by_layer
from rnn_toolkit.layers.loop import LoopResult, recurrent_loop

_LARGEST = 1e38

Norms = NDArray[np.float64]
RowLoss = Callable[[Tensor, Tensor], Tensor]
"""(labels [rows], outputs) -> the loss of each row [rows]."""


@dataclass(frozen=True)
class LayerGradients:
    """The gradients of one recurrent layer in one direction.

    Args:
        layer: its name in the network.
        direction: forward or backward.
        cell: the class of its cell.
        loss_by_step: ||dL/ds_t|| [rows, time], by position in the text; NaN at padding.
        loss: the same by distance back from the last step that the layer reads.
        memory: ||d(v . s_T)/ds_t|| by distance T - t.
    """

    layer: str
    direction: str
    cell: str
    loss_by_step: Norms
    loss: DecayCurve
    memory: DecayCurve


@dataclass(frozen=True)
class Gradients:
    """What `measure_gradients` found; `weights` are norms over each layer's weights."""

    layers: tuple[LayerGradients, ...]
    weights: dict[str, float]
    global_norm: float
    lengths: tuple[int, ...]


def measure_gradients(
    model: keras.Model,
    ids: NDArray[Any],
    labels: NDArray[Any],
    *,
    loss: RowLoss | None = None,
    projections: int = 4,
    seed: int = 0,
) -> Gradients:
    """Gradient norms per recurrent layer, direction and step, and per layer of weights.

    Let s_t be all that step t hands on: its states side by side and, where it is none of them,
    its output. Two things are measured: how strongly the loss of a row depends on s_t,

        ||dL/ds_t||,

    and how much of s_t the last state s_T still holds, whatever the layers above look at,

        ||d(v . s_T)/ds_t|| = ||v J_T J_{T-1} ... J_{t+1}||,  J_t = ds_t/ds_{t-1},

    for random unit vectors v; it is 1 at t = T (Bengio et al. 1994, Learning long-term
    dependencies with gradient descent is difficult; Pascanu et al. 2013, On the difficulty of
    training recurrent neural networks). Dropout is off.

    Args:
        model: from ids [rows, time] to what `loss` takes, its recurrent layers of this toolkit.
        ids: [rows, time], or features [rows, time, width].
        labels: [rows].
        loss: the loss of each row; cross-entropy of probabilities [rows, classes] by default.
        projections: number of random vectors v, over which the norms are averaged.
        seed: of these vectors.

    Returns:
        The norms.

    Raises:
        OptionError: the model has no recurrent layer that can be watched.
    """
    found = recurrent_layers(model)
    recorder = _Recorder()
    weights = model.trainable_variables
    with tf.GradientTape() as tape, recurrent_loop(recorder):
        outputs = model(tf.convert_to_tensor(ids), training=False)
        losses = (loss or _cross_entropy)(tf.convert_to_tensor(labels), outputs)
        total = tf.reduce_sum(losses)
    runs = [_run_of(entry, recorder) for entry in found]
    by_state, by_weight = tape.gradient(
        total,
        [[run.handed_on for run in runs], [weight.value for weight in weights]],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    generator = np.random.default_rng(seed)
    layers = tuple(
        _of_layer(entry, run, gradients, projections, generator)
        for entry, run, gradients in zip(found, runs, by_state, strict=True)
    )
    # The gradient of an embedding comes as slices, of which those of one row add up.
    by_weight = [tf.convert_to_tensor(gradient) for gradient in by_weight]
    of_weight = {id(weight): at for at, weight in enumerate(weights)}

    def norm(chosen: list[Tensor]) -> float:
        return float(_finite(float(tf.linalg.global_norm(chosen)))) / len(ids)  # of the mean loss

    return Gradients(
        layers=layers,
        weights={
            name: norm([by_weight[of_weight[id(weight)]] for weight in group])
            for name, group in weights_by_layer(model).items()
        },
        global_norm=norm(by_weight),
        lengths=tuple(int(length) for length in runs[0].real.sum(axis=1)),
    )


def _cross_entropy(labels: Tensor, probabilities: Tensor) -> Tensor:
    chosen = tf.gather(probabilities, labels, axis=1, batch_dims=1)
    return -tf.math.log(tf.maximum(chosen, 1e-30))


@dataclass(frozen=True)
class _Run:
    """One run of a layer: what each step handed on, in the order of processing.

    Args:
        handed_on: [rows, width] per step.
        last: the states after the last real step, side by side [rows, state width].
        tape: knows how `last` came from `handed_on`, and nothing else.
        real: [rows, time], False at padding, by position in the text.
    """

    handed_on: list[Tensor]
    last: Tensor
    tape: tf.GradientTape
    real: NDArray[np.bool_]
    backwards: bool


class _Recorder:
    """A run over time, step by step in Python, that keeps every state where a tape sees it."""

    def __init__(self) -> None:
        self.runs: dict[str, list[_Run]] = {}

    def __call__(
        self, layer: Any, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None
    ) -> LoopResult:
        """Stands in for the layer's own loop; see RecurrentLoop."""
        cell, states = layer.steps(), list(initial_state)
        rows, time = int(sequences.shape[0]), int(sequences.shape[1])
        real = tf.ones((rows, time), tf.bool) if mask is None else tf.cast(mask, tf.bool)
        projected = tf.unstack(cell.project(sequences), axis=1)
        order = range(time - 1, -1, -1) if layer.go_backwards else range(time)
        last = tf.zeros((rows, int(layer.cell.output_size)), sequences.dtype)
        handed_on, outputs = [], []
        # A tape of its own: the memory is that of this recurrence, free of weights and layers.
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            for step in order:
                now = real[:, step : step + 1]
                output, new = cell.step(projected[step], states)
                output, states, joined = _watched(tape, output, new, states, now)
                last = tf.where(now, output, last)
                outputs.append(tf.where(now, output, tf.zeros_like(output)))
                handed_on.append(joined)
            final = tf.concat(states, axis=-1)
        run = _Run(handed_on, final, tape, np.asarray(real), bool(layer.go_backwards))
        self.runs.setdefault(layer.name, []).append(run)
        return last, tf.stack(outputs, axis=1), states


def _watched(
    tape: tf.GradientTape, output: Tensor, new: list[Tensor], old: list[Tensor], real: Tensor
) -> tuple[Tensor, list[Tensor], Tensor]:
    """Puts all that a step hands on through one tensor; padding hands on the old states."""
    kept = [tf.where(real, state, before) for state, before in zip(new, old, strict=True)]
    place = next((at for at, state in enumerate(new) if state is output), None)
    parts = kept if place is not None else [*kept, output]
    joined = tf.concat(parts, axis=-1)
    tape.watch(joined)
    parts = tf.split(joined, [int(part.shape[-1]) for part in parts], axis=-1)
    states = list(parts[: len(kept)])
    return (parts[-1] if place is None else states[place]), states, joined


def _run_of(entry: FoundLayer, recorder: _Recorder) -> _Run:
    runs = recorder.runs.get(entry.layer.name, [])
    if len(runs) != 1:
        raise OptionError(
            f"The layer {entry.layer.name} ran {len(runs)} times, so that it has no one gradient."
        )
    return runs[0]


def _of_layer(
    entry: FoundLayer,
    run: _Run,
    gradients: list[Tensor],
    projections: int,
    generator: np.random.Generator,
) -> LayerGradients:
    loss = _norms(gradients)
    memory = np.mean([_memory(run, generator) for _ in range(projections)], axis=0)
    by_position = loss[:, ::-1] if run.backwards else loss
    return LayerGradients(
        layer=entry.name,
        direction=entry.direction,
        cell=entry.cell,
        loss_by_step=np.where(run.real, by_position, np.nan),
        loss=decay_curve(_by_distance(loss, run)),
        memory=decay_curve(_by_distance(memory, run)),
    )


def _memory(run: _Run, generator: np.random.Generator) -> Norms:
    """||d(v . s_T)/ds_t|| for one random unit vector v, [rows, steps in processing order]."""
    vector = generator.normal(size=int(run.last.shape[-1]))
    vector /= np.linalg.norm(vector)
    upstream = tf.broadcast_to(tf.constant(vector, run.last.dtype), run.last.shape)
    gradients = run.tape.gradient(
        run.last,
        run.handed_on,
        output_gradients=upstream,
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    return _norms(gradients)


def _norms(gradients: list[Tensor]) -> Norms:
    """Norms per row and step, [rows, steps]; in 64 bits, whose squares do not vanish."""
    stacked = np.stack([np.asarray(gradient, np.float64) for gradient in gradients], axis=1)
    return _finite(np.linalg.norm(stacked, axis=-1))


def _finite(norms: Any) -> Any:
    """Norms that left the range of 32-bit numbers, as the largest of these."""
    return np.nan_to_num(norms, nan=_LARGEST, posinf=_LARGEST)


def _by_distance(norms: Norms, run: _Run) -> Norms:
    """From processing order to distance back from each row's last real step, NaN beyond."""
    time = norms.shape[1]
    lengths = run.real.sum(axis=1)
    # Backwards, padding comes first and every row ends with the last step processed.
    ends = np.full(len(norms), time) if run.backwards else lengths
    places = ends[:, None] - 1 - np.arange(time)[None]
    reached = np.arange(time)[None] < lengths[:, None]
    taken = np.take_along_axis(norms, np.where(reached, places, 0), axis=1)
    return np.where(reached, taken, np.nan)
