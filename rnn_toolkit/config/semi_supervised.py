"""Settings of a classifier's training beyond its own labels."""

from __future__ import annotations

from pydantic import Field, model_validator

from rnn_toolkit.config.settings import Settings


class UnlabelledConfig(Settings):
    """Texts without labels; word vectors, pretraining and the objective may use them."""

    file: str | None = Field(default=None, description="any file of texts")


class PretrainingConfig(Settings):
    """The recurrent layers as a language model before they classify (Dai and Le 2015)."""

    epochs: int = Field(default=0, ge=0, description="over all texts; 0 for none")
    learning_rate: float = Field(default=2e-3, gt=0)
    samples: int = Field(default=1024, ge=1, description="drawn tokens a batch, for the softmax")
    unfreeze_every: float = Field(
        default=0.0,
        ge=0,
        description="epochs from the head to the recurrent layers to the vectors; 0 for at once",
    )


class ObjectiveConfig(Settings):
    """Terms of the loss beside cross-entropy (Miyato et al. 2017; Sachan et al. 2019)."""

    adversarial: float = Field(default=0.0, ge=0, description="weight")
    virtual_adversarial: float = Field(default=0.0, ge=0, description="weight")
    entropy: float = Field(default=0.0, ge=0, description="weight of entropy minimisation")
    radius: float = Field(default=5.0, gt=0, description="of a perturbation, in RMS of vectors")
    unlabelled_rows: float = Field(
        default=1.0, ge=0, description="unlabelled rows for each labelled one"
    )

    @property
    def perturbs(self) -> bool:
        """Whether vectors are perturbed."""
        return bool(self.adversarial or self.virtual_adversarial)

    @property
    def uses_unlabelled(self) -> bool:
        """Whether rows without labels add to the loss."""
        return bool((self.virtual_adversarial or self.entropy) and self.unlabelled_rows)


class TeacherConfig(Settings):
    """Another model's probabilities as labels (Hinton et al. 2015, Distilling the knowledge)."""

    file: str | None = Field(default=None, description="CSV: text, then a column per label")
    weight: float = Field(default=0.8, ge=0, le=1, description="beside the labels of the rows")
    temperature: float = Field(default=1.0, gt=0, description="above 1 softens the teacher")

    @model_validator(mode="after")
    def _check(self) -> TeacherConfig:
        # A saved configuration names every setting, so that only other values tell a wish.
        if self.file is None and self != TeacherConfig.model_construct():
            raise ValueError("teacher_weight and teacher_temperature need a teacher")
        return self
