"""`rnn-toolkit bench`."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import ConsoleObserver, table

bench_app = typer.Typer(help="Measure on this machine.", no_args_is_help=True)


@bench_app.callback()
def benches() -> None:
    """Measure on this machine."""


@bench_app.command()
def export_matrix(
    cells: Annotated[
        str | None,
        typer.Option(help="Comma-separated cells (default: all; see rnn-toolkit cells)."),
    ] = None,
    units: Annotated[int, typer.Option(min=1)] = 64,
    features: Annotated[int, typer.Option(min=1)] = 32,
    out: Annotated[Path | None, typer.Option(help="Write a Markdown page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Export every cell in every arrangement and format, and compare it with Keras.

    Exit code 1 if any combination fails.
    """
    from rnn_toolkit import export_matrix as run
    from rnn_toolkit import matrix_table, write_matrix_page

    chosen = None if cells is None else [cell.strip() for cell in cells.split(",")]
    note = ConsoleObserver().note
    entries = []
    for entry in run(chosen, units=units, features=features, progress=note):
        entries.append(entry)
        if as_json:
            print(json.dumps({**entry.model_dump(), "passed": entry.passed}))
    if out is not None:
        command = shlex.join(["rnn-toolkit", *sys.argv[1:]])
        write_matrix_page(out, entries, command=command, units=units, features=features)
        note(f"Wrote {out}")
    if not as_json:
        columns, rows = matrix_table(entries)
        table("Export matrix", columns, rows, words=2)
        passed = sum(entry.passed for entry in entries)
        print(f"{passed} of {len(entries)} combinations answer like Keras")
    if not all(entry.passed for entry in entries):
        raise typer.Exit(1)
