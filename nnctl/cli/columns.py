"""Tables that fit: built column by column, as wide as the terminal at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nnctl.cli import output

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


class Column(NamedTuple):
    name: str
    cells: list[str]
    right: bool = True  # of numbers, which are never broken


def table_of(columns: Sequence[Column], more: int = 0) -> Table:
    """more: rows that are left out."""
    from rich.markup import escape

    table = output.table()
    for column in columns:
        table.add_column(escape(column.name), justify="right" if column.right else "left", no_wrap=column.right)
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(escape, row))
    if more:
        table.add_row("…", f"{more:,} more")
    return table


def fits(console: Console, table: Table) -> bool:
    from rich.measure import Measurement

    return Measurement.get(console, console.options.update(width=10_000), table).maximum <= console.width


def print_fitting(console: Console, tables: Iterable[Table]) -> None:
    """Print the first that is not too wide, else the last."""
    for table in tables:
        if fits(console, table):
            break
    console.print(table)


def numbers(values: Sequence[float | None]) -> list[str]:
    """Cells with as many digits as the largest number needs; each with its own where a small one would look like 0."""
    cells = output.column(values)
    lost = any(value and not cell.strip("-0.") for value, cell in zip(values, cells, strict=True))
    return [output.number(value) for value in values] if lost else cells


def are_numbers(values: Iterable[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
