"""Tokens per second of one language model in every runtime, beside the loop of a tutorial.

    python -m benchmarks.generation_speed saved_models/shakespeare-lstm

One stream and 64 streams, 200 tokens each after a prompt of 20, temperature 0.8. The peer is the
loop that character models are usually shown with: `model.predict` on the last `window` ids, the
last row of the answer, a draw, again. Ours carry the states; the numbers include sampling and
everything else that `generate` does. Writes benchmarks/results/generation-speed.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.machine import machine_facts
from rnn_toolkit import TextGenerator, load

RESULTS = Path(__file__).parent / "results"
TOKENS, PROMPT, LOOP_TOKENS, LOOP_WINDOW = 200, 20, 20, 40


def tutorial_loop(generator: TextGenerator, prompt: list[int], streams: int) -> Callable[[], int]:
    """`model.predict` over a window of ids, a token at a time."""
    model = generator.trained.model
    random = np.random.default_rng(1)

    def run() -> int:
        ids = np.tile(np.asarray(prompt, np.int32), (streams, 1))
        for _ in range(LOOP_TOKENS):
            logits = model.predict(ids[:, -LOOP_WINDOW:], verbose=0)[:, -1].astype(np.float64)
            scaled = logits / 0.8
            chances = np.exp(scaled - scaled.max(-1, keepdims=True))
            chances /= chances.sum(-1, keepdims=True)
            drawn = [random.choice(len(row), p=row) for row in chances]
            ids = np.concatenate([ids, np.asarray(drawn, np.int32)[:, None]], axis=1)
        return LOOP_TOKENS * streams

    return run


def ours(predictor: Any, prompt: str, streams: int) -> Callable[[], int]:
    """`generate` with explicit states."""

    def run() -> int:
        made = predictor.generate(prompt, samples=streams, length=TOKENS, temperature=0.8, seed=1)
        texts = made if isinstance(made, list) else [made]
        return sum(len(text.ids) for text in texts)

    return run


def rate(run: Callable[[], int], repeats: int) -> float:
    """The median of tokens per second, after one run to warm up."""
    run()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        tokens = run()
        found.append(tokens / (time.perf_counter() - began))
    return float(np.median(found))


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    generator = TextGenerator.load(chosen.model)
    ids = generator.trained.verification[0][:PROMPT]
    prompt = generator.trained.tokenizer.decode(ids)
    lines: list[dict[str, Any]] = []
    with TemporaryDirectory() as folder:
        runtimes: dict[str, Any] = {"keras": generator.predictor()}
        for name in ("tflite", "onnx"):
            generator.export(Path(folder) / name, format=name)
            runtimes[name] = load(Path(folder) / name)
        for streams in (1, 64):
            base = rate(tutorial_loop(generator, ids, streams), chosen.repeats)
            lines.append({"runtime": "model.predict loop", "streams": streams, "rate": base})
            for name, predictor in runtimes.items():
                found = rate(ours(predictor, prompt, streams), chosen.repeats)
                lines.append({"runtime": name, "streams": streams, "rate": found})
            for line in lines[-4:]:
                line["times_the_loop"] = round(line["rate"] / base, 1)
                line["rate"] = round(line["rate"])
                print(line, flush=True)
    report = {
        "machine": machine_facts(),
        "model": generator.config.network.sentence(),
        "vocabulary": generator.trained.tokenizer.vocabulary_size,
        "tokens": TOKENS,
        "loop_window": LOOP_WINDOW,
        "tokens_per_second": lines,
    }
    path = RESULTS / "generation-speed.json"
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(path)


if __name__ == "__main__":
    main()
