"""`rnn-toolkit verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rnn_toolkit_cli.console import facts


def verify(
    bundle: Annotated[Path, typer.Argument(help="What export wrote, or a pretrained model.")],
) -> None:
    """Check a bundle's files, and re-run its golden vectors in its own runtime."""
    from rnn_toolkit import verify_bundle

    report = verify_bundle(bundle)
    if not report.passed:
        for problem in report.problems:
            print(f"WRONG  {problem}")
        count = len(report.problems)
        print(f"{bundle} is not what was exported: {count} problem{'s' * (count != 1)}.")
        raise typer.Exit(1)
    facts(
        [
            ("files", "all as exported (sha256)"),
            ("golden rows", f"{report.rows}, all right"),
            ("largest difference", f"{report.largest_difference:.1e}"),
            (f"one {report.unit}", f"{report.milliseconds:.2f} ms, one thread, mean"),
        ]
    )
    print(f"{bundle} answers as it did when it was exported.")
