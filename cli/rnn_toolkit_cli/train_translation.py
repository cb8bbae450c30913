"""`rnn-toolkit train translation`, also called `train seq2seq`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import ConsoleObserver
from rnn_toolkit_cli.translation_scores import print_translation_scores

_DATA, _TEXT, _NETWORK, _TRAINING, _NOISE = (
    "Data",
    "Tokens",
    "Network",
    "Training",
    "Regularisation",
)


def translation(
    data: Annotated[
        str | None,
        typer.Option(
            help="Pairs of texts: TSV, CSV, JSONL, Parquet (also .gz); without any, dates.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="In place of --data: a file with a source text per line (also .gz).",
            rich_help_panel=_DATA,
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Its translations, line by line.", rich_help_panel=_DATA)
    ] = None,
    out: Annotated[Path, typer.Option(help="Model directory to write.")] = Path(
        "saved_models/translation"
    ),
    validation: Annotated[
        str | None, typer.Option(help="Pairs that choose the best epoch.", rich_help_panel=_DATA)
    ] = None,
    validation_source: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    validation_target: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    validation_split: Annotated[
        float | None, typer.Option(help="Share held out [0.05].", rich_help_panel=_DATA)
    ] = None,
    source_column: Annotated[
        str | None,
        typer.Option(
            help="Name or number; turn both round to translate the other way.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    target_column: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    encoding: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", rich_help_panel=_DATA)
    ] = None,
    maximum_characters: Annotated[
        int | None, typer.Option(help="Longer pairs are left out [600].", rich_help_panel=_DATA)
    ] = None,
    maximum_ratio: Annotated[
        float | None,
        typer.Option(help="Of the lengths, against what is usual [4].", rich_help_panel=_DATA),
    ] = None,
    source_tokenizer: Annotated[
        str | None,
        typer.Option(help="auto, subword, word or char (default: auto).", rich_help_panel=_TEXT),
    ] = None,
    target_tokenizer: Annotated[
        str | None,
        typer.Option(
            help="auto, subword, word or char; auto: char for Chinese and Japanese.",
            rich_help_panel=_TEXT,
        ),
    ] = None,
    vocabulary_size: Annotated[
        int | None, typer.Option(help="Of each side [5000].", rich_help_panel=_TEXT)
    ] = None,
    shared_vocabulary: Annotated[
        bool | None,
        typer.Option(
            "--shared-vocabulary/--separate-vocabularies",
            help="One vocabulary for both sides [separate].",
            rich_help_panel=_TEXT,
        ),
    ] = None,
    minimum_frequency: Annotated[
        int | None, typer.Option(help="[2]", rich_help_panel=_TEXT)
    ] = None,
    lowercase: Annotated[
        bool | None,
        typer.Option(
            "--lowercase/--no-lowercase", help="Of the source [no].", rich_help_panel=_TEXT
        ),
    ] = None,
    maximum_length: Annotated[
        int | None, typer.Option(help="Source tokens that are read [400].", rich_help_panel=_TEXT)
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option(
            help="`rnn-toolkit cells` lists all (default: gru).", rich_help_panel=_NETWORK
        ),
    ] = None,
    units: Annotated[
        int | None,
        typer.Option(help="Of the encoder, per direction [256].", rich_help_panel=_NETWORK),
    ] = None,
    layers: Annotated[
        int | None, typer.Option(help="Of the encoder [1].", rich_help_panel=_NETWORK)
    ] = None,
    decoder_units: Annotated[
        int | None, typer.Option(help="[2 x units]", rich_help_panel=_NETWORK)
    ] = None,
    decoder_layers: Annotated[
        int | None, typer.Option(help="[1]", rich_help_panel=_NETWORK)
    ] = None,
    embedding_size: Annotated[
        int | None, typer.Option(help="[256]", rich_help_panel=_NETWORK)
    ] = None,
    bidirectional: Annotated[
        bool | None,
        typer.Option(
            "--bidirectional/--no-bidirectional", help="Encoder [yes].", rich_help_panel=_NETWORK
        ),
    ] = None,
    attention: Annotated[
        str | None,
        typer.Option(
            help="additive, general, dot, scaled_dot, concat, multi_head or monotonic.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    attention_units: Annotated[
        int | None, typer.Option(help="[units]", rich_help_panel=_NETWORK)
    ] = None,
    heads: Annotated[
        int | None, typer.Option(help="Of multi_head [4].", rich_help_panel=_NETWORK)
    ] = None,
    coverage: Annotated[
        bool | None,
        typer.Option(
            "--coverage/--no-coverage",
            help="Attention knows where it has been.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    input_feeding: Annotated[
        bool | None,
        typer.Option(
            "--input-feeding/--no-input-feeding",
            help="What was read enters the next step [yes].",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    bridge: Annotated[
        str | None,
        typer.Option(help="dense or zeros: how the decoder begins.", rich_help_panel=_NETWORK),
    ] = None,
    tied: Annotated[
        bool | None,
        typer.Option(
            "--tied/--no-tied",
            help="Target embeddings are the output layer too [yes].",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    copy_words: Annotated[
        bool | None,
        typer.Option(
            "--copy-words/--no-copy-words",
            help="May point at source tokens; needs a shared vocabulary.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    input_dropout: Annotated[
        float | None, typer.Option(help="Of embeddings [0.3].", rich_help_panel=_NOISE)
    ] = None,
    memory_dropout: Annotated[
        float | None,
        typer.Option(help="Of what the encoder gives [0.3].", rich_help_panel=_NOISE),
    ] = None,
    output_dropout: Annotated[
        float | None,
        typer.Option(help="Before the output layer [0.3].", rich_help_panel=_NOISE),
    ] = None,
    layer_dropout: Annotated[
        float | None, typer.Option(help="Between layers [0].", rich_help_panel=_NOISE)
    ] = None,
    recurrent_dropout: Annotated[
        float | None, typer.Option(help="Of the hidden state [0].", rich_help_panel=_NOISE)
    ] = None,
    zoneout: Annotated[float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)] = None,
    weight_drop: Annotated[
        float | None, typer.Option(help="Of recurrent weights [0].", rich_help_panel=_NOISE)
    ] = None,
    word_dropout: Annotated[
        float | None, typer.Option(help="Of source tokens [0].", rich_help_panel=_NOISE)
    ] = None,
    target_word_dropout: Annotated[
        float | None, typer.Option(help="Of decoder inputs [0].", rich_help_panel=_NOISE)
    ] = None,
    label_smoothing: Annotated[
        float | None, typer.Option(help="[0.1]", rich_help_panel=_NOISE)
    ] = None,
    scheduled_sampling: Annotated[
        float | None,
        typer.Option(
            help="Share of decoder inputs that are its own, at the end [0].", rich_help_panel=_NOISE
        ),
    ] = None,
    weight_decay: Annotated[float | None, typer.Option(help="[0]", rich_help_panel=_NOISE)] = None,
    average_from: Annotated[
        float | None,
        typer.Option(
            help="Average the weights from this share of the training on [0.5].",
            rich_help_panel=_NOISE,
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="By the number of pairs.", rich_help_panel=_TRAINING)
    ] = None,
    batch_tokens: Annotated[
        int | None,
        typer.Option(
            help="Most tokens of a batch on either side; by pairs.", rich_help_panel=_TRAINING
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest [0.002].", rich_help_panel=_TRAINING)
    ] = None,
    gradient_clip: Annotated[
        float | None, typer.Option(help="[1]", rich_help_panel=_TRAINING)
    ] = None,
    choose_by: Annotated[
        str | None,
        typer.Option(help="loss or bleu: what chooses the best epoch.", rich_help_panel=_TRAINING),
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Epochs without improvement [5].", rich_help_panel=_TRAINING)
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option(help="The schedule fits into it.", rich_help_panel=_TRAINING)
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
    """Train an encoder and decoder with attention on pairs of texts, judge it, and save it.

    Any text to any other: translations, summaries, dates, pronunciations, replies. Ctrl-C ends
    the training and keeps the best model so far.
    """
    from rnn_toolkit import train_translation_to_directory

    given = {
        name: value
        for name, value in locals().items()
        if name not in ("data", "out", "train_translation_to_directory")
    }
    trained = train_translation_to_directory(data, out, observer=ConsoleObserver(), **given)
    print_translation_scores(trained.evaluations[-1])
    print(f"Saved {out} (report: {out / 'report.html'})")
    print(f"Try: rnn-toolkit translate {out} {_quoted(trained.verification[0])} --n-best 3")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
