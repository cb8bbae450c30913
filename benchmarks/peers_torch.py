"""PyTorch's side of the pairs; the only TensorFlow-free peers that train."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.pairing import Peer
from benchmarks.twin_weights import as_torch, layer_weights, random_features

_LAYERS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "simple_rnn": torch.nn.RNN}
BOTH = os.cpu_count() or 1


class Outputs(torch.nn.Module):
    """One recurrent layer: [batch, time, features] to its last output, or to all of them."""

    def __init__(self, cell: str, features: int, units: int, sequences: bool) -> None:
        super().__init__()
        self.layer = _LAYERS[cell](features, units, batch_first=True)
        self.sequences = sequences
        with torch.no_grad():
            weights = layer_weights(cell, features=features, units=units)
            for name, value in as_torch(weights, cell).items():
                getattr(self.layer, f"{name}_l0").copy_(torch.from_numpy(value))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """[batch, (time,) units]."""
        outputs: torch.Tensor = self.layer(inputs)[0]
        return outputs if self.sequences else outputs[:, -1]


def scripted(module: torch.nn.Module, inputs: torch.Tensor) -> Any:
    """The module as frozen TorchScript."""
    with torch.inference_mode():
        return torch.jit.freeze(torch.jit.trace(module.eval(), inputs))


def latency_peers(
    cell: str, sequences: bool, steps: int, features: int, units: int
) -> dict[str, Peer]:
    """Eager with one thread and with all, and TorchScript, on one sequence."""
    module = Outputs(cell, features, units, sequences).eval()
    inputs = torch.from_numpy(random_features(1, steps, features))
    script = scripted(module, inputs)

    def run(answers: Any) -> NDArray[np.float32]:
        with torch.inference_mode():
            found: NDArray[np.float32] = answers(inputs).numpy()
        return found

    one, both = (partial(torch.set_num_threads, count) for count in (1, BOTH))
    return {
        "PyTorch eager": Peer(partial(run, module), one),
        "PyTorch eager, all threads": Peer(partial(run, module), both),
        "TorchScript": Peer(partial(run, script), one),
    }


class Classifier(torch.nn.Module):
    """A recurrent layer's last output, and logits of two classes."""

    def __init__(self, cell: str, features: int, units: int) -> None:
        super().__init__()
        self.body = Outputs(cell, features, units, sequences=False)
        self.head = torch.nn.Linear(units, 2)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """[batch, 2]."""
        logits: torch.Tensor = self.head(self.body(inputs))
        return logits


def training_peers(
    cell: str, batch: int, steps: int, features: int, units: int, clip: float
) -> dict[str, Peer]:
    """One training step: forward, backward, clipping, Adam."""
    torch.manual_seed(1)
    model = Classifier(cell, features, units)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs = torch.from_numpy(random_features(batch, steps, features))
    labels = torch.arange(batch) % 2

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        return loss.item()

    one, both = (partial(torch.set_num_threads, count) for count in (1, BOTH))
    return {"PyTorch": Peer(step, both), "PyTorch, one thread": Peer(step, one)}


def multiply_peers(size: int) -> dict[str, Peer]:
    """A product of two square matrices, for the machine's peak."""
    left = torch.from_numpy(random_features(1, size, size)[0])

    def multiply() -> float:
        return float((left @ left)[0, 0])

    return {"PyTorch product": Peer(multiply, partial(torch.set_num_threads, BOTH))}
