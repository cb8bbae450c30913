"""Measures a fresh process to its first answer: seconds and peak memory of every runtime.

    python -m benchmarks.startup

The network is that of benchmarks.latency: one LSTM of 128 units on a sequence of 128 steps, its
last output. Each process imports its library, loads its file, and answers once; the answers must
agree. All take turns; one round before is not counted, so that the files are in the page cache.
Writes benchmarks/results/startup.json and prints the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.processes import fresh_process

# A process passes its largest resident size on to the processes it starts, so this one imports
# no array library: the files are made, and read, by others.

CELL, STEPS, FEATURES, UNITS = "lstm", 128, 100, 128
_MODULE = "benchmarks.startup"
Answer = Callable[[Path, Any], Any]


def make_files(folder: Path) -> None:
    """Writes the network in every format, and its inputs."""
    import numpy as np
    import torch

    from benchmarks.peers_keras import exported, layer_network
    from benchmarks.peers_torch import Outputs, scripted
    from benchmarks.twin_weights import random_features

    inputs = random_features(1, STEPS, FEATURES)
    np.save(folder / "inputs.npy", inputs)
    model = layer_network(CELL, FEATURES, UNITS, sequences=False)
    model.save(folder / "model.keras")
    for name in ("SavedModel", "TFLite", "ONNX"):
        exported(model, name, folder)
    module = Outputs(CELL, FEATURES, UNITS, sequences=False).eval()
    torch.save(module.state_dict(), folder / "model.pt")
    torch.jit.save(scripted(module, torch.from_numpy(inputs)), folder / "model.ts")


def with_nothing(folder: Path, inputs: Any) -> Any:
    """Python and numpy alone, to subtract."""
    return inputs[:, 0, :1]


def with_keras(folder: Path, inputs: Any) -> Any:
    """Keras' own file and predict."""
    import keras

    import rnn_toolkit.layers.recurrent  # noqa: F401  the file names its class

    return keras.saving.load_model(folder / "model.keras").predict(inputs, verbose=0)


def with_saved_model(folder: Path, inputs: Any) -> Any:
    """TensorFlow."""
    import tensorflow as tf

    signature = tf.saved_model.load(str(folder / "saved_model")).signatures["predict"]
    return signature(features=tf.constant(inputs))["outputs"].numpy()


def with_tflite(folder: Path, inputs: Any) -> Any:
    """LiteRT, as the toolkit opens it."""
    from rnn_toolkit.runtime.litert import LiteRTModel

    return LiteRTModel(folder / "model.tflite").run("predict", {"features": inputs})["outputs"]


def with_onnx(folder: Path, inputs: Any) -> Any:
    """ONNX Runtime, as the toolkit opens it."""
    from rnn_toolkit.runtime.onnx import OnnxModel

    model = OnnxModel({"predict": folder / "model.onnx"})
    return model.run("predict", {"features": inputs})["outputs"]


def with_torch(folder: Path, inputs: Any) -> Any:
    """PyTorch: the module in code, its weights from a file."""
    import torch

    from benchmarks.peers_torch import Outputs

    module = Outputs(CELL, FEATURES, UNITS, sequences=False)
    module.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    with torch.inference_mode():
        return module.eval()(torch.from_numpy(inputs)).numpy()


def with_torchscript(folder: Path, inputs: Any) -> Any:
    """TorchScript: no code but PyTorch's."""
    import torch

    module = torch.jit.load(folder / "model.ts")
    with torch.inference_mode():
        return module(torch.from_numpy(inputs)).numpy()


RUNTIMES: dict[str, Answer] = {
    "Python and numpy alone": with_nothing,
    "Keras predict": with_keras,
    "SavedModel": with_saved_model,
    "TFLite": with_tflite,
    "ONNX": with_onnx,
    "PyTorch eager": with_torch,
    "TorchScript": with_torchscript,
}


def answer_once(name: str, folder: Path) -> None:
    """Loads, answers, and prints the first value; what a fresh process does."""
    import numpy as np

    print(float(RUNTIMES[name](folder, np.load(folder / "inputs.npy")).ravel()[0]))


def run_all(folder: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds and MiB of every runtime, one figure per round."""
    found: dict[str, dict[str, list[float]]] = {
        name: {"seconds": [], "peak_mib": []} for name in RUNTIMES
    }
    for number in range(rounds + 1):
        answers = {}
        for name, figures in found.items():
            printed, seconds, size = fresh_process(_MODULE, "--answer", name, str(folder))
            answers[name] = float(printed)
            if number:
                figures["seconds"].append(seconds)
                figures["peak_mib"].append(size)
        answers.pop("Python and numpy alone")
        if max(answers.values()) - min(answers.values()) > 1e-5:
            raise SystemExit(f"The runtimes disagree: {answers}")
    return found


def table(rows: list[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    from benchmarks.pairing import shown

    lines = [
        "| runtime | seconds to the first answer | times as fast as Keras predict | "
        "peak memory, MiB |",
        "|---|---:|---:|---:|",
    ]
    for row in rows:
        lines.append(
            f"| {row['run']} | {shown(row['seconds'])} | "
            f"{shown(row['keras_predict_over_it'], 1)} | {row['peak_mib']['median']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark, or one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--answer", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        make_files(arguments.make)
        return
    if arguments.answer:
        name, folder = arguments.answer
        answer_once(name, Path(folder))
        return
    if find_spec("torch") is None:
        sys.exit("This needs PyTorch. Install it with: pip install 'rnn-toolkit[benchmarks]'")
    with tempfile.TemporaryDirectory() as folder:
        fresh_process(_MODULE, "--make", folder)
        found = run_all(Path(folder), arguments.rounds)
    from benchmarks.pairing import ratios, spread, write_result

    keras = found["Keras predict"]["seconds"]
    rows = [
        {
            "run": name,
            "seconds": spread(figures["seconds"], 3),
            "peak_mib": spread(figures["peak_mib"], 1),
            "keras_predict_over_it": ratios(keras, figures["seconds"], 2),
        }
        for name, figures in found.items()
    ]
    body = {"cell": CELL, "steps": STEPS, "features": FEATURES, "units": UNITS, "rows": rows}
    write_result("startup", "python -m benchmarks.startup", {"rounds": arguments.rounds, **body})
    print(table(rows))


if __name__ == "__main__":
    main()
