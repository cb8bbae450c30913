"""Settings of the generation task."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from rnn_toolkit.config.settings import FORMAT_VERSION, Settings
from rnn_toolkit.config.stack import StackConfig

GenerationTokenizerKind = Literal["char", "subword", "word", "whitespace"]
LayoutChoice = Literal["auto", "stream", "lines", "documents"]
SoftmaxName = Literal["full", "sampled"]
ScheduleName = Literal["one_cycle", "constant"]

WINDOW = 100
_LANES = (8, 64)
_UPDATES = 300  # per epoch, that a text of any length should have


class GenerationTokenizerConfig(Settings):
    """How text becomes ids, and ids become text again."""

    kind: GenerationTokenizerKind = "char"
    vocabulary_size: int = Field(default=20_000, ge=8)
    minimum_frequency: int | None = Field(
        default=None, ge=1, description="1 for char, 2 for words and subwords"
    )


class TextLayoutConfig(Settings):
    """What one text is: a long stream, or documents that begin and end."""

    layout: LayoutChoice = "auto"
    condition: str | None = Field(default=None, description="column whose value steers the text")
    text_column: str | None = None


class LanguageModelConfig(StackConfig):
    """The shape of a recurrent language model."""

    units: int = Field(default=384, ge=1)
    bidirectional: Literal[False] = False
    variational_dropout: bool = True
    embedding_size: int | None = Field(
        default=None, ge=1, description="64 for characters, else as many as units"
    )
    tied: bool | None = Field(
        default=None, description="one matrix for input and output; not for characters"
    )
    embedding_dropout: float = Field(default=0.0, ge=0, lt=1, description="of whole tokens")
    input_dropout: float = Field(default=0.0, ge=0, lt=1)
    output_dropout: float = Field(default=0.2, ge=0, lt=1)

    def sentence(self) -> str:
        """The network in words."""
        joined = "" if self.connection == "plain" else f" with {self.connection} connections"
        tied = ", tied embeddings" if self.tied else ""
        return f"{self.layers} x {self.cell}{joined}, {self.units} units{tied}"

    def for_tokens(self, kind: GenerationTokenizerKind) -> LanguageModelConfig:
        """These settings with sizes chosen where they were left open."""
        characters = kind == "char"
        size = self.embedding_size or (64 if characters else self.units)
        tied = not characters if self.tied is None else self.tied
        return self.model_copy(update={"embedding_size": size, "tied": tied})


class GenerationTrainingConfig(Settings):
    """How a language model is trained."""

    epochs: int | None = Field(default=None, ge=1, description="by the length of the text")
    batch_size: int | None = Field(
        default=None, ge=1, description="lanes, read side by side; by the length of the text"
    )
    window: int = Field(default=WINDOW, ge=2, description="steps of truncated back-propagation")
    random_windows: bool = Field(default=False, description="lengths drawn around `window`")
    learning_rate: Literal["auto"] | float = Field(
        default=4e-3, description="the highest of the schedule; auto searches for one"
    )
    schedule: ScheduleName = "one_cycle"
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the training")
    gradient_clip: float = Field(default=1.0, gt=0, description="largest global gradient norm")
    weight_decay: float = Field(default=0.0, ge=0)
    activation_penalty: float = Field(default=0.0, ge=0)
    slowness_penalty: float = Field(default=0.0, ge=0)
    softmax: SoftmaxName = "full"
    softmax_samples: int = Field(default=2000, ge=1)
    full_softmax_from: float = Field(
        default=0.7, ge=0, le=1, description="share of the training after which no more is sampled"
    )
    average_from: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="share of the training after which weights are averaged",
    )
    patience: int = Field(default=4, ge=1, description="epochs without improvement")
    validation_split: float = Field(default=0.1, gt=0, lt=1)
    max_minutes: float | None = Field(default=None, gt=0)
    seed: int = Field(default=1, ge=0, lt=2**31)

    @field_validator("learning_rate", mode="before")
    @classmethod
    def _number_or_auto(cls, given: Any) -> Any:
        if given == "auto":
            return given
        try:
            rate = float(given)
        except (TypeError, ValueError):
            rate = 0.0
        if not 0 < rate < float("inf"):
            raise ValueError("must be a number above 0, or auto")
        return rate

    def for_steps(self, steps: int) -> GenerationTrainingConfig:
        """These settings with lanes and epochs chosen by the length of the text.

        A small text needs more passes, and narrow batches to see as many updates.

        Args:
            steps: tokens of the training text.
        """
        fewest, most = _LANES
        lanes = self.batch_size or min(max(steps // (_UPDATES * self.window), fewest), most)
        lanes = max(1, min(lanes, steps // 4))
        epochs = 10 if steps >= 2_000_000 else 20 if steps >= 300_000 else 40
        return self.model_copy(update={"epochs": self.epochs or epochs, "batch_size": lanes})


class GenerationConfig(Settings):
    """Everything that describes a generation model; written as config.json."""

    task: Literal["generation"] = "generation"
    format_version: int = FORMAT_VERSION
    toolkit_version: str = ""
    tokenizer: GenerationTokenizerConfig = GenerationTokenizerConfig()
    text: TextLayoutConfig = TextLayoutConfig()
    network: LanguageModelConfig = LanguageModelConfig()
    training: GenerationTrainingConfig = GenerationTrainingConfig()
    documents: bool = Field(default=False, description="whether texts begin and end")
    conditions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> GenerationConfig:
        if self.text.condition is not None and self.text.layout == "stream":
            raise ValueError("condition needs documents; a stream has no labels")
        return self
