"""Plots stand for any number of epochs."""

from __future__ import annotations

import pytest

from rnn_toolkit.report import plots


@pytest.mark.parametrize("epochs", [1, 2, 12, 13, 60])
def test_learning_curves_mark_whole_epochs(epochs: int) -> None:
    losses = [1.0 / (epoch + 1) for epoch in range(epochs)]
    picture = plots.learning_curves(losses, losses, best_epoch=epochs)
    assert picture.startswith("<svg")
    assert f"kept: epoch {epochs}" in picture
    assert "0.5</text>" not in picture.split("cross-entropy")[0]  # no half epochs on the axis
