"""`rnn-toolkit diagnose`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import busy, table


def diagnose(
    model: Annotated[Path, typer.Argument(help="Model directory.")],
    data: Annotated[str, typer.Option(help="Labelled rows.")],
    rows: Annotated[int, typer.Option(help="How many of them, spread evenly.")] = 64,
    max_steps: Annotated[int, typer.Option(help="Steps of a row, the last ones.")] = 400,
    out: Annotated[
        Path | None, typer.Option(help="Directory to write (default: diagnosis/<model name>).")
    ] = None,
    text_column: Annotated[str | None, typer.Option()] = None,
    label_column: Annotated[str | None, typer.Option()] = None,
    encoding: Annotated[str | None, typer.Option()] = None,
    header: Annotated[bool | None, typer.Option("--header/--no-header")] = None,
    seed: Annotated[int, typer.Option(help="Of the random directions.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how far back the gradients of a model reach: vanishing, exploding, or neither."""
    from rnn_toolkit import diagnose_directory

    with busy("Measuring gradients"):
        found = diagnose_directory(
            model,
            data,
            rows=rows,
            max_steps=max_steps,
            out=out,
            text_column=text_column,
            label_column=label_column,
            encoding=encoding,
            header=header,
            seed=seed,
        )
    for note in found.notes:
        print(note, file=sys.stderr)
    if as_json:
        print(json.dumps(found.summary(), indent=2, ensure_ascii=False))
        return
    print(found.title)
    table("", found.columns, found.table())
    for finding in found.findings:
        name = f"{finding.layer}, {finding.direction}"
        print(f"{name}, {finding.verdict}: {finding.sentence}")
    print()
    for line in found.advice:
        print(f"- {line}")
    print(f"\nWrote {', '.join(str(path) for path in found.files)}")
