"""`rnn-toolkit evaluate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import busy
from rnn_toolkit_cli.language_scores import print_language_scores
from rnn_toolkit_cli.scores import print_scores
from rnn_toolkit_cli.translation_scores import print_translation_scores


def evaluate(
    model: Annotated[Path, typer.Argument(help="Model directory.")],
    data: Annotated[
        str | None,
        typer.Option(help="Labelled rows; a text (language models); pairs (translation)."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Translation: a source text per line, in place of --data.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Translation: the references.")] = None,
    source_column: Annotated[str | None, typer.Option(help="Translation.")] = None,
    target_column: Annotated[str | None, typer.Option(help="Translation.")] = None,
    beam: Annotated[int | None, typer.Option(help="Translation: hypotheses kept [5].")] = None,
    ensemble: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Translation: another model, averaged in; may be repeated."),
    ] = None,
    text_column: Annotated[str | None, typer.Option()] = None,
    label_column: Annotated[str | None, typer.Option()] = None,
    encoding: Annotated[str | None, typer.Option()] = None,
    header: Annotated[bool | None, typer.Option("--header/--no-header")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Add the scores to metrics and report.")
    ] = True,
    cache: Annotated[
        int | None,
        typer.Option(help="Language models: also with a neural cache of so many steps."),
    ] = None,
    dynamic_rate: Annotated[
        float | None,
        typer.Option("--dynamic", help="Language models: also while learning on at this rate."),
    ] = None,
) -> None:
    """Score a model on data it never saw, beside its baselines."""
    from rnn_toolkit import (
        OptionError,
        evaluate_directory,
        evaluate_generation_directory,
        evaluate_translation_directory,
        task_name,
    )

    task = task_name(model)
    if task == "translation":
        with busy("Evaluating"):
            scores, notes = evaluate_translation_directory(
                model,
                data,
                source=source,
                target=target,
                others=ensemble or (),
                source_column=source_column,
                target_column=target_column,
                encoding=encoding,
                header=header,
                save=save,
                beam=beam,
            )
        for note in notes:
            print(note, file=sys.stderr)
        if as_json:
            print(json.dumps(scores.summary(), indent=2, ensure_ascii=False))
            return
        print_translation_scores(scores)
        _say_saved(model, save and not ensemble)
        return
    if data is None:
        raise OptionError("There is nothing to score.", "Give --data.")
    if task == "generation":
        with busy("Evaluating"):
            found = evaluate_generation_directory(
                model, data, cache=cache, dynamic_rate=dynamic_rate, save=save
            )
        if as_json:
            print(json.dumps(found.summary(), indent=2, ensure_ascii=False))
            return
        print_language_scores(found)
        _say_saved(model, save)
        return
    with busy("Evaluating"):
        evaluation, notes = evaluate_directory(
            model,
            data,
            text_column=text_column,
            label_column=label_column,
            encoding=encoding,
            header=header,
            save=save,
        )
    for note in notes:
        print(note, file=sys.stderr)
    if as_json:
        print(json.dumps(evaluation.summary(), indent=2, ensure_ascii=False))
        return
    print_scores(evaluation)
    _say_saved(model, save)


def _say_saved(model: Path, saved: bool) -> None:
    if saved:
        print(f"Added to {model / 'metrics.json'} and {model / 'report.html'}")
