"""What a search tells: a line per trial, a table and a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnn_toolkit.config.tuning import TuningConfig
from rnn_toolkit.tasks.tuning_study import TrialLine

TABLE_NAME, PICTURE_NAME = "tuning.csv", "tuning.svg"
_BLUE, _ORANGE, _GREY = "#2a6fbb", "#d9731a", "#8a8f98"
_COLUMNS = (
    "trial",
    "ended",
    "chosen",
    "validation_log_loss",
    "validation_accuracy",
    "epochs_trained",
    "minutes",
    "predicted_bytes",
    "exported_bytes",
)


def trial_sentence(line: TrialLine, varied: Iterable[str], *, best: bool) -> str:
    """One line about a trial that ended.

    Args:
        line: the trial.
        varied: the options that a search may vary.
        best: whether no trial before it was better.
    """
    names = [name for name in varied if name in line.options]
    options = ", ".join(f"{name} {_short(line.options[name])}" for name in names)
    ended = "" if line.ended == "complete" else f" ({line.ended})"
    mark = " | best" if best else ""
    return f"trial {line.number + 1}{ended}: {line.numbers()} | {options}{mark}"


def _short(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def summary(lines: Sequence[TrialLine], ended: str) -> str:
    """The search in one sentence, for the report and the card."""
    tried = [line for line in lines if line.ended != "repeated"]
    complete = sum(line.ended == "complete" for line in tried)
    minutes = sum(line.minutes for line in tried)
    winner = next((line for line in lines if line.chosen), None)
    size = ""
    if winner is not None and winner.exported_bytes is not None:
        size = f" (exported: {winner.exported_bytes / 1e6:.2f} MB)"
    number = "" if winner is None else f"trial {winner.number + 1}{size} of "
    return (
        f"{number}{len(tried)} trials in {minutes:.1f} minutes, {complete} of them trained to the "
        f"end; chosen by log loss on the validation rows, which flatters it a little; {ended}; "
        f"all trials are in {TABLE_NAME}"
    )


def tuning_facts(lines: Sequence[TrialLine], settings: TuningConfig, ended: str) -> dict[str, Any]:
    """The part `tuning` of metrics.json."""
    winner = next((line for line in lines if line.chosen), None)
    return {
        **settings.model_dump(),
        "trials_begun": len(lines),
        "trials_complete": sum(line.ended == "complete" for line in lines),
        "minutes_of_trials": round(sum(line.minutes for line in lines), 2),
        "ended": ended,
        "chosen_trial": None if winner is None else winner.number + 1,
        "predicted_bytes": None if winner is None else winner.predicted_bytes,
        "exported_bytes": None if winner is None else winner.exported_bytes,
    }


def table(lines: Sequence[TrialLine]) -> str:
    """All trials as CSV, a column per option."""
    options = list(dict.fromkeys(name for line in lines for name in line.options))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*_COLUMNS, *options])
    for line in lines:
        known = (
            line.number + 1,
            line.ended,
            "yes" if line.chosen else "",
            *_numbers(line),
            line.epochs,
            f"{line.minutes:.2f}",
            line.predicted_bytes,
            "" if line.exported_bytes is None else line.exported_bytes,
        )
        writer.writerow([*known, *(line.options.get(name, "") for name in options)])
    return buffer.getvalue()


def _numbers(line: TrialLine) -> tuple[str, str]:
    if line.log_loss is None or line.accuracy is None:
        return "", ""
    return f"{line.log_loss:.5f}", f"{line.accuracy:.5f}"


def picture(lines: Sequence[TrialLine], *, max_size: int | None) -> str:
    """Log loss on the validation rows against predicted size, as SVG.

    Args:
        lines: all trials.
        max_size: the limit in bytes, drawn as a line.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure  # no pyplot: no global state, no display

    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    groups: Mapping[str, tuple[str, str, int, list[TrialLine]]] = {
        "ended early": (_GREY, "x", 30, [each for each in lines if not each.usable]),
        "trained to the end": (_BLUE, "o", 30, [each for each in lines if each.usable]),
        "chosen": (_ORANGE, "o", 80, [each for each in lines if each.chosen]),
    }
    for name, (colour, marker, area, members) in groups.items():
        shown = [line for line in members if line.log_loss is not None]
        if not shown:
            continue
        sizes = [line.predicted_bytes / 1e6 for line in shown]
        losses = [line.log_loss or 0.0 for line in shown]
        axes.scatter(sizes, losses, s=area, c=colour, marker=marker, label=name)
    if max_size is not None:
        axes.axvline(max_size / 1e6, color="black", linestyle=":", linewidth=1, label="limit")
    axes.set(xlabel="exported size (MB, predicted)", ylabel="validation log loss (nats)")
    axes.legend(frameon=False)
    buffer = io.StringIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "rnn-toolkit"}):
        figure.savefig(buffer, format="svg", metadata=metadata)
    return buffer.getvalue()
