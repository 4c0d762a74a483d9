"""`nnctl check`: its options and its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nnctl.cli import output


def check(
    config: Annotated[Path, typer.Argument(help="The YAML file that describes the run.", show_default=False)],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings that replace the file's.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Examine CONFIG and its data without training."""
    from nnctl.inspection import check as inspect

    report = inspect(config, overrides or [])
    for text in report["notes"]:
        output.note(text)
    if json:
        output.print_json(report)
    else:
        _print_report(report)
    return 0


def _print_report(report: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    from nnctl.memory import bytes_in_words

    console = output.stdout_console()
    table = Table(box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column("layer", footer="total")
    table.add_column("type")
    table.add_column("outputs")
    table.add_column("parameters", f"{report['parameters']:,}", justify="right")
    table.add_column("multiply-adds", f"{report['multiply_adds']:,}", justify="right")
    table.add_row("", "inputs", _shape(report["inputs"]), "", "")
    for layer in report["layers"]:
        counts = [f"{layer[key]:,}" if layer[key] else "" for key in ("parameters", "multiply_adds")]
        table.add_row(layer["name"], layer["type"], _shape(layer["outputs"]), *counts)
    console.print(table)
    console.print(f"memory for training, without the data: {bytes_in_words(report['memory'])}")


def _shape(shape: list[int]) -> str:
    return " × ".join(str(length) for length in shape)
