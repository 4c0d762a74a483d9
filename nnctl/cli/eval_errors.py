"""What `nnctl eval` prints of `--worst` and `--slices`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nnctl.cli import output
from nnctl.text import shortened

KNOWN_BY = ("id", "file", "line", "sample")  # the first of these that samples have
LONGEST = 40  # characters of a cell
MOST_NAMED = 3  # values of a sample with several targets


def print_worst(report: dict[str, Any]) -> None:
    """The table of the samples of the largest loss, if it was asked for."""
    if "worst_pictures" in report:
        print(f"wrote {report['worst_pictures']}: the samples of the largest loss, row by row")
    if not report.get("worst"):
        return
    from rich.markup import escape

    worst = report["worst"]
    name = next(key for key in KNOWN_BY if key in worst[0])
    keys = [key for key in worst[0] if key not in KNOWN_BY or key == name]
    are_words = {key for key in keys if any(isinstance(row[key], str | dict) for row in worst)}
    numbers = {key for key in keys if key not in are_words and key not in KNOWN_BY and key != "step"}
    table = output.table(*(_header(key) for key in keys), right=tuple(_header(key) for key in keys if key in numbers))
    columns = [
        output.column([row[key] for row in worst])
        if key in numbers
        else [escape(shortened(_cell(row[key]), LONGEST)) for row in worst]
        for key in keys
    ]
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    output.stdout_console().print(table)


def _header(key: str) -> str:
    return key.replace("_", " ")


def _cell(value: Any) -> str:
    """One value, or several, with their names where they are few."""
    if not isinstance(value, dict):
        return str(value)
    shown = {name: output.number(own) if isinstance(own, float) else str(own) for name, own in value.items()}
    return ", ".join(shown.values() if len(shown) > MOST_NAMED else map(" ".join, shown.items()))


def print_slices(report: dict[str, Any]) -> None:
    """A line a slice, if they were asked for."""
    if "slices" in report:
        for line in _slices(report):
            print(line)


def _slices(report: dict[str, Any]) -> Iterator[str]:
    if not report["slices"]:
        yield "no part of the samples stands out"
        return
    yield "where errors are:"
    every = report["metrics"]
    beside = next((name for name in ("rmse", "accuracy") if name in every), None)
    for part in report["slices"]:
        of = f"{part['samples']:,} of {report['samples']:,} samples"
        losses = f"mean loss {output.number(part['loss'])} where all have {output.number(every['loss'])}"
        own = f" ({beside} {output.number(part['metrics'][beside])} / {output.number(every[beside])})" if beside else ""
        yield f"  {part['text']}: {of}, {losses}{own}"
