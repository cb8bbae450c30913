"""The classic tests of long memory: copying, adding, and reading a picture pixel by pixel.

    python -m benchmarks.long_memory

copy:   one symbol of eight, 200 blanks, a sign, then the symbol must be named (the task of
        Hochreiter and Schmidhuber 1997 with one symbol). Chance: 12.5 %.
adding: 200 numbers between 0 and 1, two of them marked; their sum must be given
        (Hochreiter and Schmidhuber 1997). Always answering 1 has a squared error of 0.167.
pixels: a handwritten digit of 16 x 16 pixels as a sequence of 256 (after Le et al. 2015, with
        the 8 x 8 digits that ship with scikit-learn, enlarged). Chance: 10 %.

Every cell gets the same width, batches, learning rate and number of updates, and one seed. The
biases of the gated cells begin as Tallec and Ollivier (2018, Can recurrent neural networks warp
time?) propose for a known length; IndRNN has two layers, and the recurrent limit and, in the
second, the initial recurrent weights that keep half of a value over the length (Li et al. 2018).
SimpleRNN stands in two forms: with the initialiser of its time, `simple_rnn:glorot_uniform`, and
with the orthogonal one that Keras and this toolkit begin with.
Writes benchmarks/results/long-memory.json, where a run replaces an earlier one of the same task
and cell, and docs/images/long-memory.png.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import machine_facts
from rnn_toolkit.cells.ind_rnn import IndRNNCell
from rnn_toolkit.layers.recurrent import Recurrent, recurrent_layer

RESULTS = Path(__file__).parent / "results"
LENGTH = 200
UNITS = 64
BATCH = 32
SYMBOLS = 1
CHECK_EVERY = 100
Arrays = tuple[NDArray[np.float32], NDArray[Any]]


@dataclass(frozen=True)
class Task:
    """A source of batches, and what the answer looks like."""

    name: str
    batch: Callable[[np.random.Generator, int], Arrays]
    outputs: int
    steps_asked: int
    """At how many last steps an answer is asked; 0 stands for one answer per sequence."""
    measure: str
    chance: float
    solved: float
    updates: int


def copy_batch(generator: np.random.Generator, rows: int) -> Arrays:
    """One-hot symbols (8), blank, and the sign to answer; the answers are the symbols."""
    symbols = generator.integers(0, 8, (rows, SYMBOLS))
    shown = np.full((rows, SYMBOLS + LENGTH + SYMBOLS), 8)
    shown[:, :SYMBOLS] = symbols
    shown[:, SYMBOLS + LENGTH - 1] = 9
    return np.eye(10, dtype=np.float32)[shown], symbols


def adding_batch(generator: np.random.Generator, rows: int) -> Arrays:
    """Numbers and marks, one mark in each half; the answer is the sum of the marked."""
    numbers = generator.uniform(size=(rows, LENGTH)).astype(np.float32)
    marks = np.zeros_like(numbers)
    half = LENGTH // 2
    first, second = generator.integers(0, half, rows), generator.integers(half, LENGTH, rows)
    every = np.arange(rows)
    marks[every, first] = marks[every, second] = 1
    sums = numbers[every, first] + numbers[every, second]
    return np.stack([numbers, marks], axis=-1), sums[:, None]


def pixel_batches() -> Callable[[np.random.Generator, int], Arrays]:
    """Digits enlarged to 16 x 16; a generator below 10,000 rows draws from the training part."""
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    digits = load_digits()
    large = np.stack([zoom(image, 2, order=1) for image in digits.images]) / 16.0
    rows = large.reshape(len(large), -1, 1).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(rows))
    training, held_out = order[:1400], order[1400:]

    def batch(generator: np.random.Generator, wanted: int) -> Arrays:
        chosen = held_out if wanted >= len(held_out) else generator.choice(training, wanted)
        return rows[chosen], digits.target[chosen]

    return batch


def tasks() -> dict[str, Task]:
    """The three tasks."""
    return {
        "copy": Task("copy", copy_batch, 8, SYMBOLS, "accuracy", 0.125, 0.99, 4000),
        "adding": Task("adding", adding_batch, 1, 0, "squared error", 0.167, 0.01, 4000),
        "pixels": Task("pixels", pixel_batches(), 10, 0, "accuracy", 0.1, 0.97, 2000),
    }


def chrono_bias(cell: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Biases that let unit k remember for u_k steps, u_k uniform between 1 and the length.

    LSTM: b_f = log(u), b_i = -b_f; GRU (whose z keeps the state): b_z = log(u).
    """
    keep = np.log(np.random.default_rng(0).uniform(1, LENGTH - 1, UNITS)).astype(np.float32)
    bias = np.zeros(shape, np.float32)
    if cell == "lstm":
        bias[:UNITS], bias[UNITS : 2 * UNITS] = -keep, keep
    else:
        bias[0, :UNITS] = keep
    return bias


