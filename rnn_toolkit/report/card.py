"""README.md of a model directory: the model card."""

from __future__ import annotations

from collections.abc import Sequence


def model_card(
    *,
    name: str,
    facts: Sequence[tuple[str, str]],
    labels: Sequence[str],
    scores: Sequence[tuple[str, str, float, float, float]],
) -> str:
    """The text of the card.

    Args:
        name: of the model directory.
        facts: what was trained, how and on what.
        labels: the classes.
        scores: data, who answered, accuracy, macro F1 and log loss, per line.
    """
    lines = [f"# {name}", "", "A recurrent text classifier trained with rnn-toolkit.", ""]
    lines += ["| | |", "|---|---|"]
    lines += [f"| {key} | {_cell(value)} |" for key, value in facts]
    lines += [f"| labels | {_cell(', '.join(labels))} |", "", "## Scores", ""]
    lines += ["| data | answered by | accuracy | macro F1 | log loss |", "|---|---|---|---|---|"]
    lines += [
        f"| {_cell(data)} | {who} | {100 * accuracy:.2f} % | {f1:.4f} | {loss:.4f} |"
        for data, who, accuracy, f1, loss in scores
    ]
    lines += [
        "",
        "All numbers with seed and data checksum: metrics.json. Pictures and mistakes: "
        "report.html.",
        "",
        "## Limits",
        "",
        "It knows only the kind of text and the labels it was trained on, and gives an answer "
        "to any text, meaningful or not. Check it on your own rows with "
        "`rnn-toolkit evaluate`.",
        "",
        "## Use",
        "",
        "```python",
        "from rnn_toolkit import load",
        "",
        f'model = load("{name}")',
        'print(model.predict("..."))',
        "```",
    ]
    return "\n".join(lines) + "\n"


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")
