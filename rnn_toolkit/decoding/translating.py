"""Source ids to target ids, for any number of texts and any encoder-decoder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from rnn_toolkit.decoding.batched_beam import search_batch
from rnn_toolkit.decoding.batched_sampling import draw_batch
from rnn_toolkit.decoding.encoder_decoder import EncoderDecoder
from rnn_toolkit.decoding.row_scores import TargetIds
from rnn_toolkit.decoding.sampling import seed_or_new
from rnn_toolkit.decoding.trail import DecodedSequence
from rnn_toolkit.decoding.translation_options import TranslationOptions
from rnn_toolkit.errors import OptionError

# What long texts remember of themselves would fill the memory: fewer of them at once.
_MOST_SOURCE_TOKENS = 4096


def translate_ids(
    model: EncoderDecoder,
    sources: Sequence[Sequence[int]],
    options: TranslationOptions,
    *,
    begin_id: int,
    end_id: int,
    never: Collection[int] = (),
    advanced: Callable[[int], None] = lambda done: None,
) -> list[list[DecodedSequence]]:
    """Translates many texts, those of similar length together.

    The answer to a text does not depend on the others, but for the last digits that a
    runtime computes otherwise in a larger batch.

    Args:
        model: whatever runs it.
        sources: the ids of each text, at least one.
        options: how to search or draw.
        begin_id: what the model reads before the first target id.
        end_id: the end mark.
        never: ids that are never written, such as padding.
        advanced: told after every batch how many texts are done.

    Returns:
        For each text, in the order given, 1 to `n_best` answers, best first.

    Raises:
        OptionError: a source has no ids, or the target has none that may be written.
    """
    if not all(len(source) for source in sources):
        raise OptionError("A source without ids cannot be translated.", "Give at least one id.")
    targets = TargetIds(model.vocabulary_size, begin_id=begin_id, end_id=end_id, never=never)
    seed = 0 if options.searches else seed_or_new(options.seed)
    found: dict[int, list[DecodedSequence]] = {}
    for numbers in _batches([len(source) for source in sources], options):
        batch = [sources[number] for number in numbers]
        if options.searches:
            answers = search_batch(model, batch, options, targets)
        else:
            answers = draw_batch(model, batch, options, targets, seed=seed)
        found.update(zip(numbers, answers, strict=True))
        advanced(len(found))
    return [found[number] for number in range(len(sources))]


def _batches(lengths: Sequence[int], options: TranslationOptions) -> Iterator[list[int]]:
    """The numbers of the texts of each batch, short texts first."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: (lengths[number], number)):
        padded = (len(batch) + 1) * lengths[number]  # the newest is the longest
        if batch and (len(batch) == options.batch_size or padded > _MOST_SOURCE_TOKENS):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
