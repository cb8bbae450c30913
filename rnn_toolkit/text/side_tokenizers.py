"""The two tokenizers of a translation: text to source ids, and target text to ids and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnn_toolkit.config import SideTokenizerKind, TranslationTokenizerConfig
from rnn_toolkit.text.description import UNKNOWN_ID
from rnn_toolkit.text.fast_tokenizer import without_surrogates
from rnn_toolkit.text.generation_tokenizer import GenerationTokenizer, prepared
from rnn_toolkit.text.tokenizer import Tokenizer

SOURCE_NAME, TARGET_NAME = "source_tokenizer.json", "target_tokenizer.json"
_HALF_CHARACTER = "\ufffd"


@dataclass(frozen=True)
class SourcePieces:
    """A source text cut into tokens.

    Args:
        ids: one per token, never none.
        spans: where each token stands in `text`, as (first character, end).
        text: the text that the spans refer to.
        cut: whether the text was longer than the model reads.
        empty: whether there was nothing to read; the one id is then unknown.
    """

    ids: list[int]
    spans: list[tuple[int, int]]
    text: str
    cut: bool = False
    empty: bool = False


class SideTokenizers:
    """Tokenizers of both sides, the same in training and on a device.

    Ids 0 and 1 are padding and unknown on both sides; the target also has begin (2) and end
    (3). A target word knows the space before it, so that ids become exactly the text they
    were made from.

    Args:
        source: of the source; the target's own when the vocabulary is shared.
        target: of the target.
        maximum_length: source tokens that are read; what follows is cut off.
    """

    def __init__(
        self,
        source: Tokenizer | GenerationTokenizer,
        target: GenerationTokenizer,
        *,
        maximum_length: int,
    ) -> None:
        self.source = source
        self.target = target
        self.maximum_length = maximum_length

    @property
    def shared(self) -> bool:
        """Whether both sides have one vocabulary."""
        return isinstance(self.source, GenerationTokenizer)

    @property
    def source_size(self) -> int:
        """Number of source ids."""
        return self.source.vocabulary_size

    @property
    def target_size(self) -> int:
        """Number of target ids."""
        return self.target.vocabulary_size

    def encode_source(self, texts: Sequence[str]) -> list[list[int]]:
        """Source ids, cut to the longest that is read; a text without tokens is one unknown."""
        if isinstance(self.source, GenerationTokenizer):
            rows = self.source.encode_batch([self._opened(text) for text in texts])
        else:
            rows = self.source.encode_whole(texts)
        return [row[: self.maximum_length] or [UNKNOWN_ID] for row in rows]

    def source_pieces(self, text: str) -> SourcePieces:
        """The tokens of a source text and where they stand in it."""
        opened = self._opened(text) if self.shared else text
        clean = prepared(opened) if self.shared else without_surrogates(opened)
        encoding = self.source.fast_tokenizer.encode(clean, add_special_tokens=False)
        ids, spans = list(encoding.ids), [(start, end) for start, end in encoding.offsets]
        if not ids or not clean.strip():
            return SourcePieces([UNKNOWN_ID], [(0, len(clean))], clean, empty=True)
        longest = self.maximum_length
        return SourcePieces(ids[:longest], spans[:longest], clean, cut=len(ids) > longest)

    def encode_target(self, texts: Sequence[str]) -> list[list[int]]:
        """Target ids without begin and end."""
        return self.target.encode_batch([self._opened(text) for text in texts])

    def decode_target(self, ids: Sequence[int]) -> str:
        """The text of target ids; special ids give nothing."""
        return self.target.decode(ids).strip()

    def target_pieces(self, ids: Sequence[int]) -> list[str]:
        """What each target id adds to the text; pieces that begin a word begin with a space.

        A character of which a token holds only some bytes goes to the last of its tokens.
        """
        pieces: list[str] = []
        waiting: list[int] = []  # since the last whole character
        known = ""  # what was given of them
        for number in ids:
            waiting.append(number)
            text = self.target.decode(waiting)
            whole = text.rstrip(_HALF_CHARACTER)
            pieces.append(whole[len(known) :])
            known = whole
            if whole == text:
                waiting, known = [], ""
        if waiting:
            pieces[-1] += self.target.decode(waiting)[len(known) :]
        return pieces

    def _opened(self, text: str) -> str:
        """A text whose first word looks like every other: with a space before it."""
        return text if self.target.kind == "char" else f" {text.strip()}"

    def save(self, directory: Path) -> None:
        """Writes both files."""
        self.source.save(directory / SOURCE_NAME)
        self.target.save(directory / TARGET_NAME)

    @classmethod
    def from_directory(cls, directory: Path, config: TranslationTokenizerConfig) -> SideTokenizers:
        """Reads both files.

        Args:
            directory: a model directory or a bundle.
            config: with both kinds chosen.

        Raises:
            BundleError: a file is missing or is not a tokenizer.
        """
        target = GenerationTokenizer.from_file(directory / TARGET_NAME, kind=chosen(config.target))
        source: Tokenizer | GenerationTokenizer = target
        if not config.shared:
            source = Tokenizer.from_file(
                directory / SOURCE_NAME,
                maximum_length=config.maximum_length,
                head_length=config.maximum_length,
            )
        return cls(source, target, maximum_length=config.maximum_length)


def chosen(choice: str) -> SideTokenizerKind:
    """A kind that is no longer "auto"."""
    kinds: dict[str, SideTokenizerKind] = {"word": "word", "subword": "subword", "char": "char"}
    return kinds[choice]
