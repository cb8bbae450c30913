"""`rnn-toolkit generate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnn_toolkit_cli.console import busy

if TYPE_CHECKING:
    from rnn_toolkit import Generated

_DRAWING, _CONTENT, _SEARCH = "Drawing", "Content", "Beam search"
_MEMORY, _OUTPUT = "Memory", "Output"


def generate(
    model: Annotated[Path, typer.Argument(help="Model directory, bundle, or pretrained model.")],
    prompt: Annotated[
        str, typer.Option(help="What the text begins with; - reads standard input.")
    ] = "",
    length: Annotated[int | None, typer.Option(help="Most new tokens [200].")] = None,
    min_length: Annotated[
        int | None, typer.Option(help="Tokens before the text may end [0].")
    ] = None,
    condition: Annotated[
        str | None, typer.Option(help="Label that steers the text, if trained with one.")
    ] = None,
    samples: Annotated[int, typer.Option(help="How many texts.")] = 1,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same text (default: a new one).")
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="Below 1 safer, above 1 wilder, 0 the likeliest [1].", rich_help_panel=_DRAWING
        ),
    ] = None,
    top_k: Annotated[
        int | None,
        typer.Option(help="Draw from the k likeliest tokens.", rich_help_panel=_DRAWING),
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            help="Draw from the fewest tokens of this probability together.",
            rich_help_panel=_DRAWING,
        ),
    ] = None,
    min_p: Annotated[
        float | None,
        typer.Option(
            help="Draw from tokens this share as likely as the likeliest.",
            rich_help_panel=_DRAWING,
        ),
    ] = None,
    typical: Annotated[
        float | None,
        typer.Option(
            help="Draw from the tokens nearest the expected surprise, of this probability "
            "together.",
            rich_help_panel=_DRAWING,
        ),
    ] = None,
    repetition_penalty: Annotated[
        float | None,
        typer.Option(
            help="Above 1, tokens that were there are less likely.", rich_help_panel=_CONTENT
        ),
    ] = None,
    no_repeat_ngram: Annotated[
        int | None,
        typer.Option(help="No sequence of n tokens comes twice.", rich_help_panel=_CONTENT),
    ] = None,
    banned: Annotated[
        list[str] | None,
        typer.Option(help="Must not appear; repeat it for several.", rich_help_panel=_CONTENT),
    ] = None,
    forced: Annotated[
        list[str] | None,
        typer.Option(help="Must appear; repeat it for several.", rich_help_panel=_CONTENT),
    ] = None,
    stop: Annotated[
        list[str] | None,
        typer.Option(
            help="The text ends before it (\\n: a line end); repeat it for several.",
            rich_help_panel=_CONTENT,
        ),
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(
            help="Search the likeliest text with a beam this wide.", rich_help_panel=_SEARCH
        ),
    ] = None,
    n_best: Annotated[
        int | None, typer.Option(help="Answers to show [1].", rich_help_panel=_SEARCH)
    ] = None,
    length_penalty: Annotated[
        float | None,
        typer.Option(help="Larger favours longer texts [0].", rich_help_panel=_SEARCH),
    ] = None,
    cache: Annotated[
        int | None,
        typer.Option(
            help="Remember so many tokens and prefer what came after the like (neural cache).",
            rich_help_panel=_MEMORY,
        ),
    ] = None,
    adapt_to: Annotated[
        Path | None,
        typer.Option(
            help="Learn from this text first; the model on disk stays as it is (dynamic "
            "evaluation).",
            rich_help_panel=_MEMORY,
        ),
    ] = None,
    adapt_rate: Annotated[
        float, typer.Option(help="How fast it learns.", rich_help_panel=_MEMORY)
    ] = 0.1,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per text.", rich_help_panel=_OUTPUT)
    ] = False,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Write together.", rich_help_panel=_OUTPUT)
    ] = False,
) -> None:
    """Write text that goes on with a prompt."""
    given = {
        "length": length,
        "min_length": min_length,
        "seed": seed,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "min_p": min_p,
        "typical": typical,
        "repetition_penalty": repetition_penalty,
        "no_repeat_ngram": no_repeat_ngram,
        "banned": banned,
        "forced": forced,
        "stop": stop and [text.replace("\\n", "\n") for text in stop],
        "beam": beam,
        "n_best": n_best,
        "length_penalty": length_penalty,
    }
    from rnn_toolkit import open_writer

    options = {name: value for name, value in given.items() if value is not None}
    text = _standard_input(interactive) if prompt == "-" else _printable(prompt)
    with busy("Loading the model"):
        writer = open_writer(model, cache=cache, adapt_to=adapt_to, adapt_rate=adapt_rate)
    for notice in writer.notices(text, condition=condition):
        print(f"note: {notice}", file=sys.stderr)
    if interactive:
        _write_together(writer, text, condition, options, samples=samples, as_json=as_json)
    elif samples == 1 and not as_json and options.get("n_best", 1) == 1:
        _print_while_made(text, writer.stream(text, condition=condition, **options))
    else:
        found = writer.generate(text, samples=samples, condition=condition, **options)
        _print_all(found if isinstance(found, list) else [found], as_json=as_json)


def _printable(argument: str) -> str:
    """An argument whose bytes were not UTF-8, without what cannot be printed."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _standard_input(interactive: bool) -> str:
    from rnn_toolkit import RnnToolkitError

    if interactive:
        raise RnnToolkitError(
            "--interactive reads your answers from standard input, so the prompt cannot come "
            "from there too.",
            "Give the prompt itself.",
        )
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return sys.stdin.read().removesuffix("\n")


def _write_together(
    writer: Any,
    text: str,
    condition: str | None,
    options: dict[str, Any],
    *,
    samples: int,
    as_json: bool,
) -> None:
    from rnn_toolkit import RnnToolkitError
    from rnn_toolkit_cli.write_together import WriteTogether

    if samples != 1 or as_json:
        raise RnnToolkitError(
            "--interactive writes one text on the screen.", "Leave out --samples and --json."
        )
    WriteTogether(writer, text, condition=condition, options=options).run()


def _print_while_made(prompt: str, pieces: Any) -> None:
    print(prompt, end="", flush=True)
    for piece in pieces:
        print(piece, end="", flush=True)
    print(flush=True)


def _print_all(answers: list[Generated], *, as_json: bool) -> None:
    for number, answer in enumerate(answers, start=1):
        if as_json:
            found = {
                "number": number,
                "text": answer.text,
                "full_text": answer.full_text,
                "ended": answer.ended,
                "tokens": len(answer.ids),
                "log_probability": round(answer.log_probability, 6),
                "score": round(answer.score, 6),
                "seed": answer.seed,
                "notices": list(answer.notices),
            }
            print(json.dumps(found, ensure_ascii=False))
        else:
            if len(answers) > 1:
                blank = "\n" if number > 1 else ""
                print(f"{blank}--- {number} of {len(answers)}, ended by {answer.ended} ---")
            print(answer.full_text)
