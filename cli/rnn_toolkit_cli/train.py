"""`rnn-toolkit train sentiment`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import ConsoleObserver
from rnn_toolkit_cli.scores import print_scores
from rnn_toolkit_cli.tuning import TuningObserver, check_tuning

train_app = typer.Typer(help="Train a model.", no_args_is_help=True)

_DATA, _TEXT, _NETWORK, _TRAINING = "Data", "Tokens", "Network", "Training"
_STACK, _VECTORS, _SEARCH = "Recurrent stack", "Word vectors", "Search for settings"


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
    recipe: Annotated[
        str | None,
        typer.Option(help="Settings under a name; `rnn-toolkit recipes` lists them [fast]."),
    ] = None,
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
        str | None,
        typer.Option(help="word, subword or char (default: word).", rich_help_panel=_TEXT),
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
        str | None,
        typer.Option(
            help="lstm, gru, simple_rnn ...; `rnn-toolkit cells` lists all (default: lstm).",
            rich_help_panel=_NETWORK,
        ),
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
            help="last, mean, max, mean_max or attention (default: mean_max).",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    connection: Annotated[
        str | None,
        typer.Option(
            help="plain, residual, highway or dense, between layers (default: plain).",
            rich_help_panel=_STACK,
        ),
    ] = None,
    layer_norm: Annotated[
        bool | None, typer.Option("--layer-norm/--no-layer-norm", rich_help_panel=_STACK)
    ] = None,
    layer_dropout: Annotated[
        float | None, typer.Option(help="Between layers [0].", rich_help_panel=_STACK)
    ] = None,
    recurrent_dropout: Annotated[
        float | None,
        typer.Option(
            help="Of the hidden state, the same at each step [0].", rich_help_panel=_STACK
        ),
    ] = None,
    zoneout: Annotated[
        float | None,
        typer.Option(help="Share of state values that stay [0].", rich_help_panel=_STACK),
    ] = None,
    weight_drop: Annotated[
        float | None,
        typer.Option(
            help="Share of recurrent weights hidden in a batch [0].", rich_help_panel=_STACK
        ),
    ] = None,
    recurrent_initializer: Annotated[
        str | None,
        typer.Option(
            help="orthogonal, per_gate_orthogonal, tied_orthogonal, identity or glorot_uniform.",
            rich_help_panel=_STACK,
        ),
    ] = None,
    forget_bias: Annotated[
        float | None,
        typer.Option(help="Initial bias of the forget gate [1].", rich_help_panel=_STACK),
    ] = None,
    pair_buckets: Annotated[
        int | None,
        typer.Option(
            help="Hashed words and word pairs; 0 for none [262144].", rich_help_panel=_NETWORK
        ),
    ] = None,
    embeddings: Annotated[
        str | None,
        typer.Option(help="Word vectors: GloVe, word2vec or fastText.", rich_help_panel=_VECTORS),
    ] = None,
    unlabelled: Annotated[
        str | None,
        typer.Option(
            help="Texts without labels: for word vectors, or what the recipe makes of them.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            help="CSV of a teacher's probabilities: text, and a column per label.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    vector_size: Annotated[
        int | None, typer.Option(help="Of vectors trained here [200].", rich_help_panel=_VECTORS)
    ] = None,
    freeze_embeddings: Annotated[
        bool | None,
        typer.Option("--freeze-embeddings", help="Never train them.", rich_help_panel=_VECTORS),
    ] = None,
    thaw_after: Annotated[
        int | None, typer.Option(help="Train them after so many epochs.", rich_help_panel=_VECTORS)
    ] = None,
    word_dropout: Annotated[
        float | None, typer.Option(help="[0.25]", rich_help_panel=_NETWORK)
    ] = None,
    embedding_dropout: Annotated[
        float | None, typer.Option(help="[0.5]", rich_help_panel=_NETWORK)
    ] = None,
    output_dropout: Annotated[
        float | None, typer.Option(help="[0.4]", rich_help_panel=_NETWORK)
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
    gradient_clip: Annotated[
        float | None,
        typer.Option(help="Largest global gradient norm [1].", rich_help_panel=_TRAINING),
    ] = None,
    class_weights: Annotated[
        str | None,
        typer.Option(help="none or balanced (default: none).", rich_help_panel=_TRAINING),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(help="Epochs without improvement [3].", rich_help_panel=_TRAINING),
    ] = None,
    max_minutes: Annotated[float | None, typer.Option(rich_help_panel=_TRAINING)] = None,
    distribute: Annotated[
        str | None,
        typer.Option(
            help="none, mirrored (all devices) or multi-worker (the machines of TF_CONFIG; "
            "docs/distributed.md) (default: none).",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="float32, or bfloat16 in the recurrent layers (default: float32).",
            rich_help_panel=_TRAINING,
        ),
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
    tune: Annotated[
        bool,
        typer.Option(
            "--tune",
            help="Search for the best settings within --max-minutes or --trials; what is given "
            "here is kept, the rest varies.",
            rich_help_panel=_SEARCH,
        ),
    ] = False,
    max_size: Annotated[
        str | None,
        typer.Option(
            help="Such as 2MB: of model, tokenizer, labels and manifest together, as exported "
            "to TFLite with --quantize dynamic.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="Settings to try at most.", rich_help_panel=_SEARCH)
    ] = None,
) -> None:
    """Train a text classifier, judge it beside its baseline, and save it.

    Ctrl-C ends the training and keeps the best model so far.
    """
    from rnn_toolkit import Tuned, train_to_directory, tune_to_directory

    check_tuning(tune, max_size, trials)
    search = partial(tune_to_directory, max_size=max_size, trials=trials)
    made = (search if tune else train_to_directory)(
        data,
        out,
        validation=validation,
        text_column=text_column,
        label_column=label_column,
        encoding=encoding,
        header=header,
        start_from=start_from,
        resume=resume,
        observer=TuningObserver() if tune else ConsoleObserver(),
        recipe=recipe,
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
        connection=connection,
        layer_norm=layer_norm,
        layer_dropout=layer_dropout,
        recurrent_dropout=recurrent_dropout,
        zoneout=zoneout,
        weight_drop=weight_drop,
        recurrent_initializer=recurrent_initializer,
        forget_bias=forget_bias,
        pair_buckets=pair_buckets,
        embeddings=embeddings,
        unlabelled=unlabelled,
        teacher=teacher,
        vector_size=vector_size,
        freeze_embeddings=freeze_embeddings,
        thaw_after=thaw_after,
        word_dropout=word_dropout,
        embedding_dropout=embedding_dropout,
        output_dropout=output_dropout,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        gradient_clip=gradient_clip,
        class_weights=class_weights,
        patience=patience,
        max_minutes=max_minutes,
        distribute=distribute,
        precision=precision,
        seed=seed,
        validation_split=validation_split,
    )
    if not isinstance(made, Tuned) and not made.chief:
        return
    print_scores(made.evaluations[-1])
    print(f"Saved {out} (report: {out / 'report.html'})")
    if tune:
        print(f"All trials: {out / 'tuning.csv'}")
    print(f'Try: rnn-toolkit predict {out} "a wonderful film"')
