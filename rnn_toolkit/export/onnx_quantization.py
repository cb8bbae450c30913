"""Smaller ONNX files: weights as int8 or float16, or ONNX Runtime's dynamic quantisation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import Quantization
from rnn_toolkit.errors import OptionError

_SMALLEST = 1024  # numbers; smaller weights are not worth an operator
_SHORTEST_ROW = 16
_RECURRENT = ("LSTM", "GRU", "RNN")
_RECURRENT_RANK = 3  # [directions, gates, inputs]; biases have two axes and stay as they are
_LARGEST_INT8 = 127


def quantized(content: bytes, quantize: Quantization) -> bytes:
    """A file with smaller weights.

    `float16` and `int8` store the weights so and give them back as float32 when the file is
    loaded: the arithmetic stays that of float32, and so do the operators, which are in every
    runtime. `dynamic` multiplies in int8 (operators of ONNX Runtime's own).

    Args:
        content: an ONNX file in float32.
        quantize: how.

    Raises:
        OptionError: `dynamic`, and the model has a recurrent layer that is no LSTM.
    """
    if quantize == "none":
        return content
    if quantize == "dynamic":
        return _dynamic(content)
    import onnx

    model = onnx.load_from_string(content)
    used_by = _uses(model.graph)
    for graph in _graphs(model.graph):
        _shrink(graph, as_int8=quantize == "int8", used_by=used_by)
    onnx.checker.check_model(model, full_check=True)
    found: bytes = model.SerializeToString()
    return found


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph and those inside its nodes, such as the body of a loop."""
    import onnx

    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _graphs(attribute.g)


def _uses(graph: Any) -> dict[str, str]:
    """The operator that first takes each tensor."""
    found: dict[str, str] = {}
    for each in _graphs(graph):
        for node in each.node:
            for name in node.input:
                found.setdefault(name, node.op_type)
    return found


def _shrink(graph: Any, *, as_int8: bool, used_by: dict[str, str]) -> None:
    """Replaces the large weights of one graph by smaller ones and operators that restore them."""
    from onnx import numpy_helper

    before, nodes = [], list(graph.node)
    for weight in list(graph.initializer):
        values = numpy_helper.to_array(weight)
        is_bias = used_by.get(weight.name) in _RECURRENT and values.ndim < _RECURRENT_RANK
        if values.dtype != np.float32 or values.size < _SMALLEST or is_bias:
            continue
        graph.initializer.remove(weight)
        if as_int8:
            before += _as_int8(graph, weight.name, values, used_by.get(weight.name, ""))
        else:
            before.append(_stored(graph, weight.name, values.astype(np.float16), weight.name))
    del graph.node[:]
    graph.node.extend([*before, *nodes])


def _as_int8(graph: Any, name: str, values: NDArray[np.float32], operator: str) -> list[Any]:
    """Stores `values = scale * integers`, with a scale for each row or column."""
    from onnx import helper, numpy_helper

    # A scale belongs to an output of the product, so that a large one spoils no other. The
    # weights of recurrent operators are [directions, gates, inputs]. Rows of a table are words;
    # where they are short, a scale each would take more room than it saves.
    by_row = operator == "Gather" and values[0].size >= _SHORTEST_ROW
    axis = 0 if by_row else values.ndim - 1
    reduced = (2,) if operator in _RECURRENT else _all_but(axis, values.ndim)
    scale = np.maximum(np.abs(values).max(axis=reduced, keepdims=True), 1e-12) / _LARGEST_INT8
    integers = np.rint(values / scale).astype(np.int8)
    scale_name = f"{name}_scale"
    graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), scale_name))
    unscaled = f"{name}_unscaled"
    return [
        _stored(graph, name, integers, unscaled),
        helper.make_node("Mul", [unscaled, scale_name], [name]),
    ]


def _all_but(axis: int, rank: int) -> tuple[int, ...]:
    return tuple(number for number in range(rank) if number != axis)


def _stored(graph: Any, name: str, values: NDArray[Any], restored: str) -> Any:
    """Adds small weights; the operator makes them float32, which a runtime does once, at load."""
    from onnx import TensorProto, helper, numpy_helper

    stored = f"{name}_stored"
    graph.initializer.append(numpy_helper.from_array(values, stored))
    return helper.make_node("Cast", [stored], [restored], to=TensorProto.FLOAT)


def _dynamic(content: bytes) -> bytes:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    operators = {node.op_type for node in onnx.load_from_string(content).graph.node}
    others = operators & {"GRU", "RNN", "Loop", "Scan"}
    if others:
        raise OptionError(
            "ONNX Runtime's dynamic quantisation covers LSTM layers only, and this file has "
            f"{', '.join(sorted(others))}.",
            "Choose --quantize int8 (a quarter of the size) or float16 (half).",
        )
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory) / "float.onnx", Path(directory) / "dynamic.onnx"
        source.write_bytes(content)
        quantize_dynamic(str(source), str(target), weight_type=QuantType.QInt8)
        return target.read_bytes()
