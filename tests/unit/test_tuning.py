from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_toolkit.config import parse_settings
from rnn_toolkit.config.tuning import TuningConfig, parse_bytes
from rnn_toolkit.data.labelled import from_pairs
from rnn_toolkit.errors import ModelDirectoryError, OptionError
from rnn_toolkit.tasks import tuning_search
from rnn_toolkit.tasks.options import sentiment_config
from rnn_toolkit.tasks.sentiment import SentimentClassifier
from rnn_toolkit.tasks.tuning import tune_sentiment
from rnn_toolkit.tasks.tuning_report import picture, table
from rnn_toolkit.tasks.tuning_size import PredictedSize, bundle_bytes
from rnn_toolkit.tasks.tuning_space import SEARCH_SPACE, Ladder, SearchSpace
from rnn_toolkit.tasks.tuning_study import JOURNAL_NAME, RunningTrial, Study
from rnn_toolkit.training.naive_bayes_pairs import Mixture
from rnn_toolkit.training.observer import BatchRecord, EpochRecord, TrainingObserver

Options = dict[str, Any]
TEXTS = [f"{'good' if row % 2 else 'bad'} film number {row} of many" for row in range(40)]
DATA = (TEXTS, ["pos" if row % 2 else "neg" for row in range(40)])


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda file: None)  # once for each line of a journal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2MB", 2_000_000),
        ("2 mb", 2_000_000),
        ("1.5MiB", 1_572_864),
        ("500 KB", 500_000),
        ("0.5kb", 500),
        ("800000", 800_000),
        ("64 b", 64),
    ],
)
def test_a_size_in_words(text: str, expected: int) -> None:
    assert parse_bytes(text) == expected


@pytest.mark.parametrize("text", ["", "MB", "2 MBit", "-1MB", "2,5MB", "1e6", "two MB"])
def test_a_wrong_size_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match=r"max_size: a size is a number with a unit"):
        parse_settings(TuningConfig, {"max_size": text, "trials": 1})


def test_a_search_needs_an_end() -> None:
    with pytest.raises(OptionError, match="give max_minutes, trials or both"):
        parse_settings(TuningConfig, {"max_size": "2MB"})


def toy_size(options: Options) -> int:
    """Grows with every ladder, as real sizes do."""
    width = options["embedding_size"]
    layers = options["layers"] * (1 + options["bidirectional"])
    return int(
        options["vocabulary_size"] * (25 + width)
        + 2 * options["pair_buckets"]
        + layers * (24_000 + options["units"] * (width + options["units"]) * 4)
        + (5_000 if options["pooling"] == "attention" else 0)
    )


class ToyPrediction:
    """Stands for PredictedSize, which builds networks."""

    slowest_tokenizer = 0.0

    def __init__(self, *_: Any) -> None: ...

    def __call__(self, options: Options) -> int:
        return toy_size(options)


class Drawn:
    """Lets hypothesis propose."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self._draw = draw

    def suggest_categorical(self, name: str, choices: tuple[str, ...]) -> Any:
        return self._draw(st.sampled_from(choices))

    def suggest_int(self, name: str, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        return float(self._draw(st.floats(low, high)))


class Given:
    """Proposes what a trial was told to begin with."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def suggest_categorical(self, name: str, choices: tuple[str, ...]) -> Any:
        assert self._values[name] in choices
        return self._values[name]

    def suggest_int(self, name: str, low: int, high: int) -> int:
        assert low <= self._values[name] <= high, name
        return int(self._values[name])

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        assert low <= self._values[name] <= high
        return float(self._values[name])


FIXED = st.fixed_dictionaries(
    {}, optional={"units": st.sampled_from([16, 40, 64]), "layers": st.just(2)}
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), limit=st.integers(180_000, 20_000_000), fixed=FIXED)
def test_nothing_is_proposed_that_is_too_large(data: Any, limit: int, fixed: Options) -> None:
    space = SearchSpace(fixed, sentiment_config(fixed), size=toy_size, max_size=limit)
    options = space.propose(Drawn(data.draw))
    assert toy_size(options) <= limit
    assert {**options, **fixed} == options
    assert ("layer_dropout" in options) == (options["layers"] > 1)
    sentiment_config(options)
    beginning = space.propose(Given(space.beginning()))
    assert toy_size(beginning) <= limit


