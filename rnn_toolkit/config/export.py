"""Which variant of a format an export writes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from rnn_toolkit.config.settings import Settings

Quantization = Literal["none", "float16", "dynamic", "int8"]
"""How weights are stored and multiplied; what each means depends on the format."""


class ExportOptions(Settings):
    """The variant of an exported file; the default is exact: float32, any length, any batch."""

    quantize: Quantization = Field(
        default="none",
        description="none (float32); float16 and int8 weights; dynamic (int8 arithmetic)",
    )
    static: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="one text of exactly so many ids, without loops (TFLite classifiers)",
    )
    mediapipe: bool = Field(
        default=False, description="with what MediaPipe's Text Classifier needs; needs static"
    )

    web_runtime: Path | None = Field(
        default=None, description="folder of onnxruntime-web, for a page; None fetches it"
    )

    @property
    def plain(self) -> bool:
        """Whether this is the exact variant that every model has."""
        return self.quantize == "none" and self.static is None

    @property
    def variant(self) -> str:
        """A name for the manifest and for folders."""
        numbers = "float32" if self.quantize == "none" else self.quantize
        return numbers if self.static is None else f"static-{self.static}-{numbers}"
