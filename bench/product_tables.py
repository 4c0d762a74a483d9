"""How the products are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.product_shapes import TABLE
from bench.ratios import OWN
from bench.step_tables import taken
from bench.wording import microseconds
from nnctl.cli import output
from nnctl.text import counted

if TYPE_CHECKING:
    from rich.table import Table

MOST_NAMED = 6  # rows that miss a goal


def product_tables(measured: dict[str, Any]) -> list[Table]:
    """How many rows reach their goals; sizes that any product must be fast at; one a kind and number of threads."""
    tables = [_goals(measured), _summary(measured["rows"])]
    for kind in dict.fromkeys(row["kind"] for row in measured["rows"]):
        for threads, peak in measured["peak_gflops"].items():
            rows = [row for row in measured["rows"] if (row["kind"], str(row["threads"])) == (kind, threads)]
            tables.append(_rates(rows, peak))
    return tables


def _summary(rows: list[dict[str, Any]]) -> Table:
    """A product a row, the numbers of threads side by side."""
    threads = list(dict.fromkeys(row["threads"] for row in rows))
    products: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if (row["kind"], row["of"]) == ("products", TABLE):
            products.setdefault(row["name"], []).append(row)
    rivals = [name for name in rows[0]["contestants"] if name != OWN]
    columns = [
        f"{what}, {counted(number, 'thread')}"
        for what in ("of peak", *(f"time / {name}'s" for name in rivals))
        for number in threads
    ]
    table = output.table("M x K x N", *columns, right=tuple(columns))
    for name, own in products.items():
        ratios = [
            row["contestants"][OWN]["median"] / row["contestants"][rival]["median"] for rival in rivals for row in own
        ]
        table.add_row(name, *(f"{row['share_of_peak']:.0%}" for row in own), *(f"{ratio:.2f}" for ratio in ratios))
    return table


def _rates(rows: list[dict[str, Any]], peak: float) -> Table:
    first = rows[0]
    names = list(first["contestants"])
    right = ("us", *names, "of peak", "others")
    table = output.table(f"{first['kind']}, threads {first['threads']}", "from", *right, "not reached", right=right)
    for row in rows:
        each = row["contestants"]
        rates = [f"{each[name]['gflops']:,.1f}" for name in names]
        missed = [f"[bold]{goal}[/]" for goal, reached in row["goals"].items() if not reached]
        time, share = microseconds(each[OWN]["median"]), f"{row['share_of_peak']:.0%}"
        table.add_row(row["name"], row["of"], time, *rates, share, taken(row["taken_by_others"]), "; ".join(missed))
    table.caption = f"us: nnctl's median; GFLOP/s of the medians; the peak, measured in between, is some {peak:,.0f}"
    if first["kind"] == "convolutions":
        table.caption += "; counted are the taps' multiply-adds, of which Winograd's filtering needs fewer"
    return table


def _goals(measured: dict[str, Any]) -> Table:
    table = output.table("goal", "threads", "for", "reached by", "not by", right=("threads", "reached by"))
    for goal in measured["goals"]:
        named = goal["kind"], goal["threads"]
        own = [row for row in measured["rows"] if (row["kind"], row["threads"]) == named]
        missed = [row["name"] for row in own if row["goals"].get(goal["goal"]) is False]
        count = f"{goal['reached']} of {goal['rows']}"
        more = f"; {len(missed) - MOST_NAMED} more" if len(missed) > MOST_NAMED else ""
        shown = f"[bold]{count}[/]" if missed else count
        table.add_row(goal["goal"], str(goal["threads"]), goal["kind"], shown, "; ".join(missed[:MOST_NAMED]) + more)
    return table