def test_a_search_begins_with_the_default_settings() -> None:
    space = SearchSpace({}, sentiment_config({}), size=toy_size, max_size=None)
    assert sentiment_config(space.propose(Given(space.beginning()))) == sentiment_config({})
    small = SearchSpace({}, sentiment_config({}), size=toy_size, max_size=1_000_000)
    options = small.propose(Given(small.beginning()))
    assert options["bidirectional"] is True
    assert 500_000 < toy_size(options) <= 1_000_000


def test_a_limit_that_nothing_keeps_says_what_is_needed() -> None:
    with pytest.raises(OptionError, match=r"Give at least 0\.\d+MB") as refused:
        SearchSpace({}, sentiment_config({}), size=toy_size, max_size=1000)
    needed = parse_bytes(refused.value.remedy.split()[3].removesuffix(","))
    SearchSpace({}, sentiment_config({}), size=toy_size, max_size=needed)


def test_every_option_of_the_space_is_one_of_the_settings() -> None:
    defaults = {**sentiment_config({}).network.model_dump(), "tokenizer": "word"}
    for name, each in SEARCH_SPACE.items():
        if isinstance(each, Ladder):
            assert list(each.values) == sorted(each.values)
            for value in each.values:
                sentiment_config({name: value})
    assert set(SEARCH_SPACE) - set(defaults) == {"vocabulary_size", "learning_rate"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"cell": "gru", "units": 32, "embedding_size": 32, "layers": 2, "pair_buckets": 0},
        {"cell": "sru", "units": 24, "bidirectional": False, "tokenizer": "subword"},
    ],
)
def test_a_size_is_predicted_from_above(options: Options, tmp_path: Path) -> None:
    classifier = SentimentClassifier(epochs=1, **options).fit(DATA)
    classifier.export(tmp_path / "bundle", format="tflite", quantize="dynamic")
    true = bundle_bytes(tmp_path / "bundle")
    predicted = PredictedSize(TEXTS, ("neg", "pos"), {})(options)
    assert true <= predicted <= 1.12 * true


def study(folder: Path, *, resume: bool = False, identity: str = "a") -> Study:
    notes: list[str] = []
    return Study(
        folder, identity={"set of options": identity}, seed=3, resume=resume, note=notes.append
    )


def toy_loss(options: Options) -> float:
    return abs(options["units"] - 64) / 100 + abs(options["learning_rate"] - 2e-3) * 50


def work(trial: RunningTrial) -> Options:
    """Two epochs, and an end."""
    loss = toy_loss(trial.line.options)
    if trial.hopeless(1, loss + 0.1):
        trial.update(ended="pruned", log_loss=loss + 0.1, accuracy=0.5)
    else:
        trial.update(ended="complete", log_loss=loss, accuracy=0.5)
    return trial.line.options


def test_a_continued_search_proposes_what_an_uninterrupted_one_does(tmp_path: Path) -> None:
    space = SearchSpace({}, sentiment_config({}), size=toy_size, max_size=1_500_000)
    whole = study(tmp_path / "whole")
    expected = [work(whole.next(space)) for _ in range(12)]

    first = study(tmp_path / "parts")
    found = [work(first.next(space)) for _ in range(5)]
    killed = first.next(space)
    killed.update(predicted_bytes=7)
    killed.hopeless(1, toy_loss(killed.line.options) + 0.1)

    second = study(tmp_path / "parts", resume=True)
    continued = second.next(space)
    assert continued.line.number == killed.line.number
    assert continued.line.predicted_bytes == 7
    found += [work(continued), *(work(second.next(space)) for _ in range(6))]
    assert found == expected
    ends = [line.ended for line in second.lines()]
    assert ends == [line.ended for line in whole.lines()]
    assert {"pruned", "complete"} == set(ends)


def test_another_search_is_not_continued(tmp_path: Path) -> None:
    study(tmp_path / "s")
    with pytest.raises(OptionError, match="had another set of options"):
        study(tmp_path / "s", resume=True, identity="b")


def test_a_damaged_journal_is_one_clear_error(tmp_path: Path) -> None:
    study(tmp_path / "s")
    journal = tmp_path / "s" / JOURNAL_NAME
    journal.write_bytes(b"{" + journal.read_bytes()[3:])
    with pytest.raises(ModelDirectoryError, match="is damaged"):
        study(tmp_path / "s", resume=True)


