"""Recurrent layers: a cell run over a sequence.

The standard layers are Keras' own, with its fast kernels; any other cell runs in two phases.
Only `inner_loop`, the run over time, differs between training and exports; networks are
ordinary Keras models and know nothing of it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import keras

from rnn_toolkit.cells.base import Tensor, TwoPhase
from rnn_toolkit.cells.call_only import CallSteps
from rnn_toolkit.cells.initializers import GateBias
from rnn_toolkit.cells.initializers import recurrent_initializer as named_initializer
from rnn_toolkit.cells.table import CELLS, cell_options, make_cell
from rnn_toolkit.cells.views import KERAS_VIEWS, two_phase
from rnn_toolkit.cells.zoneout import ZoneoutSteps
from rnn_toolkit.errors import OptionError
from rnn_toolkit.layers.carry import carries_states
from rnn_toolkit.layers.loop import (
    LoopResult,
    current_loop,
    run_two_phase,
    runs_on_cudnn,
    without_empty_rows,
)

_STANDARD_ONLY = ("recurrent_dropout", "zoneout", "weight_drop")


class ReplaceableLoop:
    """Mixin for keras.layers.RNN and its subclasses that makes the run over time replaceable.

    Padding is on the right: a mask holds True for the first `length` steps of a row.

    Args:
        zoneout: probability that a state keeps its value for a step (Krueger et al. 2017).
        weight_drop: share of the recurrent weights hidden in a training batch, the same at
            each step (Merity et al. 2018, Regularizing and optimizing LSTM language models).
        **kwargs: of the Keras layer; recurrent_dropout hides parts of the hidden state, the
            same at each step (Gal and Ghahramani 2016).
    """

    standard: ClassVar[bool] = False
    cell: Any
    name: str

    def __init__(
        self, *args: Any, zoneout: float = 0.0, weight_drop: float = 0.0, **kwargs: Any
    ) -> None:
        hidden_share = kwargs.get("recurrent_dropout", 0.0)  # Keras would clip it in silence
        super().__init__(*args, **kwargs)
        self.input_spec = None  # `build` checks the shape, in one sentence
        for name, value in zip(_STANDARD_ONLY, (hidden_share, zoneout, weight_drop), strict=True):
            if not 0 <= value < 1:
                raise OptionError(f"{name} must be at least 0 and below 1, not {value!r}.")
        if (zoneout or weight_drop) and not self.standard:
            raise OptionError(
                f"zoneout and weight_drop are not for {type(self.cell).__name__}.",
                "They belong to simple_rnn, lstm and gru.",
            )
        if (zoneout or weight_drop) and self.cell.dropout:
            raise OptionError(
                "dropout does not go together with zoneout or weight_drop.",
                "Put keras.layers.SpatialDropout1D before the layer.",
            )
        self.zoneout = float(zoneout)
        self.weight_drop = float(weight_drop)
        seed = kwargs.get("seed")
        self._noise = keras.random.SeedGenerator(seed) if zoneout or weight_drop else None

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Checks the shape [batch, time, features] and makes the cell's weights."""
        if len(sequences_shape) != 3 or sequences_shape[-1] is None:
            raise OptionError(
                f"{self.name} needs inputs [batch, time, features] with a known number of "
                f"features, not of shape {tuple(sequences_shape)}."
            )
        super().build(sequences_shape)  # type: ignore[misc]
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def steps(self, training: bool = False, batch: Tensor = None) -> TwoPhase:
        """The cell in two phases, as it runs in this layer.

        Args:
            training: whether noise is wanted.
            batch: rows of the batch, for noise that differs by row.
        """
        view = two_phase(self.cell)
        if training and (self.weight_drop or self._state_dropout):
            view = KERAS_VIEWS[type(self.cell)](self.cell, *self._recurrent_noise(batch))
        if not self.zoneout:
            return view
        return ZoneoutSteps(view, self.zoneout, self._noise if training else None)

    @property
    def _state_dropout(self) -> float:
        return float(getattr(self.cell, "recurrent_dropout", 0.0))

    def _recurrent_noise(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """A recurrent kernel with hidden weights, and a scale for the hidden state."""
        kernel = scale = None
        if self.weight_drop:
            kernel = keras.random.dropout(
                self.cell.recurrent_kernel, self.weight_drop, seed=self._noise
            )
        if self._state_dropout:
            ones = keras.ops.ones((batch, self.cell.units), self.cell.compute_dtype)
            scale = keras.random.dropout(ones, self._state_dropout, seed=self._noise)
        return kernel, scale

    @carries_states
    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> LoopResult:
        """Keras' hook: the run over time."""
        nested = isinstance(initial_state, (list, tuple))
        states = list(initial_state) if nested else [initial_state]
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        loop = current_loop()
        if loop is not None:
            return loop(self, sequences, states, mask)
        if self.zoneout or (self.weight_drop and training) or not self.standard:
            view = self.steps(training, keras.ops.shape(sequences)[0])
            if not isinstance(view, CallSteps):
                return run_two_phase(self, view, sequences, states, mask, training=training)
        run = super().inner_loop  # type: ignore[misc]
        if mask is None or not (self.standard and runs_on_cudnn()):
            result: LoopResult = run(sequences, states, mask, training)
            return result
        return without_empty_rows(lambda safe: run(sequences, states, safe, training), states, mask)

    def get_config(self) -> dict[str, Any]:
        """Keras' description of the layer."""
        config: dict[str, Any] = super().get_config()  # type: ignore[misc]
        if self.standard:
            config["seed"] = self.cell.seed  # Keras leaves it out for SimpleRNN
        for name in ("zoneout", "weight_drop"):
            if getattr(self, name):
                config[name] = getattr(self, name)
        return config


@keras.saving.register_keras_serializable("rnn_toolkit")
class SimpleRNN(ReplaceableLoop, keras.layers.SimpleRNN):
    """keras.layers.SimpleRNN that exports."""

    standard = True


@keras.saving.register_keras_serializable("rnn_toolkit")
class LSTM(ReplaceableLoop, keras.layers.LSTM):
    """keras.layers.LSTM that exports."""

    standard = True


@keras.saving.register_keras_serializable("rnn_toolkit")
class GRU(ReplaceableLoop, keras.layers.GRU):
    """keras.layers.GRU that exports."""

    standard = True


@keras.saving.register_keras_serializable("rnn_toolkit")
class Recurrent(ReplaceableLoop, keras.layers.RNN):
    """keras.layers.RNN that projects all inputs at once, scans in parallel, and exports."""


FUSED_LAYERS: dict[type[Any], type[Any]] = {
    keras.layers.SimpleRNNCell: SimpleRNN,
    keras.layers.LSTMCell: LSTM,
    keras.layers.GRUCell: GRU,
}
"""Keras' cells that have a layer of their own, which is faster than a loop over the cell."""


def recurrent_layer(
    cell: str,
    units: int,
    *,
    return_sequences: bool = False,
    bidirectional: bool = False,
    recurrent_initializer: str | None = None,
    forget_bias: float | None = None,
    recurrent_dropout: float = 0.0,
    zoneout: float = 0.0,
    weight_drop: float = 0.0,
    name: str | None = None,
) -> keras.layers.Layer:
    """Builds one recurrent layer.

    Args:
        cell: a name of the cell table.
        units: width of the hidden state, per direction.
        return_sequences: whether to give the output of every step or only of the last.
        bidirectional: whether a second layer reads the sequence backwards.
        recurrent_initializer: a name of RECURRENT_INITIALIZERS; the cell's own when None.
        forget_bias: initial bias of the forget gate; 1 when None.
        recurrent_dropout: share of the hidden state hidden, the same at each step.
        zoneout: see ReplaceableLoop.
        weight_drop: see ReplaceableLoop.
        name: the name of the layer.

    Returns:
        A layer from [batch, time, features] to [batch, (time,) units or 2 * units].

    Raises:
        OptionError: there is no such cell, or an option does not belong to it.
    """
    noise = dict(zip(_STANDARD_ONLY, (recurrent_dropout, zoneout, weight_drop), strict=True))
    options: dict[str, Any] = {}
    if recurrent_initializer is not None:
        options["recurrent_initializer"] = named_initializer(recurrent_initializer)
    made = make_cell(cell, units)
    if forget_bias is not None:
        options.update(_forget_bias(cell, forget_bias))
    fused = FUSED_LAYERS.get(type(made))
    common: dict[str, Any] = {"return_sequences": return_sequences, "name": name}
    if fused is None:
        unwanted = [option for option, value in noise.items() if value]
        if unwanted:
            raise OptionError(f"{unwanted[0]} is for simple_rnn, lstm and gru, not for {cell}.")
        layer = Recurrent(make_cell(cell, units, **options), **common)
    else:
        layer = fused(units, **common, **noise, **options)
    if not bidirectional:
        return layer
    return keras.layers.Bidirectional(layer, name=None if name is None else f"{name}_both_ways")


def _forget_bias(cell: str, value: float) -> dict[str, Any]:
    if CELLS[cell] is keras.layers.LSTMCell:
        return {"unit_forget_bias": False, "bias_initializer": GateBias(value, gate=1, gates=4)}
    choices = [name for name in CELLS if "forget_bias" in cell_options(name)]
    if cell not in choices:
        raise OptionError(
            f"forget_bias is not for {cell}.", f"It belongs to lstm, {', '.join(choices)}."
        )
    return {"forget_bias": value}
