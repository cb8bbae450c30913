"""`rnn-toolkit teach`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def teach(
    models: Annotated[
        list[str], typer.Argument(help="Classifiers: model directories, bundles or names.")
    ],
    data: Annotated[list[str], typer.Option(help="File of texts; may be given again.")],
    out: Annotated[Path, typer.Option(help="CSV to write.")] = Path("teacher.csv"),
    text_column: Annotated[str | None, typer.Option(help="Overrides detection.")] = None,
) -> None:
    """Write classifiers' probabilities of texts, for `train sentiment --recipe distil`.

    Several classifiers give the mean of their probabilities.
    """
    from rnn_toolkit import write_teacher

    def progress(texts: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{texts:,} texts", end="", file=sys.stderr, flush=True)

    written = write_teacher(models, data, out, text_column=text_column, progress=progress)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"Wrote {out}: {written:,} texts")
    print(f"Try: rnn-toolkit train sentiment --recipe distil --teacher {out} --data DATA")
