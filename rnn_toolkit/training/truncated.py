"""Truncated back-propagation through time, for streams longer than memory."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.data.lanes import Window
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.layers.carry import StateCarry, States, carried_states, zero_states
from rnn_toolkit.layers.find import recurrent_layers
from rnn_toolkit.training.gradient_norms import GradientNormLog, LayerNorms, one_slice_per_row

Loss = Callable[[Tensor, Tensor], Tensor]
"""(targets, outputs) -> the loss of each step [batch, time]."""

Objective = Callable[[Tensor, Tensor, bool], tuple[Tensor, Tensor]]
"""(inputs, targets, training) -> the loss of each step [batch, time], and a penalty."""


@dataclass(frozen=True)
class WindowsResult:
    """One pass over windows; `loss` is the mean over the steps that count."""

    loss: float
    steps: int
    windows: int
    seconds: float
    largest_gradient_norm: float = 0.0
    clipped_windows: int = 0


class TruncatedBackpropagation:
    """Trains a model window after window, with the states carried and the gradient cut.

    The final states of every recurrent layer in a window are its initial states in the next.
    They enter it as constants, so that memory and time depend on the length of the window,
    never on that of the stream (Williams and Peng 1990, An efficient gradient-based algorithm
    for on-line training of recurrent network trajectories).

    Args:
        model: from [batch, time] ids or [batch, time, features] to an output per step, its
            recurrent layers reading forwards and giving every step.
        loss: a Keras loss, its name, or a function of targets and outputs that gives the loss
            of each step [batch, time].
        objective: stands in for the call of the model and the loss, where these need more
            than the model's outputs.
        optimizer: a Keras optimizer or its name.
        gradient_clip: largest global norm of the gradient of a window; None for no limit
            (Pascanu et al. 2013, On the difficulty of training recurrent neural networks).
        log: takes the gradient norm of each layer in each window, before clipping.

    Raises:
        OptionError: the model reads backwards somewhere, or gives no output per step.
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        loss: str | keras.losses.Loss | Loss = "sparse_categorical_crossentropy",
        objective: Objective | None = None,
        optimizer: str | keras.optimizers.Optimizer = "adam",
        gradient_clip: float | None = 1.0,
        log: GradientNormLog | None = None,
    ) -> None:
        if gradient_clip is not None and not gradient_clip > 0:
            raise OptionError(f"gradient_clip must be above 0, not {gradient_clip!r}.")
        self.model = model
        self.epoch = 0
        self.last_loss = math.nan  # mean over the windows of this epoch so far
        self._layers = _forward_layers(model)
        self._objective = objective or _loss_of_outputs(model, _loss_per_step(loss))
        self._optimizer = keras.optimizers.get(optimizer)
        self._clip = gradient_clip
        self._log = log
        self._states: States = {}
        self._waiting: set[int] = set()
        self._norms = LayerNorms(model)
        if not self._optimizer.built:
            self._optimizer.build(model.trainable_variables)
        self._evaluate = _graph(self._evaluation_step)
        self._differentiate = _graph(self._gradient_step)
        self._apply = _graph(self._update_step)

    def restart(self, lanes: Sequence[int] | None = None) -> None:
        """Lets lanes (all by default) begin the next window with initial states.

        Args:
            lanes: their positions in the batch; a document that ends before the next window
                is one reason.
        """
        if lanes is None:
            self._states, self._waiting = {}, set()
        else:
            self._waiting.update(int(lane) for lane in lanes)

    def train(self, windows: Iterable[Window], *, go_on: bool = False) -> WindowsResult:
        """One epoch: an update of the weights for each window.

        Args:
            windows: in order, each continuing the one before, with the same lanes.
            go_on: whether the first window continues the last one of the call before.

        Raises:
            DataError: loss or gradient became infinite or not a number.
        """
        if not go_on:
            self.restart()
        self.epoch += 1
        total = _Total()
        for window in windows:
            summed, steps, norm, gradients, layer_norms, self._states = self._differentiate(
                *self._inputs(window, self._states, self._waiting)
            )
            self._waiting = set()
            total.add(summed, steps, norm, self._clip)
            self.last_loss = total.loss / max(total.steps, 1.0)
            if not math.isfinite(float(norm)):
                self.restart()
                raise DataError(
                    f"Window {total.windows}: loss {total.last_loss:.4g}, gradient norm "
                    f"{float(norm):.4g}. The weights are as they were before this window.",
                    "Lower the learning rate, or clip the gradient (gradient_clip).",
                )
            if self._log is not None:
                norms = {name: float(value) for name, value in layer_norms.items()}
                self._log.add(epoch=self.epoch, batch=total.windows, norms=norms)
            self._update(gradients, window.learning_rate_scale)
        return total.result()

    def evaluate(self, windows: Iterable[Window]) -> WindowsResult:
        """The loss over windows, each with the states that the one before left.

        The states of the training stay as they are.
        """
        total = _Total()
        states: States = {}
        for window in windows:
            summed, steps, states = self._evaluate(*self._inputs(window, states, set()))
            total.add(summed, steps)
        return total.result()

    def _inputs(self, window: Window, states: States, waiting: set[int]) -> tuple[Any, ...]:
        batch = len(window.inputs)
        restarts = np.array(window.restarts, np.bool_)
        if not states:
            states = zero_states(self._layers, batch)  # every lane restarts with its layer's own
            restarts[:] = True
        before = int(next(iter(states.values()))[0].shape[0])
        if before != batch:
            raise OptionError(f"A window has {batch} lanes, but the one before had {before}.")
        outside = [lane for lane in waiting if not 0 <= lane < batch]
        if outside:
            raise OptionError(f"There is no lane {outside[0]}: the windows have {batch}.")
        restarts[list(waiting)] = True
        return (
            tf.constant(window.inputs),
            tf.constant(window.targets),
            tf.constant(window.weights, tf.float32),
            tf.constant(restarts),
            states,
        )

    def _forward(
        self, inputs: Tensor, targets: Tensor, restarts: Tensor, states: States, training: bool
    ) -> tuple[Tensor, Tensor, States]:
        """The loss of each step [batch, time], the penalty, and the final states."""
        carry = StateCarry(states, restarts)
        with carried_states(carry):
            losses, penalty = self._objective(inputs, targets, training)
        losses = tf.cast(losses, tf.float32)
        if losses.shape.rank != 2:
            raise OptionError(
                f"The loss gives a tensor of rank {losses.shape.rank}, not one value per step "
                "[batch, time]."
            )
        return losses, tf.cast(penalty, tf.float32), carry.final()

    def _evaluation_step(
        self, inputs: Tensor, targets: Tensor, weights: Tensor, restarts: Tensor, states: States
    ) -> tuple[Tensor, Tensor, States]:
        losses, _, final = self._forward(inputs, targets, restarts, states, training=False)
        return tf.reduce_sum(losses * weights), tf.reduce_sum(weights), final

    def _gradient_step(
        self, inputs: Tensor, targets: Tensor, weights: Tensor, restarts: Tensor, states: States
    ) -> tuple[Tensor, ...]:
        with tf.GradientTape() as tape:
            losses, penalty, final = self._forward(inputs, targets, restarts, states, training=True)
            summed, steps = tf.reduce_sum(losses * weights), tf.reduce_sum(weights)
            objective = summed / tf.maximum(steps, 1.0) + penalty
            for penalty in self.model.losses:
                objective += tf.cast(penalty, tf.float32)
        variables = self.model.trainable_variables
        gradients = tape.gradient(objective, [variable.value for variable in variables])
        gradients = [one_slice_per_row(gradient) for gradient in gradients]
        norm = tf.linalg.global_norm(gradients)
        layer_norms = self._norms.of(gradients) if self._log is not None else {}
        if self._clip is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self._clip, use_norm=norm)
        return summed, steps, norm, gradients, layer_norms, final

    def _update_step(self, gradients: list[Tensor]) -> None:
        pairs = zip(gradients, self.model.trainable_variables, strict=True)
        known = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
        self._optimizer.apply_gradients(known)

    def _update(self, gradients: list[Tensor], scale: float) -> None:
        if scale == 1:
            self._apply(gradients)
            return
        rate = keras.ops.convert_to_numpy(self._optimizer.learning_rate)
        try:
            self._optimizer.learning_rate = rate * np.float32(scale)
        except TypeError:
            raise OptionError(
                "Random window lengths scale the learning rate, and this optimizer has a schedule.",
                "Give it a number, and lower it between epochs.",
            ) from None
        self._apply(gradients)
        self._optimizer.learning_rate = rate


