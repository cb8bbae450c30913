"""The program `rnn-toolkit`: commands, error lines and exit codes."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Annotated

import typer

from rnn_toolkit import RnnToolkitError, __version__
from rnn_toolkit_cli.bench import bench_app
from rnn_toolkit_cli.cells import cells
from rnn_toolkit_cli.compare import compare_app
from rnn_toolkit_cli.console import silence_native_code
from rnn_toolkit_cli.diagnose import diagnose
from rnn_toolkit_cli.embeddings import embeddings_app
from rnn_toolkit_cli.evaluate import evaluate
from rnn_toolkit_cli.export import export
from rnn_toolkit_cli.generate import generate
from rnn_toolkit_cli.inspect import inspect
from rnn_toolkit_cli.predict import predict
from rnn_toolkit_cli.pretrained import pretrained
from rnn_toolkit_cli.recipes import recipes
from rnn_toolkit_cli.teach import teach
from rnn_toolkit_cli.train import train_app
from rnn_toolkit_cli.train_generation import generation
from rnn_toolkit_cli.train_translation import translation
from rnn_toolkit_cli.translate import translate
from rnn_toolkit_cli.verify import verify

app = typer.Typer(
    help="Train small recurrent text models, see how good they are, and ship them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
train_app.command()(generation)
train_app.command()(translation)
train_app.command("seq2seq")(translation)
app.add_typer(train_app, name="train")
app.add_typer(compare_app, name="compare")
app.add_typer(bench_app, name="bench")
app.add_typer(embeddings_app, name="embeddings")
for command in (
    evaluate,
    predict,
    generate,
    translate,
    export,
    verify,
    inspect,
    cells,
    recipes,
    diagnose,
    teach,
):
    app.command()(command)
app.command()(pretrained)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """Options before the command; `--debug` is read in `main`."""


def main() -> None:
    """Runs the program; every expected error is one line and its exit code."""
    debug = "--debug" in sys.argv[1:]
    if not debug:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("GLOG_minloglevel", "3")
        warnings.simplefilter("ignore")
        silence_native_code()
    try:
        app()
    except RnnToolkitError as error:
        if debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except (OSError, MemoryError) as error:
        if debug:
            raise
        print(f"error: {error or type(error).__name__} (--debug shows more)", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
