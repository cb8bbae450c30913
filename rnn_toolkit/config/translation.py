"""Settings of the translation task, which is any text to any other text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from rnn_toolkit.config.settings import FORMAT_VERSION, Settings
from rnn_toolkit.config.stack import StackConfig

SideTokenizerKind = Literal["word", "subword", "char"]
SideTokenizerChoice = Literal["auto", "word", "subword", "char"]
BridgeName = Literal["dense", "zeros"]
StoppingName = Literal["loss", "bleu"]


class PairsConfig(Settings):
    """Which pairs of a file are learnt from."""

    source_column: str | None = None
    target_column: str | None = None
    maximum_characters: int = Field(default=600, ge=1, description="of either side")
    maximum_ratio: float = Field(
        default=4.0, gt=1, description="of the lengths, against what is usual in the file"
    )


class TranslationTokenizerConfig(Settings):
    """How both sides become ids; `vocabulary_size` is that of each side."""

    source: SideTokenizerChoice = "auto"
    target: SideTokenizerChoice = "auto"
    vocabulary_size: int = Field(default=5000, ge=8)
    minimum_frequency: int = Field(default=2, ge=1)
    shared: bool = Field(default=False, description="one vocabulary for both sides")
    lowercase: bool = Field(default=False, description="of the source")
    maximum_length: int = Field(default=400, ge=1, description="source tokens that are read")

    @model_validator(mode="after")
    def _check(self) -> TranslationTokenizerConfig:
        if self.shared and self.source != self.target:
            raise ValueError("a shared vocabulary needs the same tokenizer on both sides")
        if self.shared and self.lowercase:
            raise ValueError("a shared vocabulary cannot lower-case the source alone")
        return self


class Seq2SeqConfig(StackConfig):
    """The shape of an encoder and a decoder with attention between them.

    What StackConfig describes is the encoder; the decoder has the same cell, connections
    aside, and reads in one direction.
    """

    cell: str = "gru"
    units: int = Field(default=256, ge=1, description="of the encoder, per direction")
    decoder_units: int | None = Field(default=None, ge=1, description="2 x units when None")
    decoder_layers: int = Field(default=1, ge=1)
    embedding_size: int = Field(default=256, ge=1)
    attention: str = Field(default="additive", description="a score, multi_head or monotonic")
    attention_units: int | None = Field(default=None, ge=1)
    heads: int = Field(default=4, ge=1, description="of multi_head")
    coverage: bool = Field(default=False, description="attention knows where it has been")
    input_feeding: bool = Field(default=True, description="the decoder reads what it last wrote")
    bridge: BridgeName = "dense"
    tied: bool = Field(default=True, description="target embeddings are the output layer too")
    copy_words: bool = Field(default=False, description="may point at source tokens")
    word_dropout: float = Field(default=0.0, ge=0, lt=1, description="of source tokens")
    target_word_dropout: float = Field(default=0.0, ge=0, lt=1)
    input_dropout: float = Field(default=0.3, ge=0, lt=1)
    memory_dropout: float = Field(default=0.3, ge=0, lt=1)
    output_dropout: float = Field(default=0.3, ge=0, lt=1)

    def sentence(self) -> str:
        """The network in words."""
        direction = "both directions" if self.bidirectional else "one direction"
        extras = [
            name
            for name, wanted in (
                ("input feeding", self.input_feeding),
                ("coverage", self.coverage),
                ("tied embeddings", self.tied),
                ("copying", self.copy_words),
            )
            if wanted
        ]
        return ", ".join(
            [
                f"encoder {self.layers} x {self.cell}, {self.units} units, {direction}",
                f"{self.attention} attention",
                f"decoder {self.decoder_layers} x {self.cell}, {self.decoder_width} units",
                *extras,
            ]
        )

    @property
    def decoder_width(self) -> int:
        """Units of the decoder."""
        return self.decoder_units or 2 * self.units


class TranslationTrainingConfig(Settings):
    """How an encoder and a decoder are trained."""

    epochs: int | None = Field(default=None, ge=1, description="by rows when None")
    batch_tokens: int | None = Field(
        default=None,
        ge=1,
        description="most tokens of a batch on either side, padding included; by rows when None",
    )
    learning_rate: float = Field(default=2e-3, gt=0)
    warmup: float = Field(default=0.05, ge=0, lt=1, description="share of the training")
    label_smoothing: float = Field(default=0.1, ge=0, lt=1)
    gradient_clip: float = Field(default=1.0, gt=0, description="largest global gradient norm")
    weight_decay: float = Field(default=0.0, ge=0)
    scheduled_sampling: float = Field(
        default=0.0, ge=0, le=1, description="share of decoder inputs that are its own at the end"
    )
    average_from: float | None = Field(
        default=0.5,
        ge=0,
        lt=1,
        description="share of the training after which weights are averaged",
    )
    choose_by: StoppingName = "loss"
    patience: int = Field(default=5, ge=1, description="epochs without improvement")
    validation_split: float = Field(default=0.05, gt=0, lt=1)
    max_minutes: float | None = Field(default=None, gt=0)
    seed: int = Field(default=1, ge=0, lt=2**31)

    def for_rows(self, rows: int) -> TranslationTrainingConfig:
        """These settings with epochs and batches chosen where they were left open.

        Few pairs need more passes, and smaller batches to see as many updates.

        Args:
            rows: number of training pairs.
        """
        epochs, batch_tokens = (
            (8, 1500)
            if rows >= 100_000
            else (15, 1500)
            if rows >= 20_000
            else (25, 600)
            if rows >= 5_000
            else (30, 300)
        )
        return self.model_copy(
            update={
                "epochs": self.epochs or epochs,
                "batch_tokens": self.batch_tokens or batch_tokens,
            }
        )


class LengthBounds(Settings):
    """When a translation is stopped that does not end; training widens them by its pairs."""

    length_ratio: float = Field(default=3.0, gt=0, description="target tokens per source token")
    maximum_length: int = Field(default=400, ge=1, description="target tokens in any case")


class TranslationConfig(Settings):
    """Everything that describes a translation model; written as config.json."""

    task: Literal["translation"] = "translation"
    format_version: int = FORMAT_VERSION
    toolkit_version: str = ""
    pairs: PairsConfig = PairsConfig()
    tokenizer: TranslationTokenizerConfig = TranslationTokenizerConfig()
    network: Seq2SeqConfig = Seq2SeqConfig()
    training: TranslationTrainingConfig = TranslationTrainingConfig()
    bounds: LengthBounds = LengthBounds()

    @model_validator(mode="after")
    def _check(self) -> TranslationConfig:
        if self.network.copy_words and not self.tokenizer.shared:
            raise ValueError("copy_words needs shared_vocabulary: an id must mean the same twice")
        return self
