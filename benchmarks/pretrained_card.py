"""The card of a pretrained model."""

from __future__ import annotations

from typing import Any

from benchmarks.pretrained_recipes import AnyRecipe
from rnn_toolkit.bundle.catalogue import MeasuredQuality
from rnn_toolkit.bundle.manifest import Manifest


def card(
    name: str,
    recipe: AnyRecipe,
    manifest: Manifest,
    quality: MeasuredQuality,
    facts: dict[str, Any],
    *,
    size: int,
) -> str:
    """The card as Markdown.

    Args:
        name: of the model.
        recipe: that made it.
        manifest: of its bundle.
        quality: of the bundle on test data.
        facts: of its training.
        size: bytes of all files but the card.
    """
    unit = " %" if quality.score == "accuracy" else ""
    measured = manifest.measured
    lost = ""
    if measured is not None and measured.quality is not None:
        lost = (
            "Beside the same weights in float32, on validation texts: "
            f"{measured.quality.name} {measured.quality.sentence()}.\n\n"
        )
    limits = "\n".join(f"- {limit}" for limit in recipe.limits)
    network = manifest.network.sentence() if hasattr(manifest.network, "sentence") else ""
    better = "lower" if quality.score == "perplexity" else "higher"
    return f"""# {name}

{recipe.summary[:1].upper()}{recipe.summary[1:]}.

```sh
{recipe.command}
```

| | |
|---|---|
| task | {manifest.task} |
| languages | {", ".join(recipe.languages)} |
| network | {network} |
| parameters | {facts["parameters"]:,} |
| file | {manifest.format.upper()}, {manifest.variant} weights |
| size | {size / 1e6:.2f} MB, everything included |
| trained on | {recipe.data} |
| licence of the data, as stated there | {recipe.license} |
| training | {facts["epochs"]} epochs in {facts["seconds"] / 60:.1f} minutes, seed {facts["seed"]} |

## How good it is

| | {quality.score} ({better} is better) |
|---|---:|
| this bundle | {quality.value:.2f}{unit} |
| {quality.baseline} | {quality.baseline_value:.2f}{unit} |

Measured on {quality.rows:,} {quality.data}, which the weights were not fitted to.

{lost}## How it was made

```sh
RNN_TOOLKIT_DATA=DIR python -m benchmarks.pretrained {name}
```

This trains it, measures it and writes this folder; settings, epochs, checksums and versions are in
`benchmarks/results/pretrained-{name}.json`.

## Limits

{limits}

## In an app, and as a beginning

[USAGE.md](USAGE.md) has working code. `weights.json` tells where the file holds which weight, so
that a training can begin here: `--start-from {name}`.
"""
