"""Translates the same texts in Keras, LiteRT and ONNX Runtime: the same answers, how fast.

RNN_TOOLKIT_DATA=DIR python -m benchmarks.translation_speed saved_models/multi30k-de-en

Needs a model that benchmarks.translation trained on Multi30k. Its 1,000 test sentences are
translated one at a time and in batches, greedily and with beam 5, and all translations are
compared. Each runtime uses one thread but Keras, which takes what it wants. The figures go to
benchmarks/results/translation-speed.json.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_facts
from rnn_toolkit import Translator, load
from rnn_toolkit.data.parallel_text import read_parallel

RESULTS = Path(__file__).parent / "results"
FORMATS = ("tflite", "onnx")
BATCH = 32


def timed(predictor: Any, texts: list[str], *, beam: int, batch: int) -> tuple[float, list[str]]:
    """Sentences per second, and the translations."""
    predictor.translate(texts[:2], beam=beam, batch_size=batch)  # traces, allocates
    began = time.perf_counter()
    if batch == 1:
        found = [predictor.translate(text, beam=beam).text for text in texts]
    else:
        answers = predictor.translate(texts, beam=beam, batch_size=batch)
        found = [answer.text for answer in answers]
    return len(texts) / (time.perf_counter() - began), found


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    chosen = parser.parse_args()
    if "RNN_TOOLKIT_DATA" not in os.environ:
        sys.exit("RNN_TOOLKIT_DATA must name the folder of data sets.")
    source, target = chosen.model.name.split("-")[1:3]
    folder = Path(os.environ["RNN_TOOLKIT_DATA"]) / "multi30k"
    test = read_parallel(
        folder / f"test_2016_flickr.{source}.gz", folder / f"test_2016_flickr.{target}.gz"
    )
    translator = Translator.load(chosen.model)
    lines: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        predictors: dict[str, Any] = {"Keras": translator.predictor()}
        for name in FORMATS:
            translator.export(Path(scratch) / name, format=name)
            predictors[name] = load(Path(scratch) / name)
        for beam in (1, 5):
            for batch in (1, BATCH):
                expected: list[str] = []
                for name, predictor in predictors.items():
                    rate, found = timed(predictor, test.sources, beam=beam, batch=batch)
                    expected = expected or found
                    same = sum(one == other for one, other in zip(found, expected, strict=True))
                    lines.append(
                        {
                            "runtime": name,
                            "beam": beam,
                            "at_once": batch,
                            "sentences_per_second": round(rate, 1),
                            "same_as_keras": same,
                        }
                    )
                    print(lines[-1], flush=True)
    report = {
        "machine": machine_facts(),
        "model": chosen.model.name,
        "sentences": len(test),
        "lines": lines,
    }
    path = RESULTS / "translation-speed.json"
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(path)


if __name__ == "__main__":
    main()
