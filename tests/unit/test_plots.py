"""Plots stand for any number of epochs."""

from __future__ import annotations

import pytest

from rnn_toolkit.report import plots


@pytest.mark.parametrize("epochs", [1, 2, 12, 13, 60])
def test_learning_curves_mark_whole_epochs(epochs: int) -> None:
    losses = [100.0 - epoch for epoch in range(epochs)]
    picture = plots.learning_curves(losses, losses, best_epoch=epochs)
    assert picture.startswith("<svg")
    assert f"kept: epoch {epochs}" in picture
    assert ">1.5</text>" not in picture  # no half epochs on the axis
