"""report.html of a translation model: one self-contained page."""

from __future__ import annotations

from rnn_toolkit.config import Settings
from rnn_toolkit.report import plots
from rnn_toolkit.report.attention_map import HeatMap, drawn
from rnn_toolkit.report.templates import page_template


class TranslationLine(Settings):
    """One line of a score table."""

    name: str
    bleu: float
    bleu_lowercased: float
    chrf: float
    exact: float
    length_ratio: float


class SideBySide(Settings):
    """A translation beside what a person wrote."""

    source: str
    reference: str
    translation: str
    chrf: float


class TranslationSection(Settings):
    """What the page shows of one evaluation; the model's scores come first.

    Args:
        title: split and data.
        facts: signatures, decoding and so on.
        verdict: a sentence on model and baselines.
        loses: whether a baseline is as good.
        scores: the model and its baselines.
        by_length: source length in words, pairs and BLEU.
        best: translations with the highest scores.
        worst: translations with the lowest scores.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    verdict: str
    loses: bool
    scores: tuple[TranslationLine, ...]
    by_length: tuple[tuple[str, int, float], ...]
    best: tuple[SideBySide, ...]
    worst: tuple[SideBySide, ...]


class TranslationReport(Settings):
    """All that report.html of a translation model is made from; kept beside it as report.json.

    Args:
        title: of the page.
        facts: what was trained, how and on what.
        findings: what reading and filtering the pairs found, as sentences.
        training_loss: nats per target token by epoch.
        validation_loss: nats per target token by epoch.
        validation_bleu: of greedy translations by epoch; may be empty.
        best_epoch: whose weights were kept.
        epoch_samples: source and translation after each epoch.
        sections: evaluations, the newest first.
        attention: of some held-out texts.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]
    training_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    validation_bleu: tuple[float, ...]
    best_epoch: int
    epoch_samples: tuple[str, ...] = ()
    sections: tuple[TranslationSection, ...] = ()
    attention: tuple[HeatMap, ...] = ()

    def with_section(self, section: TranslationSection) -> TranslationReport:
        """The report with a section added, or replaced where the title is the same."""
        others = tuple(old for old in self.sections if old.title != section.title)
        return self.model_copy(update={"sections": (section, *others)})


def render_translation(report: TranslationReport) -> str:
    """The page as HTML without any outside reference."""
    curves = bleu = ""
    if report.training_loss:
        curves = plots.learning_curves(
            report.training_loss,
            report.validation_loss,
            report.best_epoch,
            unit="nats per target token",
        )
    if len(report.validation_bleu) > 1:
        bleu = plots.bleu_by_epoch(report.validation_bleu, report.best_epoch)
    return page_template("translation.html.jinja").render(
        report=report,
        curves=curves,
        bleu=bleu,
        lengths=[
            plots.bleu_by_length(section.by_length) if len(section.by_length) > 1 else ""
            for section in report.sections
        ],
        maps=[drawn(found) for found in report.attention if found.target],
    )
