"""Computing in bfloat16, with weights in float32 (Micikevicius et al. 2018, Mixed precision)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

from rnn_toolkit.config import PrecisionName

_POLICIES: dict[PrecisionName, str] = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
_PROCESSOR = Path("/proc/cpuinfo")
_FLAGS = ("avx512_bf16", "amx_bf16", "bf16")  # the last one is that of Arm
_FIRST_GPU = (8, 0)  # compute capability


@contextmanager
def computing_in(precision: PrecisionName) -> Iterator[None]:
    """Layers made inside the block compute in this precision; their weights are float32.

    Args:
        precision: "float32" or "bfloat16".
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICIES[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def multiplies_bfloat16(information: str, capabilities: list[tuple[int, int]]) -> bool:
    """Whether the device that trains has instructions for bfloat16.

    Args:
        information: the text of /proc/cpuinfo.
        capabilities: compute capability of each GPU; none where the processor trains.
    """
    if capabilities:
        return min(capabilities) >= _FIRST_GPU
    words = set(information.split())
    return any(flag in words for flag in _FLAGS)


def bfloat16_note() -> str:
    """A warning where bfloat16 works but can only be slow; empty elsewhere."""
    details = [
        tf.config.experimental.get_device_details(gpu)
        for gpu in tf.config.list_physical_devices("GPU")
    ]
    found = [tuple(each.get("compute_capability", (0, 0))) for each in details]
    if not found and not _PROCESSOR.exists():
        return ""  # nobody tells
    information = _PROCESSOR.read_text("utf-8", "replace") if _PROCESSOR.exists() else ""
    if multiplies_bfloat16(information, found):
        return ""
    device = "GPU" if found else "processor"
    return (
        f"This {device} has no instructions for bfloat16: --precision bfloat16 works, but slowly."
    )
