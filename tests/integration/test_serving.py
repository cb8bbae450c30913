"""A SavedModel serves strings and ids: in a fresh process with TensorFlow alone, and by request."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_toolkit import load

TEXTS = ["A wonderful film.", "", "na\u00efve caf\u00e9 \U0001f600 5/5!!!", "dull and long " * 300]
SERVE = """
import json, sys
import tensorflow as tf
import tensorflow_text

texts = json.load(sys.stdin)
loaded = tf.saved_model.load(sys.argv[1])
by_text = loaded.signatures["predict_text"](text=tf.constant(texts))
by_ids = loaded.signatures["predict"](ids=by_text["ids"])
loaded_modules = {name.split(".")[0] for name in sys.modules}
print(json.dumps({
    "text": by_text["probabilities"].numpy().tolist(),
    "ids": by_ids["probabilities"].numpy().tolist(),
    "ours": "rnn_toolkit" in loaded_modules or "tokenizers" in loaded_modules,
}))
"""


@pytest.mark.slow
def test_strings_and_ids_in_a_process_without_the_toolkit(
    bundles: dict[str, Path], trained: Path
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SERVE, str(bundles["savedmodel"] / "saved_model")],
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert not found["ours"]
    expected = [list(answer.probabilities.values()) for answer in load(trained).predict(TEXTS)]
    np.testing.assert_allclose(found["text"], expected, atol=1e-5)
    np.testing.assert_allclose(found["ids"], expected, atol=1e-5)


def requests(bundle: Path) -> list[dict[str, Any]]:
    """The bodies of requests to TensorFlow Serving in a bundle's README."""
    readme = (bundle / "README.md").read_text("utf-8")
    return [json.loads(body) for body in re.findall(r"```json\n(.*?)```", readme, flags=re.DOTALL)]


@pytest.mark.slow
def test_the_documented_requests_fit_the_signatures(bundles: dict[str, Path]) -> None:
    """TensorFlow Serving makes a tensor of each entry of `inputs`, by name."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401

    loaded = tf.saved_model.load(str(bundles["savedmodel"] / "saved_model"))
    bodies = requests(bundles["savedmodel"])
    assert [body["signature_name"] for body in bodies] == ["predict_text", "predict"]
    for body in bodies:
        assert set(body) == {"signature_name", "inputs"}
        signature = loaded.signatures[body["signature_name"]]
        _, expected = signature.structured_input_signature
        assert set(body["inputs"]) == set(expected)
        tensors = {
            name: tf.constant(body["inputs"][name], spec.dtype) for name, spec in expected.items()
        }
        for name, spec in expected.items():
            assert spec.is_compatible_with(tensors[name])
        answers = signature(**tensors)["probabilities"].numpy()
        assert answers.shape[0] == 2
        np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
