"""`rnn-toolkit train generation`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import ConsoleObserver
from rnn_toolkit_cli.language_scores import print_language_scores

_DATA, _NETWORK, _TRAINING, _NOISE = "Data", "Network", "Training", "Regularisation"


def generation(
    data: Annotated[
        str | None,
        typer.Option(
            help="A text, a folder of .txt files, or a table (CSV, TSV, JSONL, Parquet); also .gz.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Model directory to write.")] = Path(
        "saved_models/generation"
    ),
    validation: Annotated[
        str | None, typer.Option(help="Text that chooses the best epoch.", rich_help_panel=_DATA)
    ] = None,
    validation_split: Annotated[
        float | None, typer.Option(help="Share held out [0.1].", rich_help_panel=_DATA)
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            help="auto, stream (one long text), lines (each a document) or documents.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    condition: Annotated[
        str | None,
        typer.Option(help="Column whose value steers the text.", rich_help_panel=_DATA),
    ] = None,
    text_column: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    encoding: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", rich_help_panel=_DATA)
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            help="char, subword, word or whitespace (default: char).", rich_help_panel=_DATA
        ),
    ] = None,
    vocabulary_size: Annotated[
        int | None, typer.Option(help="At most [20000].", rich_help_panel=_DATA)
    ] = None,
    minimum_frequency: Annotated[
        int | None, typer.Option(help="[1 for char, else 2]", rich_help_panel=_DATA)
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option(
            help="`rnn-toolkit cells` lists all (default: lstm).", rich_help_panel=_NETWORK
        ),
    ] = None,
    units: Annotated[int | None, typer.Option(help="[384]", rich_help_panel=_NETWORK)] = None,
    layers: Annotated[int | None, typer.Option(help="[1]", rich_help_panel=_NETWORK)] = None,
    embedding_size: Annotated[
        int | None, typer.Option(help="[64 for char, else units]", rich_help_panel=_NETWORK)
    ] = None,
    tied: Annotated[
        bool | None,
        typer.Option(
            "--tied/--no-tied", help="One matrix for input and output.", rich_help_panel=_NETWORK
        ),
    ] = None,
    connection: Annotated[
        str | None,
        typer.Option(help="plain, residual, highway or dense.", rich_help_panel=_NETWORK),
    ] = None,
    layer_norm: Annotated[
        bool | None, typer.Option("--layer-norm/--no-layer-norm", rich_help_panel=_NETWORK)
    ] = None,
    input_dropout: Annotated[float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)] = None,
    output_dropout: Annotated[
        float | None, typer.Option(help="[0.2]", rich_help_panel=_NOISE)
    ] = None,
    layer_dropout: Annotated[
        float | None, typer.Option(help="Between layers [0].", rich_help_panel=_NOISE)
    ] = None,
    embedding_dropout: Annotated[
        float | None, typer.Option(help="Of whole tokens [0].", rich_help_panel=_NOISE)
    ] = None,
    variational_dropout: Annotated[
        bool | None,
        typer.Option(
            "--variational-dropout/--no-variational-dropout",
            help="The same channels at each step [yes].",
            rich_help_panel=_NOISE,
        ),
    ] = None,
    weight_drop: Annotated[
        float | None, typer.Option(help="Of recurrent weights [0].", rich_help_panel=_NOISE)
    ] = None,
    recurrent_dropout: Annotated[
        float | None, typer.Option(help="Of the hidden state [0].", rich_help_panel=_NOISE)
    ] = None,
    zoneout: Annotated[float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)] = None,
    activation_penalty: Annotated[
        float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)
    ] = None,
    slowness_penalty: Annotated[
        float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)] = None,
    average_from: Annotated[
        float | None,
        typer.Option(
            help="Average the weights from this share of the training on.", rich_help_panel=_NOISE
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="By the length of the text.", rich_help_panel=_TRAINING)
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            help="Lanes side by side; by the length of the text.", rich_help_panel=_TRAINING
        ),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(help="Steps of back-propagation [100].", rich_help_panel=_TRAINING),
    ] = None,
    random_windows: Annotated[
        bool | None,
        typer.Option("--random-windows", help="Draw lengths around it.", rich_help_panel=_TRAINING),
    ] = None,
    learning_rate: Annotated[
        str | None,
        typer.Option(help="Highest [0.004]; auto searches for one.", rich_help_panel=_TRAINING),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(help="one_cycle or constant.", rich_help_panel=_TRAINING),
    ] = None,
    gradient_clip: Annotated[
        float | None, typer.Option(help="[1]", rich_help_panel=_TRAINING)
    ] = None,
    softmax: Annotated[
        str | None,
        typer.Option(
            help="full, or sampled for large vocabularies (default: full).",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    softmax_samples: Annotated[
        int | None, typer.Option(help="[2000]", rich_help_panel=_TRAINING)
    ] = None,
    full_softmax_from: Annotated[
        float | None,
        typer.Option(
            help="Share of the training after which no more is sampled [0.7].",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Epochs without improvement [4].", rich_help_panel=_TRAINING),
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option(help="The schedule fits into it.", rich_help_panel=_TRAINING),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="[1]", rich_help_panel=_TRAINING)] = None,
    start_from: Annotated[
        Path | None,
        typer.Option(
            help="A model directory or a pretrained model to begin with.",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Continue a killed training.", rich_help_panel=_TRAINING),
    ] = False,
) -> None:
    """Train a language model that writes texts, judge it beside an n-gram model, and save it.

    Ctrl-C ends the training and keeps the best model so far.
    """
    from rnn_toolkit import train_generation_to_directory

    given = {
        name: value
        for name, value in locals().items()
        if name not in ("data", "out", "train_generation_to_directory")
    }
    trained = train_generation_to_directory(data, out, observer=ConsoleObserver(), **given)
    print_language_scores(trained.evaluations[-1])
    print(f"Saved {out} (report: {out / 'report.html'})")
    print(f"Try: rnn-toolkit generate {out} --length 400 --temperature 0.8")
