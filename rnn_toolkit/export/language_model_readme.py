"""The README of a language model's bundle, with code that works."""

from __future__ import annotations

from rnn_toolkit.bundle.language_model import LanguageModelManifest
from rnn_toolkit.export.readme_code import opening_code

_WRITE = """import json

import numpy as np
from tokenizers import Tokenizer  # pip install tokenizers

{open}

manifest = json.load(open("manifest.json", encoding="utf-8"))
tokenizer = Tokenizer.from_file("tokenizer.json")
prompt, stop, random = manifest["prompt"], manifest["stop"], np.random.default_rng()
ids = prompt["before"] + tokenizer.encode("The ", add_special_tokens=False).ids or prompt["empty"]
answer = prefill(ids=np.array([ids], np.int32), length=np.array([len(ids)], np.int32))
written = []
while len(written) < stop["maximum_tokens"]:
    logits = answer["logits"][0].astype(np.float64)
    logits[stop["never"]] = -np.inf
    probabilities = np.exp(logits - logits.max())
    chosen = int(random.choice(len(logits), p=probabilities / probabilities.sum()))
    if chosen == stop["end_id"]:
        break
    written.append(chosen)
    states = {{state["input"]: answer[state["output"]] for state in manifest["states"]}}
    answer = step(ids=np.array([chosen], np.int32), **states)
{decode}"""

_DECODE = "print(tokenizer.decode(written))"
_DECODE_JOINED = """vocabulary = json.load(open("vocab.json", encoding="utf-8"))
print(" ".join(vocabulary[number] for number in written).replace(" \\n", "\\n"))"""

_PLATFORM = {
    "tflite": "On Android and iOS the file runs in LiteRT (TensorFlow Lite) without Flex or custom "
    "operators; both signatures share its weights.",
    "onnx": "`prefill.onnx` holds the same weights as `step.onnx` and reads a prompt faster. Leave "
    "it out to halve the download, and give the prompt to `step` id by id, from states of zeros.",
    "savedmodel": "The signatures take ids, and loading them needs only TensorFlow. None takes "
    "strings: ids become text again only outside the model.",
}


def language_model_readme(manifest: LanguageModelManifest) -> str:
    """The text of README.md.

    Args:
        manifest: the bundle's description, with what was measured.
    """
    joined = manifest.tokenizer.joins != ""
    code = _WRITE.format(
        open=opening_code(manifest.format, ("prefill", "step")),
        decode=_DECODE_JOINED if joined else _DECODE,
    )
    lines = [
        f"# A {manifest.task} model for {manifest.format}",
        "",
        f"Made by rnn-toolkit {manifest.toolkit_version}. It writes "
        + ("documents, which it can end." if manifest.documents else "on without an end."),
        "",
        f"```python\n{code}\n```",
        "",
        _PLATFORM.get(manifest.format, ""),
        "",
        "## Prompts, states, ends",
        "",
        *_contract(manifest),
        "",
        "`golden.jsonl` holds prompts with the ids and logits that a client must reproduce, and "
        "with continuations; `rnn-toolkit verify` runs them. `sampled` needs numpy's random "
        "numbers, `greedy` none.",
    ]
    if manifest.measured is not None:
        lines += ["", "## Measured when this bundle was made", ""]
        size = f"{manifest.measured.model_bytes / 1e6:.2f} MB"
        facts = [*manifest.measured.facts(), ("size of the model", size)]
        lines += [f"- {name}: {value}" for name, value in facts]
    return "\n".join(lines) + "\n"


def _contract(manifest: LanguageModelManifest) -> list[str]:
    tokenizer, prompt, stop = manifest.tokenizer, manifest.prompt, manifest.stop
    lines = [
        "- Tensors are addressed by name. The states begin at zero; `prefill` and `step` give them "
        "back under the names of `states` in `manifest.json`, for the next `step`.",
        "- `tokenizer.json` is in the format of the tokenizers library, which has readers for "
        'Python, JavaScript, Swift, Kotlin/Java and Rust. Line ends ("\\r\\n", "\\r") become "\\n" '
        "first. `vocab.json` lists the tokens by id.",
    ]
    if prompt.before:
        lines.append(f"- Every prompt begins with the ids {list(prompt.before)}.")
    if prompt.empty:
        lines.append(f"- Instead of an empty prompt the model reads {list(prompt.empty)}.")
    if tokenizer.conditions:
        lines.append(
            "- The second of them is the label of the text: "
            + ", ".join(f"{label} is {number}" for label, number in tokenizer.conditions.items())
            + "."
        )
    if stop.end_id is not None:
        lines.append(f"- The id {stop.end_id} ends the text.")
    if tokenizer.byte_level:
        lines.append("- A token may hold half a character: show text once it is whole.")
    return [
        *lines,
        "- In a batch, shorter prompts are padded on the right; `length` says how many ids count, "
        "and padding never changes an answer.",
        f"- Ids that are never written: `stop.never` ({len(stop.never)} ids).",
    ]
