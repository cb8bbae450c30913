"""`rnn-toolkit export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import busy, facts

_TRY = {
    "sentiment": 'predict {} "a wonderful film"',
    "generation": 'generate {} --prompt "The "',
    "translation": 'translate {} "..."',
}


def export(
    model: Annotated[Path, typer.Argument(help="Model directory.")],
    format_name: Annotated[
        str,
        typer.Option(
            "--format", help="savedmodel, tflite, onnx, or web (a page that runs the model)."
        ),
    ] = "tflite",
    out: Annotated[
        Path | None,
        typer.Option(help="Bundle to write [bundles/<model>-<format>, and the variant if any]."),
    ] = None,
    quantize: Annotated[
        str,
        typer.Option(
            help="none (float32), float16 (half the size), dynamic (a quarter, int8 arithmetic) or "
            "int8 (ONNX: int8 weights; TFLite: all in int8)."
        ),
    ] = "none",
    static: Annotated[
        int | None,
        typer.Option(
            metavar="LENGTH",
            help="TFLite classifiers: one text of exactly so many ids a call, without loops, as "
            "MediaPipe and LiteRT's CompiledModel take it.",
        ),
    ] = None,
    mediapipe: Annotated[
        bool,
        typer.Option("--mediapipe", help="Fail unless MediaPipe can load it with no code."),
    ] = False,
    web_runtime: Annotated[
        Path | None,
        typer.Option(
            help="Folder dist of onnxruntime-web [npm fetches it once], for --format web."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="File whose texts are compared too (labelled rows, up to 1,000)."),
    ] = None,
) -> None:
    """Export a model to a verified bundle."""
    from rnn_toolkit import export_directory

    variant = f"-static-{static}" * (static is not None) + f"-{quantize}" * (quantize != "none")
    target = out or Path("bundles") / f"{model.resolve().name}-{format_name}{variant}"
    with busy(f"Exporting to {format_name}"):
        manifest = export_directory(
            model,
            target,
            format_name=format_name,
            data=data,
            quantize=quantize,
            static=static,
            mediapipe=mediapipe,
            web_runtime=web_runtime,
            progress=lambda text: print(text, file=sys.stderr),
        )
    measured = manifest.measured
    if measured is not None:
        size = f"{', '.join(manifest.model_files)}, {measured.model_bytes / 1e6:.2f} MB"
        facts([("bundle", str(target)), ("model", size), *measured.facts()])
    if format_name == "web":
        print(f"Try: python -m http.server --directory {target}, then open http://localhost:8000")
        return
    print(f"Try: rnn-toolkit {_TRY[manifest.task].format(target)}")
