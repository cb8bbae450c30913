from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnn_toolkit import SentimentClassifier, load, train_to_directory
from rnn_toolkit.networks.classifier import GATE_LAYER, STACK_GATE_LAYER, build_classifier
from rnn_toolkit.tasks.beyond_labels import gatekeeper
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.training.naive_bayes_pairs import Mixture
from rnn_toolkit.training.observer import EpochRecord, LanguageModelEpoch

pytestmark = pytest.mark.slow

WORDS = {"good": ("fine", "lovely", "clever"), "bad": ("dull", "poor", "silly")}
SMALL = {
    "units": 4,
    "embedding_size": 6,
    "vector_size": 6,
    "pair_buckets": 64,
    "pretraining_epochs": 1,
    "pretraining_samples": 8,
    "minimum_frequency": 1,
    "epochs": 2,
    "batch_size": 8,
    "seed": 3,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("data")
    texts = [
        (f"a {word} film about {thing} {number}", label)
        for label, words in WORDS.items()
        for word in words
        for number, thing in enumerate(("love", "war", "work", "trains"))
    ]
    table = folder / "reviews.csv"
    lines = ["text,label", *(f'"{text}",{label}' for text, label in texts)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    more = folder / "more.csv"
    lines = ["text", *(f'"the {text}, again"' for text, _ in texts)]
    more.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table, more


class Recorder:
    """Keeps records, and fails where it is told to."""

    def __init__(self, *, fail_after: int | None = None) -> None:
        self.records: list[object] = []
        self.notes: list[str] = []
        self.fail_after = fail_after

    def note(self, text: str) -> None:
        self.notes.append(text)

    def batch_ended(self, record: object) -> None: ...

    def epoch_ended(self, record: object, *, best: bool) -> None:
        self.records.append(record)
        done = sum(isinstance(one, EpochRecord) for one in self.records)
        if self.fail_after is not None and done > self.fail_after:
            raise RuntimeError("killed")


def test_a_mixed_training_resumes_and_ships(data: tuple[Path, Path], tmp_path: Path) -> None:
    table, more = str(data[0]), str(data[1])
    options = {"recipe": "mixed", "unlabelled": more, **SMALL}
    whole = Recorder()
    train_to_directory(table, tmp_path / "whole", observer=whole, **options)
    assert [type(record) for record in whole.records] == [
        LanguageModelEpoch,
        EpochRecord,
        EpochRecord,
        Mixture,
    ]

    with pytest.raises(RuntimeError, match="killed"):  # in the second epoch: one is on disk
        train_to_directory(table, tmp_path / "resumed", observer=Recorder(fail_after=1), **options)
    rest = Recorder()
    train_to_directory(table, tmp_path / "resumed", observer=rest, resume=True, **options)
    assert [type(record) for record in rest.records] == [EpochRecord, Mixture]
    assert "Word vectors: those of the interrupted training" in rest.notes
    text = "a fine film about trains"
    found = [load(tmp_path / name).predict(text).probabilities for name in ("whole", "resumed")]
    assert found[0]["good"] == pytest.approx(found[1]["good"], abs=1e-6)

    config = json.loads((tmp_path / "whole" / "config.json").read_text("utf-8"))
    assert config["recipe"] == "mixed"
    metrics = json.loads((tmp_path / "whole" / "metrics.json").read_text("utf-8"))
    assert "perplexity" in metrics["training"]["pretraining"]
    assert "naive Bayes" in metrics["training"]["linear_part"]
    for format_name in ("tflite", "onnx"):
        classifier = SentimentClassifier.load(tmp_path / "whole")
        classifier.export(tmp_path / format_name, format=format_name)
        answer = load(tmp_path / format_name).predict(text).probabilities
        assert answer["good"] == pytest.approx(found[0]["good"], abs=1e-5)


def test_layers_thaw_one_after_the_other() -> None:
    config = sentiment_config({"recipe": "pretrained-lm", "unfreeze_every": 0.5})
    network = config.network.model_copy(update={"units": 2, "embedding_size": 2})
    model = build_classifier(
        network, vocabulary_size=5, classes=2, seed=1, gated=True, stack_gated=True
    )
    before_batch = gatekeeper(model, config)

    def gates(epochs: float) -> tuple[float, float]:
        before_batch(epochs)
        vectors, stack = (
            float(model.get_layer(name).switch.numpy()) for name in (GATE_LAYER, STACK_GATE_LAYER)
        )
        return vectors, stack

    assert [gates(epochs) for epochs in (0.0, 0.49, 0.5, 0.99, 1.0)] == [
        (0, 0),
        (0, 0),
        (0, 1),
        (0, 1),
        (1, 1),
    ]


def test_the_program_lists_recipes_and_says_what_is_missing() -> None:
    program = [sys.executable, "-m", "rnn_toolkit_cli.main"]
    environment = {**os.environ, "COLUMNS": "160"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *arguments], capture_output=True, text=True, env=environment
        )

    listed = run("recipes")
    assert listed.returncode == 0
    assert "virtual-adversarial" in listed.stdout
    refused = run("train", "sentiment", "--recipe", "mixed")
    assert refused.returncode == 2
    assert refused.stderr.strip() == (
        "error: The recipe mixed needs --unlabelled FILE. It is a file of texts of the same kind, "
        "without labels."
    )
