"""One copy of a matrix in an ONNX file that also uses it transposed (tied embeddings)."""

from __future__ import annotations

from typing import Any

import numpy as np


def share_transposed(graph: Any) -> None:
    """Replaces each matrix that is the transpose of another by a Transpose of the other.

    The converter writes both. ONNX Runtime transposes once, when it opens the file.

    Args:
        graph: a GraphProto; it is changed.
    """
    from onnx import helper, numpy_helper

    kept: dict[str, np.ndarray[Any, Any]] = {}
    for tensor in list(graph.initializer):
        if len(tensor.dims) != 2:
            continue
        values = numpy_helper.to_array(tensor)
        other = next(
            (
                name
                for name, matrix in kept.items()
                if matrix.shape == values.shape[::-1] and np.array_equal(matrix.T, values)
            ),
            None,
        )
        if other is None:
            kept[tensor.name] = values
            continue
        graph.initializer.remove(tensor)
        transpose = helper.make_node("Transpose", [other], [tensor.name], perm=[1, 0])
        graph.node.insert(0, transpose)
