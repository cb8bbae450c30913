"""The options of translating, each with its range, validated once."""

from __future__ import annotations

import math

from pydantic import Field, ValidationInfo, field_validator, model_validator

from rnn_toolkit.config import Settings


class TranslationOptions(Settings):
    """How a target text is found; the defaults search with a beam."""

    beam: int = Field(default=5, ge=1, description="hypotheses kept; 1 is greedy")
    n_best: int = Field(default=1, ge=1, description="answers per text")
    length_penalty: float = Field(
        default=1.0, ge=0, le=2, description="alpha of Wu et al. (2016); larger favours longer"
    )
    coverage_penalty: float = Field(
        default=0.0, ge=0, description="beta of Wu et al. (2016); favours reading every word"
    )
    length_ratio: float = Field(
        default=3.0, gt=0, description="most target tokens per source token"
    )
    extra_length: int = Field(default=20, ge=0, description="target tokens beyond that ratio")
    maximum_length: int = Field(default=400, ge=1, description="most target tokens in any case")
    min_length: int = Field(default=0, ge=0, description="tokens before an end mark may come")
    no_repeat_ngram: int = Field(default=0, ge=0, description="0 for off")
    temperature: float | None = Field(
        default=None, ge=0, description="a number draws instead of searching; 0 is greedy"
    )
    top_k: int = Field(default=0, ge=0, description="of a draw; 0 for off")
    top_p: float = Field(default=1.0, gt=0, le=1, description="of a draw; 1 for off")
    seed: int | None = Field(
        default=None, ge=0, description="of a draw; a new one every time when None"
    )
    replace_unknown: bool = Field(
        default=True, description="write the source word where a word is missing"
    )
    batch_size: int = Field(default=32, ge=1, description="texts translated at once")

    @field_validator("min_length")
    @classmethod
    def _fits_the_length(cls, value: int, info: ValidationInfo) -> int:
        longest = info.data.get("maximum_length")
        if longest is not None and value > longest:
            raise ValueError(f"must not exceed maximum_length, which is {longest}")
        return value

    @model_validator(mode="after")
    def _searches_or_draws(self) -> TranslationOptions:
        if self.temperature is None:
            if self.n_best > self.beam:
                raise ValueError(
                    f"a beam of {self.beam} is too narrow for n_best {self.n_best}; widen it"
                )
            for name in ("top_k", "top_p"):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise ValueError(f"only a draw takes {name}; give a temperature too, such as 1")
        elif self.beam > 1 and "beam" in self.model_fields_set:
            raise ValueError("a beam search does not draw; leave out temperature, or the beam")
        return self

    @property
    def searches(self) -> bool:
        """Whether a beam looks for the likeliest text, rather than drawing one."""
        return self.temperature is None

    def bound(self, source_tokens: int) -> int:
        """The most ids that a translation may have, an end mark included.

        Args:
            source_tokens: number of tokens of the source.
        """
        # Rounding must not lift 1.1 x 10 to 12; lengths are whole anyway.
        wanted = math.ceil(self.length_ratio * source_tokens - 1e-9) + self.extra_length
        return max(1, min(self.maximum_length, wanted))

    def sentence(self) -> str:
        """The options that decide what is found, in words."""
        if not self.searches:
            filters = "".join(
                f", {name} {getattr(self, name):g}"
                for name in ("top_k", "top_p")
                if getattr(self, name) != type(self).model_fields[name].default
            )
            return f"drawn at temperature {self.temperature:g}{filters}, seed {self.seed}"
        if self.beam == 1:
            found = "greedy"
        else:
            found = f"beam {self.beam}, length penalty {self.length_penalty:g}"
        if self.coverage_penalty:
            found += f", coverage penalty {self.coverage_penalty:g}"
        if self.no_repeat_ngram:
            found += f", no {self.no_repeat_ngram}-gram twice"
        return found
