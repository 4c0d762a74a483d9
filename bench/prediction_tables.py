"""How the predictions are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.ratios import OWN
from bench.step_tables import mean_of, shown_ratio, taken
from bench.wording import microseconds
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table


def prediction_tables(measured: dict[str, Any]) -> list[Table]:
    """Samples a second; the time of one sample; how the peers ran. None where no network was asked for."""
    rows = measured["rows"]
    return [_rates(measured, rows), _latencies(rows), _variants(rows)] if rows else []


def _rates(measured: dict[str, Any], rows: list[dict[str, Any]]) -> Table:
    names = list(rows[0]["contestants"])
    peers = [name for name in names if not name.startswith(OWN)]
    columns = ("at a time", *names, *(f"{peer} / {OWN}" for peer in peers), "others")
    table = output.table("samples a second", *columns, right=columns)
    for row in rows:
        times = {name: of["median"] for name, of in row["contestants"].items()}
        rates = [f"{row['batch'] / seconds:,.0f}" for seconds in times.values()]
        ratios = [shown_ratio(times[peer] / times[OWN]) for peer in peers]
        table.add_row(row["network"], f"{row['batch']:,}", *rates, *ratios, taken(row["taken_by_others"]))
    table.caption = f"of medians; PEER / {OWN} compares times{mean_of(measured['geometric_mean'])}"
    return table


def _latencies(rows: list[dict[str, Any]]) -> Table:
    names = tuple(rows[0]["contestants"])
    table = output.table("one sample, us: median (least)", *names, right=names)
    for row in rows:
        if row["batch"] == 1:
            times = [
                f"{microseconds(of['median'])} ({microseconds(of['least'])})" for of in row["contestants"].values()
            ]
            table.add_row(row["network"], *times)
    return table


def _variants(rows: list[dict[str, Any]]) -> Table:
    names = tuple(name for name in rows[0]["contestants"] if not name.startswith(OWN))
    idle = tuple(f"{name}, idle" for name in rows[0]["contestants"])
    table = output.table("how the peers ran", "at a time", *names, *idle, right=("at a time", *idle))
    for row in rows:
        each = row["contestants"]
        shares = [f"{of['idle_cpu']:.1%}" for of in each.values()]
        table.add_row(row["network"], f"{row['batch']:,}", *(each[name]["variant"] for name in names), *shares)
    return table
