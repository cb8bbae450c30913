"""A further cell: one file (here: this one) and one line in the table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import ops
from typer.testing import CliRunner

from rnn_toolkit.cells.base import Tensor, TwoPhaseCell
from rnn_toolkit.cells.table import CELLS
from rnn_toolkit.tasks.compare import compare
from rnn_toolkit.tasks.load import load
from rnn_toolkit.tasks.sentiment import SentimentClassifier
from rnn_toolkit.training.observer import SilentObserver
from rnn_toolkit_cli.main import app

SAMPLE = Path(__file__).parents[2] / "rnn_toolkit" / "data" / "sample" / "reviews.csv"


@keras.saving.register_keras_serializable("tests")
class DecayCell(TwoPhaseCell):
    """Leaky integrator: h_t = 0.9 h_{t-1} + 0.1 tanh(W x_t + U h_{t-1} + b)."""

    def step(self, projected: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        new = ops.tanh(projected + ops.matmul(states[0], self.recurrent_kernel))
        hidden = 0.9 * states[0] + 0.1 * new
        return hidden, [hidden]


@pytest.fixture
def with_new_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CELLS, "decay", DecayCell)


@pytest.mark.usefixtures("with_new_cell")
def test_a_new_cell_is_everywhere_at_once(tmp_path: Path) -> None:
    runner = CliRunner()
    listed = runner.invoke(app, ["cells", "--json"])
    assert listed.exit_code == 0, listed.output
    by_name: dict[str, Any] = {entry["name"]: entry for entry in json.loads(listed.stdout)}
    assert by_name["decay"]["title"].startswith("Leaky integrator")

    matrix = ["bench", "export-matrix", "--cells", "decay", "--units", "6", "--features", "4"]
    found = runner.invoke(app, [*matrix, "--json"])
    assert found.exit_code == 0, found.output
    entries = [json.loads(line) for line in found.stdout.splitlines() if line.startswith("{")]
    assert len(entries) == 15
    assert all(entry["passed"] for entry in entries)

    (line,) = compare(
        SAMPLE, tmp_path / "c", cells=["decay"], seeds=[1], yardsticks=False,
        observer=SilentObserver(), epochs=1, units=8,
    )  # fmt: skip
    assert line.candidate == "decay"


@pytest.mark.usefixtures("with_new_cell")
def test_a_new_cell_trains_saves_loads_and_ships(tmp_path: Path) -> None:
    classifier = SentimentClassifier(cell="decay", units=8, epochs=1).fit(SAMPLE)
    classifier.save(tmp_path / "model")
    texts = ["a wonderful film", "", "dull, dull, dull"]
    expected = [answer.probability for answer in classifier.predict(texts)]
    loaded = load(tmp_path / "model")
    assert [answer.probability for answer in loaded.predict(texts)] == pytest.approx(expected)
    for name in ("tflite", "onnx"):
        classifier.export(tmp_path / name, format=name)
        shipped = load(tmp_path / name).predict(texts)
        assert [answer.probability for answer in shipped] == pytest.approx(expected, abs=1e-5)
