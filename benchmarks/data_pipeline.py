"""Measures the way from a CSV file to padded batches: rows per second and peak memory.

    RNN_TOOLKIT_DATA=DIR python -m benchmarks.data_pipeline

The files hold 25,000, 250,000 and 1,000,000 rows: IMDB's training rows, shuffled and repeated, in
a temporary folder. Every way ends with batches of 64 rows of at most 400 ids, padded to the
longest of the batch; vocabularies are made before and not counted. Each way runs in a process of
its own, which may take 12 GiB. Writes benchmarks/results/data-pipeline.json and prints the table
of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.processes import ProcessFailed, fresh_process

ROWS = (25_000, 250_000, 1_000_000)
BATCH, LONGEST = 64, 400
WARM_UP = 200  # rows that nobody counts: imports, tables, tracing
MOST_MEMORY = 12 * 2**30
_MODULE = "benchmarks.data_pipeline"
_ENDING = "MemoryError"


def make_files(folder: Path, rows: list[int]) -> None:
    """Writes the CSV files and the two vocabularies."""
    import keras

    from rnn_toolkit.config import TokenizerConfig
    from rnn_toolkit.text.train_tokenizer import train_tokenizer

    source = Path(os.environ["RNN_TOOLKIT_DATA"]) / "imdb" / "train.csv.gz"
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        records = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    generator = random.Random(1)
    for wanted in [WARM_UP, *rows]:
        with (folder / f"{wanted}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("text", "label"))
            for start in range(0, wanted, len(records)):
                generator.shuffle(records)
                writer.writerows(records[: wanted - start])
    texts = [text for text, _ in records]
    train_tokenizer(texts, TokenizerConfig()).save(folder / "tokenizer.json")
    cutter = keras.layers.TextVectorization(max_tokens=20_000)
    cutter.adapt(texts, batch_size=1024)
    (folder / "words.txt").write_text("\n".join(cutter.get_vocabulary()[2:]), "utf-8")


def _tokenizer(folder: Path) -> Any:
    from rnn_toolkit.text.tokenizer import Tokenizer

    path = folder / "tokenizer.json"
    return Tokenizer.from_file(path, maximum_length=LONGEST, head_length=128)


def labelled(folder: Path, file: Path) -> Iterator[int]:
    """What `train sentiment` does: reads the file, encodes it, and makes an epoch of buckets."""
    import numpy as np

    from rnn_toolkit.data.batching import EncodedTexts, epoch_batches
    from rnn_toolkit.data.labelled import label_ids, label_names, read_labelled
    from rnn_toolkit.data.spool import encode_texts

    data = read_labelled(file)
    labels = label_ids(data.labels, label_names(data.labels), source=file.name)
    ids = encode_texts(_tokenizer(folder), data.texts)
    rows = EncodedTexts(ids, labels, np.ones(len(ids), np.float32))
    for batch, _, _ in epoch_batches(rows, batch_size=BATCH, seed=1, epoch=0):
        yield len(batch)


def streamed(folder: Path, file: Path) -> Iterator[int]:
    """The toolkit's stream of texts, which reads no labels; buckets within its blocks."""
    from rnn_toolkit.data.batching import pad_rows
    from rnn_toolkit.data.text_stream import open_texts

    tokenizer = _tokenizer(folder)
    (opened,) = open_texts(file, text_column="text")
    for block in opened.batches():
        rows = sorted(tokenizer.encode_rows(block.texts), key=len)
        for start in range(0, len(rows), BATCH):
            yield len(pad_rows(rows, range(start, min(start + BATCH, len(rows)))))


def _vectorization(folder: Path) -> Any:
    import keras

    words = (folder / "words.txt").read_text("utf-8").split("\n")
    return keras.layers.TextVectorization(vocabulary=words)


def pandas_whole(folder: Path, file: Path) -> Iterator[int]:
    """Pandas reads the file; Keras' TextVectorization cuts batches of a shuffled order."""
    import pandas as pd

    cutter = _vectorization(folder)
    frame = pd.read_csv(file).sample(frac=1, random_state=1)
    texts = frame["text"].to_numpy()
    for start in range(0, len(texts), BATCH):
        yield len(cutter(list(texts[start : start + BATCH]))[:, :LONGEST])


