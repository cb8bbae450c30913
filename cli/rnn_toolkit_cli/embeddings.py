"""`rnn-toolkit embeddings`: train word vectors, ask them, draw them, convert them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnn_toolkit_cli.console import busy, table
from rnn_toolkit_cli.vector_progress import VectorConsole

if TYPE_CHECKING:
    from rnn_toolkit import Neighbor, WrittenVectors

embeddings_app = typer.Typer(help="Train word vectors and ask them.", no_args_is_help=True)

Vectors = Annotated[str, typer.Argument(help="File of word vectors, or a model directory.")]
Count = Annotated[int, typer.Option(help="How many answers.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Format = Annotated[
    str | None,
    typer.Option(
        help="glove, word2vec or word2vec_binary (default: binary for .bin, else word2vec)."
    ),
]

_DATA, _WORDS, _TRAINING = "Data", "Words", "Training"


@embeddings_app.command()
def train(
    data: Annotated[
        list[str],
        typer.Option(
            help="CSV, TSV, JSONL or Parquet, else plain text with a text per line; also .gz; or "
            "a folder of .txt files. Repeat it for several.",
            rich_help_panel=_DATA,
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("vectors.txt"),
    algorithm: Annotated[
        str | None, typer.Option(help="skipgram, cbow, fasttext or glove (default: skipgram).")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Dimensions of a vector [100].")] = None,
    format: Format = None,
    text_column: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    encoding: Annotated[str | None, typer.Option(rich_help_panel=_DATA)] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="First row.", rich_help_panel=_DATA),
    ] = None,
    lowercase: Annotated[
        bool, typer.Option("--lowercase/--no-lowercase", rich_help_panel=_WORDS)
    ] = True,
    minimum_count: Annotated[
        int | None, typer.Option(help="Rarer words get no vector [5].", rich_help_panel=_WORDS)
    ] = None,
    maximum_words: Annotated[
        int | None, typer.Option(help="The most frequent ones [all].", rich_help_panel=_WORDS)
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(help="Words to each side [5; GloVe 10].", rich_help_panel=_TRAINING),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="[5; GloVe 25]", rich_help_panel=_TRAINING)
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="[0.025; GloVe 0.2]", rich_help_panel=_TRAINING)
    ] = None,
    negative_samples: Annotated[
        int | None, typer.Option(help="Not for GloVe [5].", rich_help_panel=_TRAINING)
    ] = None,
    subsampling: Annotated[
        float | None,
        typer.Option(
            help="Threshold of frequent words; not for GloVe [0.001].", rich_help_panel=_TRAINING
        ),
    ] = None,
    ngram_buckets: Annotated[
        int | None, typer.Option(help="Only for fastText [200000].", rich_help_panel=_TRAINING)
    ] = None,
    full_weight_count: Annotated[
        float | None,
        typer.Option(
            help="Only for GloVe: a pair met so often has full weight [10].",
            rich_help_panel=_TRAINING,
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="[1]", rich_help_panel=_TRAINING)] = None,
    workers: Annotated[
        int | None,
        typer.Option(help="1 repeats exactly, more do not [1].", rich_help_panel=_TRAINING),
    ] = None,
) -> None:
    """Train word vectors on texts, cut into words as the word tokenizer of a model does."""
    from rnn_toolkit import train_word_vectors

    console = VectorConsole()
    try:
        written = train_word_vectors(
            data,
            out,
            text_column=text_column,
            encoding=encoding,
            header=header,
            lowercase=lowercase,
            format=format,
            observer=console,
            algorithm=algorithm,
            size=size,
            minimum_count=minimum_count,
            maximum_words=maximum_words,
            window=window,
            epochs=epochs,
            learning_rate=learning_rate,
            negative_samples=negative_samples,
            subsampling=subsampling,
            ngram_buckets=ngram_buckets,
            full_weight_count=full_weight_count,
            seed=seed,
            workers=workers,
        )
    except KeyboardInterrupt:
        console.close()
        print(f"interrupted: {out} was not written", file=sys.stderr)
        raise typer.Exit(130) from None
    finally:
        console.close()
    _tell(written)
    print(f"Try: rnn-toolkit embeddings neighbors {out} good")


@embeddings_app.command()
def neighbors(
    vectors: Vectors,
    words: Annotated[list[str], typer.Argument(help="Words to look up.")],
    count: Count = 10,
    as_json: Json = False,
) -> None:
    """Show the words nearest to a word."""
    from rnn_toolkit import nearest_words

    with busy("Reading vectors"):
        found = nearest_words(vectors, words, count=count)
    if as_json:
        _print_json({word: _plain(answers) for word, answers in found.items()})
        return
    for word, answers in found.items():
        _print_neighbors(f"Nearest to {word}", answers)


@embeddings_app.command()
def analogy(
    vectors: Vectors,
    first: Annotated[str, typer.Argument(help="man")],
    second: Annotated[str, typer.Argument(help="king")],
    third: Annotated[str, typer.Argument(help="woman")],
    count: Count = 10,
    as_json: Json = False,
) -> None:
    """Show what is to THIRD as SECOND is to FIRST."""
    from rnn_toolkit import word_analogy

    with busy("Reading vectors"):
        found = word_analogy(vectors, first, second, third, count=count)
    if as_json:
        _print_json(_plain(found))
    else:
        _print_neighbors(f"{first} is to {second} as {third} is to", found)


@embeddings_app.command()
def similarity(
    vectors: Vectors,
    pairs: Annotated[str, typer.Argument(help="Two words and a score per line.")],
    as_json: Json = False,
) -> None:
    """Judge vectors by how well they rank pairs of words that people scored."""
    from rnn_toolkit import judge_similarity

    with busy("Reading vectors"):
        score = judge_similarity(vectors, pairs)
    _notes(f"{pairs}, {problem}" for problem in score.problems[:5])
    if as_json:
        _print_json(asdict(score))
        return
    lost = "" if not score.missing else f", {score.missing:,} have a word without a vector"
    total = score.pairs + score.missing
    print(f"Spearman {score.spearman:.4f} on {score.pairs:,} of {total:,} pairs{lost}")


@embeddings_app.command()
def plot(
    vectors: Vectors,
    words: Annotated[
        str | None,
        typer.Option(help="File with a word per line, and a tab and a group to colour by."),
    ] = None,
    top: Annotated[int, typer.Option(help="Without --words, so many of the first words.")] = 200,
    method: Annotated[str, typer.Option(help="pca or tsne.")] = "pca",
    seed: Annotated[int, typer.Option(help="Of t-SNE.")] = 1,
    out: Annotated[Path, typer.Option(help=".svg, .png or .html.")] = Path("words.svg"),
) -> None:
    """Draw words as points in the plane."""
    from rnn_toolkit import plot_vectors

    with busy("Drawing"):
        drawn = plot_vectors(vectors, out, words=words, top=top, method=method, seed=seed)
    _notes(drawn.notes)
    print(f"Wrote {drawn.path}: {drawn.words:,} words")


@embeddings_app.command()
def convert(
    vectors: Vectors,
    out: Annotated[Path, typer.Argument(help="File to write; .gz is compressed.")],
    format: Format = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Open pickles, which can run any code.")
    ] = False,
) -> None:
    """Write vectors in another format."""
    from rnn_toolkit import convert_vectors

    with busy("Converting"):
        written = convert_vectors(vectors, out, format=format, trust=trust)
    _tell(written)


@embeddings_app.command()
def trim(
    vectors: Annotated[str, typer.Argument(help="File of word vectors.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    model: Annotated[str | None, typer.Option(help="Model directory with the words.")] = None,
    vocabulary: Annotated[str | None, typer.Option(help="File with a word per line.")] = None,
    format: Format = None,
) -> None:
    """Keep the vectors of the words of a model or a list."""
    from rnn_toolkit import trim_vectors

    with busy("Trimming"):
        written = trim_vectors(vectors, out, model=model, vocabulary=vocabulary, format=format)
    _tell(written)


@embeddings_app.command()
def quantize(
    vectors: Vectors,
    out: Annotated[Path, typer.Option(help="An .npz file.")],
    dtype: Annotated[str, typer.Option(help="float16 or int8.")] = "float16",
) -> None:
    """Write vectors with fewer bits; every command here reads the file."""
    from rnn_toolkit import quantize_vectors

    with busy("Quantizing"):
        written = quantize_vectors(vectors, out, dtype=dtype)
    _tell(written)


def _tell(written: WrittenVectors) -> None:
    _notes(written.notes)
    print(written.sentence())


def _notes(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _plain(found: list[Neighbor]) -> list[dict[str, Any]]:
    return [{"word": answer.word, "similarity": round(answer.similarity, 6)} for answer in found]


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _print_neighbors(title: str, found: list[Neighbor]) -> None:
    rows = [[answer.word, f"{answer.similarity:.4f}"] for answer in found]
    print(title)  # a title of the table would be broken to its width
    table("", ["word", "similarity"], rows)
