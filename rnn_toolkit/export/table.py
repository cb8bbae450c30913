"""The exporters by format name; a new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnn_toolkit.errors import OptionError

if TYPE_CHECKING:
    from rnn_toolkit.export.base import Exporter


def _saved_model() -> Exporter:
    from rnn_toolkit.export.saved_model import SavedModelExporter

    return SavedModelExporter()


def _tflite() -> Exporter:
    from rnn_toolkit.export.tflite import TFLiteExporter

    return TFLiteExporter()


def _onnx() -> Exporter:
    from rnn_toolkit.export.onnx import OnnxExporter

    return OnnxExporter()


def _web() -> Exporter:
    from rnn_toolkit.export.web import WebExporter

    return WebExporter()


EXPORTERS: dict[str, Callable[[], Exporter]] = {
    "savedmodel": _saved_model,
    "tflite": _tflite,
    "onnx": _onnx,
}
"""What a bundle can be."""

SITES: dict[str, Callable[[], Exporter]] = {"web": _web}
"""What puts something around a bundle."""


def check_format_name(format_name: str) -> None:
    """Raises OptionError, listing the choices, unless there is such a format."""
    if format_name not in (*EXPORTERS, *SITES):
        raise OptionError(
            f"There is no export format {format_name!r}.",
            f"Choose from: {', '.join((*EXPORTERS, *SITES))}.",
        )


def exporter(format_name: str) -> Exporter:
    """The exporter of a format.

    Raises:
        OptionError: there is no such format; the message lists all.
    """
    check_format_name(format_name)
    return {**EXPORTERS, **SITES}[format_name]()
