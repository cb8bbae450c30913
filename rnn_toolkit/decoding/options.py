"""The options of generation, each with its range, validated once."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from rnn_toolkit.config import Settings

_ONLY_FOR_SAMPLING = ("temperature", "top_k", "top_p", "min_p", "typical")


class SamplingOptions(Settings):
    """How text is made from a model's probabilities; the defaults draw from them as they are."""

    length: int = Field(default=200, ge=1, description="most new tokens")
    min_length: int = Field(default=0, ge=0, description="tokens before an end mark may come")
    temperature: float = Field(default=1.0, ge=0, description="0 takes the likeliest token")
    top_k: int = Field(default=0, ge=0, description="0 for off")
    top_p: float = Field(default=1.0, gt=0, le=1, description="1 for off")
    min_p: float = Field(default=0.0, ge=0, le=1, description="0 for off")
    typical: float = Field(default=1.0, gt=0, le=1, description="1 for off")
    repetition_penalty: float = Field(default=1.0, ge=1, description="1 for off")
    no_repeat_ngram: int = Field(default=0, ge=0, description="0 for off")
    banned: tuple[str, ...] = Field(default=(), description="texts that must not appear")
    forced: tuple[str, ...] = Field(default=(), description="texts that must appear")
    stop: tuple[str, ...] = Field(default=(), description="texts that end a sample, cut off")
    seed: int | None = Field(default=None, ge=0, description="a new one every time when None")
    beam: int = Field(default=1, ge=1, description="1 samples, more searches")
    n_best: int = Field(default=1, ge=1, description="answers of a beam search")
    length_penalty: float = Field(default=0.0, ge=0, description="alpha of Wu et al. (2016)")

    @field_validator("banned", "forced", "stop", mode="before")
    @classmethod
    def _one_text_or_several(cls, given: Any) -> Any:
        # A bare string would otherwise be an error, or worse, a tuple of its characters.
        return (given,) if isinstance(given, str) else given

    @field_validator("banned", "forced", "stop")
    @classmethod
    def _no_empty_text(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        if "" in texts:
            raise ValueError("an empty text is everywhere; give at least one character")
        return texts

    @field_validator("min_length")
    @classmethod
    def _fits_the_length(cls, value: int, info: ValidationInfo) -> int:
        length = info.data.get("length")
        if length is not None and value > length:
            raise ValueError(f"must not exceed length, which is {length}")
        return value

    @field_validator("beam")
    @classmethod
    def _searches_or_samples(cls, value: int, info: ValidationInfo) -> int:
        if value == 1:
            return value
        for name in _ONLY_FOR_SAMPLING:
            default = cls.model_fields[name].default
            if info.data.get(name, default) != default:
                raise ValueError(f"a beam search does not draw; leave out {name}, or the beam")
        if info.data.get("forced") and info.data.get("stop"):
            raise ValueError("a beam search takes forced or stop, not both; leave one out")
        return value

    @field_validator("n_best")
    @classmethod
    def _within_the_beam(cls, value: int, info: ValidationInfo) -> int:
        beam = info.data.get("beam", value)
        if value > beam:
            raise ValueError(f"must not exceed beam, which is {beam}")
        return value

    @field_validator("length_penalty")
    @classmethod
    def _needs_a_beam(cls, value: float, info: ValidationInfo) -> float:
        if value and info.data.get("beam") == 1:
            raise ValueError("has a meaning for a beam search only; give beam too")
        return value
