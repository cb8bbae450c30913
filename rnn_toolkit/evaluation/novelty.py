"""How much of a generated text is copied, from the training text or from itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.config import Settings
from rnn_toolkit.errors import DataError, OptionError
from rnn_toolkit.evaluation.sample_trie import SampleTrie

Ids = NDArray[np.integer[Any]]

SIZES = (2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50)
_REPETITION_SIZE = 4
_DISTINCT_SIZES = (1, 2, 3, 4)
_SHOWN_LINES = 5


class NgramShare(Settings):
    """A share of n-grams, 0 to 1, of one size."""

    size: int
    ngrams: int
    share: float


class CopiedSpan(Settings):
    """A run of tokens that stands word for word in the training text.

    Args:
        length: tokens.
        sample: which sample, from 0.
        start: its first token in that sample.
        training_start: its first token in the training ids.
    """

    length: int
    sample: int
    start: int
    training_start: int


class NoveltyFigures(Settings):
    """The figures of some texts.

    Args:
        texts: how many.
        tokens: of all of them.
        in_training: by n, the share of their n-grams that occur in the training ids.
        longest_copy: the longest run of tokens copied from the training ids, if any.
        repeated: share of the 4-grams that came earlier in the same text.
        distinct: by n, different n-grams over all n-grams (distinct-n; Li et al. 2016, A
            diversity-promoting objective function for neural conversation models).
    """

    texts: int
    tokens: int
    in_training: tuple[NgramShare, ...]
    longest_copy: CopiedSpan | None
    repeated: float
    distinct: tuple[NgramShare, ...]


class CopiedLines(Settings):
    """Lines that are copied whole.

    Args:
        lines: how many were looked at; empty ones do not count.
        copied: how many of them are lines of the training text.
        examples: some of the copied ones, longest first.
    """

    lines: int
    copied: int
    examples: tuple[str, ...]

    @property
    def share(self) -> float:
        """Copied lines over all lines, 0 to 1."""
        return self.copied / max(self.lines, 1)


class NoveltyReport(Settings):
    """Generated samples beside real text that the model never saw.

    Real text shares n-grams with the training text as well; only what samples share beyond that
    is copied.
    """

    samples: NoveltyFigures
    held_out: NoveltyFigures | None = None
    lines: CopiedLines | None = None
    held_out_lines: CopiedLines | None = None

    def table(self) -> tuple[tuple[str, str, str], ...]:
        """Rows of a table: what, in the samples, in held-out text."""
        theirs = self.held_out
        rows = []
        for place, row in enumerate(self.samples.in_training):
            other = "" if theirs is None else _in_held_out(theirs.in_training, row.size)
            if place == 0 or row.share > 0 or self.samples.in_training[place - 1].share > 0:
                rows.append((f"{row.size}-grams found in training", _percent(row.share), other))
        rows.append(
            (
                "longest copy, tokens",
                _length(self.samples.longest_copy),
                "" if theirs is None else _length(theirs.longest_copy),
            )
        )
        if self.lines is not None:
            others = self.held_out_lines
            other = "" if others is None else _percent(others.share)
            rows.append(("lines copied whole", _percent(self.lines.share), other))
        rows.append(
            (
                f"{_REPETITION_SIZE}-grams said before in the same text",
                _percent(self.samples.repeated),
                "" if theirs is None else _percent(theirs.repeated),
            )
        )
        for row in self.samples.distinct:
            other = "" if theirs is None else _in_held_out(theirs.distinct, row.size)
            rows.append((f"distinct {row.size}-grams", _percent(row.share), other))
        return tuple(rows)


def novelty_report(
    samples: Sequence[Ids],
    training: Ids,
    *,
    sizes: Sequence[int] = SIZES,
    held_out: Ids | None = None,
) -> NoveltyReport:
    """Measures what samples copy, beside what real text would.

    All matches are exact.

    Args:
        samples: [tokens] each, generated, without their prompts.
        training: [tokens], all that the model was trained on.
        sizes: lengths of n-grams to report; those longer than every sample are left out.
        held_out: [tokens], real text that was not trained on. It is cut into pieces as long as
            the samples, since longer texts have longer copies; where it is too short for all of
            them, fewer are compared.

    Raises:
        OptionError: a size is below 1.
        DataError: no sample has a token.
    """
    if not sizes or min(sizes) < 1:
        raise OptionError(f"Sizes of n-grams must be at least 1, not {list(sizes)}.")
    kept = [np.asarray(sample, np.int64) for sample in samples]
    if not any(len(sample) for sample in kept):
        raise DataError("There is no token in the samples.", "Generate longer samples.")
    beside = None
    if held_out is not None:
        pieces = _pieces(np.asarray(held_out, np.int64), [len(sample) for sample in kept])
        beside = _figures(pieces, training, sizes) if pieces else None
    return NoveltyReport(samples=_figures(kept, training, sizes), held_out=beside)


def copied_lines(lines: Sequence[str], training_lines: Sequence[str]) -> CopiedLines:
    """Counts lines that stand whole in the training text; space at the ends does not count.

    Args:
        lines: of generated texts.
        training_lines: of the training text.
    """
    known = {line.strip() for line in training_lines}
    given = [line.strip() for line in lines if line.strip()]
    copied = [line for line in given if line in known]
    longest = sorted(dict.fromkeys(copied), key=len, reverse=True)
    return CopiedLines(lines=len(given), copied=len(copied), examples=tuple(longest[:_SHOWN_LINES]))


def _figures(texts: Sequence[Ids], training: Ids, sizes: Sequence[int]) -> NoveltyFigures:
    trie = SampleTrie(texts)
    found = trie.search(training, sizes)
    repetition = trie.ngrams(_REPETITION_SIZE)
    longest = found.longest
    return NoveltyFigures(
        texts=len(texts),
        tokens=sum(len(text) for text in texts),
        in_training=tuple(
            NgramShare(size=size, ngrams=total, share=matched / total)
            for size, (matched, total) in found.matched.items()
        ),
        longest_copy=None
        if longest is None
        else CopiedSpan(
            length=longest.length,
            sample=longest.text,
            start=longest.start,
            training_start=longest.training_start,
        ),
        repeated=(repetition.total - repetition.distinct_in_texts) / max(repetition.total, 1),
        distinct=tuple(
            NgramShare(size=size, ngrams=of.total, share=of.distinct / of.total)
            for size in _DISTINCT_SIZES
            if (of := trie.ngrams(size)).total
        ),
    )


def _pieces(stream: NDArray[np.int64], lengths: Sequence[int]) -> list[NDArray[np.int64]]:
    """Pieces of a stream of these lengths, spread evenly and never overlapping."""
    fitting: list[int] = []
    for length in lengths:
        if sum(fitting) + length <= len(stream):
            fitting.append(length)
    gap = (len(stream) - sum(fitting)) // max(len(fitting), 1)
    pieces, at = [], 0
    for length in fitting:
        pieces.append(stream[at : at + length])
        at += length + gap
    return pieces


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _length(span: CopiedSpan | None) -> str:
    return "0" if span is None else f"{span.length:,}"


def _in_held_out(rows: Sequence[NgramShare], size: int) -> str:
    return next((_percent(row.share) for row in rows if row.size == size), "")
