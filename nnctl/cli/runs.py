"""`nnctl runs`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnctl.cli import output


def runs(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that has the runs in it.")] = Path("runs"),
    sort: Annotated[
        str | None, typer.Option(metavar="METRIC", help="The best first, by this metric; else the newest first.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """List and compare the runs in DIR."""
    from nnctl.cli.runs_table import print_runs
    from nnctl.commands.runs import runs as list_runs

    report = list_runs(folder, sort=sort)
    for text in report["notes"]:
        output.note(text)
    if json:
        output.print_json(report)
    else:
        print_runs(report)
    return 0
