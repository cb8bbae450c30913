"""Drawing translations of many source texts at once, each with random numbers of its own."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from rnn_toolkit.decoding.decoder_rows import DecoderRows
from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.options import SamplingOptions
from rnn_toolkit.decoding.row_scores import TargetIds, log_normalizers
from rnn_toolkit.decoding.sampling import draw_ids
from rnn_toolkit.decoding.trail import DecodedSequence, Ending, Trail, coverage_of, score_of
from rnn_toolkit.decoding.translation_options import TranslationOptions


def draw_batch(
    model: EncoderDecoder,
    sources: Sequence[Sequence[int]],
    options: TranslationOptions,
    targets: TargetIds,
    *,
    seed: int,
) -> list[list[DecodedSequence]]:
    """Draws `n_best` translations of every source in one batch.

    The random numbers of a draw come from the seed, the source's ids and the number of the
    draw alone, so that a text is translated the same way in any company.

    Args:
        model: whatever runs it.
        sources: the ids of each source, at least one.
        options: temperature and filters.
        targets: the ids with a meaning.
        seed: of the random numbers.

    Returns:
        For each source its draws, that of the highest score first.
    """
    draws = _Draws(model, sources, options, targets, seed)
    while draws.live.size:
        draws.step()
    return draws.answers()


class _Draws:
    """One batch on its way; `live` holds the numbers of the draws that go on.

    Draw number n belongs to source n // n_best.
    """

    def __init__(
        self,
        model: EncoderDecoder,
        sources: Sequence[Sequence[int]],
        options: TranslationOptions,
        targets: TargetIds,
        seed: int,
    ) -> None:
        self.options = options
        self.targets = targets
        self.filters = SamplingOptions(
            temperature=options.temperature or 0.0, top_k=options.top_k, top_p=options.top_p
        )
        self.lengths = [len(source) for source in sources]
        self.streams = [
            np.random.default_rng([seed, _fingerprint(source), number])
            for source in sources
            for number in range(options.n_best)
        ]
        self.rows = DecoderRows(model, sources)
        self.rows.keep(np.repeat(np.arange(len(sources)), options.n_best))
        self.trail = Trail()
        self.live = np.arange(len(self.streams))
        self.totals = np.zeros(len(self.streams))
        self.ids = np.full(len(self.streams), targets.begin_id, np.int32)
        self.endings: dict[int, Ending] = {}

    def step(self) -> None:
        """One model call, one id for every live draw."""
        logits, attention = self.rows.step(self.ids)
        self.trail.read(attention)
        normalizers = log_normalizers(logits)
        position = self.trail.position
        allowed = self.targets.allowed(
            logits,
            may_end=position > self.options.min_length,
            histories=(self.trail.ids_before(position, row) for row in range(len(self.ids))),
            no_repeat_ngram=self.options.no_repeat_ngram,
        )
        streams = [self.streams[number] for number in self.live]
        new = np.array(draw_ids(allowed.astype(np.float64), self.filters, streams), np.int32)
        rows = np.arange(len(new))
        self.totals = self.totals + logits[rows, new] - normalizers
        going_on = np.array([not self._ended(row, int(last)) for row, last in enumerate(new)])
        parents = rows[going_on]
        self.live, self.totals, self.ids = self.live[parents], self.totals[parents], new[parents]
        if parents.size:
            self.trail.chose(self.ids, parents)
            self.rows.keep(parents)

    def answers(self) -> list[list[DecodedSequence]]:
        """The draws of each source, best first."""
        each = self.options.n_best
        found = []
        for source, length in enumerate(self.lengths):
            endings = [self.endings[number] for number in range(source * each, (source + 1) * each)]
            endings.sort(key=lambda ending: -ending.score)
            found.append(
                [
                    self.trail.sequence(ending, end_id=self.targets.end_id, source_tokens=length)
                    for ending in endings
                ]
            )
        return found

    def _ended(self, row: int, last: int) -> bool:
        number, position = int(self.live[row]), self.trail.position
        length = self.lengths[number // self.options.n_best]
        if last != self.targets.end_id and position < self.options.bound(length):
            return False
        total, beta = float(self.totals[row]), self.options.coverage_penalty
        coverage = coverage_of(self.trail.attention_of(position, row, length), beta) if beta else 0
        score = score_of(total, position, alpha=self.options.length_penalty, coverage=coverage)
        self.endings[number] = Ending(position, row, last, total, score)
        return True


def _fingerprint(source: Sequence[int]) -> int:
    return zlib.crc32(np.asarray(source, "<i4").tobytes())
