"""Puts one or more ONNX bundles on one page, a tab each.

Run it as `python examples/web/assemble.py SITE --bundle NAME=DIR --runtime DIR`. For a single model
`rnn-toolkit export MODEL --format web` does all of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rnn_toolkit.errors import RnnToolkitError
from rnn_toolkit.export.web_runtime import web_runtime
from rnn_toolkit.export.web_site import assemble


def _named(argument: str) -> tuple[str, Path]:
    name, separator, folder = argument.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{argument!r} is not NAME=DIR")
    return name, Path(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; 1 where the parts do not make a site."""
    parser = argparse.ArgumentParser(description="Make a site of bundles for any static host.")
    parser.add_argument("site", type=Path, help="the folder to write")
    parser.add_argument(
        "--bundle",
        action="append",
        type=_named,
        required=True,
        metavar="NAME=DIR",
        help="an ONNX bundle; may be given several times",
    )
    parser.add_argument(
        "--runtime", type=Path, help="node_modules/onnxruntime-web/dist [npm fetches it once]"
    )
    options = parser.parse_args(arguments)
    try:
        runtime = web_runtime(options.runtime, print)
        assemble(options.site, dict(options.bundle), runtime=runtime)
    except RnnToolkitError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Wrote {options.site}. Try it: python -m http.server --directory {options.site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
