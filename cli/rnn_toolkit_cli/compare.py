"""`rnn-toolkit compare sentiment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import ConsoleObserver, table

compare_app = typer.Typer(help="Compare cells on one task.", no_args_is_help=True)


@compare_app.callback()
def tasks() -> None:
    """Compare cells on one task."""


@compare_app.command()
def sentiment(
    data: Annotated[str, typer.Option(help="Labelled texts to train on.")],
    cells: Annotated[
        str, typer.Option(help="Comma-separated; `rnn-toolkit cells` lists all.")
    ] = "simple_rnn,lstm,gru,min_gru",
    test: Annotated[
        str | None, typer.Option(help="Rows to judge by; else the validation part of --data.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Comma-separated whole numbers.")] = "1,2,3",
    rows: Annotated[int | None, typer.Option(help="Train on a part of so many rows.")] = None,
    yardsticks: Annotated[
        bool,
        typer.Option(
            "--yardsticks/--no-yardsticks",
            help="A bag of embeddings, a convolution and self-attention of the same size.",
        ),
    ] = True,
    out: Annotated[Path, typer.Option(help="Folder for table and chart.")] = Path(
        "comparisons/sentiment"
    ),
    units: Annotated[int | None, typer.Option(help="Per direction [64].")] = None,
    layers: Annotated[int | None, typer.Option(help="[1]")] = None,
    bidirectional: Annotated[
        bool | None, typer.Option("--bidirectional/--no-bidirectional")
    ] = None,
    pooling: Annotated[str | None, typer.Option(help="As in train.")] = None,
    tokenizer: Annotated[str | None, typer.Option(help="word, subword or char.")] = None,
    epochs: Annotated[int | None, typer.Option(help="By rows, as in train.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="By rows, as in train.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="[0.002]")] = None,
    pair_buckets: Annotated[
        int | None, typer.Option(help="Hashed word pairs beside every encoder [0].")
    ] = None,
    max_minutes: Annotated[float | None, typer.Option(help="Per training.")] = None,
) -> None:
    """Train each cell with each seed on the same data, and show quality, time and size.

    An interrupted comparison continues where it stopped when the command is repeated.
    """
    from rnn_toolkit import OptionError, compare

    try:
        numbers = [int(seed) for seed in seeds.split(",")]
    except ValueError:
        raise OptionError(f"--seeds must be whole numbers with commas, not {seeds!r}.") from None
    options = {
        "units": units,
        "layers": layers,
        "bidirectional": bidirectional,
        "pooling": pooling,
        "tokenizer": tokenizer,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "pair_buckets": pair_buckets,
        "max_minutes": max_minutes,
    }
    lines = compare(
        data,
        out,
        cells=[cell.strip() for cell in cells.split(",") if cell.strip()],
        seeds=numbers,
        test=test,
        rows=rows,
        yardsticks=yardsticks,
        observer=ConsoleObserver(),
        **{name: value for name, value in options.items() if value is not None},
    )
    table(f"Comparison on {data}", lines[0].columns(), [line.texts() for line in lines])
    print("* yardsticks, with as many parameters as the first cell")
    print(f"Wrote {out} (comparison.md, .csv, .svg, .png)")
