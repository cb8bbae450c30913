"""report.html of a language model: one self-contained page."""

from __future__ import annotations

from rnn_toolkit.config import Settings
from rnn_toolkit.report import plots
from rnn_toolkit.report.surprise import SurprisingToken, surprise_picture, visible
from rnn_toolkit.report.templates import page_template


class LanguageModelLine(Settings):
    """One line of a score table."""

    name: str
    nats_per_token: float
    perplexity: float
    bits_per_character: float


class LanguageModelSection(Settings):
    """What the page shows of one evaluation; the model's scores come first."""

    title: str
    facts: tuple[tuple[str, str], ...]
    verdict: str
    loses: bool
    scores: tuple[LanguageModelLine, ...]


class Sample(Settings):
    """A generated text.

    Args:
        prompt: what it continues.
        text: the continuation, without the prompt.
        how: how it was drawn, such as "temperature 0.8, seed 1", or after which epoch.
    """

    prompt: str
    text: str
    how: str


class GenerationReport(Settings):
    """All that report.html of a language model is made from; kept beside it as report.json.

    Args:
        title: of the page.
        facts: what was trained, how and on what.
        training_loss: nats per token by epoch.
        validation_loss: nats per token by epoch.
        best_epoch: whose weights were kept.
        baseline: name and nats per token of the n-gram model on the same validation text.
        sections: evaluations, the newest first.
        epoch_samples: the same prompt after each epoch, first epoch first.
        samples: of the finished model.
        novelty: rows of what, in the samples, in held-out text.
        longest_copy: the longest run that samples share with the training text, as text.
        copied_lines: some lines that stand whole in the training text.
        surprise: the tokens of a held-out text.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    training_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    best_epoch: int
    baseline: tuple[str, float] | None = None
    sections: tuple[LanguageModelSection, ...] = ()
    epoch_samples: tuple[Sample, ...] = ()
    samples: tuple[Sample, ...] = ()
    novelty: tuple[tuple[str, str, str], ...] = ()
    longest_copy: str = ""
    copied_lines: tuple[str, ...] = ()
    surprise: tuple[SurprisingToken, ...] = ()

    def with_section(self, section: LanguageModelSection) -> GenerationReport:
        """The report with a section added, or replaced where the title is the same."""
        others = tuple(old for old in self.sections if old.title != section.title)
        return self.model_copy(update={"sections": (section, *others)})


def render_generation(report: GenerationReport) -> str:
    """The page as HTML without any outside reference."""
    curves = ""
    if report.training_loss:
        curves = plots.learning_curves(
            report.training_loss,
            report.validation_loss,
            report.best_epoch,
            unit="nats per token",
            baseline=report.baseline,
            perplexity=True,
        )
    return page_template("generation.html.jinja").render(
        report=report,
        curves=curves,
        has_held_out=any(held_out for _, _, held_out in report.novelty),
        surprise=surprise_picture(report.surprise) if report.surprise else "",
        visible=visible,
    )
