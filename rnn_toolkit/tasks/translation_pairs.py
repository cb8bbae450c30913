"""Pairs made ready for a training: filtered, split, and as ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnn_toolkit.config import TranslationConfig
from rnn_toolkit.data.checks import shown_problems
from rnn_toolkit.data.pair_batches import EncodedPairs
from rnn_toolkit.data.pair_filters import filter_pairs
from rnn_toolkit.data.pair_split import leakage, split_pairs
from rnn_toolkit.data.parallel_text import ParallelText
from rnn_toolkit.errors import DataError
from rnn_toolkit.text.side_tokenizers import SideTokenizers
from rnn_toolkit.training.observer import TrainingObserver

# Trainings from other seeds hold out the same pairs, and so have the same vocabularies and
# comparable scores; they could not make an ensemble otherwise.
VALIDATION_SEED = 1


@dataclass(frozen=True)
class PreparedPairs:
    """Filtered pairs in two parts, and what was found on the way."""

    training: ParallelText
    held_out: ParallelText
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        pairs: ParallelText,
        validation: ParallelText | None,
        config: TranslationConfig,
        observer: TrainingObserver,
    ) -> PreparedPairs:
        """Filters the pairs, holds some out where no validation pairs are given, and tells.

        Raises:
            DataError: too few pairs remain.
        """
        kept, report = filter_pairs(pairs, config.pairs)
        if len(kept.sources) < 4:
            count = len(kept.sources)
            raise DataError(
                f"{pairs.name} has {count} usable {'pair' if count == 1 else 'pairs'}; "
                "at least 4 are needed.",
                "Give more pairs, or loosen the filters.",
            )
        found = [*pairs.notes, *shown_problems(pairs.problems, pairs.name), *report.sentences()]
        if validation is None:
            share = config.training.validation_split
            training, held_out = split_pairs(kept, share, VALIDATION_SEED)
            found += held_out.notes
        else:
            training, held_out = kept, validation
            found += [*validation.notes, *shown_problems(validation.problems, validation.name)]
            found += leakage(training, held_out).sentences()
        for note in found:
            observer.note(note)
        return cls(training, held_out, tuple(found))


def encode(tokenizers: SideTokenizers, pairs: ParallelText) -> EncodedPairs:
    """Both sides of pairs as ids."""
    return EncodedPairs(
        [np.asarray(ids, np.int32) for ids in tokenizers.encode_source(pairs.sources)],
        [np.asarray(ids, np.int32) for ids in tokenizers.encode_target(pairs.targets)],
    )
