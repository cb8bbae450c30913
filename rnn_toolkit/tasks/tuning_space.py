"""What a search may vary: one table of options with their ranges, and proposals from it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rnn_toolkit.config import SentimentConfig
from rnn_toolkit.errors import OptionError

Options = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """One of several values, each giving a larger model than the one before."""

    values: tuple[int, ...]


@dataclass(frozen=True)
class Range:
    """A number between two others; `needs_layers` leaves it out below so many layers."""

    low: float
    high: float
    step: float | None = None
    needs_layers: int = 1


SEARCH_SPACE: dict[str, Choice | Ladder | Range] = {
    "tokenizer": Choice(("word", "subword")),
    "cell": Choice(("lstm", "gru", "sru", "qrnn")),
    "pooling": Choice(("mean_max", "max", "attention")),
    "layers": Ladder((1, 2)),
    "bidirectional": Ladder((False, True)),
    "vocabulary_size": Ladder((1_000, 2_000, 3_000, 5_000, 8_000, 12_000, 20_000, 30_000)),
    "embedding_size": Ladder((16, 24, 32, 48, 64, 100, 150, 200)),
    "units": Ladder((16, 24, 32, 48, 64, 96, 128)),
    "pair_buckets": Ladder((0, *(2**power for power in range(13, 20)))),
    "learning_rate": Range(5e-4, 8e-3),  # without a step: on a logarithmic scale
    "word_dropout": Range(0.0, 0.4, step=0.05),
    "embedding_dropout": Range(0.1, 0.6, step=0.05),
    "output_dropout": Range(0.1, 0.6, step=0.05),
    "layer_dropout": Range(0.0, 0.5, step=0.05, needs_layers=2),
}
"""Option -> its range. Ladders stand in the order in which a size limit is given out."""


class Suggests(Protocol):
    """What proposes values: a trial of Optuna."""

    def suggest_categorical(self, name: str, choices: tuple[str, ...]) -> Any:
        """One of the choices."""

    def suggest_int(self, name: str, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """A number, both ends included."""


class SearchSpace:
    """The table without what a user has fixed, and with a limit of size.

    Args:
        fixed: options that every proposal has, by name.
        defaults: settings to begin with.
        size: the bytes that a model with these options would have when exported.
        max_size: no proposal is larger; None for no limit.
    """

    def __init__(
        self,
        fixed: Mapping[str, Any],
        defaults: SentimentConfig,
        *,
        size: Callable[[Options], int],
        max_size: int | None,
    ) -> None:
        self.fixed = dict(fixed)
        self._defaults: Options = {
            **defaults.network.model_dump(),
            **defaults.training.model_dump(),
            **defaults.tokenizer.model_dump(),
            "tokenizer": defaults.tokenizer.kind,
        }
        self._size = size
        self._max_size = max_size
        self._open = {name: each for name, each in SEARCH_SPACE.items() if name not in fixed}
        self._ladders = {k: v.values for k, v in self._open.items() if isinstance(v, Ladder)}
        if max_size is not None:
            self._check_limit(max_size)

    def smallest(self) -> Options:
        """The options of a smallest model."""
        names = {name: self._name(name, each.values) for name, each in self._choices()}
        return {**self.fixed, **names, **self._lowest()}

    def propose(self, trial: Suggests) -> Options:
        """Options for one training, the fixed ones among them.

        The rungs of each ladder end where the smallest choice of all later ladders would no
        longer fit, so that nothing too large is ever proposed.

        Args:
            trial: is asked for a value of each open option.
        """
        options: Options = dict(self.fixed)
        for name, each in self._open.items():
            if isinstance(each, Choice):
                options[name] = trial.suggest_categorical(name, each.values)
            elif isinstance(each, Ladder):
                highest = self._highest(name, options)
                options[name] = each.values[trial.suggest_int(name, 0, highest)]
            elif {**self._defaults, **options}["layers"] >= each.needs_layers:
                number = trial.suggest_float(
                    name, each.low, each.high, step=each.step, log=each.step is None
                )
                options[name] = float(f"{number:.3g}")
        return options

    def beginning(self) -> dict[str, Any]:
        """The default settings in the terms of a trial, made smaller where they do not fit.

        Of the ladders the one that stands highest, in proportion, goes down first; those of two
        rungs, which make another network, go last.
        """
        names = {name: self._name(name, each.values) for name, each in self._choices()}
        rungs = {name: self._rung(name) for name in self._ladders}
        while not self._fits({**self.fixed, **names, **self._at(rungs)}):
            highest = max(rungs, key=lambda name: self._height(name, rungs[name]))
            rungs[highest] -= 1
        numbers: dict[str, Any] = {}
        for name, each in self._open.items():
            if isinstance(each, Range):
                value = min(max(self._defaults[name], each.low), each.high)
                numbers[name] = value
        return {**names, **rungs, **numbers}

    def _height(self, name: str, rung: int) -> tuple[bool, float]:
        top = len(self._ladders[name]) - 1
        return rung > 0 and top > 1, rung / top

    def _choices(self) -> Iterator[tuple[str, Choice]]:
        return ((name, each) for name, each in self._open.items() if isinstance(each, Choice))

    def _name(self, name: str, values: tuple[str, ...]) -> str:
        default = self._defaults[name]
        return default if default in values else values[0]

    def _rung(self, name: str) -> int:
        """The highest rung that is not above the default."""
        values, default = self._ladders[name], int(self._defaults[name])
        return max(
            (rung for rung, value in enumerate(values) if value <= default),
            default=0,
        )

    def _at(self, rungs: Mapping[str, int]) -> Options:
        return {name: self._ladders[name][rung] for name, rung in rungs.items()}

    def _lowest(self) -> Options:
        return self._at(dict.fromkeys(self._ladders, 0))

    def _fits(self, options: Options) -> bool:
        return self._max_size is None or self._size(options) <= self._max_size

    def _highest(self, name: str, options: Options) -> int:
        values = self._ladders[name]
        lowest = self._lowest()
        for rung in range(len(values) - 1, 0, -1):
            if self._fits({**lowest, **options, name: values[rung]}):
                return rung
        return 0

    def _check_limit(self, max_size: int) -> None:
        """Raises OptionError unless the smallest model of every kind fits."""
        lowest = self._lowest()
        names = [name for name, _ in self._choices()]
        kinds = itertools.product(*(each.values for _, each in self._choices()))
        needed = max(
            self._size({**self.fixed, **lowest, **dict(zip(names, kind, strict=True))})
            for kind in kinds
        )
        if needed > max_size:
            raise OptionError(
                f"No model of the search is sure to fit into --max-size {max_size:,} bytes.",
                f"Give at least {-(-needed // 10_000) / 100}MB, or fix fewer options.",
            )
