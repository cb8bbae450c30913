"""The PyTorch peers of the benchmarks compute what the toolkit computes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from rnn_toolkit.config import NetworkConfig
from rnn_toolkit.networks.classifier import build_classifier

torch = pytest.importorskip("torch", reason="PyTorch is only for benchmarks")
sys.path.insert(0, str(Path(__file__).parents[2]))
try:
    from benchmarks import peers_keras, peers_torch
    from benchmarks.ladder_torch import TorchTwin
    from benchmarks.twin_weights import as_torch, random_features
finally:
    sys.path.pop(0)


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_layers_have_the_same_weights(cell: str) -> None:
    inputs = random_features(2, 9, 5)
    expected = np.asarray(peers_keras.layer_network(cell, 5, 7, sequences=True)(inputs))
    with torch.inference_mode():
        found = peers_torch.Outputs(cell, 5, 7, sequences=True)(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_twin_of_the_default_network_answers_like_it() -> None:
    config = NetworkConfig(units=6, embedding_size=8, pair_buckets=0)
    model = build_classifier(config, vocabulary_size=50, classes=2, seed=1)
    noise = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(noise.normal(scale=0.3, size=variable.shape))
    twin = TorchTwin(config, 50).eval()
    kernel, bias = model.get_layer("logits").get_weights()
    values = {
        twin.embedding.weight: model.get_layer("embedding").get_weights()[0],
        twin.head.weight: kernel.T,
        twin.head.bias: bias,
    }
    both = model.get_layer("lstm_1_both_ways")
    for layer, suffix in ((both.forward_layer, "l0"), (both.backward_layer, "l0_reverse")):
        for name, value in as_torch(layer.get_weights(), "lstm").items():
            values[getattr(twin.lstm, f"{name}_{suffix}")] = value
    ids = noise.integers(1, 50, (3, 20)).astype(np.int32)
    ids[1, 7:] = 0
    ids[2, 1:] = 0
    with torch.no_grad():
        for parameter, value in values.items():
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))
        found = twin(torch.from_numpy(ids).long()).softmax(1).numpy()
    np.testing.assert_allclose(found, np.asarray(model(ids)), atol=1e-6)
