"""The README of a classifier's bundle, with code that works."""

from __future__ import annotations

from rnn_toolkit.bundle.classifier import ClassifierManifest

_CODE = {
    "tflite": """```python
import numpy as np
from ai_edge_litert.interpreter import Interpreter  # pip install ai-edge-litert tokenizers
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file("tokenizer.json")
labels = open("labels.txt", encoding="utf-8").read().splitlines()
predict = Interpreter("model.tflite").get_signature_runner("predict")
ids = tokenizer.encode("a wonderful film", add_special_tokens=False).ids or [1]
answer = predict(ids=np.array([ids], np.int32))["probabilities"][0]
print(labels[answer.argmax()], answer.max())
```

On Android and iOS the file runs in LiteRT (TensorFlow Lite) without Flex or custom
operators. Address the tensors by the names of the signature `predict`.""",
    "onnx": """```python
import numpy as np
import onnxruntime  # pip install onnxruntime tokenizers
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file("tokenizer.json")
labels = open("labels.txt", encoding="utf-8").read().splitlines()
session = onnxruntime.InferenceSession("model.onnx")
ids = tokenizer.encode("a wonderful film", add_special_tokens=False).ids or [1]
answer = session.run(["probabilities"], {"ids": np.array([ids], np.int32)})[0][0]
print(labels[answer.argmax()], answer.max())
```""",
    "savedmodel": """```python
import tensorflow as tf
import tensorflow_text  # makes the tokenizer's operators known

labels = open("labels.txt", encoding="utf-8").read().splitlines()
loaded = tf.saved_model.load("saved_model")
answer = loaded.signatures["predict_text"](text=tf.constant(["a wonderful film"]))
answer = answer["probabilities"][0].numpy()
print(labels[answer.argmax()], answer.max())
```""",
}


def classifier_readme(manifest: ClassifierManifest) -> str:
    """The text of README.md.

    Args:
        manifest: the bundle's description, with what was measured.
    """
    tokenizer = manifest.tokenizer
    tail = tokenizer.maximum_length - tokenizer.head_length
    lines = [
        f"# A {manifest.task} model for {manifest.format}",
        "",
        f"Made by rnn-toolkit {manifest.toolkit_version}. Labels: {', '.join(manifest.labels)}.",
        "",
        _CODE.get(manifest.format, ""),
        "",
        "## From text to ids",
        "",
        "`tokenizer.json` is in the format of the tokenizers library, which has readers for "
        "Python, JavaScript, Swift, Kotlin/Java and Rust.",
        "",
        f"- A text without any token becomes one unknown id ({tokenizer.unknown_id}).",
        f"- A text of more than {tokenizer.maximum_length} ids keeps its first "
        f"{tokenizer.head_length} and its last {tail}.",
        f"- In a batch, shorter rows are padded on the right with {tokenizer.pad_id}; padding "
        "never changes an answer.",
        "",
        "`golden.jsonl` holds texts with the ids and probabilities that a client must "
        "reproduce; `rnn-toolkit verify` runs them.",
    ]
    if manifest.measured is not None:
        measured = manifest.measured
        lines += [
            "",
            "## Measured when this bundle was made",
            "",
            f"- largest difference from the model in Keras, {measured.texts} texts: "
            f"{measured.largest_difference:.1e}",
            f"- same label: {100 * measured.label_agreement:.1f} %",
            f"- size of the model: {measured.model_bytes / 1e6:.2f} MB",
            f"- one text, one thread, median: {measured.milliseconds_per_text:.2f} ms",
        ]
    return "\n".join(lines) + "\n"
