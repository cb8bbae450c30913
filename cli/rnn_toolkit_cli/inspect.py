"""`rnn-toolkit inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import facts


def inspect(
    path: Annotated[Path, typer.Argument(help="Model directory, bundle, or pretrained model.")],
) -> None:
    """Show what is in a model directory or a bundle."""
    from rnn_toolkit import describe

    facts(describe(path))
