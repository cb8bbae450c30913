"""report.html: one self-contained page about one training and its evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnn_toolkit.config import Settings
from rnn_toolkit.report import plots
from rnn_toolkit.report.templates import page_template


class ScoreLine(Settings):
    """One line of a score table."""

    name: str
    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float


class ClassLine(Settings):
    """One class of a score table."""

    label: str
    precision: float
    recall: float
    f1: float
    rows: int


class Piece(Settings):
    """A token and its weight between -1 and 1."""

    text: str
    weight: float


class ExplainedText(Settings):
    """A prediction with the words that moved it; `pieces` is shortened for long texts."""

    row: str
    true_label: str
    predicted_label: str
    probability: float
    pieces: tuple[Piece, ...]
    left_out: int = 0


class EvaluationSection(Settings):
    """What the page shows of one evaluation."""

    title: str
    facts: tuple[tuple[str, str], ...]
    verdict: str
    loses: bool
    scores: tuple[ScoreLine, ...]
    classes: tuple[ClassLine, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[tuple[float, float, int], ...]
    lengths: tuple[int, ...]
    maximum_length: int
    mistakes: tuple[ExplainedText, ...]
    examples: tuple[ExplainedText, ...]


class Report(Settings):
    """All that report.html is made from; kept beside it as report.json."""

    title: str
    facts: tuple[tuple[str, str], ...]
    training_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    best_epoch: int
    sections: tuple[EvaluationSection, ...]

    def with_section(self, section: EvaluationSection) -> Report:
        """The report with a section added, or replaced where the title is the same."""
        others = tuple(old for old in self.sections if old.title != section.title)
        return self.model_copy(update={"sections": (section, *others)})


def _colour(weight: float) -> str:
    """Blue for words that speak for the label, orange for those against."""
    red, green, blue = (42, 111, 187) if weight > 0 else (217, 115, 26)
    return f"rgba({red},{green},{blue},{min(abs(weight), 1.0) * 0.75:.2f})"


def render(report: Report) -> str:
    """The page as HTML without any outside reference."""
    curves = plots.learning_curves(report.training_loss, report.validation_loss, report.best_epoch)
    sections: Sequence[dict[str, Any]] = [
        {
            "data": section,
            "confusion": plots.confusion_matrix(section.confusion, section.labels),
            "lengths": plots.length_histogram(section.lengths, section.maximum_length),
            "reliability": plots.reliability(section.calibration),
        }
        for section in report.sections
    ]
    return page_template("report.html.jinja").render(
        report=report, curves=curves, sections=sections, colour=_colour
    )
