"""The run over time as ONNX's own LSTM, GRU and RNN operators, where the cell has one.

While a model is traced, each recurrent layer leaves a marker operator in the graph; tf2onnx
converts everything around it and hands the marker to `replace_marker`.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import tensorflow as tf

from rnn_toolkit.cells.base import HasNativeOperator, NativeWeights, Tensor
from rnn_toolkit.errors import ExportError
from rnn_toolkit.export.onnx_scan import loop_over_time

MARKER_OPERATOR = "PyFunc"  # the one TensorFlow operator that carries a free string
_MARKER = "rnn_toolkit.recurrent"


def onnx_loop(
    layer: Any, sequences: Tensor, initial_state: list[Tensor], mask: Tensor | None
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Stands in for Keras' loop while a model is traced; see RecurrentLoop."""
    view = layer.steps()
    with tf.init_scope():  # weights as numbers, not as tensors of the graph being traced
        weights = view.native_weights() if isinstance(view, HasNativeOperator) else None
    if weights is None:
        return loop_over_time(layer, view, sequences, initial_state, mask)
    units = int(layer.cell.output_size)
    inputs = tf.transpose(sequences, [1, 0, 2])  # [time, batch, features]
    batch = tf.shape(inputs)[1]
    lengths = (
        tf.fill([batch], tf.shape(inputs)[0])
        if mask is None
        else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
    )
    outputs, final = _mark(
        weights, inputs, lengths, initial_state, units, backwards=bool(layer.go_backwards)
    )
    outputs = tf.transpose(outputs, [1, 0, 2])  # [batch, time, units], zeros at padding
    if layer.go_backwards:
        outputs = tf.reverse(outputs, [1])  # Keras hands outputs over in order of processing
    last = final[0]
    return last, outputs if layer.return_sequences else tf.expand_dims(last, 1), final


def _mark(
    weights: NativeWeights,
    inputs: Tensor,
    lengths: Tensor,
    states: list[Tensor],
    units: int,
    *,
    backwards: bool,
) -> tuple[Tensor, list[Tensor]]:
    token = {
        "marker": _MARKER,
        "operator": weights.operator,
        "units": units,
        "backwards": backwards,
        "linear_before_reset": weights.linear_before_reset,
    }
    bias = np.concatenate([weights.input_bias, weights.recurrent_bias])
    operands = [
        inputs,
        tf.constant(weights.kernel.T[None]),  # [1, gates * units, features]
        tf.constant(weights.recurrent_kernel.T[None]),  # [1, gates * units, units]
        tf.constant(bias[None]),  # [1, 2 * gates * units]
        lengths,
        *(tf.expand_dims(state, 0) for state in states),  # [1, batch, units]
    ]
    outputs, *final = tf.raw_ops.PyFunc(
        input=operands, token=json.dumps(token), Tout=[tf.float32] * (1 + len(states))
    )
    outputs = tf.ensure_shape(outputs, [None, inputs.shape[1], units])
    return outputs, [tf.ensure_shape(state, [inputs.shape[1], units]) for state in final]


def replace_marker(context: Any, node: Any, name: str, args: Any) -> None:
    """tf2onnx's handler: puts the native operator where the marker stands."""
    from onnx import TensorProto
    from tf2onnx import utils

    token = json.loads(node.get_attr("token").s)
    if token.get("marker") != _MARKER:
        raise ExportError("The model holds a Python function, which ONNX cannot express.")
    units = token["units"]
    inputs, kernel, recurrent_kernel, bias, lengths, *states = node.input
    names = list(node.output)
    context.remove_node(node.name)
    attributes: dict[str, Any] = {
        "hidden_size": units,
        "direction": "reverse" if token["backwards"] else "forward",
    }
    if token["operator"] == "GRU":
        attributes["linear_before_reset"] = int(token["linear_before_reset"])
    native = context.make_node(
        token["operator"],
        [inputs, kernel, recurrent_kernel, bias, lengths, *states],
        attr=attributes,
        output_count=len(names),
        op_name_scope=name,
        name=utils.make_name(token["operator"]),
        skip_conversion=True,
    )
    # A Gather drops the axis of directions: tf2onnx's transpose optimiser moves a
    # Transpose past Squeeze and Reshape wrongly here.
    which = context.make_const(utils.make_name("direction"), np.array(0, np.int64)).output[0]
    shapes = [[-1, -1, units], *([[-1, units]] * len(states))]
    for position, (output, shape) in enumerate(zip(names, shapes, strict=True)):
        context.make_node(
            "Gather",
            [native.output[position], which],
            attr={"axis": 1 if position == 0 else 0},
            outputs=[output],
            name=utils.make_name("without_direction"),
            skip_conversion=True,
            dtypes=[TensorProto.FLOAT],
            shapes=[shape],
        )
