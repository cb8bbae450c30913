"""`rnn-toolkit translate`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rnn_toolkit import Translation

_AT_ONCE = 256  # lines of standard input that are translated together


def translate(
    model: Annotated[Path, typer.Argument(help="Model directory, bundle, or pretrained model.")],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; without any, lines of standard input.")
    ] = None,
    beam: Annotated[int | None, typer.Option(help="Hypotheses kept; 1 is greedy [5].")] = None,
    n_best: Annotated[int | None, typer.Option(help="Answers per text [1].")] = None,
    length_penalty: Annotated[
        float | None, typer.Option(help="Larger favours longer answers [1].")
    ] = None,
    coverage_penalty: Annotated[
        float | None, typer.Option(help="Favours reading every word [0].")
    ] = None,
    length_ratio: Annotated[
        float | None, typer.Option(help="Most target tokens per source token [3].")
    ] = None,
    maximum_length: Annotated[
        int | None, typer.Option(help="Most target tokens in any case [400].")
    ] = None,
    no_repeat_ngram: Annotated[
        int | None, typer.Option(help="No run of so many tokens comes twice [0: off].")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="Draw instead of searching; 1 draws as is.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Of a draw.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Of a draw.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of a draw.")] = None,
    replace_unknown: Annotated[
        bool | None,
        typer.Option(
            "--replace-unknown/--keep-unknown",
            help="Write the source word where a word is missing [yes].",
        ),
    ] = None,
    attention: Annotated[
        Path | None, typer.Option(help="Write heat maps: FILE.html, .png or .json.")
    ] = None,
    ensemble: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Another model directory, averaged in; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per text.")] = False,
) -> None:
    """Translate texts with a trained model or a bundle."""
    from rnn_toolkit import check_attention_path, open_translator, write_attention

    options: dict[str, Any] = {
        name: value
        for name, value in (
            ("beam", beam),
            ("n_best", n_best),
            ("length_penalty", length_penalty),
            ("coverage_penalty", coverage_penalty),
            ("length_ratio", length_ratio),
            ("maximum_length", maximum_length),
            ("no_repeat_ngram", no_repeat_ngram),
            ("temperature", temperature),
            ("top_k", top_k),
            ("top_p", top_p),
            ("seed", seed),
            ("replace_unknown", replace_unknown),
        )
        if value is not None
    }
    if attention is not None:
        check_attention_path(attention)  # before the work, not after it
    predictor = open_translator(model, ensemble or ())
    shown: list[Translation] = []
    for batch in _batches(texts):
        for found in predictor.translate(batch, **options):
            _print(found, as_json)
            if attention is not None:
                shown.append(found)
        sys.stdout.flush()
    if attention is not None:
        write_attention(attention, shown)
        print(f"Wrote {attention}", file=sys.stderr)


def _batches(texts: Sequence[str] | None) -> Iterator[list[str]]:
    if texts:
        yield list(texts)
        return
    if sys.stdin.isatty():
        for line in sys.stdin:  # a person waits for each answer
            yield [line.rstrip("\r\n")]
        return
    lines = (line.rstrip("\r\n") for line in sys.stdin)
    while batch := list(islice(lines, _AT_ONCE)):
        yield batch


def _print(found: Translation, as_json: bool) -> None:
    if found.cut:
        print(f"The text was too long and was cut: {found.source[:60]}...", file=sys.stderr)
    if as_json:
        print(json.dumps(found.summary(), ensure_ascii=False))
        return
    if len(found.candidates) == 1:
        _warn(found.candidates[0].ended)
        print(found.text)
        return
    for candidate in found.candidates:
        end = "" if candidate.ended == "end mark" else "  (stopped at the length bound)"
        print(f"{candidate.score:8.4f}  {candidate.text}{end}")


def _warn(ended: str) -> None:
    if ended == "length":
        print(
            "The answer was stopped at its length bound (--length-ratio, --maximum-length).",
            file=sys.stderr,
        )