def network(task: Task, cell: str, features: int) -> keras.Model:
    """One recurrent layer (two for IndRNN) and a linear head."""
    inputs = keras.Input((None, features))
    sequences = task.steps_asked > 0
    if cell == "ind_rnn":
        limit = 2 ** (1 / LENGTH)
        first = IndRNNCell(UNITS, recurrent_limit=limit)
        hidden = Recurrent(first, return_sequences=True)(inputs)
        second = IndRNNCell(UNITS, recurrent_limit=limit)
        last = Recurrent(second, return_sequences=sequences)(hidden)
        lowest = 0.5 ** (1 / LENGTH)  # half of a value survives the whole length
        spread = np.random.default_rng(0).uniform(lowest, limit, UNITS)
        second.recurrent_weights.assign(spread.astype(np.float32))
    else:
        name, _, initializer = cell.partition(":")
        layer = recurrent_layer(
            name, UNITS, return_sequences=sequences, recurrent_initializer=initializer or None
        )
        last = layer(inputs)
        if name != "simple_rnn":
            layer.cell.bias.assign(chrono_bias(name, layer.cell.bias.shape))
    if sequences:
        last = last[:, -task.steps_asked :]
    return keras.Model(inputs, keras.layers.Dense(task.outputs)(last))


def run(task: Task, cell: str, seed: int) -> dict[str, Any]:
    """Trains until the task is solved or the updates are spent."""
    keras.utils.set_random_seed(seed)
    generator, held_out = np.random.default_rng(seed), np.random.default_rng(10_000 + seed)
    check_inputs, check_answers = task.batch(held_out, 500)
    model = network(task, cell, check_inputs.shape[-1])
    classifies = task.measure == "accuracy"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if classifies else "mse"
    model.compile(keras.optimizers.Adam(2e-3, clipnorm=1.0), loss, jit_compile=False)
    curve: list[tuple[int, float]] = []
    began = time.perf_counter()
    for update in range(1, task.updates + 1):
        model.train_on_batch(*task.batch(generator, BATCH))
        if update % CHECK_EVERY == 0:
            found = model.predict_on_batch(check_inputs)
            score = (
                float((found.argmax(-1) == check_answers).mean())
                if classifies
                else float(np.square(found - check_answers).mean())
            )
            curve.append((update, round(score, 5)))
            if score >= task.solved if classifies else score <= task.solved:
                break
    best = (max if classifies else min)(score for _, score in curve)
    solved = best >= task.solved if classifies else best <= task.solved
    return {
        "task": task.name,
        "cell": cell,
        "seed": seed,
        "measure": task.measure,
        "chance": task.chance,
        "best": best,
        "solved": solved,
        "updates": curve[-1][0],
        "minutes": round((time.perf_counter() - began) / 60, 2),
        "curve": curve,
        **machine_facts(),
    }


def table(runs: list[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    lines = [
        "| task | cell | measure | chance | best | updates | minutes |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for entry in runs:
        mark = "" if entry["solved"] else " (not solved)"
        lines.append(
            f"| {entry['task']} | {entry['cell']} | {entry['measure']} | {entry['chance']} | "
            f"{entry['best']:.4f} | {entry['updates']:,}{mark} | {entry['minutes']} |"
        )
    return "\n".join(lines)


def picture(runs: list[dict[str, Any]], path: Path) -> None:
    """One panel per task, one curve per cell."""
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(entry["task"] for entry in runs))
    figure = Figure(figsize=(4.2 * len(names), 3.4), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        for entry in runs:
            if entry["task"] == name:
                panel.plot(*zip(*entry["curve"], strict=True), label=entry["cell"])
                panel.axhline(entry["chance"], color="#8a8f98", linestyle=":", linewidth=1)
                panel.set(title=name, xlabel="updates", ylabel=entry["measure"])
        panel.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", default="simple_rnn:glorot_uniform,simple_rnn,lstm,gru,ind_rnn")
    parser.add_argument("--tasks", default="copy,adding,pixels")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    target = RESULTS / "long-memory.json"
    runs = json.loads(target.read_text("utf-8"))["runs"] if target.exists() else []
    every = tasks()
    for name in arguments.tasks.split(","):
        for cell in arguments.cells.split(","):
            new = run(every[name], cell, arguments.seed)
            runs = [old for old in runs if (old["task"], old["cell"]) != (name, cell)] + [new]
            runs.sort(key=lambda old: (list(every).index(old["task"]), old["cell"]))
            record = {"command": "python -m benchmarks.long_memory", "units": UNITS, "runs": runs}
            target.write_text(json.dumps(record) + "\n")
            picture(runs, RESULTS.parents[1] / "docs" / "images" / "long-memory.png")
            print(table([new]).splitlines()[-1], flush=True)
    print(table(runs))


if __name__ == "__main__":
    main()
