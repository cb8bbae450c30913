"""`rnn-toolkit predict`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

_LINES_AT_ONCE = 256


def predict(
    model: Annotated[Path, typer.Argument(help="Model directory, bundle, or pretrained model.")],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; without any, lines of standard input.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """Predict the label of texts."""
    from rnn_toolkit import RnnToolkitError, load

    if not texts and sys.stdin.isatty():
        raise RnnToolkitError(
            "There is nothing to predict.", "Give texts, or lines on standard input."
        )
    source = iter(texts) if texts else _lines()
    predictor = load(model)
    if not hasattr(predictor, "predict"):
        raise RnnToolkitError(
            f"{model} writes texts; it predicts no labels.", "Use: rnn-toolkit generate"
        )
    while batch := list(islice(source, _LINES_AT_ONCE if not sys.stdin.isatty() else 1)):
        for found in predictor.predict(batch):
            if as_json:
                answer = {
                    "text": found.text,
                    "label": found.label,
                    "probability": round(found.probability, 6),
                    "probabilities": {
                        name: round(value, 6) for name, value in found.probabilities.items()
                    },
                }
                print(json.dumps(answer, ensure_ascii=False))
            else:
                print(f"{found.label}\t{100 * found.probability:.1f} %\t{found.text}")
        sys.stdout.flush()


def _lines() -> Iterator[str]:
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return (line.rstrip("\r\n") for line in sys.stdin)
