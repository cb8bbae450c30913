"""Stacks of recurrent layers, with the connections between them."""

from __future__ import annotations

import keras

from rnn_toolkit.cells.base import Tensor
from rnn_toolkit.config import StackConfig
from rnn_toolkit.layers.recurrent import recurrent_layer


def check_stack(config: StackConfig) -> None:
    """Raises OptionError where `recurrent_stack` would, before there is anything to read."""
    _layer(config, return_sequences=True, name=config.cell)


def _layer(config: StackConfig, *, return_sequences: bool, name: str) -> keras.layers.Layer:
    return recurrent_layer(
        config.cell,
        config.units,
        return_sequences=return_sequences,
        bidirectional=config.bidirectional,
        recurrent_initializer=config.recurrent_initializer,
        forget_bias=config.forget_bias,
        recurrent_dropout=config.recurrent_dropout,
        zoneout=config.zoneout,
        weight_drop=config.weight_drop,
        name=name,
    )


def recurrent_stack(
    inputs: Tensor, config: StackConfig, *, return_sequences: bool, seed: int = 0
) -> Tensor:
    """Puts recurrent layers upon one another.

    Args:
        inputs: a symbolic tensor [batch, time, features], with its mask.
        config: cell, width, depth, direction, connections, normalisation, dropouts.
        return_sequences: whether to give the output of every step or only of the last.
        seed: of the dropouts between layers.

    Returns:
        [batch, (time,) width]; the width is `units`, twice that with both directions, and
        with dense connections that of all layers and the inputs together.
    """
    hidden = inputs
    for number in range(1, config.layers + 1):
        is_last = number == config.layers
        # What joins a layer's output to its input needs every step; the last one is cut after.
        sequences = return_sequences or not is_last or config.connection != "plain"
        name = f"{config.cell}_{number}"
        output = _layer(config, return_sequences=sequences, name=name)(hidden)
        if config.layer_dropout and not is_last:
            dropout = (
                keras.layers.SpatialDropout1D  # the same channels at each step
                if config.variational_dropout
                else keras.layers.Dropout
            )
            output = dropout(config.layer_dropout, seed=seed + number, name=f"{name}_dropout")(
                output
            )
        hidden = _join(hidden, output, config, name)
        if config.layer_norm:
            hidden = keras.layers.LayerNormalization(name=f"{name}_norm")(hidden)
    if not return_sequences and config.connection != "plain":
        hidden = LastStep(name="last_step")(hidden)
    return hidden


def stack_parameters(config: StackConfig, *, features: int) -> int:
    """How many parameters a stack has on inputs of a given width."""
    inputs = keras.Input((None, features))
    outputs = recurrent_stack(inputs, config, return_sequences=True)
    return int(keras.Model(inputs, outputs).count_params())


def _join(before: Tensor, output: Tensor, config: StackConfig, name: str) -> Tensor:
    """A layer's output, put together with what went into it."""
    if config.connection == "plain":
        return output
    if config.connection == "dense":
        return keras.layers.Concatenate(name=f"{name}_dense")([before, output])
    width = int(output.shape[-1])
    if int(before.shape[-1]) != width:
        before = keras.layers.Dense(width, use_bias=False, name=f"{name}_skip")(before)
    if config.connection == "residual":
        return keras.layers.Add(name=f"{name}_residual")([before, output])
    return HighwayJoin(name=f"{name}_highway")([before, output])


@keras.saving.register_keras_serializable("rnn_toolkit")
class HighwayJoin(keras.layers.Layer):
    """z = sigmoid(W x + b); y = z * f(x) + (1 - z) * x  (Srivastava et al. 2015, Highway networks).

    Called on [x, f(x)], both [batch, time, width]; b begins at -1, close to a copy.
    """

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, shapes: list[tuple[int | None, ...]]) -> None:
        """Makes W [width, width] and b [width]."""
        width = shapes[0][-1]
        self.kernel = self.add_weight(shape=(width, width), name="kernel")
        self.bias = self.add_weight(
            shape=(width,), initializer=keras.initializers.Constant(-1.0), name="bias"
        )

    def call(self, inputs: list[Tensor]) -> Tensor:
        """[batch, time, width] twice -> [batch, time, width]."""
        before, output = inputs
        gate = keras.ops.sigmoid(keras.ops.matmul(before, self.kernel) + self.bias)
        return gate * output + (1 - gate) * before

    def compute_mask(self, inputs: list[Tensor], mask: list[Tensor] | None = None) -> Tensor:
        """Both inputs have the same mask."""
        return mask[0] if mask else None


@keras.saving.register_keras_serializable("rnn_toolkit")
class LastStep(keras.layers.Layer):
    """The output of each row's last real step: [batch, time, width] -> [batch, width]."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, sequences: Tensor, mask: Tensor | None = None) -> Tensor:
        """Zeros for rows that are all padding."""
        if mask is None:
            return sequences[:, -1]
        real = keras.ops.cast(mask, sequences.dtype)
        after = keras.ops.pad(real[:, 1:], [[0, 0], [0, 1]])
        return keras.ops.sum(sequences * keras.ops.expand_dims(real * (1 - after), -1), axis=1)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """The time axis is gone, and the mask with it."""
        return None