class FakeClassifier:
    """Trains in no time, to a loss that follows from its options."""

    epochs = 4
    seconds_per_batch = 0.0
    fitted: list[Options]
    exported_bytes: ClassVar[list[int]] = [600_000, 400_000]
    cut: Callable[[Options], bool] = staticmethod(lambda options: False)

    def __init__(self, max_minutes: float | None = None, **options: Any) -> None:
        self.options = options

    def fit(self, data: Any, *, observer: TrainingObserver, checkpoint: Path, **_: Any) -> Any:
        type(self).fitted.append(self.options)
        if not checkpoint.exists():
            self._train(observer)
            if not self.cut(self.options):
                checkpoint.parent.mkdir(parents=True, exist_ok=True)
                checkpoint.touch()
        observer.note("Fitting the baseline (TF-IDF + logistic regression) on the same rows")
        report = SimpleNamespace(facts=(), model_copy=lambda update: update)
        self.trained = SimpleNamespace(facts={}, report=report, options=self.options)
        return self

    def _train(self, observer: TrainingObserver) -> None:
        for epoch in range(1, self.epochs + 1):
            for batch in range(1, 101):
                seconds = batch * self.seconds_per_batch
                observer.batch_ended(
                    BatchRecord(epoch, self.epochs, batch, 100, 1, 1.0, 0.5, seconds)
                )
            complete = not self.cut(self.options)
            loss = toy_loss(self.options) + 0.1 / epoch
            observer.epoch_ended(
                EpochRecord(epoch, 1.0, 0.5, loss, 0.75, 1e-3, 1.0, 1.0, complete), best=True
            )
            if not complete:
                return

    def export(self, directory: Path, **_: Any) -> None:
        directory.mkdir()
        size = self.exported_bytes.pop(0)
        for name in ("model.tflite", "tokenizer.json", "labels.txt", "manifest.json"):
            (directory / name).write_bytes(b"x" * (size if name == "model.tflite" else 0))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeClassifier]:
    kind = type("Fake", (FakeClassifier,), {"fitted": [], "exported_bytes": [600_000, 400_000]})
    monkeypatch.setattr(tuning_search, "SentimentClassifier", kind)
    monkeypatch.setattr(tuning_search, "PredictedSize", ToyPrediction)
    monkeypatch.setattr("keras.backend.clear_session", lambda: None)  # half a second each
    return kind


def test_the_winner_is_the_best_on_validation(fake: type[FakeClassifier]) -> None:
    tuned = tune_sentiment(DATA, trials=12)
    assert len(tuned.trials) == 12
    complete = [line for line in tuned.trials if line.ended == "complete"]
    pruned = [line for line in tuned.trials if line.ended == "pruned"]
    assert pruned
    assert all(line.epochs < 4 and line.log_loss is not None for line in pruned)
    best = min(complete, key=lambda line: line.log_loss or 9)
    assert tuned.chosen.number == best.number
    assert fake.fitted[-1] == best.options
    assert len(fake.fitted) == 13  # each once, and the winner for its baseline and report
    assert tuned.trained.facts["tuning"]["chosen_trial"] == best.number + 1
    rows = list(csv.DictReader(io.StringIO(table(tuned.trials))))
    assert [row["ended"] for row in rows] == [line.ended for line in tuned.trials]
    assert [row["trial"] for row in rows if row["chosen"]] == [str(best.number + 1)]
    assert picture(tuned.trials, max_size=10**6).rstrip().endswith("</svg>")


@pytest.mark.parametrize("cut_short", [False, True])
def test_what_is_fitted_after_the_network_counts(
    fake: type[FakeClassifier], monkeypatch: pytest.MonkeyPatch, *, cut_short: bool
) -> None:
    def train(self: Any, observer: TrainingObserver) -> None:
        FakeClassifier._train(self, observer)
        loss = toy_loss(self.options) / 2
        observer.epoch_ended(Mixture(1.0, 1.0, 2 * loss, loss, 0.875, 9, 9), best=True)

    monkeypatch.setattr(fake, "_train", train)
    if cut_short:
        fake.cut = staticmethod(lambda options: True)
    tuned = tune_sentiment(DATA, trials=3)
    chosen = tuned.chosen
    assert chosen.log_loss == pytest.approx(toy_loss(chosen.options) / 2)
    assert chosen.accuracy == 0.875


def test_the_same_seed_gives_the_same_trials(fake: type[FakeClassifier]) -> None:
    one, other = (tune_sentiment(DATA, trials=10, seed=5).trials for _ in range(2))
    assert [line.options for line in one] == [line.options for line in other]
    another = tune_sentiment(DATA, trials=10, seed=6).trials
    assert [line.options for line in one] != [line.options for line in another]


