"""How the products are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.step_tables import taken
from bench.wording import microseconds
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table


def product_tables(measured: dict[str, Any]) -> list[Table]:
    """One for each kind and number of threads; how many rows are where they should be."""
    tables = []
    for kind in dict.fromkeys(row["kind"] for row in measured["rows"]):
        for threads, peak in measured["peak_gflops"].items():
            rows = [row for row in measured["rows"] if (row["kind"], str(row["threads"])) == (kind, threads)]
            tables.append(_rates(rows, peak))
    return [*tables, _goals(measured["goals"])]


def _rates(rows: list[dict[str, Any]], peak: float) -> Table:
    first = rows[0]
    names = list(first["contestants"])
    right = ("us", *names, "of peak", "others")
    table = output.table(f"{first['kind']}, threads {first['threads']}", "from", *right, "not reached", right=right)
    for row in rows:
        each = row["contestants"]
        rates = [f"{each[name]['gflops']:,.1f}" for name in names]
        missed = [f"[bold]{goal}[/]" for goal, reached in row["goals"].items() if not reached]
        time, share = microseconds(each["nnctl"]["median"]), f"{row['share_of_peak']:.0%}"
        table.add_row(row["name"], row["of"], time, *rates, share, taken(row["taken_by_others"]), "; ".join(missed))
    table.caption = f"us: nnctl's median; GFLOP/s of the medians; the peak, measured in between, is some {peak:,.0f}"
    if first["kind"] == "convolutions":
        table.caption += "; counted are the taps' multiply-adds, of which Winograd's filtering needs fewer"
    return table


def _goals(goals: list[dict[str, Any]]) -> Table:
    table = output.table("goal", "threads", "for", "reached", right=("threads", "reached"))
    for goal in goals:
        count = f"{goal['reached']} of {goal['rows']}"
        shown = count if goal["reached"] == goal["rows"] else f"[bold]{count}[/]"
        table.add_row(goal["goal"], str(goal["threads"]), goal["kind"], shown)
    return table
