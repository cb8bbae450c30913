"""Beam search for many source texts at once: one model call per position for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnn_toolkit.decoding.beam import penalty_of_length
from rnn_toolkit.decoding.decoder_rows import DecoderRows
from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.row_scores import TargetIds, best_ids, log_normalizers
from rnn_toolkit.decoding.step import Logits
from rnn_toolkit.decoding.trail import DecodedSequence, Ending, Trail, coverage_of, score_of
from rnn_toolkit.decoding.translation_options import TranslationOptions


def search_batch(
    model: EncoderDecoder,
    sources: Sequence[Sequence[int]],
    options: TranslationOptions,
    targets: TargetIds,
) -> list[list[DecodedSequence]]:
    """The likeliest translations that a beam finds, of every source in one batch.

    Each step ranks the continuations of a source's live hypotheses. Those among the best
    `beam` that ended are answers; the best `beam` of the others stay live. Pruning is by
    log-probability alone; the length and the coverage penalty rank the answers. A source is
    done

    - at its length bound, or
    - when no live hypothesis can still be among its `n_best`: log-probabilities only fall,
      and the coverage penalty is at most 0, so the most that one can reach is its sum over the
      penalty of the greatest length, or
    - when `beam` hypotheses ended, counted from the step in which one that ended is ahead of
      all that are live. Before that step an end mark is a poor guess; a sure model makes one
      of them at every step.

    With beam 1 this is the greedy choice.

    Args:
        model: whatever runs it.
        sources: the ids of each source, at least one.
        options: how to search.
        targets: the ids with a meaning.

    Returns:
        For each source 1 to `n_best` answers, best first; of equals the one found earlier.
    """
    search = _BeamSearch(model, sources, options, targets)
    while search.live.size:
        search.step()
    return search.answers()


@dataclass
class _Answers:
    """What one source has found: its best endings, and how many were in time."""

    best: list[Ending] = field(default_factory=list)
    counting: bool = False
    count: int = 0

    def add(self, ending: Ending, most: int, *, ahead: bool) -> None:
        self.best.append(ending)
        self.best.sort(key=lambda found: -found.score)
        del self.best[most:]
        self.counting = self.counting or ahead
        self.count += self.counting


@dataclass(frozen=True)
class _Grown:
    """Continuations of each live source, best first, all [sources, candidates].

    Args:
        totals: log-probabilities; -inf for places without a candidate.
        ids: the new id.
        parents: the row of the model call that it continues.
    """

    totals: NDArray[np.float64]
    ids: NDArray[np.int64]
    parents: NDArray[np.int64]

    def columns(self, places: NDArray[np.int64]) -> _Grown:
        """Chosen candidates of each source; `places` is [sources, chosen]."""
        return _Grown(
            np.take_along_axis(self.totals, places, axis=1),
            np.take_along_axis(self.ids, places, axis=1),
            np.take_along_axis(self.parents, places, axis=1),
        )


class _BeamSearch:
    """One batch on its way; `live` holds the numbers of the sources that go on.

    The rows of the model are those of the first live source, then those of the next, each
    source with as many as `totals` has columns.
    """

    def __init__(
        self,
        model: EncoderDecoder,
        sources: Sequence[Sequence[int]],
        options: TranslationOptions,
        targets: TargetIds,
    ) -> None:
        self.options = options
        self.targets = targets
        self.lengths = [len(source) for source in sources]
        self.bounds = np.array([options.bound(length) for length in self.lengths])
        self.rows = DecoderRows(model, sources)
        self.trail = Trail()
        self.found = [_Answers() for _ in sources]
        self.live = np.arange(len(sources))
        self.ids = np.full(len(sources), targets.begin_id, np.int32)
        self.totals = np.zeros((len(sources), 1))

    def step(self) -> None:
        """One model call, and what goes on after it."""
        logits, attention = self.rows.step(self.ids)
        self.trail.read(attention)
        grown = self._grow(logits)
        at_bound = self.trail.position >= self.bounds[self.live]  # [sources]
        ended = (grown.ids == self.targets.end_id) | at_bound[:, None]
        self._finish(grown, ended)
        self._go_on(grown, ended)

    def answers(self) -> list[list[DecodedSequence]]:
        """The best answers of each source."""
        return [
            [
                self.trail.sequence(ending, end_id=self.targets.end_id, source_tokens=length)
                for ending in found.best
            ]
            for found, length in zip(self.found, self.lengths, strict=True)
        ]

    def _grow(self, logits: Logits) -> _Grown:
        """The best continuations: twice the beam, since up to one beam of them may have ended."""
        sources, width = self.totals.shape
        repeats = self.options.no_repeat_ngram
        position = self.trail.position
        allowed = self.targets.allowed(
            logits,
            may_end=position > self.options.min_length,
            histories=(self.trail.ids_before(position, row) for row in range(len(self.ids))),
            no_repeat_ngram=repeats,
        )
        count = min(2 * self.options.beam, logits.shape[1])
        ids, best = best_ids(allowed, count)  # [rows, count]
        log_probabilities = best - log_normalizers(logits)[:, None]
        totals = (self.totals.reshape(-1, 1) + log_probabilities).reshape(sources, -1)
        places = np.argsort(-totals, axis=1, kind="stable")[:, : 2 * self.options.beam]
        rows = np.repeat(np.arange(sources * width), count).reshape(sources, -1)
        return _Grown(totals, ids.reshape(sources, -1), rows).columns(places)

    def _finish(self, grown: _Grown, ended: NDArray[np.bool_]) -> None:
        """Notes the answers: what ended among the best, as many as the beam is wide."""
        alpha, beta = self.options.length_penalty, self.options.coverage_penalty
        position = self.trail.position
        answers = (ended & np.isfinite(grown.totals))[:, : self.options.beam]
        for place, column in np.argwhere(answers).tolist():
            source = int(self.live[place])
            row, total = int(grown.parents[place, column]), float(grown.totals[place, column])
            coverage = 0.0
            if beta:
                read = self.trail.attention_of(position, row, self.lengths[source])
                coverage = coverage_of(read, beta)
            score = score_of(total, position, alpha=alpha, coverage=coverage)
            ending = Ending(position, row, int(grown.ids[place, column]), total, score)
            self.found[source].add(ending, self.options.n_best, ahead=column == 0)

    def _go_on(self, grown: _Grown, ended: NDArray[np.bool_]) -> None:
        """Keeps the best live hypotheses of every source that is not done."""
        gone = ended | ~np.isfinite(grown.totals)
        staying = np.argsort(gone, axis=1, kind="stable")[:, : self.options.beam]  # live first
        kept = grown.columns(staying)
        totals = np.where(np.take_along_axis(gone, staying, axis=1), -np.inf, kept.totals)
        going_on = np.array(
            [
                not self._done(int(source), float(best))
                for source, best in zip(self.live, totals[:, 0], strict=True)
            ]
        )
        self.live = self.live[going_on]
        if not self.live.size:
            return
        totals = totals[going_on]
        width = int(np.isfinite(totals).sum(axis=1).max())
        parents = kept.parents[going_on, :width].ravel()
        self.totals = totals[:, :width]
        self.ids = kept.ids[going_on, :width].ravel().astype(np.int32)
        self.trail.chose(self.ids, parents)
        self.rows.keep(parents)

    def _done(self, source: int, best: float) -> bool:
        """Whether nothing live can change the answers; `best` is the best live total."""
        found = self.found[source]
        if best == -np.inf or found.count >= self.options.beam:
            return True
        most = best / penalty_of_length(int(self.bounds[source]), self.options.length_penalty)
        return len(found.best) == self.options.n_best and found.best[-1].score >= most
