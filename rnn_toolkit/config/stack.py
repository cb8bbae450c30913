"""Settings of a stack of recurrent layers; the one description that every task uses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rnn_toolkit.config.settings import Settings

ConnectionName = Literal["plain", "residual", "highway", "dense"]


class StackConfig(Settings):
    """A stack of recurrent layers; the one description that every task uses."""

    cell: str = "lstm"
    units: int = Field(default=64, ge=1)
    layers: int = Field(default=1, ge=1)
    bidirectional: bool = True
    connection: ConnectionName = "plain"
    layer_norm: bool = False
    layer_dropout: float = Field(default=0.0, ge=0, lt=1, description="between layers")
    variational_dropout: bool = Field(
        default=False, description="dropout between layers hides the same channels at each step"
    )
    recurrent_dropout: float = Field(default=0.0, ge=0, lt=1)
    zoneout: float = Field(default=0.0, ge=0, lt=1)
    weight_drop: float = Field(default=0.0, ge=0, lt=1)
    recurrent_initializer: str | None = None
    forget_bias: float | None = None
