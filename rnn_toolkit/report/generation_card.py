"""README.md of a language model's directory: the model card."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rnn_toolkit.report.surprise import visible

_SHOWN_CHARACTERS = 600


def generation_card(
    *,
    name: str,
    facts: Sequence[tuple[str, str]],
    scores: Sequence[tuple[str, str, float, float]],
    verdict: str,
    novelty: Sequence[tuple[str, str, str]] = (),
    prompt: str = "",
    sample: str = "",
) -> str:
    """The text of the card.

    Args:
        name: of the model directory.
        facts: what was trained, how and on what.
        scores: data, who predicted it, perplexity and bits per character, per line.
        verdict: a sentence on model and baseline.
        novelty: rows of what, in the samples, in held-out text.
        prompt: what the sample continues.
        sample: a generated text, without its prompt.
    """
    lines = [f"# {name}", "", "A recurrent language model trained with rnn-toolkit.", ""]
    lines += ["| | |", "|---|---|"]
    lines += [f"| {_cell(key)} | {_cell(value)} |" for key, value in facts]
    lines += ["", "## Scores", "", verdict, ""]
    lines += ["| data | predicted by | perplexity | bits per character |", "|---|---|---:|---:|"]
    lines += [
        f"| {_cell(data)} | {_cell(who)} | {perplexity:,.2f} | {bits:.4f} |"
        for data, who, perplexity, bits in scores
    ]
    lines += [
        "",
        "Perplexity depends on the tokens; bits per character compare models of any tokenizer on "
        "the same text. All numbers with seed and data checksum: metrics.json. Pictures and "
        "samples: report.html.",
    ]
    if novelty:
        lines += ["", "## What it copies", ""]
        lines += ["| | samples | held-out text |", "|---|---:|---:|"]
        lines += [f"| {_cell(what)} | {ours} | {theirs} |" for what, ours, theirs in novelty]
    if sample:
        lines += ["", "## A sample", "", *_block(prompt + sample)]
    lines += [
        "",
        "## Limits",
        "",
        "It writes what its training text makes likely, true or not, and may repeat passages of "
        "that text word for word. It knows no other kind of text. Read what it writes before "
        "anyone else does.",
        "",
        "## Use",
        "",
        "```python",
        "from rnn_toolkit import load",
        "",
        f"model = load({json.dumps(name, ensure_ascii=False)})",
        f"print(model.generate({json.dumps(prompt[:40], ensure_ascii=False)}))",
        "```",
    ]
    return "\n".join(lines) + "\n"


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")


def _block(text: str) -> list[str]:
    """A code block that no row of backticks in the text can end."""
    shown = visible(text[:_SHOWN_CHARACTERS])
    fence = "```"
    while fence in shown:
        fence += "`"
    return [f"{fence}text", shown, fence]
