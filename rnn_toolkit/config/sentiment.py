"""Settings of the sentiment task."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from rnn_toolkit.config.recipe import DEFAULT_RECIPE
from rnn_toolkit.config.semi_supervised import (
    ObjectiveConfig,
    PretrainingConfig,
    TeacherConfig,
    UnlabelledConfig,
)
from rnn_toolkit.config.settings import FORMAT_VERSION, Settings
from rnn_toolkit.config.stack import StackConfig

PoolingName = Literal["last", "mean", "max", "mean_max", "attention"]
EncoderName = Literal["recurrent", "bag", "cnn", "self_attention"]
PairFit = Literal["jointly", "naive_bayes"]
TokenizerKind = Literal["word", "subword", "char", "plain"]
DistributeName = Literal["none", "mirrored", "multi-worker"]
PrecisionName = Literal["float32", "bfloat16"]


class TokenizerConfig(Settings):
    """How text becomes ids."""

    kind: TokenizerKind = "word"
    vocabulary_size: int = Field(default=20_000, ge=4)
    minimum_frequency: int = Field(default=2, ge=1)
    lowercase: bool = True
    maximum_length: int = Field(default=400, ge=1, description="tokens per text")
    head_length: int = Field(default=128, ge=0, description="tokens kept from the beginning")

    @model_validator(mode="before")
    @classmethod
    def _head_fits(cls, values: Any) -> Any:
        # A short maximum length keeps the default's proportion of head to tail.
        if isinstance(values, dict) and "head_length" not in values:
            longest = values.get("maximum_length", 400)
            if isinstance(longest, int):
                return {**values, "head_length": min(128, max(longest, 0) * 128 // 400)}
        return values

    @model_validator(mode="after")
    def _check_head(self) -> TokenizerConfig:
        if self.head_length > self.maximum_length:
            raise ValueError("head_length must not exceed maximum_length")
        return self


class NetworkConfig(StackConfig):
    """The shape of a classifier.

    An encoder that is not recurrent is a yardstick: it gets about as many parameters as the
    recurrent stack would have.
    """

    encoder: EncoderName = "recurrent"
    embedding_size: int = Field(default=100, ge=1)
    pooling: PoolingName = "mean_max"
    pair_buckets: int = Field(default=2**18, ge=0, description="hashed word pairs; 0 for none")
    pair_fit: PairFit = Field(
        default="naive_bayes", description="with the network, or apart by naive Bayes ratios"
    )
    word_dropout: float = Field(default=0.25, ge=0, lt=1)
    embedding_dropout: float = Field(default=0.5, ge=0, lt=1)
    output_dropout: float = Field(default=0.4, ge=0, lt=1)

    def name(self) -> str:
        """The cell, or the encoder that stands in its place."""
        return self.cell if self.encoder == "recurrent" else self.encoder

    @property
    def pairs_apart(self) -> bool:
        """Whether word pairs are fitted on their own, after the network."""
        return bool(self.pair_buckets) and self.pair_fit == "naive_bayes"

    def sentence(self) -> str:
        """The network in words."""
        direction = "both directions" if self.bidirectional else "one direction"
        joined = "" if self.connection == "plain" else f" with {self.connection} connections"
        pairs = ", word pairs" if self.pair_buckets else ""
        if pairs and self.pairs_apart:
            pairs = ", words and word pairs by naive Bayes ratios"
        if self.encoder != "recurrent":
            return (
                f"{self.encoder} encoder as large as {self.layers} x {self.cell} of {self.units} "
                f"units, {self.pooling} pooling{pairs}"
            )
        return (
            f"{self.layers} x {self.cell}{joined}, {self.units} units, {direction}, "
            f"{self.pooling} pooling{pairs}"
        )


class TrainingConfig(Settings):
    """How a network is trained."""

    epochs: int | None = Field(default=None, ge=1, description="by rows when None")
    epoch_factor: float = Field(default=1.0, gt=0, description="times the epochs chosen by rows")
    batch_size: int | None = Field(default=None, ge=1, description="texts; by rows when None")
    learning_rate: float = Field(default=2e-3, gt=0)
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps")
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    gradient_clip: float = Field(default=1.0, gt=0, description="largest global gradient norm")
    patience: int = Field(default=3, ge=1, description="epochs without improvement")
    class_weights: Literal["balanced", "none"] = "none"
    validation_split: float = Field(default=0.1, gt=0, lt=1)
    max_minutes: float | None = Field(default=None, gt=0)
    seed: int = Field(default=1, ge=0, lt=2**31)
    distribute: DistributeName = Field(default="none", description="over devices or machines")
    precision: PrecisionName = Field(default="float32", description="of the recurrent layers")

    def for_rows(self, rows: int) -> TrainingConfig:
        """These settings with epochs and batch size chosen where they were left open.

        Small data needs more passes and smaller batches to see as many updates.

        Args:
            rows: number of training rows.
        """
        epochs, batch_size = (3, 64) if rows >= 20_000 else (8, 32) if rows >= 2_000 else (10, 16)
        return self.model_copy(
            update={
                "epochs": self.epochs or max(1, round(self.epoch_factor * epochs)),
                "batch_size": self.batch_size or batch_size,
            }
        )


class VectorsConfig(Settings):
    """Where the word vectors begin; without a source they begin at random."""

    file: str | None = Field(default=None, description="GloVe, word2vec or fastText vectors")
    train: bool = Field(default=False, description="on the training texts and unlabelled ones")
    size: int = Field(default=200, ge=1, description="width of vectors trained here")
    freeze: bool = Field(default=False, description="never train the vectors further")
    thaw_after: int | None = Field(default=None, ge=1, description="epochs of frozen vectors")

    @model_validator(mode="after")
    def _check(self) -> VectorsConfig:
        if self.freeze and self.thaw_after:
            raise ValueError("freeze_embeddings and thaw_after exclude one another")
        return self

    @property
    def given(self) -> bool:
        """Whether there are vectors to begin with."""
        return self.file is not None or self.train

    @property
    def gated(self) -> bool:
        """Whether the vectors are frozen for at least some epochs."""
        return self.freeze or self.thaw_after is not None


class ColumnsConfig(Settings):
    """Where the text and the label stood in the training file."""

    text: str | None = None
    label: str | None = None


class SentimentConfig(Settings):
    """Everything that describes a sentiment model; written as config.json."""

    task: Literal["sentiment"] = "sentiment"
    format_version: int = FORMAT_VERSION
    toolkit_version: str = ""
    recipe: str = Field(default=DEFAULT_RECIPE, description="whose settings were the defaults")
    tokenizer: TokenizerConfig = TokenizerConfig()
    network: NetworkConfig = NetworkConfig()
    training: TrainingConfig = TrainingConfig()
    vectors: VectorsConfig = VectorsConfig()
    unlabelled: UnlabelledConfig = UnlabelledConfig()
    pretraining: PretrainingConfig = PretrainingConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    teacher: TeacherConfig = TeacherConfig()
    columns: ColumnsConfig = ColumnsConfig()

    @model_validator(mode="before")
    @classmethod
    def _earlier_form(cls, values: Any) -> Any:
        # A saved model says what wrote it; until pairs could be fitted apart it named no way.
        if isinstance(values, dict) and values.get("toolkit_version"):
            network = values.get("network")
            if isinstance(network, dict) and "pair_fit" not in network:
                values = {**values, "network": {**network, "pair_fit": "jointly"}}
        # Before there were recipes, unlabelled texts were for vectors only, and stood there.
        vectors = values.get("vectors") if isinstance(values, dict) else None
        if not isinstance(vectors, dict) or "unlabelled" not in vectors:
            return values
        file = vectors["unlabelled"]
        kept = {name: value for name, value in vectors.items() if name != "unlabelled"}
        return {
            **values,
            "vectors": {**kept, "train": file is not None},
            "unlabelled": {"file": file},
        }

    @model_validator(mode="after")
    def _check(self) -> SentimentConfig:
        vectors, texts = self.vectors, self.unlabelled.file
        if vectors.file is not None and vectors.train:
            raise ValueError("embeddings and vectors trained here exclude one another")
        if vectors.gated and not vectors.given:
            raise ValueError(
                "there are no vectors to freeze; give embeddings, unlabelled or a recipe that "
                "trains vectors"
            )
        if self.objective.uses_unlabelled and texts is None:
            raise ValueError(f"the recipe {self.recipe} needs unlabelled texts (unlabelled)")
        if self.pretraining.epochs and (self.network.encoder != "recurrent"):
            raise ValueError("pretraining needs a recurrent encoder")
        if self.training.distribute != "none":
            self._check_distributed()
        return self

    def _check_distributed(self) -> None:
        if self.pretraining.epochs or self.objective.perturbs or self.objective.uses_unlabelled:
            raise ValueError(
                f"distribute is for training on labels alone; the recipe {self.recipe} does more"
            )
        if self.training.distribute == "multi-worker" and self.vectors.train:
            # Vectors come out a little otherwise on each machine.
            raise ValueError(
                "several workers cannot train vectors; make them first with `rnn-toolkit "
                "embeddings train`, and give the same file to all (embeddings)"
            )

    @property
    def stack_gated(self) -> bool:
        """Whether the recurrent layers are frozen at first."""
        return bool(self.pretraining.epochs and self.pretraining.unfreeze_every)

    @property
    def gated(self) -> bool:
        """Whether the vectors are frozen at first."""
        return self.vectors.gated or self.stack_gated
