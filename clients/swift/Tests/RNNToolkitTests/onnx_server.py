"""Runs the ONNX files of a bundle for the Swift tests: a line of JSON in, a line out.

    python onnx_server.py FOLDER

A request is {"file": ..., "inputs": {name: tensor}}, the answer {name: tensor}, and a tensor
{"dtype": ..., "shape": [...], "data": [...]}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _array(tensor: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(tensor["data"], tensor["dtype"]).reshape(tensor["shape"])


def _tensor(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "data": array.ravel().tolist(),
    }


def main() -> None:
    """Answers until the input ends."""
    folder = Path(sys.argv[1])
    sessions: dict[str, onnxruntime.InferenceSession] = {}
    for line in sys.stdin:
        request = json.loads(line)
        file = request["file"]
        if file not in sessions:
            sessions[file] = _session(folder / file)
        names = [output.name for output in sessions[file].get_outputs()]
        inputs = {name: _array(tensor) for name, tensor in request["inputs"].items()}
        values = sessions[file].run(names, inputs)
        answer = {name: _tensor(value) for name, value in zip(names, values, strict=True)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