def test_a_winner_that_is_too_large_makes_room_for_the_next(fake: type[FakeClassifier]) -> None:
    tuned = tune_sentiment(DATA, trials=10, max_size=500_000)
    complete = [line for line in tuned.trials if line.ended == "complete"]
    second = sorted(complete, key=lambda line: line.log_loss or 9)[1]
    assert tuned.chosen.number == second.number
    assert tuned.chosen.exported_bytes == 400_000


def test_nothing_small_enough_is_an_error(fake: type[FakeClassifier]) -> None:
    with pytest.raises(OptionError, match="the smallest has 400,000 bytes"):
        tune_sentiment(DATA, trials=2, max_size=300_000)


def test_a_slow_trial_is_left(fake: type[FakeClassifier], monkeypatch: pytest.MonkeyPatch) -> None:
    def train(self: Any, observer: TrainingObserver) -> None:
        self.seconds_per_batch = 1.0 if self.options["units"] > 64 else 0.001
        FakeClassifier._train(self, observer)

    monkeypatch.setattr(fake, "_train", train)
    tuned = tune_sentiment(DATA, trials=12, max_minutes=10)
    for line in tuned.trials:
        assert (line.ended == "too slow") == (line.options["units"] > 64)
    assert any(line.ended == "too slow" for line in tuned.trials)


def test_a_training_cut_short_is_kept_if_there_is_nothing_better(
    fake: type[FakeClassifier],
) -> None:
    fake.cut = staticmethod(lambda options: True)
    tuned = tune_sentiment(DATA, trials=5)
    assert tuned.interrupted
    assert tuned.ended == "stopped by Ctrl-C"
    assert tuned.chosen.ended == "interrupted"
    assert tuned.chosen.log_loss == pytest.approx(0.1)


def test_the_time_limit_is_no_interruption(fake: type[FakeClassifier]) -> None:
    fake.cut = staticmethod(lambda options: True)
    tuned = tune_sentiment(DATA, max_minutes=1e-5)
    assert not tuned.interrupted
    assert tuned.ended == "the time limit was reached"
    assert [line.ended for line in tuned.trials] == ["out of time"]
    assert tuned.chosen.log_loss == pytest.approx(0.1)


def test_ctrl_c_keeps_the_best_and_leaves_the_search_to_go_on(
    fake: type[FakeClassifier], tmp_path: Path
) -> None:
    expected = tune_sentiment(DATA, trials=6).trials
    fake.fitted.clear()
    fake.cut = staticmethod(lambda options: len(fake.fitted) == 4)
    first = tune_sentiment(DATA, trials=6, folder=tmp_path / "s")
    assert first.interrupted
    assert [line.ended for line in first.trials][-1] == "interrupted"
    assert len(first.trials) == 4
    fake.cut = staticmethod(lambda options: False)
    second = tune_sentiment(DATA, trials=6, folder=tmp_path / "s", resume=True)
    assert not second.interrupted
    assert [line.options for line in second.trials] == [line.options for line in expected]
    assert [line.ended for line in second.trials] == [line.ended for line in expected]


def test_settings_that_leave_nothing_open_are_tried_once(fake: type[FakeClassifier]) -> None:
    fixed: Options = {
        name: getattr(each, "values", (0.3,))[0] for name, each in SEARCH_SPACE.items()
    }
    fixed["learning_rate"] = 1e-3
    tuned = tune_sentiment(DATA, trials=3, **fixed)
    assert tuned.ended == "nothing new was left to try"
    assert sum(line.ended != "repeated" for line in tuned.trials) == 1


def test_recipes_with_a_training_of_their_own_are_refused() -> None:
    with pytest.raises(OptionError, match="before each trial"):
        tune_sentiment(DATA, trials=1, recipe="vectors")


@pytest.mark.slow
def test_the_baseline_is_fitted_for_the_winner_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from rnn_toolkit.evaluation.baselines import TfidfBaseline
    from rnn_toolkit.tasks import training_run

    calls = []

    class Counted(TfidfBaseline):
        @classmethod
        def fit(cls, *arguments: Any, **options: Any) -> TfidfBaseline:
            calls.append(1)
            return TfidfBaseline.fit(*arguments, **options)

    monkeypatch.setattr(training_run, "TfidfBaseline", Counted)
    small = from_pairs(*DATA, "rows")
    fixed = {"cell": "gru", "units": 16, "layers": 1, "bidirectional": False, "epochs": 1}
    tuned = tune_sentiment(small, trials=2, **fixed)
    assert len(calls) == 1
    assert tuned.evaluations[0].model.log_loss == pytest.approx(tuned.chosen.log_loss, abs=1e-4)
    assert dict(tuned.trained.report.facts)["tuning"].startswith("trial ")
