"""`rnn-toolkit pretrained`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from rnn_toolkit_cli.console import table

_USES = {"sentiment": "predict", "generation": "generate", "translation": "translate"}


def pretrained(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models that ship with the toolkit: what they do, how good and how large."""
    from rnn_toolkit import RnnToolkitError, pretrained_models

    found = pretrained_models()
    if as_json:
        entries = [entry.model_dump(mode="json") for entry in found]
        print(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    if not found:
        raise RnnToolkitError(
            "This installation has no pretrained models.", "Install rnn-toolkit from its wheel."
        )
    rows = [
        [
            entry.name,
            f"rnn-toolkit {_USES[entry.task]}",
            entry.summary,
            entry.quality.sentence(),
            f"{entry.size / 1e6:.1f}",
        ]
        for entry in found
    ]
    columns = ["name", "use", "what it does", "measured", "MB"]
    table("Pretrained models", columns, rows, words=4)