class _Total:
    """Sums over the windows of one pass."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.steps = 0.0
        self.windows = 0
        self.largest_norm = 0.0
        self.clipped = 0
        self.last_loss = math.nan
        self.began = time.perf_counter()

    def add(
        self, summed: Tensor, steps: Tensor, norm: Tensor = 0.0, clip: float | None = None
    ) -> None:
        self.last_loss = float(summed) / max(float(steps), 1.0)
        self.loss += float(summed)
        self.steps += float(steps)
        self.windows += 1
        self.largest_norm = max(self.largest_norm, float(norm))
        self.clipped += clip is not None and float(norm) > clip

    def result(self) -> WindowsResult:
        if not self.windows:
            raise DataError("There is no window to read.", "Give more data.")
        return WindowsResult(
            loss=self.loss / max(self.steps, 1.0),
            steps=round(self.steps),
            windows=self.windows,
            seconds=time.perf_counter() - self.began,
            largest_gradient_norm=self.largest_norm,
            clipped_windows=self.clipped,
        )


def _graph(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a function for windows of any length; its errors stay as they are raised."""
    return tf.function(function, reduce_retracing=True, autograph=False)


def _forward_layers(model: keras.Model) -> list[Any]:
    """The recurrent layers, all of which can go on from one window to the next."""
    found = recurrent_layers(model)
    for entry in found:
        if entry.paired or entry.direction == "backward":
            raise OptionError(
                f"The layer {entry.name} reads backwards: its first step lies at the end of the "
                "stream, which truncated back-propagation has not read yet.",
                "Build the network with bidirectional=False.",
            )
        if not entry.layer.return_sequences:
            raise OptionError(
                f"The layer {entry.name} gives only its last step; truncated back-propagation "
                "needs an output per step.",
                "Build it with return_sequences=True.",
            )
    return [entry.layer for entry in found]


def _loss_of_outputs(model: keras.Model, loss: Loss) -> Objective:
    def objective(inputs: Tensor, targets: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        return loss(targets, model(inputs, training=training)), tf.constant(0.0)

    return objective


def _loss_per_step(loss: str | keras.losses.Loss | Loss) -> Loss:
    found = keras.losses.get(loss)
    return found.call if isinstance(found, keras.losses.Loss) else found
