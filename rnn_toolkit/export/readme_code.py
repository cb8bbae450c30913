"""Code for the READMEs of bundles: how to open a file of each format without rnn-toolkit."""

from __future__ import annotations

from collections.abc import Sequence

_TFLITE = """from ai_edge_litert.interpreter import Interpreter  # pip install ai-edge-litert

interpreter = Interpreter("model.tflite")
{names} = map(interpreter.get_signature_runner, ({quoted}))"""
_ONNX = """import onnxruntime  # pip install onnxruntime


def opened(file):
    session = onnxruntime.InferenceSession(file)
    names = [output.name for output in session.get_outputs()]
    return lambda **inputs: dict(zip(names, session.run(names, inputs)))


{names} = {opened}"""
_SAVED_MODEL = """import tensorflow as tf
{imports}
loaded = tf.saved_model.load("saved_model")


def signature(name):
    call = loaded.signatures[name]
    return lambda **inputs: {{
        output: value.numpy()
        for output, value in call(**{{k: tf.constant(v) for k, v in inputs.items()}}).items()
    }}


{names} = {signatures}"""
_CODE = {"tflite": _TFLITE, "onnx": _ONNX, "savedmodel": _SAVED_MODEL}


def opening_code(format_name: str, signatures: Sequence[str], *, imports: str = "") -> str:
    """Python that makes a function of each signature; inputs and outputs by name.

    Args:
        format_name: of the bundle; an unknown one has no code.
        signatures: their names, two at least.
        imports: further lines at the beginning, for a SavedModel.
    """
    return _CODE.get(format_name, "").format(
        names=", ".join(signatures),
        quoted=", ".join(f'"{name}"' for name in signatures),
        opened=", ".join(f'opened("{name}.onnx")' for name in signatures),
        signatures=", ".join(f'signature("{name}")' for name in signatures),
        imports=imports,
    )
