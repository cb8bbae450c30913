"""Runs the ONNX files of a bundle for a program in another language.

    python model_process.py FOLDER

Calls come on standard input and answers go to standard output, all numbers big-endian. A call
is the name of a signature and its input tensors, an answer its output tensors. Tensors are
their number, then for each its name, 0 for float32 or 1 for int32, the number of axes, their
sizes, and the values. Names are a length and UTF-8; lengths, numbers and sizes have 32 bits.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.bundle.table import read_manifest
from rnn_toolkit.runtime.onnx import open_onnx
from rnn_toolkit.runtime.signatures import Tensors

_TYPES = (np.dtype(">f4"), np.dtype(">i4"))


def _exactly(source: BinaryIO, size: int) -> bytes:
    found = source.read(size)
    if len(found) < size:
        raise EOFError
    return found


def _number(source: BinaryIO) -> int:
    return int.from_bytes(_exactly(source, 4), "big")


def _name(source: BinaryIO) -> str:
    return _exactly(source, _number(source)).decode()


def _tensor(source: BinaryIO) -> NDArray[np.generic]:
    dtype = _TYPES[_number(source)]
    shape = [_number(source) for _ in range(_number(source))]
    content = _exactly(source, int(np.prod(shape)) * dtype.itemsize)
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _answer(target: BinaryIO, tensors: Tensors) -> None:
    def number(value: int) -> None:
        target.write(value.to_bytes(4, "big"))

    number(len(tensors))
    for name, array in tensors.items():
        number(len(name.encode()))
        target.write(name.encode())
        kind = 1 if np.issubdtype(array.dtype, np.integer) else 0
        for value in (kind, array.ndim, *array.shape):
            number(value)
        target.write(array.astype(_TYPES[kind]).tobytes())
    target.flush()


def main() -> None:
    """Answers calls until there are no more."""
    folder = Path(sys.argv[1])
    model = open_onnx(folder, read_manifest(folder).signatures)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            signature = _name(source)
        except EOFError:
            return
        inputs = {_name(source): _tensor(source) for _ in range(_number(source))}
        _answer(target, model.run(signature, inputs))


if __name__ == "__main__":
    main()
