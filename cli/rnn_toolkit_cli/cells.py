"""`rnn-toolkit cells`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from rnn_toolkit_cli.console import table


def cells(
    units: Annotated[int, typer.Option(min=1, help="Width of the hidden state.")] = 64,
    features: Annotated[int, typer.Option(min=1, help="Width of the inputs.")] = 64,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the recurrent cells: what they are, their size, and what they can do."""
    from rnn_toolkit import catalogue

    found = catalogue(units=units, features=features)
    if as_json:
        print(json.dumps([asdict(entry) for entry in found]))
        return
    rows = [
        [
            entry.name,
            entry.title,
            f"{entry.parameters:,}",
            "yes" if entry.parallel else "no",
            "yes" if entry.native_onnx else "no",
        ]
        for entry in found
    ]
    columns = ["cell", "what it is", "parameters", "parallel scan", "native ONNX"]
    table(f"Cells at {units} units, {features} features", columns, rows, words=2)
