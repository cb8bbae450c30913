"""`rnn-toolkit train sentiment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import ConsoleObserver
from rnn_toolkit_cli.scores import print_scores

train_app = typer.Typer(help="Train a model.", no_args_is_help=True)

_DATA, _TEXT, _NETWORK, _TRAINING = "Data", "Tokens", "Network", "Training"


@train_app.callback()
def tasks() -> None:
    """Train a model for a task."""


@train_app.command()
def sentiment(
    data: Annotated[
        str | None,
        typer.Option(
            help="CSV, TSV, JSONL or Parquet (also .gz), or a folder per label; without it a "
            "small sample is used.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Model directory to write.")] = Path(
        "saved_models/sentiment"
    ),
    validation: Annotated[
        str | None, typer.Option(help="File that chooses the best epoch.", rich_help_panel=_DATA)
    ] = None,
    validation_split: Annotated[
        float | None,
        typer.Option(help="Share of the data for validation [0.1].", rich_help_panel=_DATA),
    ] = None,
    text_column: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    label_column: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    encoding: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="First row.", rich_help_panel=_DATA),
    ] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="word, subword or char [word].", rich_help_panel=_TEXT)
    ] = None,
    vocabulary_size: Annotated[
        int | None, typer.Option(help="[20000]", rich_help_panel=_TEXT)
    ] = None,
    maximum_length: Annotated[
        int | None,
        typer.Option(
            help="Tokens per text; longer ones keep head and tail [400].", rich_help_panel=_TEXT
        ),
    ] = None,
    lowercase: Annotated[
        bool | None, typer.Option("--lowercase/--no-lowercase", rich_help_panel=_TEXT)
    ] = None,
    cell: Annotated[
        str | None, typer.Option(help="lstm, gru or simple_rnn [lstm].", rich_help_panel=_NETWORK)
    ] = None,
    units: Annotated[
        int | None, typer.Option(help="Per direction [64].", rich_help_panel=_NETWORK)
    ] = None,
    layers: Annotated[int | None, typer.Option(help="[1]", rich_help_panel=_NETWORK)] = None,
    bidirectional: Annotated[
        bool | None, typer.Option("--bidirectional/--no-bidirectional", rich_help_panel=_NETWORK)
    ] = None,
    embedding_size: Annotated[
        int | None, typer.Option(help="[100]", rich_help_panel=_NETWORK)
    ] = None,
    pooling: Annotated[
        str | None,
        typer.Option(
            help="last, mean, max, mean_max or attention [mean_max].", rich_help_panel=_NETWORK
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="3 from 20,000 rows, else 8 or 10.", rich_help_panel=_TRAINING),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(help="64 from 20,000 rows, else 32 or 16.", rich_help_panel=_TRAINING),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest [0.002].", rich_help_panel=_TRAINING)
    ] = None,
    class_weights: Annotated[
        str | None, typer.Option(help="none or balanced [none].", rich_help_panel=_TRAINING)
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Epochs without improvement [3].", rich_help_panel=_TRAINING),
    ] = None,
    max_minutes: Annotated[float | None, typer.Option(rich_help_panel=_TRAINING)] = None,
    seed: Annotated[int | None, typer.Option(help="[1]", rich_help_panel=_TRAINING)] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Continue a killed training.", rich_help_panel=_TRAINING),
    ] = False,
) -> None:
    """Train a text classifier, judge it beside its baseline, and save it.

    Ctrl-C ends the training and keeps the best model so far.
    """
    from rnn_toolkit import train_to_directory

    trained = train_to_directory(
        data,
        out,
        validation=validation,
        text_column=text_column,
        label_column=label_column,
        encoding=encoding,
        header=header,
        resume=resume,
        observer=ConsoleObserver(),
        tokenizer=tokenizer,
        vocabulary_size=vocabulary_size,
        maximum_length=maximum_length,
        lowercase=lowercase,
        cell=cell,
        units=units,
        layers=layers,
        bidirectional=bidirectional,
        embedding_size=embedding_size,
        pooling=pooling,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        class_weights=class_weights,
        patience=patience,
        max_minutes=max_minutes,
        seed=seed,
        validation_split=validation_split,
    )
    print_scores(trained.evaluations[-1])
    print(f"Saved {out} (report: {out / 'report.html'})")
    print(f'Try: rnn-toolkit predict {out} "a wonderful film"')
