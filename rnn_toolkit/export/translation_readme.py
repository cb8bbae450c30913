"""The README of a translation model's bundle, with code that works."""

from __future__ import annotations

from rnn_toolkit.bundle.translation import TranslationManifest
from rnn_toolkit.export.readme_code import opening_code

_TRANSLATE = """import json
import math

import numpy as np
from tokenizers import Tokenizer  # pip install tokenizers

{open}

with open("manifest.json", encoding="utf-8") as file:
    manifest = json.load(file)
source, target = (Tokenizer.from_file(f"{{side}}_tokenizer.json") for side in ("source", "target"))
text = "..."  # one line; white space as single plain spaces
opened_text = " " + text if manifest["source_tokenizer"]["leading_space"] else text
ids = source.encode(opened_text, add_special_tokens=False).ids or [1]
ids = np.array([ids[: manifest["source_tokenizer"]["maximum_length"]]], np.int32)
length = np.array([ids.shape[1]], np.int32)
answer = encode(ids=ids, length=length)
known = {{**answer, "length": length, "source_ids": ids}}
fixed = {{name: known[name] for name in manifest["passed_on"]}}
limits, last, written = manifest["decoding"], manifest["tokenizer"]["begin_id"], []
bound = math.ceil(limits["length_ratio"] * ids.shape[1]) + limits["extra_length"]
for _ in range(min(bound, limits["maximum_length"])):
    states = {{state["input"]: answer[state["output"]] for state in manifest["states"]}}
    answer = decode_step(id=np.array([last], np.int32), **fixed, **states)
    logits = answer["logits"][0]
    logits[list(manifest["never"])] = -np.inf
    last = int(logits.argmax())  # greedy; rnn_toolkit.load searches with a beam
    if last == manifest["tokenizer"]["end_id"]:
        break
    written.append(last)
print(target.decode(written, skip_special_tokens=False).strip())"""

_PLATFORM = {
    "tflite": "On Android and iOS the file runs in LiteRT (TensorFlow Lite) without Flex or custom "
    "operators; both signatures share its weights.",
    "onnx": "Two files: `encode.onnx` runs once per text, `decode_step.onnx` once per target "
    "token. Both run wherever ONNX Runtime does.",
    "savedmodel": "Loading the signatures `encode` and `decode_step` needs only TensorFlow.",
}
_STRINGS = """The signature `translate` takes strings and gives greedy translations:

```python
import tensorflow as tf
import tensorflow_text  # makes the tokenizer's operators known

translate = tf.saved_model.load("saved_model").signatures["translate"]
print(translate(text=tf.constant(["..."]))["translation"].numpy()[0].decode())
```"""
_NO_STRINGS = (
    "There is no signature that takes strings: TensorFlow Text has no operator for the shared "
    "byte-level vocabulary of this model."
)


def translation_readme(manifest: TranslationManifest) -> str:
    """The text of README.md.

    Args:
        manifest: the bundle's description, with what was measured.
    """
    strings = any(signature.takes_strings for signature in manifest.signatures.values())
    text_import = (
        "import tensorflow_text  # makes the tokenizer's operators known\n" if strings else ""
    )
    opened = opening_code(manifest.format, ("encode", "decode_step"), imports=text_import)
    code = _TRANSLATE.format(open=opened)
    lines = [
        f"# A {manifest.task} model for {manifest.format}",
        "",
        f"Made by rnn-toolkit {manifest.toolkit_version}. With rnn-toolkit installed "
        "(TensorFlow is needed for savedmodel only), the same search as in training:",
        "",
        "```python",
        "import rnn_toolkit",
        "",
        'print(rnn_toolkit.load(".").translate("...", beam=5).text)',
        "```",
        "",
        "Without it:",
        "",
        f"```python\n{code}\n```",
        "",
        _PLATFORM.get(manifest.format, ""),
        "",
    ]
    if manifest.format == "savedmodel":
        lines += [_STRINGS if strings else _NO_STRINGS, ""]
    lines += ["## Ids, states, ends", "", *_contract(manifest)]
    if manifest.measured is not None:
        lines += ["", "## Measured when this bundle was made", ""]
        size = f"{manifest.measured.model_bytes / 1e6:.2f} MB"
        facts = [*manifest.measured.facts(), ("size of the model", size)]
        lines += [f"- {name}: {value}" for name, value in facts]
    return "\n".join(lines) + "\n"


def _contract(manifest: TranslationManifest) -> list[str]:
    target, limits = manifest.tokenizer, manifest.decoding
    lines = [
        "- Tensors are addressed by name. `encode` gives the first states; `decode_step` takes "
        "them under the names of `states` in `manifest.json` and gives the next ones. What stands "
        "in `passed_on` stays the same for a whole translation.",
        f"- The first id is {target.begin_id}, and {target.end_id} ends a translation. One that "
        f"does not end is stopped after ceil({limits.length_ratio:g} x source ids) + "
        f"{limits.extra_length} ids, at most {limits.maximum_length}.",
        "- Source texts are one line in Unicode NFC, with single plain spaces. Ids are padded on "
        "the right; `length` says how many count, and padding never changes an answer.",
        "- Both tokenizer files are in the format of the tokenizers library, which has readers for "
        "Python, JavaScript, Swift, Kotlin/Java and Rust; the vocabularies list the tokens by id.",
        "- `attention` tells how much of each source id was read for the target id that follows.",
        "- `golden.jsonl` holds texts with the ids, logits and greedy translations that a client "
        "must reproduce; `rnn-toolkit verify` runs them.",
    ]
    if target.byte_level:
        lines.append("- A target token may hold half a character: decode them together.")
    return lines
