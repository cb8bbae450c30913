"""The README of a classifier's bundle, with code that works."""

from __future__ import annotations

from rnn_toolkit.bundle.classifier import ClassifierManifest
from rnn_toolkit.export.mediapipe import why_not

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
```

TensorFlow Serving, started on the folder that holds `saved_model` as version `1`, answers
`POST /v1/models/NAME:predict` with the same probabilities:

```json
{"signature_name": "predict_text", "inputs": {"text": ["a wonderful film", "dull"]}}
```

Its server needs the operators of TensorFlow Text linked in; one without them takes ids, padded
on the right with 0:

```json
{"signature_name": "predict", "inputs": {"ids": [[5, 17, 3], [9, 0, 0]]}}
```""",
}
_STATIC = """```python
import numpy as np
from ai_edge_litert.interpreter import Interpreter  # pip install ai-edge-litert tokenizers
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file("tokenizer.json")
labels = open("labels.txt", encoding="utf-8").read().splitlines()
predict = Interpreter("model.tflite").get_signature_runner("predict")
ids = tokenizer.encode("a wonderful film", add_special_tokens=False).ids[:LENGTH]
answer = predict(ids=np.array([ids + [0] * (LENGTH - len(ids))], np.int32))["probabilities"][0]
print(labels[answer.argmax()], answer.max())
```

The file is a single graph without loops: LiteRT's Interpreter and CompiledModel run it. Every
call takes one text of LENGTH ids, padded on the right with 0."""
_MEDIAPIPE = """
MediaPipe's Text Classifier loads `model.tflite` as it is; vocabulary and labels are inside:

```kotlin
val classifier = TextClassifier.createFromFile(context, "model.tflite")
val answer = classifier.classify("a wonderful film").classificationResult()
val best = answer.classifications()[0].categories()[0]
println("${best.categoryName()} ${best.score()}")
```"""


def classifier_readme(manifest: ClassifierManifest) -> str:
    """The text of README.md.

    Args:
        manifest: the bundle's description, with what was measured.
    """
    tokenizer = manifest.tokenizer
    tail = tokenizer.maximum_length - tokenizer.head_length
    lines = [
        f"# A {manifest.task} model for {manifest.format} ({manifest.variant})",
        "",
        f"Made by rnn-toolkit {manifest.toolkit_version}. Labels: {', '.join(manifest.labels)}.",
        "",
        _code(manifest),
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
        lines += ["", "## Measured when this bundle was made", ""]
        size = f"{manifest.measured.model_bytes / 1e6:.2f} MB"
        facts = [*manifest.measured.facts(), ("size of the model", size)]
        lines += [f"- {name}: {value}" for name, value in facts]
    return "\n".join(lines) + "\n"


def _code(manifest: ClassifierManifest) -> str:
    length = manifest.static_length
    if length is None:
        return _CODE.get(manifest.format, "")
    code = _STATIC.replace("LENGTH", str(length))
    return code + _MEDIAPIPE if why_not(manifest.tokenizer.kind) is None else code