def tf_data(folder: Path, file: Path) -> Iterator[int]:
    """tf.data streams the file; TextVectorization and tf.data's length buckets."""
    import tensorflow as tf

    cutter = _vectorization(folder)
    rows = tf.data.experimental.CsvDataset(str(file), [tf.string, tf.string], header=True)
    ids = (
        rows.shuffle(1000, seed=1)
        .batch(BATCH)
        .map(lambda text, label: (cutter(text)[:, :LONGEST], label), num_parallel_calls=2)
    )
    bounds = list(range(50, LONGEST, 50))
    buckets = ids.unbatch().map(lambda row, label: (row[: tf.math.count_nonzero(row)], label))
    batches = buckets.bucket_by_sequence_length(
        lambda row, label: tf.shape(row)[0], bounds, [BATCH] * (len(bounds) + 1)
    )
    for batch, _ in batches.prefetch(2):
        yield len(batch)


WAYS: dict[str, Callable[[Path, Path], Iterator[int]]] = {
    "rnn-toolkit, as train sentiment": labelled,
    "rnn-toolkit, texts streamed": streamed,
    "pandas and TextVectorization": pandas_whole,
    "tf.data and TextVectorization": tf_data,
}


def measure_once(way: str, folder: Path, rows: int) -> None:
    """Goes through a file once and prints the figures; what a fresh process does."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    run = WAYS[way]
    sum(run(folder, folder / f"{WARM_UP}.csv"))
    began = time.perf_counter()
    counted = sum(run(folder, folder / f"{rows}.csv"))
    print(json.dumps({"rows": counted, "seconds": time.perf_counter() - began}))


def measure(way: str, folder: Path, rows: int) -> dict[str, Any]:
    """One row of the table."""
    entry: dict[str, Any] = {"way": way, "rows": rows}
    try:
        printed, seconds, size = fresh_process(_MODULE, "--measure", way, str(folder), str(rows))
    except ProcessFailed as error:
        if _ENDING not in str(error) and "bad_alloc" not in str(error):
            raise
        return entry | {"problem": "more than 12 GiB"}
    found = json.loads(printed)
    if found["rows"] != rows:
        raise SystemExit(f"{way} gave {found['rows']} of {rows} rows.")
    return entry | {
        "seconds": round(found["seconds"], 2),
        "rows_per_second": round(rows / found["seconds"]),
        "process_seconds": round(seconds, 2),
        "peak_mib": round(size),
    }


def table(entries: list[dict[str, Any]]) -> str:
    """The results as a Markdown table."""
    lines = ["| way | rows | rows/s | peak memory, MiB |", "|---|---:|---:|---:|"]
    for entry in entries:
        figures = entry.get("problem") or f"{entry['rows_per_second']:,} | {entry['peak_mib']:,}"
        lines.append(f"| {entry['way']} | {entry['rows']:,} | {figures} |")
    return "\n".join(lines)


def main() -> None:
    """Runs the benchmark, or one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default=",".join(map(str, ROWS)))
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        folder, rows = arguments.make
        make_files(Path(folder), [int(row) for row in rows.split(",")])
        return
    if arguments.measure:
        way, folder, rows = arguments.measure
        measure_once(way, Path(folder), int(rows))
        return
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        fresh_process(_MODULE, "--make", folder, arguments.rows)
        for wanted in arguments.rows.split(","):
            for way in WAYS:
                entries.append(measure(way, Path(folder), int(wanted)))
                print(entries[-1], file=sys.stderr, flush=True)
    from benchmarks.pairing import write_result

    body = {"batch": BATCH, "longest": LONGEST, "seed": 1, "entries": entries}
    write_result("data-pipeline", "python -m benchmarks.data_pipeline", body)
    print(table(entries))


if __name__ == "__main__":
    main()
