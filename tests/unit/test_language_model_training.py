"""Training of language models: objective, schedule, averages, resuming."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnn_toolkit.config import GenerationTrainingConfig, LanguageModelConfig
from rnn_toolkit.data.token_stream import TokenStream
from rnn_toolkit.errors import OptionError
from rnn_toolkit.networks.language_model import body_and_head, build_language_model
from rnn_toolkit.training.checkpoint import FitResult
from rnn_toolkit.training.fit_language_model import LanguageModelFit
from rnn_toolkit.training.language_model_objective import LanguageModelObjective
from rnn_toolkit.training.learning_rate_finder import find_learning_rate
from rnn_toolkit.training.observer import SilentObserver
from rnn_toolkit.training.one_cycle import one_cycle
from rnn_toolkit.training.weight_average import WeightAverage

VOCABULARY = 12


def stream(steps: int, seed: int = 0) -> TokenStream:
    """Ids that can be learnt: each is the one before plus 1 or 2."""
    steps_up = np.random.default_rng(seed).integers(1, 3, steps)
    return TokenStream((4 + np.cumsum(steps_up) % 8).astype(np.uint16), None, steps, VOCABULARY)


def model(**options: object) -> keras.Model:
    keras.utils.set_random_seed(3)
    settings = LanguageModelConfig(units=16, embedding_size=8, **options).for_tokens("char")
    return build_language_model(settings, vocabulary_size=VOCABULARY, seed=3)


def fit(
    network: keras.Model, path: Path | None = None, *, resume: bool = False, **options: object
) -> FitResult:
    config = GenerationTrainingConfig(
        **{"epochs": 4, "batch_size": 4, "window": 10, "learning_rate": 0.02, **options}
    )
    identity = {"settings": "the same"}
    made = LanguageModelFit(
        network,
        stream(2000),
        stream(400, seed=1),
        config,
        observer=SilentObserver(),
        write_sample=lambda: "sample",
        checkpoint_path=path,
        identity=identity,
    )
    return made.run(resume=resume)


@pytest.mark.parametrize("tied", [True, False])
def test_body_and_head_are_the_model(tied: bool) -> None:
    network = model(tied=tied)
    ids = np.random.default_rng(0).integers(0, VOCABULARY, (3, 7))
    body, head = body_and_head(network)
    np.testing.assert_allclose(head(body(ids)), network(ids), atol=1e-6)


def test_it_learns_what_can_be_learnt() -> None:
    result = fit(model(), epochs=6)
    assert result.history[-1].validation_loss < 0.8  # ln 2 = 0.693 is what is left to chance
    assert result.samples == ["sample"] * 6


def test_the_full_loss_is_cross_entropy() -> None:
    network = model(output_dropout=0.0)
    ids = np.random.default_rng(0).integers(4, VOCABULARY, (2, 9)).astype(np.int32)
    losses, penalty = LanguageModelObjective(network)(ids[:, :-1], ids[:, 1:], True)
    logits = np.asarray(network(ids[:, :-1]), np.float64)
    expected = (
        np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, ids[:, 1:, None], -1)[..., 0]
    )
    np.testing.assert_allclose(losses, expected, atol=1e-5)
    assert float(penalty) == 0


@pytest.mark.parametrize("tied", [True, False])
def test_many_samples_come_close_to_the_full_softmax(tied: bool) -> None:
    network = model(tied=tied, output_dropout=0.0)
    for variable in network.trainable_variables:  # logits that differ
        variable.assign(2 * variable)
    ids = np.random.default_rng(0).integers(4, VOCABULARY, (4, 20)).astype(np.int32)
    full, _ = LanguageModelObjective(network)(ids[:, :-1], ids[:, 1:], False)
    sampled, _ = LanguageModelObjective(network, samples=200_000)(ids[:, :-1], ids[:, 1:], True)
    np.testing.assert_allclose(sampled, full, atol=0.03)


def test_penalties_are_mean_squares() -> None:
    network = model(output_dropout=0.0)
    ids = np.random.default_rng(0).integers(4, VOCABULARY, (2, 9)).astype(np.int32)
    objective = LanguageModelObjective(network, activation_penalty=2.0, slowness_penalty=3.0)
    _, penalty = objective(ids[:, :-1], ids[:, 1:], True)
    hidden = np.asarray(body_and_head(network)[0](ids[:, :-1]))
    change = hidden[:, 1:] - hidden[:, :-1]
    assert float(penalty) == pytest.approx(
        2 * np.mean(hidden**2) + 3 * np.mean(change**2), rel=1e-5
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"softmax": "sampled", "softmax_samples": 6, "full_softmax_from": 0.75},
        {"average_from": 0.2},
    ],
)
def test_a_killed_training_ends_where_a_whole_one_does(
    options: dict[str, object], tmp_path: Path
) -> None:
    whole = model(input_dropout=0.1, embedding_dropout=0.1)
    expected = fit(whole, **options)

    class Killed(Exception):
        """Stands for kill -9."""

    class KillAtThirdEpoch(SilentObserver):
        def epoch_ended(self, record: object, *, best: bool) -> None:
            if record.epoch == 3:  # type: ignore[attr-defined]
                raise Killed

    path = tmp_path / "checkpoint.npz"
    first = model(input_dropout=0.1, embedding_dropout=0.1)
    config = GenerationTrainingConfig(
        **{"epochs": 4, "batch_size": 4, "window": 10, "learning_rate": 0.02, **options}
    )
    with pytest.raises(Killed):
        LanguageModelFit(
            first,
            stream(2000),
            stream(400, seed=1),
            config,
            observer=KillAtThirdEpoch(),
            write_sample=lambda: "sample",
            checkpoint_path=path,
            identity={"settings": "the same"},
        ).run(resume=False)
    second = model(input_dropout=0.1, embedding_dropout=0.1)
    found = fit(second, path, resume=True, **options)
    assert [r.validation_loss for r in found.history] == [
        r.validation_loss for r in expected.history
    ]
    for ours, theirs in zip(second.weights, whole.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_rate_that_was_searched_for_is_kept_over_a_kill(tmp_path: Path) -> None:
    class Notes(SilentObserver):
        def __init__(self) -> None:
            self.notes: list[str] = []

        def note(self, text: str) -> None:
            self.notes.append(text)

    def begin(epochs: int, observer: Notes) -> LanguageModelFit:
        return LanguageModelFit(
            model(),
            stream(2000),
            stream(400),
            GenerationTrainingConfig(epochs=epochs, batch_size=4, window=10, learning_rate="auto"),
            observer=observer,
            write_sample=str,
            checkpoint_path=tmp_path / "checkpoint.npz",
            identity={},
        )

    first, second = Notes(), Notes()
    whole = begin(2, first)
    whole.run(resume=False)
    resumed = begin(3, second)
    resumed.run(resume=True)
    assert any("found by" in note for note in first.notes)
    assert not any("found by" in note for note in second.notes)
    assert resumed.highest_rate == whole.highest_rate > 0


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    fit(model(), path, epochs=1)
    network = model()
    with pytest.raises(OptionError, match="another settings"):
        LanguageModelFit(
            network,
            stream(2000),
            stream(400),
            GenerationTrainingConfig(epochs=2, batch_size=4, window=10),
            observer=SilentObserver(),
            write_sample=str,
            checkpoint_path=path,
            identity={"settings": "others"},
        ).run(resume=True)


def test_the_best_weights_are_kept_and_patience_ends_it() -> None:
    network = model()
    result = fit(network, epochs=30, learning_rate=0.5, patience=2, schedule="constant")
    assert len(result.history) < 30
    assert len(result.history) - result.best_epoch == 2
    lowest = min(record.best_loss for record in result.history)
    assert result.history[result.best_epoch - 1].best_loss == lowest


@pytest.mark.parametrize(
    ("steps", "given", "lanes"),
    [(20, None, 5), (20_000, None, 8), (1_000_000, None, 33), (10**8, None, 64), (10**8, 3, 3)],
)
def test_lanes_are_chosen_so_that_short_texts_get_enough_updates(
    steps: int, given: int | None, lanes: int
) -> None:
    config = GenerationTrainingConfig(batch_size=given).for_steps(steps)
    assert config.batch_size == lanes
    assert config.epochs is not None


def test_one_cycle_rises_and_falls() -> None:
    rates = [one_cycle(share, highest=1.0, warmup=0.25) for share in np.linspace(0, 1, 41)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.005)
    assert one_cycle(3.0, highest=1.0, warmup=0.25) == pytest.approx(0.005)


def test_the_average_is_the_mean_and_goes_again() -> None:
    variable = keras.Variable(np.zeros(2, np.float32))
    average = WeightAverage([variable], every=1)
    for value in (1.0, 2.0, 6.0):
        variable.assign([value, -value])
        average.update()
    with average.applied():
        np.testing.assert_allclose(variable, [3, -3])
    np.testing.assert_allclose(variable, [6, -6])


def test_the_rate_search_leaves_the_model_alone() -> None:
    network = model()
    before = [weight.numpy() for weight in network.weights]
    trial = find_learning_rate(
        network,
        LanguageModelObjective(network),
        stream(60_000).windows(4, 10),
        gradient_clip=1.0,
        tries=80,
    )
    for weight, old in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert 1e-4 < trial.chosen < 0.3
    assert list(trial.rates) == sorted(trial.rates)


def test_windows_of_any_length_run_in_one_trace() -> None:
    network = model()
    result = fit(network, random_windows=True, epochs=2)
    assert len(result.history) == 2
    assert tf.executing_eagerly()
