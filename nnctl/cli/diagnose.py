"""`nnctl diagnose`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnctl.cli import output


def diagnose(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Say what is wrong with RUN, and what to do about it."""
    from nnctl.cli.diagnose_tables import print_diagnoses
    from nnctl.commands.diagnose import diagnose as diagnose_run

    report = diagnose_run(run)
    for text in report["notes"]:
        output.note(text)
    if json:
        output.print_json(report)
    else:
        print_diagnoses(report)
    return 0
