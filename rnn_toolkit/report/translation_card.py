"""README.md of a translation model's directory: the model card."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from rnn_toolkit.report.translation_page import TranslationLine


def translation_card(
    *,
    name: str,
    facts: Sequence[tuple[str, str]],
    scores: Sequence[tuple[str, TranslationLine]],
    signatures: Sequence[str],
    verdict: str,
    example: tuple[str, str],
) -> str:
    """The text of the card.

    Args:
        name: of the model directory.
        facts: what was trained, how and on what.
        scores: data and the scores on it, per line.
        signatures: how BLEU and chrF were computed.
        verdict: a sentence on model and baselines.
        example: a text and its translation; both may be empty.
    """
    source, translation = (_plain(text) for text in example)
    source = source or "..."
    fence = "`" * (1 + max(map(len, re.findall("`+", f"`` {name} {source} {translation}"))))
    lines = [f"# {name}", "", "A recurrent translation model trained with rnn-toolkit.", ""]
    lines += ["| | |", "|---|---|", *(f"| {_cell(key)} | {_cell(value)} |" for key, value in facts)]
    lines += ["", "## Scores", "", verdict, ""]
    lines += [
        "| data | translated by | BLEU | BLEU, lower-cased | chrF |",
        "|---|---|---:|---:|---:|",
    ]
    lines += [
        f"| {_cell(data)} | {_cell(line.name)} | {line.bleu:.2f} | {line.bleu_lowercased:.2f} | "
        f"{line.chrf:.2f} |"
        for data, line in scores
    ]
    lines += ["", *(f"- `{signature}`" for signature in signatures), ""]
    lines += [
        "Seeds and checksums are in metrics.json; examples and heat maps in report.html.",
        "",
        "## Use",
        "",
        f"{fence}sh",
        f"rnn-toolkit translate {_in_shell(name)} {_in_shell(source)}",
        fence,
        "",
        f"{fence}python",
        "import rnn_toolkit",
        "",
        f"translator = rnn_toolkit.load({_in_python(name)})",
        f"print(translator.translate({_in_python(source)}).text)",
        *([f"# {translation}"] if translation else []),
        fence,
        "",
        "## Limits",
        "",
        "It knows what its training pairs showed, and nothing else: texts of another kind or "
        "language are translated just as confidently, and wrongly. Names and numbers deserve a "
        "second look.",
        "",
    ]
    return "\n".join(lines)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _in_shell(text: str) -> str:
    # A text that begins with a dash would be read as an option.
    return f"-- {shlex.quote(text)}" if text.startswith("-") else shlex.quote(text)


def _in_python(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")
